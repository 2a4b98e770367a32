package media

import (
	"context"
	"image"
	"image/color"
)

// decodeBudget is how many bytes a picture may take when it is decoded, one at a time: a phone's picture of 12 million
// pixels takes 96 MB. A larger one is kept and shown as it is, without a small one beside it.
const decodeBudget = 160 << 20

// turn waits until nothing else is decoded. Call what it returns when it is done.
func (f *Files) turn(ctx context.Context) (done func(), err error) {
	select {
	case f.decoding <- struct{}{}:
		return func() { <-f.decoding }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// affordable reports whether a picture fits the budget by the size that it declares.
func affordable(c image.Config, format string) bool {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 || w > decodeBudget || h > decodeBudget {
		return false
	}
	return w*h <= decodeBudget/perPixel(c, format)
}

// perPixel is how many bytes Go's decoders take for a pixel at most.
func perPixel(c image.Config, format string) int64 {
	switch {
	case c.ColorModel == color.NRGBA64Model, c.ColorModel == color.RGBA64Model, c.ColorModel == color.Gray16Model:
		return 8 // 16 bits a channel
	case format == "jpeg":
		return 8 // a progressive one is kept as coefficients of four bytes until it is complete
	}
	return 4
}
