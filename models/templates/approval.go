package templates

import (
	"context"
	"strconv"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// ApprovalEvent is one step of a version's approval.
type ApprovalEvent struct {
	ID        int64
	VersionID int64
	FromState string
	ToState   string
	Reason    string
	ActorID   *int64
	Actor     *accounts.User
	CreatedAt time.Time
}

// MoveApproval moves a locked version to the next state, with its event on record. An impossible move is refused.
func MoveApproval(tx *models.Tx, a models.Actor, v *TemplateVersion, next whatsapp.Approval, reason string) error {
	if !v.State.CanBecome(next) {
		return models.Conflict("template.state_refused", "State", v.State, "Next", next)
	}
	e := ApprovalEvent{
		VersionID: v.ID,
		FromState: string(v.State),
		ToState:   string(next),
		Reason:    reason,
		ActorID:   a.ID,
		CreatedAt: tx.Now(),
	}
	v.State, v.UpdatedAt = next, tx.Now()
	v.Version++
	switch {
	case next == whatsapp.Submitted:
		v.SubmittedAt, v.RejectionReason = new(tx.Now()), ""
		if v.Template.FixedAt == nil {
			v.Template.FixedAt = new(tx.Now())
			if err := SaveTemplate(tx, v.Template); err != nil {
				return err
			}
		}
	case next.Decided():
		v.DecidedAt, v.RejectionReason = new(tx.Now()), reason
	}
	if err := base.DB(tx).Omit("Template", "Author").Save(v).Error; err != nil {
		return err
	}
	if err := base.DB(tx).Create(&e).Error; err != nil {
		return err
	}
	tx.Publish("templates", v.Template.Topic(), "home", "shell")
	return models.Audit(
		tx,
		a,
		"template."+string(next),
		models.About("template", v.Template.PublicID).With(map[string]any{"version": v.Number, "reason": reason}),
		"Version "+strconv.Itoa(v.Number)+" in "+v.Language+" of "+v.Template.Title()+" became "+string(next),
	)
}

// SaveSubmission stores what Twilio answered about a version without a change of state.
func SaveSubmission(tx *models.Tx, v *TemplateVersion) error {
	tx.Publish(v.Template.Topic(), "templates")
	return base.DB(tx).Omit("Template", "Author").Save(v).Error
}

// TouchChecked notes when versions were last asked about, without waking any page.
func TouchChecked(ctx context.Context, s *models.Store, ids []int64, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return base.Read(ctx, s).Exec("UPDATE template_versions SET checked_at = ? WHERE id IN ?", at, ids).Error
}

// OpenSubmissions are the ids of versions that wait for WhatsApp's decision.
func (r Reads) OpenSubmissions(ctx context.Context) ([]int64, error) {
	var out []int64
	err := r.read(ctx).
		Model(&TemplateVersion{}).
		Where("state IN ('submitted', 'pending')").
		Order("checked_at NULLS FIRST").
		Pluck("id", &out).
		Error
	return out, err
}

// VersionsBySid are the versions that contents at Twilio belong to, with their templates, by sid.
func (r Reads) VersionsBySid(ctx context.Context, sids []string) (map[string]*TemplateVersion, error) {
	var rows []TemplateVersion
	err := r.read(ctx).Joins("Template").Where("content_sid IN ?", sids).Find(&rows).Error
	out := map[string]*TemplateVersion{}
	for i := range rows {
		out[*rows[i].ContentSid] = &rows[i]
	}
	return out, err
}

// PollDue reports whether any version at Twilio can still change its state, or was imported from there.
func (r Reads) PollDue(ctx context.Context) (bool, error) {
	var yes bool
	err := r.read(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE NOT t.sandbox AND t.deleted_at IS NULL AND v.content_sid IS NOT NULL AND (v.content_sid = v.origin_sid
			OR v.state IN ('submitted', 'pending', 'approved', 'paused', 'disabled', 'rejected')))`).Scan(&yes).Error
	return yes, err
}

// VersionOfMessage is the version that a message sends, 0 if it sends none.
func VersionOfMessage(tx *models.Tx, sid string) (int64, error) {
	var id int64
	err := base.DB(tx).Raw("SELECT coalesce(version_id, 0) FROM messages WHERE twilio_sid = ?", sid).Scan(&id).Error
	return id, err
}

// Rejection is a reason for which a template was rejected.
type Rejection struct {
	TemplateName, TemplatePublicID, Language, Reason string
	Category                                         whatsapp.Category
	DecidedAt                                        time.Time
}

var templateRejections = query("template_rejections")

// Rejections are the latest distinct reasons, those of the category first.
func (r Reads) Rejections(ctx context.Context, category whatsapp.Category, n int) ([]Rejection, error) {
	var out []Rejection
	err := r.read(ctx).Raw(templateRejections, map[string]any{"category": category, "n": n}).Scan(&out).Error
	return out, err
}
