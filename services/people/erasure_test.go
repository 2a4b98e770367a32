package people_test

import (
	"fmt"
	"testing"
	"time"

	"parley/models"
)

// secret stands in everything that is about the person who is erased.
const secret = "Secretname"

// Erasing needs the word; then nothing of the person is left, and a new contact with the number is opted out.
func TestErasure(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	conversation := d.Contact(secret, "+4915112350109")
	other := d.Contact("Ines", "+4915112350111")
	d.Exec(`INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, created_at)
		SELECT id, sender_id, 'inbound', 'text', $1, 'received', 'SM' || id, now() FROM conversations`, secret)
	d.Exec(`INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, send_at, created_at)
		SELECT id, sender_id, 'outbound', 'text', $1, 'queued', now(), now() FROM conversations`, secret)
	d.Exec("INSERT INTO contact_notes (contact_id, body) SELECT id, $1 FROM contacts", secret)
	d.Exec(`INSERT INTO webhook_receipts (kind, verdict, form, message_sid)
		SELECT 'message', 'accepted', $1, twilio_sid FROM messages WHERE twilio_sid IS NOT NULL`, "Body="+secret)
	id := d.Text("SELECT public_id FROM contacts WHERE name = $1", secret)
	for _, confirm := range []string{"", "erase", secret} {
		refused(t, d.people.Erase(t.Context(), d.Actor("Ada"), id, confirm), "confirm: contact.erasure_unconfirmed")
	}
	refused(t, d.people.Erase(t.Context(), d.Actor("Ada"), id, "ERASE"))
	of := "conversation_id = (SELECT id FROM conversations WHERE public_id = $1)"
	for what, n := range map[string]int64{
		"texts": d.Number("SELECT count(*) FROM messages WHERE body <> '' AND "+of, conversation),
		"queued messages": d.Number(
			"SELECT count(*) FROM messages WHERE status = 'queued' AND "+of, conversation),
		"addresses": d.Number("SELECT count(*) FROM contact_addresses WHERE address = '+4915112350109'"),
		"names":     d.Number("SELECT count(*) FROM contacts WHERE name = $1 OR phone = '+4915112350109'", secret),
		"proofs":    d.Number("SELECT count(*) FROM consent_events WHERE proof <> ''"),
		"summaries": d.Number("SELECT count(*) FROM audit_events WHERE summary LIKE '%' || $1 || '%'", secret),
		"open sessions": d.Number(
			"SELECT count(*) FROM conversations WHERE window_closes_at > now() AND public_id = $1", conversation),
		"readable hashes": d.Number("SELECT count(*) FROM erasures WHERE octet_length(hash) <> 32"),
	} {
		if n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
	if n := d.Number("SELECT count(*) FROM messages WHERE body <> '' AND "+of, other); n != 2 {
		t.Errorf("another person has %d messages", n)
	}
	if n := d.Number("SELECT count(*) FROM webhook_receipts WHERE form <> ''"); n != 1 {
		t.Errorf("%d deliveries keep their content, and one is another person's", n)
	}
	if n := d.Number("SELECT count(*) FROM contact_notes"); n != 1 {
		t.Errorf("%d notes", n)
	}
	refused(t, d.people.Erase(t.Context(), d.Actor("Ada"), id, "ERASE"), ": contact.not_found")
	again := d.add("+4915112350109")
	if got := d.consent(again); got != "opted_out" {
		t.Errorf("the person who comes back is %s", got)
	}
	if got := d.consent(d.add("+4915112350112")); got != "none" {
		t.Errorf("somebody else is %s", got)
	}
}

// What is older than its period goes, what is younger stays; 0 keeps everything.
func TestRetention(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		privacy          models.Privacy
		texts, media     int64
		deliveries, seen int64
	}{
		"everything is kept":           {models.Privacy{}, 2, 2, 2, 0},
		"messages after six months":    {models.Privacy{MessageMonths: 6}, 1, 1, 1, 1},
		"files alone after six months": {models.Privacy{MediaMonths: 6}, 2, 1, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.Contact("Noor", "+4915112350109")
			now := d.Store.Now()
			for i, at := range []time.Time{now.AddDate(0, -6, -1), now.AddDate(0, -6, 1)} {
				d.Exec(`WITH m AS (
						INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, created_at)
						SELECT id, sender_id, 'inbound', 'text', 'text', 'received', CAST($2 AS text),
							CAST($1 AS timestamptz) FROM conversations
						RETURNING id)
					INSERT INTO media_files (message_id, content_type, file, source_url, created_at)
					SELECT id, 'image/png', CAST($2 AS text), '', CAST($1 AS timestamptz) FROM m`,
					at, fmt.Sprint("kept", i))
				d.Exec(`INSERT INTO webhook_receipts (kind, verdict, form, received_at)
					VALUES ('message', 'accepted', 'Body=text', $1)`, at)
			}
			refused(t, d.people.SavePrivacy(t.Context(), d.Actor("Ada"), c.privacy))
			if err := d.people.Retain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := d.Number("SELECT count(*) FROM messages WHERE body <> ''"); n != c.texts {
				t.Errorf("%d messages keep their text", n)
			}
			if n := d.Number("SELECT count(*) FROM media_files WHERE file <> ''"); n != c.media {
				t.Errorf("%d files", n)
			}
			if n := d.Number("SELECT count(*) FROM webhook_receipts WHERE form <> ''"); n != c.deliveries {
				t.Errorf("%d deliveries keep their content", n)
			}
			if n := d.Number("SELECT count(*) FROM messages WHERE erased_at IS NOT NULL"); n != c.seen {
				t.Errorf("%d messages say that they were emptied", n)
			}
		})
	}
}

// Periods are 0 to 240 months, and only agents and operators can see masked numbers.
func TestPrivacySettings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, c := range map[string]struct {
		privacy models.Privacy
		refused []string
	}{
		"at the limits": {models.Privacy{MessageMonths: 240, Masked: []models.Role{models.Agent, models.Operator}}, nil},
		"beyond them": {models.Privacy{MessageMonths: 241, MediaMonths: -1},
			[]string{"message_months: privacy.months_range", "media_months: privacy.months_range"}},
		"admins see whole numbers": {models.Privacy{Masked: []models.Role{models.Admin}},
			[]string{"masked: privacy.mask_unknown"}},
	} {
		refusedIn(t, name, d.people.SavePrivacy(t.Context(), d.Actor("Ada"), c.privacy), c.refused)
	}
	for days, want := range map[int][]string{
		0: {"days: delivery.keep_days"}, 1: nil, 3650: nil, 3651: {"days: delivery.keep_days"},
	} {
		refusedIn(t, "deliveries", d.people.SaveReceiptDays(t.Context(), d.Actor("Ada"), days), want)
	}
}
