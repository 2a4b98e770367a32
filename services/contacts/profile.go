package contacts

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Profile is what a person edits of a contact.
type Profile struct {
	Name, Language, TimeZone string
	Fields                   map[string]string // by key, as typed
	Tags                     []string          // public ids
	Phone                    string            // for a contact without a number
	PhoneConfirmed           string            // the number in E.164, if the person was asked about a doubtful one
}

// Save stores an edited profile. version is the one that the form was opened with. Refusals name the field,
// "field-" and its key for a custom one.
func (s *Service) Save(ctx context.Context, a models.Actor, id string, version int, p Profile) error {
	errs := []error{s.checkProfile(p.Name, p.Language)}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			errs = append(errs, models.Invalid("time_zone", "Write a time zone such as Europe/Berlin, or leave it empty."))
		}
	}
	defined, err := s.store.ContactFields(ctx)
	if err != nil {
		return err
	}
	values := models.Fields{}
	for i := range defined {
		f := &defined[i]
		v, err := f.Parse(p.Fields[f.Key])
		if err != nil {
			errs = append(errs, models.InvalidBecause("field-"+f.Key, err))
		}
		values[f.Key] = v
	}
	tags, err := s.store.Tags(ctx)
	if err != nil {
		return err
	}
	var number string
	if p.Phone != "" {
		if number, err = phone.Confirmed(p.Phone, "", p.PhoneConfirmed); err != nil {
			errs = append(errs, models.InvalidBecause("phone", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ContactForUpdate(id)
		if err != nil {
			return err
		}
		gotNumber, before := c.Phone == nil && number != "", *c
		if gotNumber {
			if err := tx.GiveNumber(a, c, number); err != nil {
				return err
			}
		}
		c.Name, c.Language, c.TimeZone, c.Tags = p.Name, p.Language, p.TimeZone, models.IDs{}
		for _, t := range tags {
			if slices.Contains(p.Tags, t.PublicID) {
				c.Tags = append(c.Tags, t.ID)
			}
		}
		fields := maps.Clone(c.Fields) // values of archived fields stay
		if fields == nil {
			fields = models.Fields{}
		}
		for k, v := range values {
			if fields[k] = v; v == nil {
				delete(fields, k)
			}
		}
		c.Fields = fields
		if !gotNumber && c.Version == version && sameProfile(&before, c) {
			return nil
		}
		return tx.SaveContact(a, c, version)
	})
}

// sameProfile reports whether nothing was changed that the form shows.
func sameProfile(a, b *models.Contact) bool {
	sorted := func(ids models.IDs) []int64 { return slices.Sorted(slices.Values(ids)) }
	return a.Name == b.Name && a.Language == b.Language && a.TimeZone == b.TimeZone &&
		slices.Equal(sorted(a.Tags), sorted(b.Tags)) &&
		maps.Equal(a.Fields, b.Fields)
}

// Note writes a note on a contact, which is never sent.
func (s *Service) Note(ctx context.Context, a models.Actor, id, body string) error {
	body = strings.TrimSpace(body)
	if body == "" || whatsapp.Length(body) > 4000 {
		return models.Invalid("note", "A note has 1 to 4,000 characters.")
	}
	return s.change(ctx, id, func(tx *models.Tx, c *models.Contact) error { return tx.AddContactNote(a, c, body) })
}

// RemoveNote takes a note away: one's own, or anyone's for operators.
func (s *Service) RemoveNote(ctx context.Context, a models.Actor, role models.Role, id, note string) error {
	return s.change(ctx, id, func(tx *models.Tx, c *models.Contact) error {
		return tx.RemoveContactNote(a, role.Can(models.Operator), c, note)
	})
}

// AddFile keeps a file with a contact. Refusals name file.
func (s *Service) AddFile(ctx context.Context, a models.Actor, id, name string, r io.Reader) error {
	f, err := s.files.KeepContactFile(ctx, name, r)
	if err != nil {
		return err
	}
	err = s.change(ctx, id, func(tx *models.Tx, c *models.Contact) error { return tx.AddContactFile(a, c, f) })
	if err != nil {
		return errors.Join(err, s.files.Delete(ctx, f.File))
	}
	return nil
}

// RemoveFile forgets a file of a contact, unless it proves a consent.
func (s *Service) RemoveFile(ctx context.Context, a models.Actor, id, file string) error {
	name := ""
	err := s.change(ctx, id, func(tx *models.Tx, c *models.Contact) (err error) {
		name, err = tx.RemoveContactFile(a, c, file)
		return err
	})
	if err != nil {
		return err
	}
	return s.files.Delete(ctx, name)
}

// ChooseNumber makes one of a contact's numbers the one that templates go to: addressID is its row id. Refusals name
// number.
func (s *Service) ChooseNumber(ctx context.Context, a models.Actor, id string, addressID int64) error {
	return s.change(ctx, id, func(tx *models.Tx, c *models.Contact) error { return tx.ChooseNumber(a, c, addressID) })
}

// Merge makes two contacts one: the other one's history comes to this one.
func (s *Service) Merge(ctx context.Context, a models.Actor, id, other string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		ids := []string{id, other}
		slices.Sort(ids) // two merges at once lock in one order
		if ids[0] == ids[1] {
			return models.Invalid("other", "Choose another contact: this is the same one.")
		}
		locked := map[string]*models.Contact{}
		for _, x := range ids {
			c, err := tx.ContactForUpdate(x)
			if err != nil {
				return err
			}
			locked[x] = c
		}
		return tx.Merge(a, locked[id], locked[other])
	})
}

func (s *Service) change(ctx context.Context, id string, fn func(*models.Tx, *models.Contact) error) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ContactForUpdate(id)
		if err != nil {
			return err
		}
		return fn(tx, c)
	})
}

// TakeHint decides about a message that may be an opt-out: record it with the message as its proof, or not. It
// returns the conversation's public id.
func (s *Service) TakeHint(ctx context.Context, a models.Actor, messageID string, record bool) (string, error) {
	conversation := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		m, err := tx.MessageForUpdate(messageID)
		if err != nil {
			return err
		}
		conv, err := tx.ConversationByIDForUpdate(m.ConversationID)
		if err != nil {
			return err
		}
		conversation = conv.PublicID
		if m.Hint != models.HintOptOut {
			return nil // somebody decided already
		}
		m.Hint = models.HintDismissed
		if record {
			m.Hint = models.HintRecorded
			c, err := tx.ContactForUpdate(conv.Contact.PublicID)
			if err != nil {
				return err
			}
			sid := ""
			if m.TwilioSid != nil {
				sid = *m.TwilioSid
			}
			if c.Consent != whatsapp.OptedOut {
				e := models.ConsentEvent{
					Kind:   whatsapp.OptedOut,
					Source: whatsapp.SourceInbound,
					Proof:  "WhatsApp message " + sid + ", read as an opt-out by " + a.Name + ": " + cut(m.Body, 300),
				}
				if err := tx.RecordConsent(a, c, e); err != nil {
					return err
				}
			}
		}
		return errors.Join(tx.SetHint(m), tx.Publish(conv.Topic()))
	})
	return conversation, err
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
