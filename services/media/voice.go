package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/at-wat/ebml-go"
	"github.com/at-wat/ebml-go/webm"

	"parley/models"
	"parley/services/messaging"
)

// voiceName is the prefix of the names of recordings that the composer makes.
const voiceName = "voice-note"

// voice converts a recording in WebM, which most browsers make, to Ogg, which WhatsApp accepts. Both contain the same
// Opus packets; only the container differs.
func (f *Files) voice(ctx context.Context, up *messaging.Upload) (*messaging.Upload, error) {
	done, err := f.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	r, err := f.Read(ctx, up.File)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = errors.Join(oggOf(r, &out), r.Close(), f.Delete(ctx, up.File))
	if err != nil {
		return nil, models.Invalid("file", "media.recording_format")
	}
	if up.File, up.Size, err = f.Keep(ctx, &out, MaxVoice); err != nil {
		return nil, fmt.Errorf("store recording: %w", err)
	}
	up.ContentType, up.Voice, up.Name = "audio/ogg", true, "voice-note.ogg"
	return up, nil
}

// MaxVoice is the largest recording, in bytes: an hour and more.
const MaxVoice = 16 << 20

var errNoVoice = errors.New("no Opus recording")

// oggOf copies the Opus packets of a WebM file into an Ogg file (RFC 7845).
func oggOf(r io.Reader, w io.Writer) error {
	var doc struct {
		Header  webm.EBMLHeader `ebml:"EBML"`
		Segment webm.Segment    `ebml:"Segment"`
	}
	if err := ebml.Unmarshal(r, &doc, ebml.WithMaxLeafElementSize(1<<20)); err != nil && !errors.Is(err, io.EOF) &&
		!errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("read webm: %w", err)
	}
	tracks := doc.Segment.Tracks.TrackEntry
	if len(tracks) != 1 || tracks[0].CodecID != "A_OPUS" {
		return errNoVoice
	}
	head := tracks[0].CodecPrivate
	if len(head) < 19 || string(head[:8]) != "OpusHead" {
		head = []byte{'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0}
	}
	o := &ogg{w: w, serial: 0x70617273}
	vendor := "parley"
	tags := append([]byte("OpusTags"), binary.LittleEndian.AppendUint32(nil, uint32(len(vendor)))...)
	tags = append(append(tags, vendor...), 0, 0, 0, 0)
	err := errors.Join(o.page(head, 0, oggFirst), o.page(tags, 0, 0))
	granule, packets := uint64(binary.LittleEndian.Uint16(head[10:12])), 0
	var last []byte
	for _, c := range doc.Segment.Cluster {
		for _, b := range c.SimpleBlock {
			for _, packet := range b.Data {
				if last != nil {
					err = errors.Join(err, o.page(last, granule, 0))
				}
				granule += opusSamples(packet)
				last, packets = packet, packets+1
			}
		}
	}
	if packets == 0 {
		return errNoVoice
	}
	return errors.Join(err, o.page(last, granule, oggLast))
}

// opusSamples is the duration of a packet, in samples of 48 kHz (RFC 6716, section 3.1).
func opusSamples(packet []byte) uint64 {
	if len(packet) == 0 {
		return 0
	}
	frame := uint64(0)
	switch config := packet[0] >> 3; {
	case config < 12:
		frame = []uint64{480, 960, 1920, 2880}[config%4]
	case config < 16:
		frame = []uint64{480, 960}[config%2]
	default:
		frame = []uint64{120, 240, 480, 960}[config%4]
	}
	switch packet[0] & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	}
	if len(packet) < 2 {
		return 0
	}
	return frame * uint64(packet[1]&0x3f)
}

const (
	oggFirst = 2
	oggLast  = 4
)

// ogg writes pages of one packet each (RFC 3533).
type ogg struct {
	w      io.Writer
	serial uint32
	n      uint32
}

func (o *ogg) page(packet []byte, granule uint64, flags byte) error {
	if len(packet) > 255*254 {
		return errNoVoice
	}
	lacing := bytes.Repeat([]byte{255}, len(packet)/255)
	lacing = append(lacing, byte(len(packet)%255))
	p := append([]byte("OggS"), 0, flags)
	p = binary.LittleEndian.AppendUint64(p, granule)
	p = binary.LittleEndian.AppendUint32(p, o.serial)
	p = binary.LittleEndian.AppendUint32(p, o.n)
	p = append(p, 0, 0, 0, 0, byte(len(lacing)))
	p = append(append(p, lacing...), packet...)
	binary.LittleEndian.PutUint32(p[22:], oggCRC(p))
	o.n++
	_, err := o.w.Write(p)
	return err
}

var oggTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			if r&0x80000000 != 0 {
				r = r<<1 ^ 0x04c11db7
			} else {
				r <<= 1
			}
		}
		t[i] = r
	}
	return t
}()

// oggCRC is Ogg's checksum, which hash/crc32 can't make: its bits are not reflected.
func oggCRC(p []byte) (crc uint32) {
	for _, b := range p {
		crc = crc<<8 ^ oggTable[byte(crc>>24)^b]
	}
	return crc
}
