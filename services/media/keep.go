package media

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"parley/models"
)

// MaxContactFile is the largest file that is kept with a contact, in bytes.
const MaxContactFile = 10 << 20

// Keep stores a file as it comes, at most limit bytes (ErrTooLarge beyond). Its content is nobody's but the program's.
func (f *Files) Keep(r io.Reader, limit int64) (name string, size int64, err error) {
	name, size, _, err = f.write(r, limit)
	return name, size, err
}

// Delete removes a file for good. One that is gone already is no error.
func (f *Files) Delete(name string) error {
	if !safeName.MatchString(name) {
		return nil
	}
	if err := os.Remove(filepath.Join(f.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// KeepContactFile stores a file about a contact: a picture, a PDF or a text, by its content. Refusals name file.
func (f *Files) KeepContactFile(name string, r io.Reader) (*models.ContactFile, error) {
	h := sha256.New()
	file, size, head, err := f.write(io.TeeReader(r, h), MaxContactFile)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "The file is larger than 10 MB.")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	known := Shown(kind) || kind == "application/pdf" || kind == "text/plain" || kind == "application/zip"
	if size == 0 || !known {
		return nil, errors.Join(models.Invalid("file", "Attach a picture, a PDF, a text or an Office document."), f.Delete(file))
	}
	name = strings.TrimSpace(filepath.Base(strings.ReplaceAll(name, `\`, "/")))
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[len(runes)-200:])
	}
	if name == "" || name == "." || name == "/" {
		name = "file"
	}
	return &models.ContactFile{Name: name, ContentType: kind, Size: size, SHA256: h.Sum(nil), File: file}, nil
}
