// Package media keeps files on disk: those that came with messages and those that go out. A file's name
// is random and says nothing of its content; what it is stands in the database.
package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"parley/models"
	"parley/services/messaging"
	"parley/services/twilio"
)

// MaxImage is the largest picture that WhatsApp takes, in bytes.
const MaxImage = 5 << 20

// Files are the media folder.
type Files struct {
	dir    string
	store  *models.Store
	twilio *twilio.Client
}

// Open makes the folder if need be.
func Open(dir string, store *models.Store, client *twilio.Client) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("media folder: %w", err)
	}
	return &Files{dir: dir, store: store, twilio: client}, nil
}

var safeName = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Read opens a stored file.
func (f *Files) Read(name string) (*os.File, error) {
	if !safeName.MatchString(name) {
		return nil, models.NotFound("file")
	}
	file, err := os.Open(filepath.Join(f.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, models.NotFound("file")
	}
	return file, err
}

// ErrTooLarge says that a file has more bytes than allowed.
var ErrTooLarge = errors.New("file too large")

// write stores at most limit bytes under a new name. The file is on disk when write returns.
func (f *Files) write(r io.Reader, limit int64) (name string, size int64, head []byte, err error) {
	name = rand.Text()
	path := filepath.Join(f.dir, name)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, nil, err
	}
	head = make([]byte, 512)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	if err == nil {
		_, err = file.Write(head)
	}
	if err == nil {
		size, err = io.Copy(file, io.LimitReader(r, limit+1-int64(n)))
		size += int64(n)
	}
	if err == nil && size > limit {
		err = ErrTooLarge
	}
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return "", 0, nil, errors.Join(err, os.Remove(path))
	}
	return name, size, head, nil
}

// TakeImage stores a picture that a person attached. It looks at the content, not at the name: only
// JPEG and PNG up to 5 MB are taken, which is what WhatsApp shows as a picture.
func (f *Files) TakeImage(r io.Reader) (*messaging.Upload, error) {
	name, size, head, err := f.write(r, MaxImage)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "The picture is larger than 5 MB, which is the most that WhatsApp takes.")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	kind := http.DetectContentType(head)
	if kind != "image/jpeg" && kind != "image/png" {
		return nil, errors.Join(models.Invalid("file", "This file is not a picture that WhatsApp takes: attach a JPEG or PNG."), os.Remove(filepath.Join(f.dir, name)))
	}
	return &messaging.Upload{File: name, ContentType: kind, Size: size, AccessKey: rand.Text()}, nil
}

// templateKinds are the files that a template may hold, with the ending of their address and their largest
// size in bytes.
var templateKinds = map[string]struct {
	ending string
	most   int64
}{"image/jpeg": {".jpg", MaxImage}, "image/png": {".png", MaxImage}, "application/pdf": {".pdf", twilio.MaxMedia}, "video/mp4": {".mp4", twilio.MaxMedia}}

// Ending is how the address of a template's file ends.
func Ending(contentType string) string { return templateKinds[contentType].ending }

// TakeTemplateFile stores a picture, a video or a document for a template. It looks at the content, not at the name.
func (f *Files) TakeTemplateFile(r io.Reader) (*messaging.Upload, error) {
	name, size, head, err := f.write(r, twilio.MaxMedia)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "The file is larger than 16 MB, which is the most that WhatsApp takes.")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	kind := http.DetectContentType(head)
	k, ok := templateKinds[kind]
	problem := ""
	switch {
	case !ok:
		problem = "WhatsApp takes no such file in a template: upload a JPEG, PNG, MP4 or PDF."
	case size > k.most:
		problem = "The picture is larger than 5 MB, which is the most that WhatsApp takes."
	default:
		return &messaging.Upload{File: name, ContentType: kind, Size: size, AccessKey: rand.Text()}, nil
	}
	return nil, errors.Join(models.Invalid("file", problem), os.Remove(filepath.Join(f.dir, name)))
}

// Fetch brings a file that came with a message from Twilio. It is a job: an error means that it is tried again.
func (f *Files) Fetch(ctx context.Context, mediaID int64) error {
	row, err := f.store.MediaByID(ctx, mediaID)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil || row.File != "" {
		return err
	}
	body, kind, err := f.twilio.FetchMedia(ctx, row.SourceURL)
	if err != nil {
		if twilio.OutcomeOf(err) != twilio.Refused {
			return err
		}
		row.Error = "Twilio no longer has this file."
		return f.store.SaveMedia(ctx, row)
	}
	defer body.Close() //nolint:errcheck // read to the end or given up
	name, size, head, err := f.write(body, twilio.MaxMedia)
	switch {
	case errors.Is(err, ErrTooLarge):
		row.Error = "The file is larger than 16 MB."
	case err != nil:
		return err
	default:
		row.File, row.Size = name, size
		if row.ContentType == "" {
			row.ContentType = kind
		}
		if Shown(row.ContentType) && !strings.HasPrefix(http.DetectContentType(head), "image/") {
			row.ContentType = "application/octet-stream" // it says picture and is none
		}
	}
	return f.store.SaveMedia(ctx, row)
}

// Shown reports whether a browser may show the type inside a page; everything else is downloaded.
func Shown(contentType string) bool {
	return slices.Contains([]string{"image/jpeg", "image/png", "image/webp", "image/gif"}, contentType)
}
