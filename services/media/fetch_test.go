package media

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/twilio"
)

// received stores an inbound message with one file at an address, and returns the file's row id.
func received(t *testing.T, pool *pgxpool.Pool, contentType, address string) (id int64) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `WITH c AS (INSERT INTO contacts (name) VALUES ('Noor') RETURNING id), s AS (
			INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+15550100200', 'business') RETURNING id), v AS (
			INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM c, s RETURNING id, sender_id), m AS (
			INSERT INTO messages (conversation_id, sender_id, direction, kind, status, twilio_sid, created_at)
			SELECT id, sender_id, 'inbound', 'media', 'received', 'SM1', now() FROM v RETURNING id)
		INSERT INTO media_files (message_id, content_type, source_url) SELECT id, $1, $2 FROM m RETURNING id`,
		contentType, address).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What becomes of a file that somebody sent: it is kept under its true type, or its message says why it is not; only a
// failure that may pass is tried again.
func TestFetch(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	card := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë\r\nTEL:+4915112350110\r\nEND:VCARD\r\n"
	const foreign = "This file does not lie at Twilio, so it was not fetched."
	for name, c := range map[string]struct {
		said   string // its type, as Twilio says
		body   string
		status int
		at     string // another address than Twilio's
		kept   string // its type, empty if it is not kept
		why    string
		again  bool
	}{
		"a picture":                  {said: "image/png", body: picture.String(), kept: "image/png"},
		"a picture of another type":  {said: "image/jpeg", body: picture.String(), kept: "image/png"},
		"a page that says a picture": {said: "image/png", body: "<html>x</html>", kept: "application/octet-stream"},
		"a card":                     {said: "text/vcard", body: card, kept: "text/vcard"},
		"many cards":                 {said: "text/vcard", body: strings.Repeat(card, 21), kept: "text/vcard"},
		"no card":                    {said: "text/vcard", body: "hello", kept: "application/octet-stream"},
		"as large as allowed":        {said: "application/pdf", body: large(twilio.MaxMedia), kept: "application/pdf"},
		"larger": {said: "application/pdf", body: large(twilio.MaxMedia + 1),
			why: "The file is larger than 16 MB, so it was not kept."},
		"gone at Twilio":     {said: "image/png", status: http.StatusNotFound, why: "Twilio no longer has this file."},
		"Twilio has trouble": {said: "image/png", status: http.StatusInternalServerError, again: true},
		"it lies elsewhere":  {said: "image/png", at: "https://example.com/x.png", why: foreign},
		"not over https":     {said: "image/png", at: "http://api.twilio.com/x.png", why: foreign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.said)
				if c.status != 0 {
					w.WriteHeader(c.status)
				}
				_, _ = w.Write([]byte(c.body))
			}))
			defer srv.Close()
			client, err := twilio.New(twilio.Credentials{AccountSID: "AC1", Username: "AC1", Password: "x"},
				twilio.Options{BaseURL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			store, _ := modelstest.New(t)
			f, err := Open(Location{Dir: t.TempDir()}, store, client)
			if err != nil {
				t.Fatal(err)
			}
			at := c.at
			if at == "" {
				at = srv.URL + "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
			}
			pool := modelstest.PoolOf(store)
			id := received(t, pool, c.said, at)
			if err := f.Fetch(t.Context(), id); (err != nil) != c.again {
				t.Fatalf("tried again: %v (%v)", err != nil, err)
			}
			var file, kind, why string
			err = pool.QueryRow(t.Context(), "SELECT file, content_type, error FROM media_files").
				Scan(&file, &kind, &why)
			if err != nil || (file != "") != (c.kept != "") || why != c.why || c.kept != "" && kind != c.kept {
				t.Errorf("kept %q as %s: %q, %v", file, kind, why, err)
			}
			var cards int
			err = pool.QueryRow(t.Context(), "SELECT count(*) FROM messages, regexp_matches(CAST(details AS text), 'Zoë', 'g')").
				Scan(&cards)
			if want := min(20, strings.Count(c.body, "BEGIN:VCARD")); err != nil || cards != want {
				t.Errorf("%d people on the cards, want %d, %v", cards, want, err)
			}
			if err := f.FetchFailed(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			err = pool.QueryRow(t.Context(), "SELECT error FROM media_files").Scan(&why)
			if gave := why == "Twilio did not hand out this file."; err != nil || gave == (c.kept != "") {
				t.Errorf("after all tries: %q, %v", why, err)
			}
		})
	}
}

// large is a PDF of n bytes.
func large(n int) string { return "%PDF-1.4\n" + strings.Repeat("x", n-9) }

// A file to send: the types that WhatsApp accepts, each up to its size.
func TestTake(t *testing.T) {
	t.Parallel()
	f, err := Open(Location{Dir: t.TempDir()}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	padded := func(head string, n int) string { return head + strings.Repeat("\x00", n-len(head)) }
	webp, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ body, code string }{
		"nothing":                   {"", "media.empty"},
		"a picture at its limit":    {padded(picture.String(), MaxImage), ""},
		"a picture beyond it":       {padded(picture.String(), MaxImage+1), "media.picture_too_large"},
		"a sticker at its limit":    {padded(string(webp), MaxSticker), ""},
		"a sticker beyond it":       {padded(string(webp), MaxSticker+1), "media.sticker_too_large"},
		"a document at its limit":   {large(twilio.MaxMedia), ""},
		"a document beyond it":      {large(twilio.MaxMedia + 1), "media.too_large"},
		"a page":                    {"<html><script>x</script></html>", "media.file_format"},
		"a picture of another kind": {"GIF89a" + strings.Repeat("\x00", 40), "media.picture_format"},
	} {
		up, err := f.Take(t.Context(), "x", strings.NewReader(c.body))
		e, _ := errors.AsType[*models.Error](err)
		if c.code == "" && (err != nil || up == nil) || c.code != "" && (e == nil || e.Code != c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	if MaxImage != 5<<20 || MaxSticker != 100<<10 || twilio.MaxMedia != 16<<20 || MaxContactFile != 10<<20 {
		t.Error("the limits are not WhatsApp's")
	}
}

// A contact's file: pictures, PDF and texts, up to 10 MB. A template's: four types.
func TestOtherFiles(t *testing.T) {
	t.Parallel()
	f, err := Open(Location{Dir: t.TempDir()}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body              string
		contact, template string // the code of the refusal
	}{
		"nothing":          {"", "file.format", "template.file_format"},
		"a text":           {"hello", "", "template.file_format"},
		"a page":           {"<html>x</html>", "file.format", "template.file_format"},
		"a PDF":            {large(100), "", ""},
		"a PDF of 10 MB":   {large(MaxContactFile), "", ""},
		"one more byte":    {large(MaxContactFile + 1), "file.too_large", ""},
		"a PDF beyond all": {large(twilio.MaxMedia + 1), "file.too_large", "media.too_large"},
	} {
		_, err := f.KeepContactFile(t.Context(), "x", strings.NewReader(c.body))
		if e, _ := errors.AsType[*models.Error](
			err,
		); c.contact == "" && err != nil ||
			c.contact != "" && (e == nil || e.Code != c.contact) {
			t.Errorf("a contact's file, %s: %v, want %q", name, err, c.contact)
		}
		_, err = f.TakeTemplateFile(t.Context(), strings.NewReader(c.body))
		if e, _ := errors.AsType[*models.Error](
			err,
		); c.template == "" && err != nil ||
			c.template != "" && (e == nil || e.Code != c.template) {
			t.Errorf("a template's file, %s: %v, want %q", name, err, c.template)
		}
	}
}
