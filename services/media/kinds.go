package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"parley/models"
	"parley/services/messaging"
	"parley/services/twilio"
)

// MaxImage is the largest picture that WhatsApp accepts, in bytes; MaxSticker the largest sticker.
const (
	MaxImage   = 5 << 20
	MaxSticker = 100 << 10
)

// A kind is a type of file that WhatsApp accepts (Twilio: Sending media with WhatsApp).
type kind struct {
	Type    string   // as it is sent
	Also    []string // other names of the same
	Endings []string
	Most    int64 // bytes
	Class   string
}

var kinds = []kind{
	{"image/jpeg", nil, []string{"jpg", "jpeg"}, MaxImage, "picture"},
	{"image/png", []string{"image/apng"}, []string{"png"}, MaxImage, "picture"},
	{"image/webp", nil, []string{"webp"}, MaxSticker, "sticker"},
	{"audio/ogg", []string{"application/ogg", "audio/opus"}, []string{"ogg", "oga", "opus"}, twilio.MaxMedia, "recording"},
	{"audio/mpeg", []string{"audio/mp3"}, []string{"mp3"}, twilio.MaxMedia, "recording"},
	{"audio/mp4", []string{"audio/x-m4a"}, []string{"m4a"}, twilio.MaxMedia, "recording"},
	{"audio/aac", nil, []string{"aac"}, twilio.MaxMedia, "recording"},
	{"audio/amr", nil, []string{"amr"}, twilio.MaxMedia, "recording"},
	{"video/mp4", []string{"video/x-m4v"}, []string{"mp4", "m4v"}, twilio.MaxMedia, "video"},
	{"video/3gpp", nil, []string{"3gp"}, twilio.MaxMedia, "video"},
	{"application/pdf", nil, []string{"pdf"}, twilio.MaxMedia, "document"},
	{"application/msword", []string{"application/x-ole-storage"}, []string{"doc"}, twilio.MaxMedia, "document"},
	{
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		nil,
		[]string{"docx"},
		twilio.MaxMedia,
		"document",
	},
	{"application/vnd.ms-excel", nil, []string{"xls"}, twilio.MaxMedia, "document"},
	{
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		nil,
		[]string{"xlsx"},
		twilio.MaxMedia,
		"document",
	},
	{"application/vnd.ms-powerpoint", nil, []string{"ppt"}, twilio.MaxMedia, "document"},
	{
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		nil,
		[]string{"pptx"},
		twilio.MaxMedia,
		"document",
	},
	{"text/vcard", nil, []string{"vcf"}, twilio.MaxMedia, "document"},
	{"text/csv", nil, []string{"csv"}, twilio.MaxMedia, "document"},
	{"text/plain", nil, []string{"txt"}, twilio.MaxMedia, "document"},
}

// Accepts is what a browser's file chooser offers, and Limits what it checks before it uploads: the largest size in
// bytes by type and by ending, "image/jpeg=5242880 .jpg=5242880 …".
func Accepts() (accept, limits string) {
	var types, most []string
	for _, k := range kinds {
		types = append(types, k.Type)
		most = append(most, fmt.Sprintf("%s=%d", k.Type, k.Most))
		for _, e := range k.Endings {
			types = append(types, "."+e)
			most = append(most, fmt.Sprintf(".%s=%d", e, k.Most))
		}
	}
	return strings.Join(types, ","), strings.Join(most, " ")
}

// typeOf is a file's type by its bytes, or the sent type of its kind if WhatsApp accepts it. The file's name decides
// only if contents look alike: old Office files and plain texts. A type is never replaced by the more general one: a
// HEIC picture uses the same container as an MP4 video, and an HTML page or a program is a text as well.
func typeOf(head []byte, name string) string {
	t, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	if branded := brandedType(head); branded != "" {
		t = branded
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Type == t || slices.Contains(k.Also, t) })
	if i < 0 {
		return t
	}
	ending := ""
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		ending = strings.ToLower(name[dot+1:])
	}
	for _, other := range kinds {
		if kinds[i].looksLike(other) && slices.Contains(other.Endings, ending) {
			return other.Type
		}
	}
	return kinds[i].Type
}

