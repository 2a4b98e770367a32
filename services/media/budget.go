package media

import (
	"context"
	"image"
	"image/color"
)

// decodeBudget is how many bytes a picture may take when it is decoded, one at a time: a phone's picture of 12 million
// pixels takes 180 MB in the most expensive of usual forms. A larger one is kept and shown as it is, without a small
// one beside it.
const decodeBudget = 192 << 20

// turn waits until nothing else is decoded. Call what it returns when it is done.
func (f *Files) turn(ctx context.Context) (done func(), err error) {
	select {
	case f.decoding <- struct{}{}:
		return func() { <-f.decoding }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// affordable reports whether a picture fits the budget, by the size and form that it declares.
func affordable(b []byte, c image.Config, format string) bool {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 || w > decodeBudget || h > decodeBudget || w*h > decodeBudget {
		return false
	}
	return decodeCost(b, c, format) <= decodeBudget
}

// decodeCost is how many bytes Go's decoders take for a picture at most, what they decode into included.
func decodeCost(b []byte, c image.Config, format string) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	switch format {
	case "jpeg":
		return jpegCost(b, c)
	case "png":
		return pixels * pngPerPixel(b, c.ColorModel)
	case "webp":
		return webpCost(b, pixels)
	}
	return 4 * pixels
}

// webpCost is that of a plain lossy picture, or of any: a lossless one, which may also be what says how far another
// can be seen through, has up to 2,600 groups of Huffman trees beside its pixels, for each symbol of which a file has
// half a bit.
func webpCost(b []byte, pixels int64) int64 {
	const format, groups, trees, perByte = 12, 7 << 20, 180 << 20, 400
	size := int64(len(b))
	if len(b) > format+4 && string(b[format:format+4]) == "VP8 " {
		return 2*pixels + 2*size + 1<<20
	}
	return 10*pixels + groups + min(perByte*size, trees)
}

// pngPerPixel doubles what an interlaced picture takes: its passes are pictures of their own.
func pngPerPixel(b []byte, m color.Model) int64 {
	n := int64(4)
	switch m {
	case color.NRGBA64Model, color.RGBA64Model, color.Gray16Model: // 16 bits a channel
		n = 8
	}
	const interlaced = 28 // where IHDR, which comes first, says so
	if len(b) > interlaced && b[interlaced] != 0 {
		n *= 2
	}
	return n
}
