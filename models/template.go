package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"parley/services/whatsapp"
)

// Template is a named message for WhatsApp's approval. Its texts are its versions.
type Template struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Name       string
	Category   string // UTILITY, AUTHENTICATION, MARKETING
	Sandbox    bool   // one of the three that Twilio's Sandbox may send
	ArchivedAt *time.Time
	CreatedBy  *int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Versions   []TemplateVersion
}

// TemplateVersion is one text of a template in one language, with an approval of its own.
type TemplateVersion struct {
	ID              int64
	PublicID        string `gorm:"default:new_public_id()"`
	TemplateID      int64
	Template        *Template
	Language        string
	Number          int
	ContentType     string `gorm:"default:twilio/text"`
	Body            string
	Placeholders    []Placeholder     `gorm:"type:jsonb;serializer:json"`
	State           whatsapp.Approval `gorm:"default:draft"`
	TwilioState     string            // Twilio's own word
	ContentSid      *string
	RejectionReason string
	SubmitError     string
	AuthorID        *int64
	Author          *User
	SubmittedAt     *time.Time
	DecidedAt       *time.Time
	CheckedAt       *time.Time
	Version         int `gorm:"default:1"`
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Placeholder is a named gap in a version's body with the sample that WhatsApp's reviewers see.
type Placeholder struct {
	Name   string `json:"name"`
	Sample string `json:"sample"`
}

// Samples are the version's samples by name.
func (v *TemplateVersion) Samples() map[string]string {
	out := map[string]string{}
	for _, p := range v.Placeholders {
		out[p.Name] = p.Sample
	}
	return out
}

// Lint checks the version as a draft of t.
func (v *TemplateVersion) Lint(t *Template) []whatsapp.Finding {
	return whatsapp.Lint(whatsapp.DraftText{Name: t.Name, Category: t.Category, Body: v.Body, Samples: v.Samples()})
}

// ApprovalEvent is one step of a version's approval.
type ApprovalEvent struct {
	ID        int64
	VersionID int64
	FromState string
	ToState   string
	Reason    string
	ActorID   *int64
	Actor     *User
	CreatedAt time.Time
}

// TemplateRow is a version as the list shows it: the latest of each template and language.
type TemplateRow struct {
	TemplateVersion
	TemplateName, TemplatePublicID, Category string
	Sandbox                                  bool
}

// Templates lists the latest version of each template and language, in one state if state is given.
func (s *Store) Templates(ctx context.Context, state whatsapp.Approval) ([]TemplateRow, error) {
	q := s.read(ctx).Table("template_versions v").
		Select("v.*, t.name AS template_name, t.public_id AS template_public_id, t.category, t.sandbox").
		Joins("JOIN templates t ON t.id = v.template_id AND t.archived_at IS NULL").
		Where("NOT EXISTS (SELECT 1 FROM template_versions n WHERE n.template_id = v.template_id AND n.language = v.language AND n.number > v.number)")
	if state != "" {
		q = q.Where("v.state = ?", state)
	}
	var out []TemplateRow
	return out, q.Order("v.updated_at DESC, v.id DESC").Limit(500).Scan(&out).Error
}

// ApprovedVersions are what can be sent through a sender: the latest approved version of each template
// and language. In the Sandbox only the pre-approved ones, and those only there.
func (s *Store) ApprovedVersions(ctx context.Context, sandbox bool) ([]TemplateVersion, error) {
	var out []TemplateVersion
	return out, s.read(ctx).Joins("Template").Where(`template_versions.state = 'approved' AND "Template".sandbox = ? AND "Template".archived_at IS NULL
		AND "Template".category <> 'MARKETING' AND NOT EXISTS (SELECT 1 FROM template_versions n WHERE n.template_id = template_versions.template_id
		AND n.language = template_versions.language AND n.state = 'approved' AND n.number > template_versions.number)`, sandbox).
		Order(`"Template".name, template_versions.language`).Find(&out).Error
}

// TemplateByPublicID finds a template with its versions, latest first.
func (s *Store) TemplateByPublicID(ctx context.Context, id string) (*Template, error) {
	var out Template
	err := s.read(ctx).Preload("Versions", func(db *gorm.DB) *gorm.DB { return db.Order("language, number DESC") }).
		Where("public_id = ?", id).Take(&out).Error
	return &out, found(err, "template")
}

// VersionByPublicID finds a version with its template.
func (s *Store) VersionByPublicID(ctx context.Context, id string) (*TemplateVersion, error) {
	var out TemplateVersion
	return &out, found(s.read(ctx).Joins("Template").Joins("Author").Where("template_versions.public_id = ?", id).Take(&out).Error, "template")
}

// VersionByID finds a version with its template by its row id.
func (s *Store) VersionByID(ctx context.Context, id int64) (*TemplateVersion, error) {
	var out TemplateVersion
	return &out, found(s.read(ctx).Joins("Template").Where("template_versions.id = ?", id).Take(&out).Error, "template")
}

// ApprovalHistory is what happened to a template's versions, latest first.
func (s *Store) ApprovalHistory(ctx context.Context, templateID int64) ([]ApprovalEvent, error) {
	var out []ApprovalEvent
	return out, s.read(ctx).Joins("Actor").Where("version_id IN (SELECT id FROM template_versions WHERE template_id = ?)", templateID).
		Order("approval_events.id DESC").Find(&out).Error
}

// VersionForUpdate finds and locks a version with its template.
func (tx *Tx) VersionForUpdate(publicID string) (*TemplateVersion, error) {
	var out TemplateVersion
	if err := tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&out).Error; err != nil {
		return nil, found(err, "template")
	}
	out.Template = &Template{}
	return &out, tx.Take(out.Template, out.TemplateID).Error
}

