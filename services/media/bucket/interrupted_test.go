package bucket

import (
	"context"
	"errors"
	"io"
	"testing"
)

// failAfter gives n bytes and then err, once: an upload whose connection was cut off fails with io.ErrUnexpectedEOF.
type failAfter struct {
	left int
	err  error
	then func()
}

func (f *failAfter) Read(p []byte) (int, error) {
	if f.left == 0 {
		if f.then != nil {
			f.then()
		}
		err := f.err
		f.err = io.EOF
		return 0, err
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

// An upload that is interrupted leaves nothing, whatever was sent before.
func TestInterruptedLeavesNothing(t *testing.T) {
	ours := errors.New("the limit is reached")
	eachPlace(t, func(t *testing.T, p place) {
		for _, size := range sizes {
			for _, failure := range []error{ours, io.ErrUnexpectedEOF} {
				err := p.Put(t.Context(), name, &failAfter{left: size, err: failure})
				if !errors.Is(err, failure) {
					t.Errorf("%d bytes, then “%v”: %v", size, failure, err)
				}
				if all := p.all(t); len(all) != 0 {
					t.Fatalf("%d bytes, then “%v”: left are %q", size, failure, all)
				}
			}
			ctx, cancel := context.WithCancel(t.Context())
			err := p.Put(ctx, name, &failAfter{left: size, err: io.EOF, then: cancel})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d bytes, then cancelled: %v", size, err)
			}
			if all := p.all(t); len(all) != 0 {
				t.Fatalf("%d bytes, then cancelled: left are %q", size, all)
			}
			cancel()
		}
	})
}