// looksLike reports whether only the names of files distinguish the two kinds.
func (k kind) looksLike(other kind) bool {
	if k.Type == "text/plain" {
		return strings.HasPrefix(other.Type, "text/")
	}
	old := []string{"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"}
	return slices.Contains(k.Also, "application/x-ole-storage") && slices.Contains(old, other.Type)
}

// Extension is the ending of a file's name by its type, with the dot, as people know it; ".bin" for a type that is not
// known.
func Extension(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	t = strings.TrimSpace(t)
	for _, k := range kinds {
		if k.Type == t || slices.Contains(k.Also, t) {
			return "." + k.Endings[0]
		}
	}
	if m := mimetype.Lookup(t); m != nil && m.Extension() != "" {
		return m.Extension()
	}
	return ".bin"
}

// notTaken refuses a file of a type that WhatsApp does not accept, and says what to do.
func notTaken(contentType string) error {
	for _, name := range []string{"HEIC", "HEIF", "AVIF", "TIFF", "BMP", "GIF", "SVG"} {
		if strings.HasPrefix(contentType, "image/"+strings.ToLower(name)) {
			return models.Invalid("file", "media.picture_format", "Format", name)
		}
	}
	if strings.HasPrefix(contentType, "video/") {
		return models.Invalid("file", "media.video_format")
	}
	return models.Invalid("file", "media.file_format")
}

// tooLarge refuses a file that is larger than WhatsApp accepts.
func (k kind) tooLarge() error {
	switch k.Class {
	case "sticker":
		return models.Invalid("file", "media.sticker_too_large")
	case "picture":
		return models.Invalid("file", "media.picture_too_large", "Most", inUnits(k.Most))
	}
	return models.Invalid("file", "media.too_large")
}

func inUnits(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d MB", n>>20)
}

// Take stores a file that a user attached to a reply. It checks the content: only types that WhatsApp accepts are
// accepted, and a browser's recording is converted to one of them. Refusals name file.
func (f *Files) Take(ctx context.Context, name string, r io.Reader) (*messaging.Upload, error) {
	name = baseName(name)
	file, n, head, err := f.write(ctx, r, twilio.MaxMedia)
	if errors.Is(err, ErrTooLarge) {
		return nil, models.Invalid("file", "media.too_large")
	}
	if err != nil {
		return nil, fmt.Errorf("store upload: %w", err)
	}
	up := &messaging.Upload{File: file, ContentType: typeOf(head, name), Size: n, AccessKey: rand.Text(), Name: name}
	if strings.HasSuffix(up.ContentType, "/webm") {
		return f.voice(ctx, up)
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.Type == up.ContentType })
	var refused error
	switch {
	case n == 0:
		refused = models.Invalid("file", "media.empty")
	case i < 0:
		refused = notTaken(up.ContentType)
	case n > kinds[i].Most:
		refused = kinds[i].tooLarge()
	}
	if refused != nil {
		return nil, errors.Join(refused, f.Delete(ctx, file))
	}
	up.Voice = kinds[i].Class == "recording" && strings.HasPrefix(name, voiceName)
	up.Thumb, err = f.thumb(ctx, file, up.ContentType)
	return up, err
}

// Discard removes an upload that was not used.
func (f *Files) Discard(ctx context.Context, up *messaging.Upload) error {
	if up == nil {
		return nil
	}
	return errors.Join(f.Delete(ctx, up.File), f.Delete(ctx, up.Thumb))
}

// Sweep removes files that were added to a composer and never sent.
func (f *Files) Sweep(ctx context.Context) error {
	old, err := models.OldUploads(ctx, f.store)
	for _, u := range old {
		err = errors.Join(err, f.Delete(ctx, u.File), f.Delete(ctx, u.Thumb))
	}
	return err
}

// Shown reports whether a browser may show, play or run through the type inside a page; everything else is downloaded.
func Shown(contentType string) bool { return Class(contentType) != "document" }

// Class is how a file is shown: picture, recording, video, or document if it is only downloaded.
func Class(contentType string) string {
	switch t, _, _ := strings.Cut(contentType, ";"); strings.TrimSpace(t) {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		return "picture"
	case "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac":
		return "recording"
	case "video/mp4", "video/3gpp":
		return "video"
	}
	return "document"
}