// AddTemplate makes a template with its first draft.
func (tx *Tx) AddTemplate(a Actor, t *Template, v *TemplateVersion) error {
	t.CreatedBy = a.ID
	if err := tx.Omit("Versions").Create(t).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("name", "There is already a template with this name: choose another one, or open that one and add a version.")
		}
		return err
	}
	v.TemplateID, v.Number, v.AuthorID, v.Template = t.ID, 1, a.ID, t
	return errors.Join(tx.addVersion(v),
		tx.Audit(a, "template.added", "template", t.PublicID, "Template "+t.Name+" was drafted", nil))
}

// AddVersion makes the next draft of a template in a language. At most one draft exists at a time.
func (tx *Tx) AddVersion(a Actor, t *Template, v *TemplateVersion) error {
	if err := tx.Raw("SELECT coalesce(max(number), 0) + 1 FROM template_versions WHERE template_id = ? AND language = ?", t.ID, v.Language).Scan(&v.Number).Error; err != nil {
		return err
	}
	v.TemplateID, v.AuthorID, v.Template = t.ID, a.ID, t
	if err := tx.addVersion(v); err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Conflict("There is already a draft of this template: open that one.")
		}
		return err
	}
	return tx.Audit(a, "template.version_added", "template", t.PublicID, "A new version of "+t.Name+" was drafted", nil)
}

func (tx *Tx) addVersion(v *TemplateVersion) error {
	if v.Placeholders == nil {
		v.Placeholders = []Placeholder{}
	}
	if err := tx.Omit("Template", "Author").Create(v).Error; err != nil {
		return err
	}
	return tx.Tell("templates", "home")
}

// SaveDraft stores a draft's text and its template's name and category. version is the one that the
// form was opened with.
func (tx *Tx) SaveDraft(a Actor, v *TemplateVersion, version int) error {
	if v.Version != version {
		return ErrStale("template")
	}
	if v.State != whatsapp.Draft {
		return Conflict("A submitted version can't be edited: make a new version.")
	}
	v.Version++
	v.UpdatedAt, v.SubmitError = time.Now(), ""
	if err := tx.Omit("Template", "Author").Save(v).Error; err != nil {
		return err
	}
	v.Template.UpdatedAt = time.Now()
	if err := tx.Omit("Versions").Save(v.Template).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("name", "There is already a template with this name.")
		}
		return err
	}
	return errors.Join(tx.Audit(a, "template.edited", "template", v.Template.PublicID, "The draft of "+v.Template.Name+" was edited", nil),
		tx.Tell("templates", v.Template.Topic()))
}

// Topic is the live event of the template.
func (t *Template) Topic() string { return "template-" + t.PublicID }

// MoveApproval moves a locked version to the next state, with its event on record.
// A move that can't be is refused.
func (tx *Tx) MoveApproval(a Actor, v *TemplateVersion, next whatsapp.Approval, reason string) error {
	if !v.State.CanBecome(next) {
		return Conflict("A template that is " + string(v.State) + " can't become " + string(next) + ".")
	}
	e := ApprovalEvent{VersionID: v.ID, FromState: string(v.State), ToState: string(next), Reason: reason, ActorID: a.ID, CreatedAt: tx.now}
	v.State, v.UpdatedAt = next, time.Now()
	v.Version++
	switch {
	case next == whatsapp.Submitted:
		v.SubmittedAt, v.RejectionReason = &tx.now, ""
	case next.Decided():
		v.DecidedAt, v.RejectionReason = &tx.now, reason
	}
	return errors.Join(
		tx.Omit("Template", "Author").Save(v).Error, tx.Create(&e).Error,
		tx.Audit(a, "template."+string(next), "template", v.Template.PublicID, v.Template.Name+" became "+string(next), map[string]any{"version": v.Number, "reason": reason}),
		tx.Tell("templates", v.Template.Topic(), "home", "shell"))
}

// SaveSubmission stores what Twilio answered about a version without a change of state.
func (tx *Tx) SaveSubmission(v *TemplateVersion) error {
	return errors.Join(tx.Omit("Template", "Author").Save(v).Error, tx.Tell(v.Template.Topic(), "templates"))
}

// OpenSubmissions are the ids of versions that wait for WhatsApp's decision.
func (s *Store) OpenSubmissions(ctx context.Context) ([]int64, error) {
	var out []int64
	return out, s.read(ctx).Model(&TemplateVersion{}).Where("state IN ('submitted', 'pending')").Order("checked_at NULLS FIRST").Pluck("id", &out).Error
}

// VersionByIDForUpdate finds and locks a version with its template by its row id.
func (tx *Tx) VersionByIDForUpdate(id int64) (*TemplateVersion, error) {
	var out TemplateVersion
	if err := tx.Clauses(forUpdate).Take(&out, id).Error; err != nil {
		return nil, found(err, "template")
	}
	out.Template = &Template{}
	return &out, tx.Take(out.Template, out.TemplateID).Error
}
