// Package contacts keeps contacts and their consent by hand. What messages say about consent is learnt
// in services/messaging.
package contacts

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/services/media"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Service keeps contacts.
type Service struct {
	store *models.Store
	files *media.Files
}

// New makes the service.
func New(store *models.Store, files *media.Files) *Service {
	return &Service{store: store, files: files}
}

// NewContact is a contact that somebody adds. A doubtful number is taken only with itself in PhoneConfirmed.
type NewContact struct {
	Phone, PhoneConfirmed string
	Name, Language        string
}

// Add makes a contact. Refusals name the field: phone, name, language.
func (s *Service) Add(ctx context.Context, a models.Actor, in NewContact) (*models.Contact, error) {
	number, err := phone.Confirmed(in.Phone, "", in.PhoneConfirmed)
	var errs []error
	if err != nil {
		errs = append(errs, models.InvalidBecause("phone", err))
	}
	if err := errors.Join(append(errs, s.checkProfile(in.Name, in.Language))...); err != nil {
		return nil, err
	}
	c := &models.Contact{Name: in.Name, Phone: &number, Language: in.Language}
	return c, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddContact(a, c) })
}

func (s *Service) checkProfile(name, language string) error {
	var errs []error
	if whatsapp.Length(name) > 200 {
		errs = append(errs, models.Invalid("name", "A name has at most 200 characters."))
	}
	if !whatsapp.KnownLanguage(language) {
		errs = append(errs, models.Invalid("language", "Choose a language from the list."))
	}
	return errors.Join(errs...)
}

var handSources = []whatsapp.ConsentSource{
	whatsapp.SourceByHand,
	whatsapp.SourcePaper,
	whatsapp.SourceWebForm,
	whatsapp.SourceInbound,
}

// Upload is a file that somebody attached, nil if none was.
type Upload struct {
	Name string
	Body io.Reader
}

// RecordConsent writes an opt-in or opt-out that a person reports, to everything or to the topic with the public id.
// Proof is required: a text, a link or a file. An opt-out is recorded whatever is wrong with the other fields; the error
// says so then, in the sentence for the form as a whole.
func (s *Service) RecordConsent(
	ctx context.Context,
	a models.Actor,
	id, topicID string,
	e models.ConsentEvent,
	upload *Upload,
) error {
	var errs []error
	if e.Kind != whatsapp.OptedIn && e.Kind != whatsapp.OptedOut {
		errs = append(errs, models.Invalid("kind", "Choose what happened."))
	}
	if !slices.Contains(handSources, e.Source) {
		errs = append(errs, models.Invalid("source", "Choose how it happened."))
	}
	switch n := whatsapp.Length(e.Proof); {
	case n == 0 && upload == nil:
		errs = append(
			errs,
			models.Invalid(
				"proof",
				"Write down the proof: without it the record would not stand up in an audit. A file will do too.",
			),
		)
	case n > 2000:
		errs = append(errs, models.Invalid("proof", "The proof has at most 2,000 characters."))
	}
	if whatsapp.Length(e.Wording) > 2000 {
		errs = append(errs, models.Invalid("wording", "The wording has at most 2,000 characters."))
	}
	if topicID != "" {
		t, err := s.store.TopicByPublicID(ctx, topicID)
		if err != nil {
			errs = append(errs, models.Invalid("topic", "Choose a topic from the list."))
		} else {
			e.TopicID = &t.ID
		}
	}
	// An opt-out from a topic that nobody knows ends nothing.
	optOut := e.Kind == whatsapp.OptedOut && (topicID == "" || e.TopicID != nil)
	if err := errors.Join(errs...); err != nil && !optOut {
		return err
	}
	var file *models.ContactFile
	if upload != nil {
		var err error
		if file, err = s.files.KeepContactFile(ctx, upload.Name, upload.Body); err != nil && !optOut {
			return err
		} else if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		e = optOutInSpite(a, e)
	}
	err := s.changeConsent(ctx, id, optOut, func(tx *models.Tx, c *models.Contact) error {
		if file != nil {
			if err := tx.AddContactFile(a, c, file); err != nil {
				return err
			}
			e.FileID, e.Proof = &file.ID, strings.TrimSpace(e.Proof+"\n"+file.Fingerprint())
		}
		return tx.RecordConsent(a, c, e)
	})
	if err != nil || len(errs) == 0 {
		return err
	}
	return restRefused(errs)
}

// changeConsent changes a contact. An opt-out from one that was merged meanwhile is the one's that is left.
func (s *Service) changeConsent(
	ctx context.Context,
	id string,
	optOut bool,
	fn func(*models.Tx, *models.Contact) error,
) error {
	if !optOut {
		return s.change(ctx, id, fn)
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		left, err := tx.Survivors([]string{id})
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return models.NotFound("contact")
		}
		return fn(tx, &left[0])
	})
}

// SetBlocked stops everything to a contact, or lets it go again.
func (s *Service) SetBlocked(ctx context.Context, a models.Actor, id string, blocked bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ContactForUpdate(id)
		if err != nil || (c.BlockedAt != nil) == blocked {
			return err
		}
		c.BlockedAt = nil
		if blocked {
			now := time.Now()
			c.BlockedAt = &now
		}
		return tx.SaveContact(a, c, c.Version)
	})
}
