package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"parley/models"
	"parley/services/messaging"
	"parley/services/twilio"
)

// templateKinds are the files that a template may contain, with the ending of their address and their largest size in
// bytes.
var templateKinds = map[string]struct {
	ending string
	most   int64
}{
	"image/jpeg":      {".jpg", MaxImage},
	"image/png":       {".png", MaxImage},
	"application/pdf": {".pdf", twilio.MaxMedia},
	"video/mp4":       {".mp4", twilio.MaxMedia},
}

// Ending is how the address of a template's file ends.
func Ending(contentType string) string { return templateKinds[contentType].ending }

// TakeTemplateFile stores a picture, a video or a document for a template. It checks the content, not the name.
func (f *Files) TakeTemplateFile(ctx context.Context, r io.Reader) (*messaging.Upload, error) {
	name, size, head, err := f.write(ctx, r, twilio.MaxMedia)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "media.too_large")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	kind := typeOf(head, "")
	k, ok := templateKinds[kind]
	var refused error
	switch {
	case !ok:
		refused = models.Invalid("file", "template.file_format")
	case size > k.most:
		refused = models.Invalid("file", "media.picture_too_large", "Most", inUnits(k.most))
	default:
		return &messaging.Upload{File: name, ContentType: kind, Size: size, AccessKey: rand.Text()}, nil
	}
	return nil, errors.Join(refused, f.Delete(ctx, name))
}
