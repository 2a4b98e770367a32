package media

import (
	"bytes"
	"image"
	"image/color"
	"testing"
)

func TestAffordable(t *testing.T) {
	for name, c := range map[string]struct {
		w, h   int
		model  color.Model
		format string
		want   bool
	}{
		"16 bits and 7,071 a side":           {7071, 7071, color.NRGBA64Model, "png", false},
		"grey, 16 bits, 7,071 a side":        {7071, 7071, color.Gray16Model, "png", false},
		"8 bits and 6,000 a side":            {6000, 6000, color.NRGBAModel, "png", true},
		"one row of two billion":             {1<<31 - 1, 1, color.NRGBAModel, "png", false},
		"sizes whose product runs over":      {1 << 62, 1 << 62, color.NRGBAModel, "png", false},
		"sizes whose product is too large":   {1 << 27, 1 << 27, color.NRGBAModel, "png", false},
		"nothing":                            {0, 10, color.NRGBAModel, "png", false},
		"a JPEG whose frame can't be found":  {3000, 3000, color.YCbCrModel, "jpeg", false},
		"a small one of these":               {1600, 1200, color.YCbCrModel, "jpeg", true},
		"a photo as WebP":                    {1600, 1200, color.YCbCrModel, "webp", true},
		"a picture of a phone's size as GIF": {4000, 3000, color.Palette{}, "gif", true},
	} {
		if got := affordable(nil, image.Config{Width: c.w, Height: c.h, ColorModel: c.model}, c.format); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

var (
	grey    = []byte{0x11}
	y444    = []byte{0x11, 0x11, 0x11}
	y420    = []byte{0x22, 0x11, 0x11}
	y410    = []byte{0x42, 0x11, 0x11}
	cmyk    = []byte{0x11, 0x11, 0x11, 0x11}
	cmyk420 = []byte{0x22, 0x11, 0x11, 0x22}
)

// Every common picture format of phones and cameras gets a thumbnail; a picture that exceeds the budget does not.
func TestPhotosAreAffordable(t *testing.T) {
	for name, c := range map[string]struct {
		form jpegForm
		want bool
	}{
		"a phone's":                      {jpegForm{w: 4000, h: 3000, channels: y420}, true},
		"a phone's, progressive":         {jpegForm{w: 4000, h: 3000, channels: y420, progressive: true}, true},
		"the most expensive of these":    {jpegForm{w: 4000, h: 3000, channels: y444, progressive: true}, true},
		"50 million pixels":              {jpegForm{w: 8160, h: 6120, channels: y420}, true},
		"the same, progressive":          {jpegForm{w: 8160, h: 6120, channels: y420, progressive: true}, false},
		"4:4:4 and progressive":          {jpegForm{w: 4500, h: 3200, channels: y444, progressive: true}, false},
		"for print, progressive":         {jpegForm{w: 3400, h: 3000, channels: cmyk, progressive: true, adobe: true}, false},
		"the largest that a JPEG can be": {jpegForm{w: 65535, h: 65535, channels: grey}, false},
		"a bomb, one pixel wide, 4:1:0":  {jpegForm{w: 1, h: 65535, channels: y410, progressive: true}, true},
	} {
		b := jpegOf(t, c.form)
		cfg, format, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil || format != "jpeg" {
			t.Fatalf("%s: %v", name, err)
		}
		if got := affordable(b, cfg, format); got != c.want {
			t.Errorf("%s: %v, it may take %d MB", name, got, decodeCost(b, cfg, format)>>20)
		}
	}
}

// Decoding takes at most the estimated memory, and not much less.
func TestDecodeCost(t *testing.T) {
	const side, spare = 1500, 256 << 10
	square := func(f jpegForm) []byte {
		f.w, f.h = side, side
		return jpegOf(t, f)
	}
	pictures := map[string][]byte{
		"PNG, 8 bits":              pngOf(t, side, 8),
		"PNG, 16 bits":             pngOf(t, side, 16),
		"PNG, 8 bits, interlaced":  interlacedPNG(t, side),
		"JPEG, narrow":             jpegOf(t, jpegForm{w: 1, h: 20000, channels: y420, progressive: true}),
		"JPEG, junk before it":     junkAfterStart(square(jpegForm{channels: y444, progressive: true})),
		"JPEG, RGB":                square(jpegForm{channels: y444, adobe: true}),
		"JPEG, RGB, progressive":   square(jpegForm{channels: y444, adobe: true, progressive: true}),
		"JPEG, YCbCr and black":    square(jpegForm{channels: cmyk, adobe: true, transform: 2}),
		"JPEG, that, progressive":  square(jpegForm{channels: cmyk, adobe: true, transform: 2, progressive: true}),
		"JPEG, CMYK":               square(jpegForm{channels: cmyk, adobe: true}),
		"JPEG, CMYK, progressive":  square(jpegForm{channels: cmyk, adobe: true, progressive: true}),
		"JPEG, CMYK, small ones":   square(jpegForm{channels: cmyk420, adobe: true, progressive: true}),
		"JPEG, grey, other units":  square(jpegForm{channels: []byte{0x42}, progressive: true}),
		"JPEG, grey":               square(jpegForm{channels: grey}),
		"JPEG, grey, progressive":  square(jpegForm{channels: grey, progressive: true}),
		"JPEG, 4:4:4":              square(jpegForm{channels: y444}),
		"JPEG, 4:4:4, progressive": square(jpegForm{channels: y444, progressive: true}),
		"JPEG, 4:2:0":              square(jpegForm{channels: y420}),
		"JPEG, 4:2:0, progressive": square(jpegForm{channels: y420, progressive: true}),
		"JPEG, 4:1:0, progressive": square(jpegForm{channels: y410, progressive: true}),
	}
	for name, b := range pictures {
		cfg, format, err := image.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		said := uint64(decodeCost(b, cfg, format)) //nolint:gosec // positive
		took := allocated(func() { _, _, err = image.Decode(bytes.NewReader(b)) })
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took > said+spare || said > took+took/4+spare {
			t.Errorf("%s: decoding takes %d KB, said are %d KB", name, took>>10, said>>10)
		}
	}
}
