// Package approvals takes a template from its draft through WhatsApp's review: drafts (draft.go),
// submitting (submit.go) and following the decision (follow.go). WhatsApp tells no decision by itself:
// it has to be asked for.
package approvals

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// Service drafts and submits templates.
type Service struct {
	store  *models.Store
	twilio *twilio.Client
	log    *slog.Logger
}

// New makes the service.
func New(store *models.Store, client *twilio.Client, log *slog.Logger) *Service {
	return &Service{store: store, twilio: client, log: log}
}

// Text is what a person writes of a template.
type Text struct {
	Name, Category, Language, Body string
	Samples                        map[string]string // by placeholder name
}

// Languages are the languages that the editor offers, WhatsApp's codes.
var Languages = []string{"en", "en_US", "en_GB", "es", "es_MX", "pt_BR", "pt_PT", "de", "fr", "it", "nl", "ar", "he", "hi", "id", "pl", "tr", "zh_CN"}

// Create makes a template with its first draft. It refuses only what could not be stored: a draft may
// be unfinished.
func (s *Service) Create(ctx context.Context, a models.Actor, in Text) (*models.TemplateVersion, error) {
	if err := check(in, true); err != nil {
		return nil, err
	}
	t := &models.Template{Name: in.Name, Category: in.Category}
	v := &models.TemplateVersion{Language: in.Language, Body: clean(in.Body), Placeholders: placeholders(in)}
	return v, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddTemplate(a, t, v) })
}

// Save stores a draft's text. version is the one that the form was opened with.
func (s *Service) Save(ctx context.Context, a models.Actor, versionID string, version int, in Text) error {
	if err := check(in, false); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		if v.Number == 1 { // name and category belong to WhatsApp's record from the first submission on
			v.Template.Name, v.Template.Category = in.Name, in.Category
		}
		v.Body, v.Placeholders = clean(in.Body), placeholders(in)
		return tx.SaveDraft(a, v, version)
	})
}

// NewVersion drafts the next version with the text of an earlier one. An approved version goes on
// serving until the new one is approved.
func (s *Service) NewVersion(ctx context.Context, a models.Actor, versionID string) (*models.TemplateVersion, error) {
	v := &models.TemplateVersion{}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		if old.Template.Sandbox {
			return models.Conflict("The Sandbox's templates belong to Twilio and can't be changed.")
		}
		if old.State == whatsapp.Draft {
			return models.Conflict("This version is a draft already: edit it.")
		}
		*v = models.TemplateVersion{Language: old.Language, Body: old.Body, Placeholders: old.Placeholders}
		return tx.AddVersion(a, old.Template, v)
	})
	return v, err
}

func check(in Text, withLanguage bool) error {
	var errs []error
	if !whatsapp.ValidTemplateName(in.Name) {
		errs = append(errs, models.Invalid("name", "A name has lower-case letters, digits and underscores only, for example appointment_reminder."))
	}
	if in.Category != "UTILITY" && in.Category != "AUTHENTICATION" {
		errs = append(errs, models.Invalid("category", "Choose utility or authentication: Parley sends no promotion."))
	}
	if withLanguage && !known(in.Language) {
		errs = append(errs, models.Invalid("language", "Choose a language."))
	}
	body := clean(in.Body)
	if body == "" {
		errs = append(errs, models.Invalid("body", "Write the message's text."))
	}
	if n := whatsapp.Length(body); n > whatsapp.MaxTemplateBody {
		errs = append(errs, models.Invalid("body", "The text is too long: WhatsApp takes 1,024 characters at most."))
	}
	return errors.Join(errs...)
}

func known(language string) bool {
	for _, l := range Languages {
		if l == language {
			return true
		}
	}
	return false
}

func clean(body string) string {
	return strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
}

func placeholders(in Text) []models.Placeholder {
	out := []models.Placeholder{}
	for _, name := range whatsapp.Placeholders(in.Body) {
		out = append(out, models.Placeholder{Name: name, Sample: strings.TrimSpace(in.Samples[name])})
	}
	return out
}
