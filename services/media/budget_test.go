package media

import (
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
		"a phone's picture":             {4000, 3000, color.YCbCrModel, "jpeg", true},
		"16 bits and 7,071 a side":      {7071, 7071, color.NRGBA64Model, "png", false},
		"grey, 16 bits, 7,071 a side":   {7071, 7071, color.Gray16Model, "png", false},
		"8 bits and 6,000 a side":       {6000, 6000, color.NRGBAModel, "png", true},
		"a progressive one, 7,000":      {7000, 7000, color.YCbCrModel, "jpeg", false},
		"one row of two billion":        {1<<31 - 1, 1, color.NRGBAModel, "png", false},
		"sizes whose product runs over": {1 << 62, 1 << 62, color.NRGBAModel, "png", false},
		"nothing":                       {0, 10, color.NRGBAModel, "png", false},
	} {
		if got := affordable(image.Config{Width: c.w, Height: c.h, ColorModel: c.model}, c.format); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
