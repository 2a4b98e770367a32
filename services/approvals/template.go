package approvals

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"parley/models"
	"parley/whatsapp"
)

// NewVersion drafts the next version with the text of an earlier one. An approved version goes on
// serving until the new one is approved.
func (s *Service) NewVersion(ctx context.Context, a models.Actor, versionID string) (*models.TemplateVersion, error) {
	v := &models.TemplateVersion{}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		if old.State == whatsapp.Draft {
			return models.Conflict("This version is a draft already: edit it.")
		}
		return s.draftFrom(tx, a, old, old.Language, v)
	})
	return v, err
}

// AddLanguage drafts a version in another language, with the text of one that there is.
func (s *Service) AddLanguage(
	ctx context.Context,
	a models.Actor,
	versionID, language string,
) (*models.TemplateVersion, error) {
	v := &models.TemplateVersion{}
	if !slices.Contains(whatsapp.Languages, language) {
		return nil, models.Invalid("language", "Choose a language.")
	}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		return s.draftFrom(tx, a, old, language, v)
	})
	return v, err
}

func (s *Service) draftFrom(
	tx *models.Tx,
	a models.Actor,
	old *models.TemplateVersion,
	language string,
	v *models.TemplateVersion,
) error {
	if err := mine(old.Template); err != nil {
		return err
	}
	if old.Template.Category == "MARKETING" {
		return models.Conflict(
			"WhatsApp keeps this as a marketing template, and Parley sends none: duplicate it to write a utility one.",
		)
	}
	in, err := editable(old)
	if err != nil {
		return err
	}
	in.Language = language
	if in.Content.Type == whatsapp.TypeAuthentication {
		in.Content.Body = whatsapp.AuthenticationText(language, &in.Content)
	}
	*v = models.TemplateVersion{Language: language}
	in.into(v)
	return tx.AddVersion(a, old.Template, v)
}

// editable is a version's text as the editor can take it. Twilio's own card is WhatsApp's with another name.
func editable(old *models.TemplateVersion) (Text, error) {
	in := TextOf(old)
	if in.Content.Type == whatsapp.TypeTwilioCard {
		in.Content.Type = whatsapp.TypeCard
	}
	if !in.Content.Type.Known() {
		return in, models.Conflict(
			"Parley can't edit this kind of content: change it in Twilio's Console and import it again.",
		)
	}
	return in, nil
}

// mine refuses to change what belongs to Twilio or is gone.
func mine(t *models.Template) error {
	switch {
	case t.Sandbox:
		return models.Conflict(
			"The Sandbox's templates belong to Twilio and can't be changed. Duplicate one to make it yours.",
		)
	case t.DeletedAt != nil:
		return models.NotFound("template")
	}
	return nil
}

// Duplicate makes a new template of a version: a draft of its own, under a free name.
func (s *Service) Duplicate(ctx context.Context, a models.Actor, versionID string) (*models.TemplateVersion, error) {
	old, err := s.store.VersionByPublicID(ctx, versionID)
	if err != nil {
		return nil, err
	}
	in, err := editable(old)
	if err != nil {
		return nil, err
	}
	if in.Category == "MARKETING" {
		in.Category = "UTILITY"
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
		v, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		templateID = v.Template.PublicID
		gone, err = tx.DiscardDraft(a, v)
		return err
	})
	return gone, templateID, err
}

// Archive takes a template out of lists and pickers, or brings it back. What is queued still leaves.
func (s *Service) Archive(ctx context.Context, a models.Actor, templateID string, archive bool) error {
	return s.change(ctx, templateID, func(tx *models.Tx, t *models.Template) error {
		if t.Sandbox {
			return models.Conflict("The Sandbox's templates belong to Twilio and stay.")
		}
		if (t.ArchivedAt != nil) == archive {
			return nil
		}
		now, word := tx.Now(), "restored"
		t.ArchivedAt = nil
		if archive {
			t.ArchivedAt, word = &now, "archived"
		}
		return tx.Audit(a, "template."+word, "template", t.PublicID, "Template "+t.Title()+" was "+word, nil)
	})
}

