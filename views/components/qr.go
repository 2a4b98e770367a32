package components

import (
	"image/color"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrPath draws a text as a QR code: the dark squares as one path, with the width in squares. The squares of a row are
// joined into strips, which keeps the path short.
func qrPath(text string) (path string, width int) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0 // longer than 2,331 bytes
	}
	width = code.Bounds().Dx()
	dark := func(x, y int) bool {
		r, _, _, _ := color.GrayModel.Convert(code.At(x, y)).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := range width {
		for x := 0; x < width; x++ {
			n := 0
			for x+n < width && dark(x+n, y) {
				n++
			}
			if n > 0 {
				b.WriteString(
					"M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + strconv.Itoa(n) + "v1h-" + strconv.Itoa(n) + "z",
				)
				x += n
			}
		}
	}
	return b.String(), width
}

func qrBox(width int) string {
	return "-4 -4 " + strconv.Itoa(width+8) + " " + strconv.Itoa(width+8)
}
