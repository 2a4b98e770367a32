package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	"image/jpeg"
	_ "image/png"
	"io"
	"strings"

	"github.com/emersion/go-vcard"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/mediafiles"
	"parley/services/egress"
	"parley/services/twilio"
	"parley/whatsapp/plaintext"
)

// Fetch downloads a file of an inbound message from Twilio. It is a job: an error means that it is tried again.
func (f *Files) Fetch(ctx context.Context, mediaID int64) error {
	row, err := mediafiles.Read(f.store).MediaByID(ctx, mediaID)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil || row.File != "" {
		return err
	}
	body, kind, err := f.twilio.FetchMedia(ctx, row.SourceURL)
	if err != nil {
		switch {
		case errors.Is(err, twilio.ErrForeignMedia), errors.Is(err, egress.ErrPrivate):
			row.Error = "This file does not lie at Twilio, so it was not fetched."
		case twilio.OutcomeOf(err) == twilio.Refused:
			row.Error = "Twilio no longer has this file."
		default:
			return err
		}
		return mediafiles.SaveMedia(ctx, f.store, row)
	}
	defer body.Close() //nolint:errcheck // read to the end or given up
	name, size, head, err := f.write(ctx, body, twilio.MaxMedia)
	if errors.Is(err, ErrTooLarge) {
		row.Error = "The file is larger than 16 MB, so it was not kept."
		return mediafiles.SaveMedia(ctx, f.store, row)
	}
	if err != nil {
		return err
	}
	row.File, row.Size, row.Error = name, size, ""
	if row.ContentType == "" {
		row.ContentType = kind
	}
	row.ContentType = honest(row.ContentType, head)
	if row.Thumb, err = f.thumb(ctx, name, row.ContentType); err != nil {
		return err
	}
	if row.ContentType == "text/vcard" {
		if err := f.readCard(ctx, row); err != nil {
			return err
		}
	}
	return mediafiles.SaveMedia(ctx, f.store, row)
}

// FetchFailed notes that a file could not be fetched after all tries; it can be asked for again by hand.
func (f *Files) FetchFailed(ctx context.Context, mediaID int64) error {
	row, err := mediafiles.Read(f.store).MediaByID(ctx, mediaID)
	if err != nil || row.File != "" {
		return err
	}
	row.Error = "Twilio did not hand out this file."
	return mediafiles.SaveMedia(ctx, f.store, row)
}

// honest is a file's type: the declared one if the content confirms it, else the content's if it may be shown, else
// plain bytes.
func honest(said string, head []byte) string {
	said, _, _ = strings.Cut(strings.ToLower(said), ";")
	found := typeOf(head, "")
	switch said = strings.TrimSpace(said); {
	case found == said:
		return said
	case said == "text/vcard" || said == "text/x-vcard" || found == "text/vcard":
		if bytes.HasPrefix(bytes.TrimSpace(head), []byte("BEGIN:VCARD")) {
			return "text/vcard"
		}
		return "application/octet-stream"
	case Class(said) == "recording" && Class(found) == "video", said == "audio/amr":
		return said // MP4 holds both
	case Shown(said):
		if Shown(found) {
			return found
		}
		return "application/octet-stream"
	}
	return said
}

// thumbSide is a thumbnail's longer side in pixels.
const thumbSide = 720

// thumb stores a small JPEG of a picture and returns its name, "" if it would not be smaller or the picture can't be
// read.
func (f *Files) thumb(ctx context.Context, name, contentType string) (string, error) {
	if Class(contentType) != "picture" {
		return "", nil
	}
	done, err := f.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	r, err := f.Read(ctx, name)
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // it was only read
	all, err := io.ReadAll(io.LimitReader(r, twilio.MaxMedia))
	if err != nil {
		return "", err
	}
	full := picture(all)
	if full == nil {
		return "", nil
	}
	w, h := full.Bounds().Dx(), full.Bounds().Dy()
	if side := max(w, h); side > thumbSide {
		w, h = max(1, w*thumbSide/side), max(1, h*thumbSide/side)
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src) // JPEG has no transparency
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 80}); err != nil {
		return "", fmt.Errorf("thumbnail: %w", err)
	}
	thumb, _, err := f.Keep(ctx, &out, 4<<20)
	return thumb, err
}

// picture decodes a picture within the budget; nil for one that is shown as it is, because it is small, too large, or
// can't be read.
func picture(b []byte) image.Image {
	c, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || !affordable(b, c, format) || len(b) < 60<<10 && max(c.Width, c.Height) <= thumbSide {
		return nil
	}
	full, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	return full
}

// readCard reads the people on a card that somebody shared into its message.
func (f *Files) readCard(ctx context.Context, row *mediafiles.MediaFile) error {
	r, err := f.Read(ctx, row.File)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was only read
	var people []conversations.SharedContact
	for d := vcard.NewDecoder(io.LimitReader(r, 1<<20)); len(people) < 20; {
		card, err := d.Decode()
		if err != nil {
			break // the end, or a card that can't be read: it can still be downloaded
		}
		p := conversations.SharedContact{
			Name: plaintext.Shorten(plaintext.CleanName(card.PreferredValue(vcard.FieldFormattedName)), 120),
		}
		for _, t := range card.Values(vcard.FieldTelephone) {
			p.Phones = append(p.Phones, plaintext.Shorten(plaintext.CleanName(t), 40))
		}
		for _, m := range card.Values(vcard.FieldEmail) {
			p.Emails = append(p.Emails, plaintext.Shorten(plaintext.CleanName(m), 120))
		}
		people = append(people, p)
	}
	return conversations.StoreSharedContacts(ctx, f.store, row.MessageID, people)
}
