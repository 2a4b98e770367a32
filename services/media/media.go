// Package media stores files: those of inbound and outbound messages, of contacts and of imports. They are in a folder,
// or in an S3-compatible bucket. A file's name is random and says nothing about its content; the database does.
// media.go stores and reads, in one of the two places of package bucket; kinds.go has what WhatsApp accepts; fetch.go
// downloads what people sent; voice.go converts a browser's recording to a format that WhatsApp accepts.
package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"parley/models"
	"parley/services/media/bucket"
	"parley/services/twilio"
)

// Files are the stored files.
type Files struct {
	bucket bucket.Bucket
	store  *models.Store
	twilio *twilio.Client
	// decoding allows one picture to be decoded at a time.
	decoding chan struct{}
}

// Location is where files are stored.
type Location struct {
	Dir string // a folder, created if needed
	// Bucket is used instead of the folder unless it is empty: s3://name?region=eu-central-1&endpoint=https://…
	// (docs/running.md says what else it may contain; the credentials come from the environment, as AWS's tools read
	// them).
	Bucket string
}

// Open opens the folder or the bucket.
func Open(at Location, store *models.Store, client *twilio.Client) (*Files, error) {
	f := &Files{store: store, twilio: client, decoding: make(chan struct{}, 1)}
	var err error
	if at.Bucket != "" {
		if f.bucket, err = bucket.S3(at.Bucket); err != nil {
			return nil, fmt.Errorf("MEDIA_BUCKET: %w", err)
		}
		return f, nil
	}
	if f.bucket, err = bucket.Folder(at.Dir); err != nil {
		return nil, fmt.Errorf("media folder: %w", err)
	}
	return f, nil
}

// Close closes the bucket.
func (f *Files) Close() error { return f.bucket.Close() }

var safeName = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Read opens a stored file. The reader can seek, as http.ServeContent needs it; ctx must last until it is closed.
func (f *Files) Read(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if !safeName.MatchString(name) {
		return nil, models.NotFound("file")
	}
	r, err := f.bucket.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, models.NotFound("file")
	}
	return r, err
}

// Local opens a stored file as a local file: from a bucket, as a temporary copy that is removed when it is closed.
func (f *Files) Local(ctx context.Context, name string) (*os.File, error) {
	r, err := f.Read(ctx, name)
	if err != nil {
		return nil, err
	}
	if file, ok := r.(*os.File); ok {
		return file, nil
	}
	defer r.Close() //nolint:errcheck // it was only read
	file, err := os.CreateTemp("", "parley-")
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(file, r)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err = errors.Join(err, os.Remove(file.Name())); err != nil { // open files outlive their names
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// ErrTooLarge says that a file has more bytes than allowed.
var ErrTooLarge = errors.New("file too large")

// upload counts what it reads, keeps its beginning, and fails with ErrTooLarge beyond its limit.
type upload struct {
	r           io.Reader
	size, limit int64
	head        []byte
}

// headSize is how many bytes distinguishing the kinds of files needs.
const headSize = 3072

func (u *upload) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.size += int64(n)
	u.head = append(u.head, p[:min(n, headSize-len(u.head))]...)
	if u.size > u.limit {
		return 0, ErrTooLarge
	}
	return n, err
}

// write stores at most limit bytes under a new name. The file is safe when write returns.
func (f *Files) write(ctx context.Context, r io.Reader, limit int64) (name string, size int64, head []byte, err error) {
	name = rand.Text()
	u := &upload{r: r, limit: limit}
	if err := f.bucket.Put(ctx, name, u); err != nil {
		return "", 0, nil, err
	}
	return name, u.size, u.head, nil
}

// Keep stores a file unchanged, at most limit bytes (ErrTooLarge beyond). Its content is not checked: only the program
// reads it.
func (f *Files) Keep(ctx context.Context, r io.Reader, limit int64) (name string, size int64, err error) {
	name, size, _, err = f.write(ctx, r, limit)
	return name, size, err
}

// Delete removes a file for good. A file that is gone already is not an error.
func (f *Files) Delete(ctx context.Context, name string) error {
	if !safeName.MatchString(name) {
		return nil
	}
	return f.bucket.Delete(ctx, name)
}

// baseName is a file's original name, without folders, at most 200 characters.
func baseName(name string) string {
	name = strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/")))
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[len(runes)-200:])
	}
	if name == "." || name == "/" {
		return ""
	}
	return name
}
