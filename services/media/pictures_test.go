package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"
)

// jpegForm are the properties of an all-grey JPEG.
type jpegForm struct {
	w, h        int
	channels    []byte // samples of each per unit: across, down
	progressive bool
	adobe       bool // the Adobe transform flag: 0 RGB or CMYK, 2 YCbCr and black
	transform   byte
}

// jpegOf is a JPEG with only zeros, made without holding its pixels.
func jpegOf(t *testing.T, f jpegForm) []byte {
	t.Helper()
	out := []byte{0xff, 0xd8}
	segment := func(marker byte, parts ...[]byte) {
		data := slices.Concat(parts...)
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
		out = append(out, data...)
	}
	if f.adobe {
		segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00"), []byte{f.transform})
	}
	segment(0xdb, []byte{0}, bytes.Repeat([]byte{1}, 64))
	frame := binary.BigEndian.AppendUint16([]byte{8}, uint16(f.h))
	frame = append(binary.BigEndian.AppendUint16(frame, uint16(f.w)), byte(len(f.channels)))
	scan := []byte{byte(len(f.channels))}
	blocks, across, down := 0, 1, 1
	for i, hv := range f.channels {
		frame, scan = append(frame, byte(i+1), hv, 0), append(scan, byte(i+1), 0)
		if len(f.channels) > 1 {
			blocks += int(hv>>4) * int(hv&15)
		}
	}
	if len(f.channels) > 1 {
		across, down = int(f.channels[0]>>4), int(f.channels[0]&15)
	} else {
		blocks = 1
	}
	marker, last := byte(0xc0), byte(63)
	if f.progressive {
		marker, last = 0xc2, 0
	}
	segment(marker, frame)
	for _, class := range []byte{0x00, 0x10} { // one code, of one bit: no difference, end of block
		segment(0xc4, []byte{class, 1}, make([]byte, 15), []byte{0})
	}
	segment(0xda, scan, []byte{0, last, 0})
	units := ((f.w + 8*across - 1) / (8 * across)) * ((f.h + 8*down - 1) / (8 * down))
	bits := units * blocks * 2
	return append(append(out, make([]byte, min(bits/8+1, 8<<20))...), 0xff, 0xd9)
}

// junkAfterStart inserts bytes before the first segment that image/jpeg skips.
func junkAfterStart(b []byte) []byte {
	return slices.Concat(b[:2], []byte{1, 2, 3, 0xff, 0x00, 0xff, 0xff}, b[2:])
}

// pngOf is a PNG with only zeros, made without holding its pixels. depth is 8 or 16 bits per channel.
func pngOf(t *testing.T, side int, depth byte) []byte {
	t.Helper()
	return packedPNG(t, pngForm{side: side, depth: depth}, func(row func(pixels int)) {
		for range side {
			row(side)
		}
	})
}

// interlacedPNG is an 8-bit PNG in the seven passes of Adam7. Source: PNG specification, section 8.2.
func interlacedPNG(t *testing.T, side int) []byte {
	t.Helper()
	every := func(first, step int) int { return (side - first + step - 1) / step }
	return packedPNG(t, pngForm{side: side, depth: 8, interlace: 1}, func(row func(pixels int)) {
		for _, p := range [][4]int{
			{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
		} {
			for range every(p[1], p[3]) {
				row(every(p[0], p[2]))
			}
		}
	})
}

// pngForm are the properties of a square PNG.
type pngForm struct {
	side             int
	depth, interlace byte
}

func packedPNG(t *testing.T, f pngForm, rows func(row func(pixels int))) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	zeros := make([]byte, 1+f.side*4*int(f.depth/8)) // a filter, then RGBA
	rows(func(pixels int) {
		if _, err := z.Write(zeros[:1+pixels*4*int(f.depth/8)]); err != nil {
			t.Fatal(err)
		}
	})
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(f.side))
	head = append(binary.BigEndian.AppendUint32(head, uint32(f.side)), f.depth, 6, 0, 0, f.interlace)
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		kind string
		data []byte
	}{{"IHDR", head}, {"IDAT", packed.Bytes()}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.data)))
		body := append([]byte(chunk.kind), chunk.data...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}
