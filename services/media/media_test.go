package media

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// A recording from Chromium becomes an Ogg file with the same Opus packets: complete pages with correct checksums, and
// a clock that matches its length.
func TestVoice(t *testing.T) {
	webm, err := os.ReadFile("testdata/voice.webm")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := oggOf(bytes.NewReader(webm), &out); err != nil {
		t.Fatal(err)
	}
	b, pages, granule := out.Bytes(), 0, uint64(0)
	for len(b) > 0 {
		if len(b) < 27 || string(b[:4]) != "OggS" {
			t.Fatalf("page %d does not begin as one", pages)
		}
		size := 27 + int(b[26])
		for _, l := range b[27 : 27+int(b[26])] {
			size += int(l)
		}
		page := bytes.Clone(b[:size])
		sum := binary.LittleEndian.Uint32(page[22:])
		binary.LittleEndian.PutUint32(page[22:], 0)
		if oggCRC(page) != sum {
			t.Fatalf("page %d: wrong checksum", pages)
		}
		if n := int(binary.LittleEndian.Uint32(page[18:])); n != pages {
			t.Fatalf("page %d is numbered %d", pages, n)
		}
		if g := binary.LittleEndian.Uint64(page[6:]); g < granule {
			t.Fatalf("page %d goes back in time", pages)
		} else {
			granule = g
		}
		if last := page[5]&oggLast != 0; last != (size == len(b)) {
			t.Fatalf("page %d: last is %v", pages, last)
		}
		if pages == 0 && !bytes.Contains(page, []byte("OpusHead")) || pages == 1 && !bytes.Contains(page, []byte("OpusTags")) {
			t.Fatalf("page %d is no header", pages)
		}
		b, pages = b[size:], pages+1
	}
	if seconds := float64(granule) / 48000; pages < 20 || seconds < 0.8 || seconds > 3 {
		t.Errorf("%d pages, %.1f s", pages, seconds)
	}
	if typeOf(out.Bytes(), "voice-note.ogg") != "audio/ogg" {
		t.Errorf("it is taken for %s", typeOf(out.Bytes(), ""))
	}
	for _, bad := range []string{"", "no recording", string(webm[:100]), "\x1aE\xdf\xa3" + strings.Repeat("\xff", 300)} {
		if oggOf(strings.NewReader(bad), &bytes.Buffer{}) == nil {
			t.Errorf("%d bytes that are no recording became one", len(bad))
		}
	}
}

// A file's type is determined by its content, not by its name.
func TestTypes(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"photo.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"},
		{"photo.jpg", "<html><script>", "text/html"},
		{"a.pdf", "%PDF-1.7\n", "application/pdf"},
		{"list.csv", "a,b\n1,2\n", "text/csv"},
		{"notes.txt", "plain words", "text/plain"},
		{"run.pdf", "MZ\x90\x00\x03", "application/vnd.microsoft.portable-executable"},
		{"x.svg", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "image/svg+xml"},
		{"photo.jpg", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"},
		{"photo.jpg", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heic"},
		{"photo.jpg", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", "image/avif"},
		{"clip.mp4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42", "video/mp4"},
		{"clip.mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1", "video/mp4"},
		{"clip.mp4", "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"},
		{"photo.jpg", "\x00\x00\x00\x18ftypXXXX\x00\x00\x00\x00mif1miaf", "image/heif"},
		{"photo.jpg", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomheic", "image/heic"},
		{"photo.jpg", "\x00\x00\x00\x18ftyphevc\x00\x00\x00\x00msf1hevc", "image/heic"},
		{"photo.jpg", "\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "image/x-canon-cr3"},
		{"clip.mp4", "\x00\x00\x00\x18ftypMSNV\x00\x00\x00\x00MSNVmp42", "video/mp4"},
		{"clip.mp4", "\x00\x00\x00\x14ftypXXXX\x00\x00\x00\x00mp42heic", "video/mp4"},
		{"song.mp4", "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42", "audio/mp4"},
		{"old.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"},
		{"card.txt", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", "text/vcard"},
	} {
		if got := typeOf([]byte(c.content), c.name); got != c.want {
			t.Errorf("%s with %q is %s, not %s", c.name, c.content, got, c.want)
		}
	}
	for said, want := range map[string]string{"image/png": "application/octet-stream", "text/html": "text/html", "audio/ogg; codecs=opus": "application/octet-stream"} {
		if got := honest(said, []byte("<html>")); got != want || Shown(got) {
			t.Errorf("HTML that says it is %s is served as %s", said, got)
		}
	}
}

func TestExtension(t *testing.T) {
	for in, want := range map[string]string{
		"text/plain":                ".txt",
		"text/plain; charset=utf-8": ".txt",
		"text/vcard":                ".vcf",
		"image/jpeg":                ".jpg",
		"audio/ogg; codecs=opus":    ".ogg",
		"application/msword":        ".doc",
		"image/heic":                ".heic",
		"application/zip":           ".zip",
		"":                          ".bin",
		"nonsense":                  ".bin",
	} {
		if got := Extension(in); got != want {
			t.Errorf("Extension(%q) = %q, want %q", in, got, want)
		}
	}
}
