package media

import (
	"context"
	"image"
	"image/color"
)

// decodeBudget is how many bytes a picture may take when it is decoded, one at a time: a phone's picture of 12 million
// pixels takes 180 MB in the most expensive of the usual formats. A larger one is stored and shown as it is, without a
// thumbnail.
const decodeBudget = 192 << 20

// turn waits until no other picture is being decoded. Call done afterwards.
func (f *Files) turn(ctx context.Context) (done func(), err error) {
	select {
	case f.decoding <- struct{}{}:
		return func() { <-f.decoding }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// affordable reports whether a picture fits the budget, by the size and format that it declares.
func affordable(b []byte, c image.Config, format string) bool {
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 || w > decodeBudget || h > decodeBudget || w*h > decodeBudget {
		return false
	}
	return decodeCost(b, c, format) <= decodeBudget
}

// decodeCost is how many bytes Go's decoders use for a picture at most, including the decoded picture.
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

// webpCost is the cost of a plain lossy picture, or the highest of any other: a lossless picture, which may also be the
// alpha channel of a lossy one, has up to 2,600 groups of Huffman trees besides its pixels, and a symbol of theirs
// takes only half a bit in the file.
func webpCost(b []byte, pixels int64) int64 {
	const format, groups, trees, perByte = 12, 7 << 20, 180 << 20, 400
	size := int64(len(b))
	if len(b) > format+4 && string(b[format:format+4]) == "VP8 " {
		return 2*pixels + 2*size + 1<<20
	}
	return 10*pixels + groups + min(perByte*size, trees)
}

// pngPerPixel doubles the cost of an interlaced picture: its passes are pictures of their own.
func pngPerPixel(b []byte, m color.Model) int64 {
	n := int64(4)
	switch m {
	case color.NRGBA64Model, color.RGBA64Model, color.Gray16Model: // 16 bits a channel
		n = 8
	}
	const interlaced = 28 // its position in IHDR, the first chunk
	if len(b) > interlaced && b[interlaced] != 0 {
		n *= 2
	}
	return n
}
