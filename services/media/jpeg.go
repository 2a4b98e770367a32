package media

import (
	"encoding/binary"
	"image"
	"image/color"
)

// Markers of a JPEG file. Source: ITU-T T.81, table B.1.
const (
	baselineFrame    = 0xc0
	extendedFrame    = 0xc1
	progressiveFrame = 0xc2
	endOfImage       = 0xd9
	firstRestart     = 0xd0
	lastRestart      = 0xd7
)

// worstPerPixel is how many bytes a pixel takes at most: four channels of coefficients and samples, and the resulting
// picture.
const worstPerPixel = 4*(4+1) + 4

// jpegFrame is a JPEG file's frame header, which describes its picture.
type jpegFrame struct {
	progressive   bool
	width, height int
	channels      [][2]int // samples across and down in a unit
}

// jpegCost is how many bytes image/jpeg uses for a picture at most. It keeps the samples of each channel and, for a
// progressive picture, its coefficients of four bytes each until it is complete. A picture that is not YCbCr or grey is
// then converted to four bytes a pixel. All sizes are rounded up to whole units.
func jpegCost(b []byte, c image.Config) int64 {
	f, ok := readJPEGFrame(b)
	if !ok || f.width != c.Width || f.height != c.Height {
		const unit = 32 // pixels across and down at most
		return int64(c.Width+unit) * int64(c.Height+unit) * worstPerPixel
	}
	across, down := f.channels[0][0], f.channels[0][1]
	units := int64((f.width+8*across-1)/(8*across)) * int64((f.height+8*down-1)/(8*down))
	var samples, converted int64
	for _, ch := range f.channels {
		samples += units * int64(ch[0]*ch[1]) * 64
	}
	if c.ColorModel != color.YCbCrModel && c.ColorModel != color.GrayModel {
		converted = 4 * int64(f.width) * int64(f.height)
	}
	if f.progressive {
		samples *= 1 + 4
	}
	return samples + converted
}

// readJPEGFrame finds the frame as image/jpeg does, which skips bytes that are not markers. A second frame makes that
// fail.
func readJPEGFrame(b []byte) (f jpegFrame, ok bool) {
	for i := 2; i+3 < len(b); {
		marker := b[i+1]
		switch {
		case b[i] != 0xff, marker == 0xff: // junk, filling
			i++
			continue
		case marker == 0, firstRestart <= marker && marker <= lastRestart:
			i += 2
			continue
		case marker == endOfImage:
			return f, false
		}
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		if size < 2 || i+2+size > len(b) {
			return f, false
		}
		if marker == baselineFrame || marker == extendedFrame || marker == progressiveFrame {
			return frameOf(b[i+4:i+2+size], marker == progressiveFrame)
		}
		i += 2 + size
	}
	return f, false
}

func frameOf(seg []byte, progressive bool) (f jpegFrame, ok bool) {
	if len(seg) < 6+3 || len(seg) != 6+3*int(seg[5]) {
		return f, false
	}
	f = jpegFrame{
		progressive: progressive,
		height:      int(binary.BigEndian.Uint16(seg[1:])),
		width:       int(binary.BigEndian.Uint16(seg[3:])),
	}
	for at := 6; at < len(seg); at += 3 {
		across, down := int(seg[at+1]>>4), int(seg[at+1]&15)
		if across == 0 || down == 0 {
			return f, false
		}
		if len(seg) == 6+3 { // a single channel has units of one block, whatever the header says
			across, down = 1, 1
		}
		f.channels = append(f.channels, [2]int{across, down})
	}
	return f, true
}
