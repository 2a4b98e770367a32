// Package media stores files: those of inbound and outbound messages, of contacts and of imports. They are in a folder,
// or in an S3-compatible bucket. A file's name is random and says nothing about its content; the database does.
// media.go stores and reads; kinds.go has what WhatsApp accepts; fetch.go downloads what people sent; voice.go converts
// a browser's recording to a format that WhatsApp accepts.
package media

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // for s3:// addresses
	"gocloud.dev/gcerrors"

	"parley/models"
	"parley/services/twilio"
)

// Files are the stored files.
type Files struct {
	bucket *blob.Bucket
	dir    string // if the bucket is a folder
	store  *models.Store
	twilio *twilio.Client
	// decoding allows one picture to be decoded at a time.
	decoding chan struct{}
}

// Location is where files are stored.
type Location struct {
	Dir string // a folder, created if needed
	// Bucket is used instead of the folder unless it is empty: s3://name?region=eu-central-1&endpoint=https://…
	// (gocloud.dev/blob/s3blob says what else it may contain; the credentials come from the environment, as the AWS SDK
	// reads them).
	Bucket string
}

// Open opens the folder or the bucket.
func Open(ctx context.Context, at Location, store *models.Store, client *twilio.Client) (*Files, error) {
	f := &Files{store: store, twilio: client, decoding: make(chan struct{}, 1)}
	var err error
	if at.Bucket != "" {
		if f.bucket, err = blob.OpenBucket(ctx, at.Bucket); err != nil {
			return nil, fmt.Errorf("MEDIA_BUCKET: %w", err)
		}
		return f, nil
	}
	if err := os.MkdirAll(at.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("media folder: %w", err)
	}
	f.dir = at.Dir
	opt := &fileblob.Options{Metadata: fileblob.MetadataDontWrite, NoTempDir: true, DirFileMode: 0o700}
	if f.bucket, err = fileblob.OpenBucket(at.Dir, opt); err != nil {
		return nil, fmt.Errorf("media folder: %w", err)
	}
	return f, nil
}

// Close closes the bucket.
func (f *Files) Close() error { return f.bucket.Close() }

var safeName = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Read opens a stored file. The reader can seek, as http.ServeContent needs it.
func (f *Files) Read(ctx context.Context, name string) (*blob.Reader, error) {
	if !safeName.MatchString(name) {
		return nil, models.NotFound("file")
	}
	r, err := f.bucket.NewReader(ctx, name, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, models.NotFound("file")
	}
	return r, err
}

// Local opens a stored file as a local file: from a bucket, as a temporary copy that is removed when it is closed.
func (f *Files) Local(ctx context.Context, name string) (*os.File, error) {
	if f.dir != "" && safeName.MatchString(name) {
		file, err := os.Open(filepath.Join(f.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			return nil, models.NotFound("file")
		}
		return file, err
	}
	r, err := f.Read(ctx, name)
	if err != nil {
		return nil, err
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
	return file, errors.Join(err, os.Remove(file.Name())) // open files outlive their names
}

// ErrTooLarge says that a file has more bytes than allowed.
var ErrTooLarge = errors.New("file too large")

// write stores at most limit bytes under a new name. The file is safe when write returns.
func (f *Files) write(ctx context.Context, r io.Reader, limit int64) (name string, size int64, head []byte, err error) {
	head = make([]byte, 3072) // as much as distinguishing the kinds needs
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", 0, nil, err
	}
	head = head[:n]
	name = rand.Text()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := f.bucket.NewWriter(ctx, name, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return "", 0, nil, err
	}
	size, err = io.Copy(w, io.MultiReader(bytes.NewReader(head), io.LimitReader(r, limit+1-int64(n))))
	if err == nil && size > limit {
		err = ErrTooLarge
	}
	if err != nil {
		cancel() // nothing of it is stored
		_ = w.Close()
		return "", 0, nil, err
	}
	return name, size, head, errors.Join(w.Close(), f.sync(name))
}

// sync waits until a file is on the disk.
func (f *Files) sync(name string) error {
	if f.dir == "" {
		return nil
	}
	file, err := os.Open(filepath.Join(f.dir, name))
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
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
	if err := f.bucket.Delete(ctx, name); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	return nil
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
