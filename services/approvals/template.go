package approvals

import (
	"context"
	"regexp"
	"slices"

	"parley/models"
	"parley/models/people"
	"parley/models/templates"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// NewVersion drafts the next version with the text of an earlier one. An approved version stays in use until the new
// one is approved.
func (s *Service) NewVersion(
	ctx context.Context,
	a models.Actor,
	versionID string,
) (*templates.TemplateVersion, error) {
	var v *templates.TemplateVersion
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := templates.VersionForUpdate(tx, versionID)
		if err != nil {
			return err
		}
		if old.State == whatsapp.Draft {
			return models.Conflict("template.is_draft")
		}
		v, err = draftFrom(tx, a, old, old.Language)
		return err
	})
	return v, err
}

// AddLanguage drafts a version in another language, with the text of an existing one.
func (s *Service) AddLanguage(
	ctx context.Context,
	a models.Actor,
	versionID, language string,
) (*templates.TemplateVersion, error) {
	if !slices.Contains(locale.Languages, language) {
		return nil, models.Invalid("language", "template.language_missing")
	}
	var v *templates.TemplateVersion
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := templates.VersionForUpdate(tx, versionID)
		if err != nil {
			return err
		}
		v, err = draftFrom(tx, a, old, language)
		return err
	})
	return v, err
}

// draftFrom adds a draft with the text of an earlier version.
func draftFrom(
	tx *models.Tx, a models.Actor, old *templates.TemplateVersion, language string,
) (*templates.TemplateVersion, error) {
	if err := mine(old.Template); err != nil {
		return nil, err
	}
	if old.Template.Category == whatsapp.Marketing {
		return nil, models.Conflict("template.kept_as_marketing")
	}
	in, err := editable(old)
	if err != nil {
		return nil, err
	}
	in.Language = language
	if in.Content.Type == whatsapp.TypeAuthentication {
		in.Content.Body = whatsapp.AuthenticationText(language, &in.Content)
	}
	v := &templates.TemplateVersion{Language: language}
	in.into(v)
	return v, templates.AddVersion(tx, a, old.Template, v)
}

// editable is a version's text as the editor supports it. Twilio's card type is WhatsApp's under another name.
func editable(old *templates.TemplateVersion) (Text, error) {
	in := TextOf(old)
	if in.Content.Type == whatsapp.TypeTwilioCard {
		in.Content.Type = whatsapp.TypeCard
	}
	if !in.Content.Type.Known() {
		return in, models.Conflict("template.uneditable_content")
	}
	return in, nil
}

// mine refuses to change templates that belong to Twilio or are deleted.
func mine(t *templates.Template) error {
	switch {
	case t.Sandbox:
		return models.Conflict("template.sandbox_cannot_be_changed")
	case t.DeletedAt != nil:
		return models.NotFound("template")
	}
	return nil
}

// Duplicate makes a new template of a version: a draft of its own, under a free name.
func (s *Service) Duplicate(ctx context.Context, a models.Actor, versionID string) (*templates.TemplateVersion, error) {
	old, err := templates.Read(s.store).VersionByPublicID(ctx, versionID)
	if err != nil {
		return nil, err
	}
	in, err := editable(old)
	if err != nil {
		return nil, err
	}
	if in.Category == whatsapp.Marketing {
		in.Category = whatsapp.Utility
	}
	if in.Name = whatsapp.TemplateName(old.Template.Name); len(in.Name) > whatsapp.MaxTemplateName-5 {
		in.Name = in.Name[:whatsapp.MaxTemplateName-5]
	}
	in.Name += "_copy"
	return s.Create(ctx, a, in)
}

// Discard removes a draft. It reports whether its template is gone with it.
func (s *Service) Discard(
	ctx context.Context,
	a models.Actor,
	versionID string,
) (gone bool, templateID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionForUpdate(tx, versionID)
		if err != nil {
			return err
		}
		templateID = v.Template.PublicID
		gone, err = templates.DiscardDraft(tx, a, v)
		return err
	})
	return gone, templateID, err
}