// Settings change who may send a template, and which language goes to people whose own there is not.
// topicID is the public id of the topic of consent that the template needs, empty for the general consent.
func (s *Service) Settings(
	ctx context.Context,
	a models.Actor,
	templateID string,
	role models.Role,
	fallback, topicID string,
) error {
	if !slices.Contains(models.Roles(), role) {
		return models.Invalid("send_role", "Choose who may send the template.")
	}
	var topic *int64
	if topicID != "" {
		found, err := s.store.TopicByPublicID(ctx, topicID)
		if err != nil {
			return models.Invalid("topic", "This topic is no longer in use: choose another one, or none.")
		}
		topic = &found.ID
	}
	return s.change(ctx, templateID, func(tx *models.Tx, t *models.Template) error {
		if !slices.ContainsFunc(t.Versions, func(v models.TemplateVersion) bool { return v.Language == fallback }) {
			return models.Invalid("fallback_language", "Choose one of the template's languages.")
		}
		changes := map[string]any{}
		if t.SendRole != role {
			changes["send_role"] = []models.Role{t.SendRole, role}
		}
		if t.FallbackLanguage != fallback {
			changes["fallback_language"] = []string{t.FallbackLanguage, fallback}
		}
		if (t.TopicID == nil) != (topic == nil) || topic != nil && *t.TopicID != *topic {
			changes["topic"] = topicID
		}
		t.SendRole, t.FallbackLanguage, t.TopicID = role, fallback, topic
		return tx.Audit(a, "template.settings", "template", t.PublicID, "The settings of "+t.Title()+" were changed", changes)
	})
}

func (s *Service) change(ctx context.Context, templateID string, fn func(*models.Tx, *models.Template) error) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := tx.TemplateForUpdate(templateID)
		if err != nil {
			return err
		}
		if t.DeletedAt != nil {
			return models.NotFound("template")
		}
		if err := fn(tx, t); err != nil {
			return err
		}
		return tx.SaveTemplate(t)
	})
}

// DeleteArgs asks a job to delete a template's contents at Twilio.
type DeleteArgs struct {
	TemplateID int64    `json:"template_id"`
	Sids       []string `json:"sids"`
}

// Kind names the job.
func (DeleteArgs) Kind() string { return "delete_template" }

// Delete removes a template at WhatsApp for good. Its history stays on record; WhatsApp keeps the name for
// 30 days. What a notification still has to send stops.
func (s *Service) Delete(ctx context.Context, a models.Actor, templateID string) error {
	return s.change(ctx, templateID, func(tx *models.Tx, t *models.Template) error {
		if err := mine(t); err != nil {
			return err
		}
		now := tx.Now()
		t.DeletedAt = &now
		var sids []string
		var errs []error
		for i := range t.Versions {
			v := &t.Versions[i]
			v.Template = t
			if v.ContentSid != nil {
				sids = append(sids, *v.ContentSid)
			}
			if v.State == whatsapp.Draft || !v.State.CanBecome(whatsapp.Disabled) {
				continue
			}
			_, err := tx.PauseNotifications(a, v, "The template "+t.Title()+" was deleted.")
			errs = append(errs, err, tx.MoveApproval(a, v, whatsapp.Disabled, "Deleted"))
		}
		errs = append(
			errs,
			tx.Audit(a, "template.deleted", "template", t.PublicID, "Template "+t.Title()+" was deleted", nil),
			tx.Publish("templates", "home"),
		)
		if len(sids) > 0 {
			errs = append(errs, tx.Enqueue(DeleteArgs{TemplateID: t.ID, Sids: sids}, nil))
		}
		return errors.Join(errs...)
	})
}

// DeleteNow is the job behind Delete. A content that is gone already is no error.
func (s *Service) DeleteNow(_ context.Context, sids []string) error {
	for _, sid := range sids {
		if err := s.twilio.DeleteContent(sid); err != nil {
			return err
		}
	}
	return nil
}

var contentSid = regexp.MustCompile(`^HX[0-9a-f]{32}$`)

// SetSandboxSid keeps the content SID that a template of the Sandbox has in the business's own account: the
// Console shows it, and it may differ from Twilio's usual one. It returns the template's public id.
func (s *Service) SetSandboxSid(
	ctx context.Context,
	a models.Actor,
	versionID, sid string,
) (templateID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		templateID = v.Template.PublicID
		if !v.Template.Sandbox {
			return models.Conflict("Only the Sandbox's templates have a content SID to set.")
		}
		if !contentSid.MatchString(sid) {
			return models.Invalid(
				"content_sid",
				"A content SID begins with HX and has 32 digits and letters a to f after it: copy it from Twilio's Console.",
			)
		}
		before := ""
		if v.ContentSid != nil {
			before = *v.ContentSid
		}
		v.ContentSid = &sid
		return errors.Join(
			tx.SaveSubmission(v),
			tx.Audit(
				a,
				"template.sid",
				"template",
				templateID,
				"The content SID of "+v.Template.Name+" was set",
				map[string]any{"from": before, "to": sid},
			),
		)
	})
	return templateID, err
}
