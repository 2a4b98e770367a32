// Package approvals takes a template from its draft through WhatsApp's review: drafts (draft.go), actions on whole
// templates (template.go, delete.go), submitting (submit.go), polling for the decision and alerting people about it
// (poll.go and decision.go), importing what exists at Twilio (importing.go), drafts from a sheet (sheet.go) and tests
// to one's own phone (test_send.go). Twilio has no webhook for decisions: Parley has to poll.
package approvals

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"parley/models"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/plaintext"
)

// Service drafts and submits templates.
type Service struct {
	store     *models.Store
	twilio    *twilio.Client
	messaging *messaging.Service
	publicURL string // Parley's own address, which uploads are loaded from
	log       *slog.Logger
}

// Options of the service.
type Options struct {
	PublicURL string // Parley's own address, which uploads are loaded from
	Log       *slog.Logger
}

// New makes the service.
func New(store *models.Store, client *twilio.Client, m *messaging.Service, opt Options) *Service {
	return &Service{store: store, twilio: client, messaging: m, publicURL: opt.PublicURL, log: opt.Log}
}

// Text is what a user writes of a template.
type Text struct {
	Name, Language string
	Category       whatsapp.Category
	Content        whatsapp.Content
	Samples        map[string]string // by placeholder name, as are the next two
	Fields         map[string]string // the contact's field that fills it
	Defaults       map[string]string // for contacts without a value
}

// maxStored is how long a draft's text may be, in characters, while it is written: more than WhatsApp allows, so that
// the lint can say so.
const maxStored = 4000

// Create makes a template with its first draft. It refuses only what could not be stored: a draft may
// be unfinished, and have any name.
func (s *Service) Create(ctx context.Context, a models.Actor, in Text) (*templates.TemplateVersion, error) {
	in, err := in.checked()
	if err != nil {
		return nil, err
	}
	t := &templates.Template{Name: in.Name, Category: in.Category, SendRole: models.Agent}
	v := &templates.TemplateVersion{Language: in.Language}
	in.into(v)
	return v, s.store.InTx(ctx, func(tx *models.Tx) error { return templates.AddTemplate(tx, a, t, v) })
}

// Revision identifies the state of a draft that a form was opened with.
type Revision struct {
	VersionID string // public id
	Version   int    // the row's version, which grows when somebody saves
}

// RevisionOf is a draft's current revision.
func RevisionOf(v *templates.TemplateVersion) Revision {
	return Revision{VersionID: v.PublicID, Version: v.Version}
}

// Save stores a draft's text and returns its new version. If somebody saved since the form was opened, nothing is
// stored and the refusal is a conflict.
func (s *Service) Save(
	ctx context.Context, a models.Actor, opened Revision, in Text,
) (*templates.TemplateVersion, error) {
	in, err := in.checked()
	if err != nil {
		return nil, err
	}
	var v *templates.TemplateVersion
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		if v, err = templates.VersionForUpdate(tx, opened.VersionID); err != nil {
			return err
		}
		if v.Template.FixedAt == nil { // name and category belong to WhatsApp's record from the first submission on
			v.Template.Name, v.Template.Category = in.Name, in.Category
			if v.Number == 1 && v.Template.FallbackLanguage == v.Language {
				v.Template.FallbackLanguage = in.Language
			}
			v.Language = in.Language
		}
		in.into(v)
		return templates.SaveDraft(tx, a, v, opened.Version)
	})
	return v, err
}

// checked is the text as it is stored, or a refusal of what can't be stored.
func (in Text) checked() (Text, error) {
	var errs []error
	in.Name = strings.TrimSpace(in.Name)
	if whatsapp.Length(in.Name) > whatsapp.MaxTemplateName {
		errs = append(errs, models.Invalid("name", "template.name_too_long"))
	}
	if in.Category != whatsapp.Utility && in.Category != whatsapp.Authentication {
		errs = append(errs, models.Invalid("category", "template.category_missing"))
	}
	if !slices.Contains(locale.Languages, in.Language) {
		errs = append(errs, models.Invalid("language", "template.language_missing"))
	}
	if !in.Content.Type.Known() {
		errs = append(errs, models.Invalid("type", "template.type_missing"))
	}
	in.Content.Body = clean(in.Content.Body)
	for _, p := range in.Content.Parts() {
		if whatsapp.Length(*p.Text) > maxStored {
			errs = append(errs, models.Invalid(p.Field, "template.part_too_long", "Part", p.Label))
		}
	}
	if len(in.Content.Actions) > 20 || len(in.Content.Items) > 20 || len(in.Content.Cards) > 20 {
		errs = append(errs, models.Invalid("type", "template.too_many_parts"))
	}
	if in.Content.Type == whatsapp.TypeAuthentication {
		in.Content.Body = whatsapp.AuthenticationText(in.Language, &in.Content)
	}
	return in, errors.Join(errs...)
}

func (in Text) into(v *templates.TemplateVersion) {
	v.SetContent(&in.Content)
	v.Placeholders = []templates.Placeholder{}
	for _, name := range v.Whole().Names() {
		p := templates.Placeholder{Name: name, Sample: short(in.Samples[name]), Default: short(in.Defaults[name])}
		if templates.FillsPlaceholder(in.Fields[name]) {
			p.Field = in.Fields[name]
		}
		if in.Content.Type == whatsapp.TypeAuthentication && p.Sample == "" {
			p.Sample = "123456"
		}
		v.Placeholders = append(v.Placeholders, p)
	}
}

// TextOf is a version as its author wrote it.
func TextOf(v *templates.TemplateVersion) Text {
	in := Text{
		Name:     v.Template.Name,
		Category: v.Template.Category,
		Language: v.Language,
		Content:  *v.Whole(),
		Samples:  map[string]string{},
		Fields:   map[string]string{},
		Defaults: map[string]string{},
	}
	for _, p := range v.Placeholders {
		in.Samples[p.Name], in.Fields[p.Name], in.Defaults[p.Name] = p.Sample, p.Field, p.Default
	}
	return in
}

func short(s string) string {
	return plaintext.Cut(strings.TrimSpace(s), whatsapp.MaxValue)
}

func clean(body string) string {
	return strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
}
