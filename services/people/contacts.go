// Package people manages contacts and their consent by hand. Consent in messages is handled in services/messaging.
package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"parley/models"
	"parley/models/conversations/arrivals"
	"parley/models/people"
	"parley/services/media"
	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/phone"
)

// Service manages contacts.
type Service struct {
	store *models.Store
	files *media.Files
}

// New makes the service.
func New(store *models.Store, files *media.Files) *Service {
	return &Service{store: store, files: files}
}

// NewContact is a contact that somebody adds. A number to check is accepted only if PhoneConfirmed repeats it.
type NewContact struct {
	Phone, PhoneConfirmed string
	Name, Language        string
}

// Add makes a contact. Refusals name the field: phone, name, language.
func (s *Service) Add(ctx context.Context, a models.Actor, in NewContact) (*people.Contact, error) {
	number, err := phone.Confirmed(in.Phone, "", in.PhoneConfirmed)
	var errs []error
	if err != nil {
		errs = append(errs, models.InvalidBecause("phone", err))
	}
	if err := errors.Join(append(errs, s.checkProfile(in.Name, in.Language))...); err != nil {
		return nil, err
	}
	c := &people.Contact{Name: in.Name, Phone: &number, Language: in.Language}
	return c, s.store.InTx(ctx, func(tx *models.Tx) error { return people.AddContact(tx, a, c) })
}

func (s *Service) checkProfile(name, language string) error {
	var errs []error
	if whatsapp.Length(name) > 200 {
		errs = append(errs, models.Invalid("name", "contact.name_too_long"))
	}
	if !locale.KnownLanguage(language) {
		errs = append(errs, models.Invalid("language", "contact.language_unknown"))
	}
	return errors.Join(errs...)
}

var handSources = []whatsapp.ConsentSource{
	whatsapp.SourceByHand,
	whatsapp.SourcePaper,
	whatsapp.SourceWebForm,
	whatsapp.SourceInbound,
}

// ReportedConsent is an opt-in or opt-out that a user reports.
type ReportedConsent struct {
	Event   people.ConsentEvent
	TopicID string        // a topic's public id, empty for everything
	File    *media.Upload // a proof besides the event's own, nil for none
}

// RecordConsent records an opt-in or opt-out that a user reports, for everything or for a topic. Proof is required: a
// text, a link or a file. An opt-out is recorded even if other fields are wrong; then the error for the form as a whole
// says so.
func (s *Service) RecordConsent(ctx context.Context, a models.Actor, id string, r ReportedConsent) error {
	e := r.Event
	errs := r.check()
	topic, err := s.chosenTopic(ctx, r.TopicID)
	if err != nil {
		errs = append(errs, err)
	}
	e.TopicID = topic
	// An opt-out from an unknown topic changes nothing.
	optOut := e.Kind == whatsapp.OptedOut && (r.TopicID == "" || e.TopicID != nil)
	if err := errors.Join(errs...); err != nil && !optOut {
		return err
	}
	file, err := s.keepUpload(ctx, r.File)
	if err != nil && !optOut {
		return err
	}
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		e = optOutInSpite(a, e)
	}
	err = s.changeConsent(ctx, id, optOut, func(tx *models.Tx, c *people.Contact) error {
		if file != nil {
			if err := people.AddContactFile(tx, a, c, file); err != nil {
				return err
			}
			e.FileID, e.Proof = &file.ID, strings.TrimSpace(e.Proof+"\n"+file.Fingerprint())
		}
		return people.RecordConsent(tx, a, c, e)
	})
	if err != nil || len(errs) == 0 {
		return err
	}
	return restRefused(errs)
}

// check returns what is wrong with a report, except its topic and its file.
func (r ReportedConsent) check() (errs []error) {
	e := r.Event
	if e.Kind != whatsapp.OptedIn && e.Kind != whatsapp.OptedOut {
		errs = append(errs, models.Invalid("kind", "consent.event_missing"))
	}
	if !slices.Contains(handSources, e.Source) {
		errs = append(errs, models.Invalid("source", "consent.source_missing"))
	}
	switch n := whatsapp.Length(e.Proof); {
	case n == 0 && r.File == nil:
		errs = append(errs, models.Invalid("proof", "consent.proof_missing"))
	case n > maxProof:
		errs = append(errs, models.Invalid("proof", "consent.proof_too_long"))
	}
	if whatsapp.Length(e.Wording) > maxProof {
		errs = append(errs, models.Invalid("wording", "consent.wording_too_long"))
	}
	return errs
}

// chosenTopic is the row id of a topic, nil for everything. Refusals name topic.
func (s *Service) chosenTopic(ctx context.Context, id string) (*int64, error) {
	if id == "" {
		return nil, nil
	}
	t, err := people.Read(s.store).TopicByPublicID(ctx, id)
	if err != nil {
		return nil, models.Invalid("topic", "topic.unknown")
	}
	return &t.ID, nil
}

// keepUpload stores a file that somebody attached, nil if none was.
func (s *Service) keepUpload(ctx context.Context, u *media.Upload) (*people.ContactFile, error) {
	if u == nil {
		return nil, nil
	}
	return s.files.KeepContactFile(ctx, u.Name, u.Body)
}

// changeConsent changes a contact's consent. An opt-out for a contact that was merged meanwhile is recorded for the
// remaining one.
func (s *Service) changeConsent(
	ctx context.Context,
	id string,
	optOut bool,
	fn func(*models.Tx, *people.Contact) error,
) error {
	if !optOut {
		return s.change(ctx, id, fn)
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		left, err := arrivals.Survivors(tx, []string{id})
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return models.NotFound("contact")
		}
		return fn(tx, &left[0])
	})
}

// SetBlocked blocks all messages to a contact, or unblocks them.
func (s *Service) SetBlocked(ctx context.Context, a models.Actor, id string, blocked bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := people.ContactForUpdate(tx, id)
		if err != nil || (c.BlockedAt != nil) == blocked {
			return err
		}
		c.BlockedAt = nil
		if blocked {
			c.BlockedAt = new(tx.Now())
		}
		return people.SaveContact(tx, a, c, c.Version)
	})
}
