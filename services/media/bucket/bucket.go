// Package bucket keeps files under the names that its caller chooses: in a folder (folder.go), or in a bucket of a
// server that speaks S3 (s3.go). address.go reads the address of such a bucket, credentials.go finds its keys where
// AWS's own tools look for them. It knows nothing about what the files are.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Bucket is where files are kept.
type Bucket interface {
	// Put stores all that r has under a name that is not used yet. When it returns nil, the file is safe: a crash does not
	// lose it. If r or ctx ends with an error, nothing is stored, and the error is r's or ctx's.
	Put(ctx context.Context, name string, r io.Reader) error
	// Open opens a file for reading and seeking. The error is fs.ErrNotExist if there is no such file. ctx must last until
	// the file is closed.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete removes a file for good. A file that does not exist is not an error.
	Delete(ctx context.Context, name string) error
	io.Closer
}

// source is what Put reads from. It ends with ctx, and tells a reader that failed from one that is at its end: an
// upload that was cut off fails with io.ErrUnexpectedEOF, which io.ReadFull and its like also return at a regular end.
type source struct {
	ctx context.Context
	r   io.Reader
}

func (s source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read: %w", err)
	}
	return n, err
}