// Archive hides a template from lists and pickers, or shows it again. Queued messages are still sent.
func (s *Service) Archive(ctx context.Context, a models.Actor, templateID string, archive bool) error {
	return s.change(ctx, templateID, func(tx *models.Tx, t *templates.Template) error {
		if t.Sandbox {
			return models.Conflict("template.sandbox_stays")
		}
		if (t.ArchivedAt != nil) == archive {
			return nil
		}
		now, word := tx.Now(), "restored"
		t.ArchivedAt = nil
		if archive {
			t.ArchivedAt, word = &now, "archived"
		}
		return models.Audit(tx, a, "template."+word, models.About("template", t.PublicID), "Template "+t.Title()+" was "+word)
	})
}

// Settings are who may send a template, and its fall-back language.
type Settings struct {
	SendRole         models.Role
	FallbackLanguage string
	TopicID          string // public id of the topic of consent that the template needs, empty for the general consent
}

// ChangeSettings changes a template's settings. Refusals name the field.
func (s *Service) ChangeSettings(ctx context.Context, a models.Actor, templateID string, want Settings) error {
	if !slices.Contains(models.Roles(), want.SendRole) {
		return models.Invalid("send_role", "template.send_role_missing")
	}
	var topic *int64
	if want.TopicID != "" {
		found, err := people.Read(s.store).TopicByPublicID(ctx, want.TopicID)
		if err != nil {
			return models.Invalid("topic", "topic.gone")
		}
		topic = &found.ID
	}
	return s.change(ctx, templateID, func(tx *models.Tx, t *templates.Template) error {
		offered := func(v templates.TemplateVersion) bool { return v.Language == want.FallbackLanguage }
		if !slices.ContainsFunc(t.Versions, offered) {
			return models.Invalid("fallback_language", "template.fallback_language_missing")
		}
		changes := map[string]any{}
		if t.SendRole != want.SendRole {
			changes["send_role"] = []models.Role{t.SendRole, want.SendRole}
		}
		if t.FallbackLanguage != want.FallbackLanguage {
			changes["fallback_language"] = []string{t.FallbackLanguage, want.FallbackLanguage}
		}
		if (t.TopicID == nil) != (topic == nil) || topic != nil && *t.TopicID != *topic {
			changes["topic"] = want.TopicID
		}
		t.SendRole, t.FallbackLanguage, t.TopicID = want.SendRole, want.FallbackLanguage, topic
		return models.Audit(
			tx,
			a,
			"template.settings",
			models.About("template", t.PublicID).With(changes),
			"The settings of "+t.Title()+" were changed",
		)
	})
}

func (s *Service) change(ctx context.Context, templateID string, fn func(*models.Tx, *templates.Template) error) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := templates.TemplateForUpdate(tx, templateID)
		if err != nil {
			return err
		}
		if t.DeletedAt != nil {
			return models.NotFound("template")
		}
		if err := fn(tx, t); err != nil {
			return err
		}
		return templates.SaveTemplate(tx, t)
	})
}

var contentSid = regexp.MustCompile(`^HX[0-9a-f]{32}$`)

// SetSandboxSid stores the content SID that a template of the Sandbox has in the business's own account: the Console
// shows it, and it may differ from Twilio's usual one. It returns the template's public id.
func (s *Service) SetSandboxSid(
	ctx context.Context,
	a models.Actor,
	versionID, sid string,
) (templateID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionForUpdate(tx, versionID)
		if err != nil {
			return err
		}
		templateID = v.Template.PublicID
		if !v.Template.Sandbox {
			return models.Conflict("template.only_sandbox_has_sid")
		}
		if !contentSid.MatchString(sid) {
			return models.Invalid("content_sid", "template.content_sid_form")
		}
		before := ""
		if v.ContentSid != nil {
			before = *v.ContentSid
		}
		v.ContentSid = &sid
		if err := templates.SaveSubmission(tx, v); err != nil {
			return err
		}
		return models.Audit(
			tx,
			a,
			"template.sid",
			models.About("template", templateID).With(map[string]any{"from": before, "to": sid}),
			"The content SID of "+v.Template.Name+" was set",
		)
	})
	return templateID, err
}
