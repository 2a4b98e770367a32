package media

import (
	"encoding/binary"
	"slices"
)

// brands are those of the ISO base media file format (ISO/IEC 14496-12) that say more than "a video": pictures use the
// same container, and any of their brands may name them. Sources: the MP4 Registration Authority, "Brands"; the others
// by their makers. The first brand of this list that a file has counts.
var brands = []struct {
	brand, kind string
}{
	{"avif", "image/avif"}, {"avis", "image/avif"},
	{"heic", "image/heic"}, {"heix", "image/heic"}, {"heim", "image/heic"}, {"heis", "image/heic"},
	{"hevc", "image/heic"}, {"hevx", "image/heic"}, {"hevm", "image/heic"}, {"hevs", "image/heic"},
	{"mif1", "image/heif"}, {"mif2", "image/heif"}, {"msf1", "image/heif"}, {"miaf", "image/heif"},
	{"crx ", "image/x-canon-cr3"},
	{"MSNV", "video/mp4"}, // of cameras by Sony
}

// brandedType is the type by a file's brands, empty if they say no more than its first bytes.
func brandedType(head []byte) string {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return ""
	}
	end := min(int(min(binary.BigEndian.Uint32(head), 1024)), len(head))
	var have []string
	for at := 8; at+4 <= end; at += 4 {
		if at != 12 { // the minor version
			have = append(have, string(head[at:at+4]))
		}
	}
	for _, b := range brands {
		if slices.Contains(have, b.brand) {
			return b.kind
		}
	}
	return ""
}
