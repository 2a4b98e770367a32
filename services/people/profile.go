package people

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/models/conversations/arrivals"
	"parley/models/people"
	"parley/services/media"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Profile is a contact's profile as a user edits it.
type Profile struct {
	Version                  int // the one that the form was opened with
	Name, Language, TimeZone string
	Fields                   map[string]string // by key, as typed
	Tags                     []string          // public ids
	Phone                    string            // for a contact without a number
	PhoneConfirmed           string            // the number in E.164, if the person confirmed a number to check
}

// Save stores an edited profile. Refusals name the field, "field-" and its key for a custom one.
func (s *Service) Save(ctx context.Context, a models.Actor, id string, p Profile) error {
	change, err := s.readProfile(ctx, p)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(tx *models.Tx, c *people.Contact) error {
		gotNumber, before := c.Phone == nil && change.number != "", *c
		if gotNumber {
			if err := arrivals.GiveNumber(tx, a, c, change.number); err != nil {
				return err
			}
		}
		change.apply(c)
		if !gotNumber && c.Version == p.Version && sameProfile(&before, c) {
			return nil
		}
		return people.SaveContact(tx, a, c, p.Version)
	})
}

// profileChange is a parsed, edited profile.
type profileChange struct {
	name, language, zone string
	fields               people.Fields // nil for a field to empty
	tags                 models.IDs
	number               string // in E.164, empty for none
}

// readProfile parses what a user typed. It returns all problems at once.
func (s *Service) readProfile(ctx context.Context, p Profile) (profileChange, error) {
	change := profileChange{
		name:     p.Name,
		language: p.Language,
		zone:     p.TimeZone,
		fields:   people.Fields{},
		tags:     models.IDs{},
	}
	errs := []error{s.checkProfile(p.Name, p.Language)}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			errs = append(errs, models.Invalid("time_zone", "contact.time_zone_unknown"))
		}
	}
	defined, err := people.Read(s.store).ContactFields(ctx)
	if err != nil {
		return change, err
	}
	for i := range defined {
		f := &defined[i]
		v, err := f.Parse(p.Fields[f.Key])
		if err != nil {
			errs = append(errs, models.InvalidBecause("field-"+f.Key, err))
		}
		change.fields[f.Key] = v
	}
	tags, err := people.Read(s.store).Tags(ctx)
	if err != nil {
		return change, err
	}
	for _, t := range tags {
		if slices.Contains(p.Tags, t.PublicID) {
			change.tags = append(change.tags, t.ID)
		}
	}
	if p.Phone != "" {
		if change.number, err = phone.Confirmed(p.Phone, "", p.PhoneConfirmed); err != nil {
			errs = append(errs, models.InvalidBecause("phone", err))
		}
	}
	return change, errors.Join(errs...)
}

// apply sets the profile on a contact. Values of archived fields stay.
func (p profileChange) apply(c *people.Contact) {
	c.Name, c.Language, c.TimeZone, c.Tags = p.name, p.language, p.zone, p.tags
	fields := maps.Clone(c.Fields)
	if fields == nil {
		fields = people.Fields{}
	}
	for k, v := range p.fields {
		if fields[k] = v; v == nil {
			delete(fields, k)
		}
	}
	c.Fields = fields
}

// sameProfile reports whether two contacts have the same values of the form.
func sameProfile(a, b *people.Contact) bool {
	sorted := func(ids models.IDs) []int64 { return slices.Sorted(slices.Values(ids)) }
	return a.Name == b.Name && a.Language == b.Language && a.TimeZone == b.TimeZone &&
		slices.Equal(sorted(a.Tags), sorted(b.Tags)) &&
		maps.Equal(a.Fields, b.Fields)
}

// Note writes a note on a contact, which is never sent.
func (s *Service) Note(ctx context.Context, a models.Actor, id, body string) error {
	body = strings.TrimSpace(body)
	if body == "" || whatsapp.Length(body) > 4000 {
		return models.Invalid("note", "contact.note_length")
	}
	return s.change(ctx, id, func(tx *models.Tx, c *people.Contact) error { return people.AddContactNote(tx, a, c, body) })
}

// ContactNote names a note on a contact by their public ids.
type ContactNote struct{ ContactID, NoteID string }

// RemoveNote removes a note: one's own, or anybody's for operators.
func (s *Service) RemoveNote(ctx context.Context, a models.Actor, role models.Role, n ContactNote) error {
	return s.change(ctx, n.ContactID, func(tx *models.Tx, c *people.Contact) error {
		return people.RemoveContactNote(tx, a, role.Can(models.Operator), c, n.NoteID)
	})
}

// AddFile stores a file of a contact. Refusals name file.
func (s *Service) AddFile(ctx context.Context, a models.Actor, id string, u media.Upload) error {
	f, err := s.files.KeepContactFile(ctx, u.Name, u.Body)
	if err != nil {
		return err
	}
	err = s.change(ctx, id, func(tx *models.Tx, c *people.Contact) error { return people.AddContactFile(tx, a, c, f) })
	if err != nil {
		return errors.Join(err, s.files.Delete(ctx, f.File))
	}
	return nil
}

// RemoveFile removes a file of a contact, unless it proves a consent.
func (s *Service) RemoveFile(ctx context.Context, a models.Actor, id, file string) error {
	name := ""
	err := s.change(ctx, id, func(tx *models.Tx, c *people.Contact) (err error) {
		name, err = people.RemoveContactFile(tx, a, c, file)
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
	return s.change(
		ctx,
		id,
		func(tx *models.Tx, c *people.Contact) error { return people.ChooseNumber(tx, a, c, addressID) },
	)
}

// Merge makes two contacts one: the other contact's history moves to this one.
func (s *Service) Merge(ctx context.Context, a models.Actor, id, other string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		ids := []string{id, other}
		slices.Sort(ids) // parallel merges lock in the same order
		if ids[0] == ids[1] {
			return models.Invalid("other", "contact.merge_with_another")
		}
		locked := map[string]*people.Contact{}
		for _, x := range ids {
			c, err := people.ContactForUpdate(tx, x)
			if err != nil {
				return err
			}
			locked[x] = c
		}
		return arrivals.Merge(tx, a, locked[id], locked[other])
	})
}

func (s *Service) change(ctx context.Context, id string, fn func(*models.Tx, *people.Contact) error) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := people.ContactForUpdate(tx, id)
		if err != nil {
			return err
		}
		return fn(tx, c)
	})
}
