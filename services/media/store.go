package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"parley/models"
	"parley/models/people"
)

// MaxContactFile is the largest file of a contact, in bytes.
const MaxContactFile = 10 << 20

// Upload is a file that somebody attached.
type Upload struct {
	Name string
	Body io.Reader
}

// KeepContactFile stores a file about a contact: a picture, a PDF or a text, by its content. Refusals name file.
func (f *Files) KeepContactFile(ctx context.Context, name string, r io.Reader) (*people.ContactFile, error) {
	h := sha256.New()
	file, size, head, err := f.write(ctx, io.TeeReader(r, h), MaxContactFile)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "file.too_large")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	known := Class(kind) == "picture" || kind == "application/pdf" || kind == "text/plain" || kind == "application/zip"
	if size == 0 || !known {
		return nil, errors.Join(models.Invalid("file", "file.format"), f.Delete(ctx, file))
	}
	if name = baseName(name); name == "" {
		name = "file" + Extension(kind)
	}
	return &people.ContactFile{Name: name, ContentType: kind, Size: size, SHA256: h.Sum(nil), File: file}, nil
}
