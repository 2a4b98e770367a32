package approvals

import (
	"context"

	"parley/models"
	"parley/models/notifications"
	"parley/models/templates"
	"parley/whatsapp"
)

// DeleteArgs asks a job to delete a template's contents at Twilio.
type DeleteArgs struct {
	TemplateID int64    `json:"template_id"`
	Sids       []string `json:"sids"`
}

// Kind names the job.
func (DeleteArgs) Kind() string { return "delete_template" }

// Delete removes a template at WhatsApp for good. Its history stays on record; WhatsApp keeps the name for 30 days.
// Notifications that use it are stopped.
func (s *Service) Delete(ctx context.Context, a models.Actor, templateID string) error {
	return s.change(ctx, templateID, func(tx *models.Tx, t *templates.Template) error {
		if err := mine(t); err != nil {
			return err
		}
		now := tx.Now()
		t.DeletedAt = &now
		var sids []string
		for i := range t.Versions {
			v := &t.Versions[i]
			v.Template = t
			if v.ContentSid != nil {
				sids = append(sids, *v.ContentSid)
			}
			if v.State == whatsapp.Draft || !v.State.CanBecome(whatsapp.Disabled) {
				continue
			}
			reason := "The template " + t.Title() + " was deleted."
			if _, err := notifications.PauseNotifications(tx, a, v, reason); err != nil {
				return err
			}
			if err := templates.MoveApproval(tx, a, v, whatsapp.Disabled, "Deleted"); err != nil {
				return err
			}
		}
		if len(sids) > 0 {
			if err := tx.Enqueue(DeleteArgs{TemplateID: t.ID, Sids: sids}, nil); err != nil {
				return err
			}
		}
		tx.Publish("templates", "home")
		return models.Audit(
			tx,
			a,
			"template.deleted",
			models.About("template", t.PublicID),
			"Template "+t.Title()+" was deleted",
		)
	})
}

// DeleteNow is the job behind Delete. A content that is gone already is not an error.
func (s *Service) DeleteNow(_ context.Context, sids []string) error {
	for _, sid := range sids {
		if err := s.twilio.DeleteContent(sid); err != nil {
			return err
		}
	}
	return nil
}
