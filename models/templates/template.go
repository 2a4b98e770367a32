package templates

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

// Template is a named message for WhatsApp's approval. Its texts are its versions.
type Template struct {
	ID               int64
	PublicID         string `gorm:"default:new_public_id()"`
	Name             string
	Category         whatsapp.Category
	Sandbox          bool        // one of the three that Twilio's Sandbox may send
	FallbackLanguage string      // for people whose language has no version
	SendRole         models.Role `gorm:"default:agent"` // who may send it
	TopicID          *int64      // the consent that it needs; nil: the general one
	Imported         bool
	FixedAt          *time.Time // since when the name is registered at WhatsApp
	ArchivedAt       *time.Time
	DeletedAt        *time.Time
	CreatedBy        *int64
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Versions         []TemplateVersion
}

// TemplateVersion is one text of a template in one language, with an approval of its own.
type TemplateVersion struct {
	ID              int64
	PublicID        string `gorm:"default:new_public_id()"`
	TemplateID      int64
	Template        *Template
	Language        string
	Number          int
	ContentType     whatsapp.ContentType `gorm:"default:twilio/text"`
	Body            string
	Content         whatsapp.Content  `gorm:"type:jsonb;serializer:json"` // without type and body: see Whole
	Placeholders    []Placeholder     `gorm:"type:jsonb;serializer:json"`
	State           whatsapp.Approval `gorm:"default:draft"`
	TwilioState     string            // Twilio's own status
	Category        whatsapp.Category // WhatsApp's own category, empty until it has decided
	WhatsappName    string            // what it was submitted as
	ContentSid      *string
	OriginSid       *string // the content at Twilio that it was imported from
	Unfillable      string  // why Parley can't fill its variables: then it can't be sent
	RejectionReason string
	SubmitError     string
	AuthorID        *int64
	Author          *accounts.User
	EditedBy        *int64
	EditedAt        *time.Time
	SubmittedAt     *time.Time
	DecidedAt       *time.Time
	CheckedAt       *time.Time
	TestSid         string // a draft's content at Twilio, made for a test
	TestOf          int    // the Version that TestSid holds
	Version         int    `gorm:"default:1"`
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Placeholder is a named gap in a version's texts with the sample that WhatsApp's reviewers see.
type Placeholder struct {
	Name    string `json:"name"`
	Sample  string `json:"sample"`
	Field   string `json:"field,omitempty"`   // the contact's field that fills it: see ContactFields
	Default string `json:"default,omitempty"` // for contacts without a value
	Key     string `json:"key,omitempty"`     // its name at Twilio, where that is not its number
}

// ContactFields are the fields of every contact that a placeholder can be filled with; those that an admin
// defined are "field:" and their key.
var ContactFields = []string{"name", "first_name", "profile_name", "phone"}

// FillsPlaceholder reports whether a placeholder can be filled with the field.
func FillsPlaceholder(field string) bool {
	key, custom := strings.CutPrefix(field, "field:")
	return slices.Contains(ContactFields, field) || custom && people.FieldKey.MatchString(key)
}

// Whole is the version's content with its type and body.
func (v *TemplateVersion) Whole() *whatsapp.Content {
	c := v.Content
	c.Type, c.Body = v.ContentType, v.Body
	return &c
}

// SetContent stores a whole content.
func (v *TemplateVersion) SetContent(c *whatsapp.Content) {
	v.ContentType, v.Body, v.Content = c.Type, c.Body, *c
}

// Names are the placeholders in the order of their numbers.
func (v *TemplateVersion) Names() []string {
	if len(v.Placeholders) > 0 && v.Placeholders[0].Key != "" { // imported: Twilio's own order
		out := make([]string, len(v.Placeholders))
		for i, p := range v.Placeholders {
			out[i] = p.Name
		}
		return out
	}
	return v.Whole().Names()
}

// Filled is the content as the person sees it. values are keyed by number.
func (v *TemplateVersion) Filled(values map[string]string) *whatsapp.Content {
	return v.Whole().FilledBy(v.Names(), values)
}

// Samples are the version's samples by name.
func (v *TemplateVersion) Samples() map[string]string {
	out := map[string]string{}
	for _, p := range v.Placeholders {
		out[p.Name] = p.Sample
	}
	return out
}

// Placeholder finds one by name; it is empty if there is none.
func (v *TemplateVersion) Placeholder(name string) Placeholder {
	i := slices.IndexFunc(v.Placeholders, func(p Placeholder) bool { return p.Name == name })
	if i < 0 {
		return Placeholder{Name: name}
	}
	return v.Placeholders[i]
}

// Keys are Twilio's names of the placeholders by number, only where they differ from it.
func (v *TemplateVersion) Keys() map[string]string {
	out := map[string]string{}
	for i, p := range v.Placeholders {
		if p.Key != "" {
			out[strconv.Itoa(i+1)] = p.Key
		}
	}
	return out
}

// EffectiveCategory is WhatsApp's own category of the version, else the requested one.
func (v *TemplateVersion) EffectiveCategory() whatsapp.Category {
	if v.Category != "" || v.Template == nil {
		return v.Category
	}
	return v.Template.Category
}

// Title names the version in a sentence: its template, language and number.
func (v *TemplateVersion) Title() string {
	return v.Template.Title() + " (" + v.Language + ", version " + strconv.Itoa(v.Number) + ")"
}

// Topic is the live event of the template.
func (t *Template) Topic() string { return "template-" + t.PublicID }

// Topic is the live event of a draft: somebody opened or saved it.
func (v *TemplateVersion) Topic() string { return "draft-" + v.PublicID }

// ApprovedVersions are what can be sent through a sender by somebody with the role: the latest approved
// version of each template and language. In the Sandbox only the pre-approved ones, and those only there.
func (r Reads) ApprovedVersions(ctx context.Context, sandbox bool, role models.Role) ([]TemplateVersion, error) {
	var roles []models.Role
	for _, row := range models.Roles() {
		if role.Can(row) {
			roles = append(roles, row)
		}
	}
	var out []TemplateVersion
	err := r.read(ctx).
		Joins("Template").
		Where(`"Template".sandbox = ? AND "Template".archived_at IS NULL AND "Template".deleted_at IS NULL`, sandbox).
		Where(`"Template".send_role IN ?`, roles).
		Where(`coalesce(nullif(template_versions.category, ''), "Template".category) <> 'MARKETING'`).
		Where(`template_versions.state = 'approved' AND NOT EXISTS (SELECT 1 FROM template_versions n
			WHERE n.template_id = template_versions.template_id AND n.language = template_versions.language
				AND n.state = 'approved' AND n.number > template_versions.number)`).
		Order(`"Template".name, template_versions.language`).
		Find(&out).
		Error
	return out, err
}

// ReadyVersions are the contents that are sent in open sessions without an approval.
func (r Reads) ReadyVersions(ctx context.Context) ([]TemplateVersion, error) {
	var out []TemplateVersion
	err := r.read(ctx).
		Joins("Template").
		Where(`"Template".archived_at IS NULL AND "Template".deleted_at IS NULL`).
		Where(`template_versions.state = 'ready' AND NOT EXISTS (SELECT 1 FROM template_versions n
			WHERE n.template_id = template_versions.template_id AND n.language = template_versions.language
				AND n.state = 'ready' AND n.number > template_versions.number)`).
		Order(`"Template".name, template_versions.language`).
		Find(&out).
		Error
	return out, err
}

// servingVersions are a template's latest approved versions, one a language.
func servingVersions(tx *models.Tx, templateID int64) ([]TemplateVersion, error) {
	var out []TemplateVersion
	err := base.DB(tx).Raw(`SELECT DISTINCT ON (language) * FROM template_versions
		WHERE template_id = ? AND state = 'approved' ORDER BY language, number DESC`, templateID).Scan(&out).Error
	return out, err
}

// TemplateByPublicID finds a template with its versions, latest first.
func (r Reads) TemplateByPublicID(ctx context.Context, id string) (*Template, error) {
	var out Template
	err := r.read(ctx).
		Preload("Versions", func(db *gorm.DB) *gorm.DB { return db.Joins("Author").Order("language, number DESC") }).
		Where("public_id = ?", id).
		Take(&out).
		Error
	return &out, models.Found(err, "template")
}

// VersionByPublicID finds a version with its template.
func (r Reads) VersionByPublicID(ctx context.Context, id string) (*TemplateVersion, error) {
	var out TemplateVersion
	return &out, models.Found(
		r.read(ctx).Joins("Template").Joins("Author").Where("template_versions.public_id = ?", id).Take(&out).Error,
		"template",
	)
}

// VersionByID finds a version with its template by its row id.
func (r Reads) VersionByID(ctx context.Context, id int64) (*TemplateVersion, error) {
	var out TemplateVersion
	return &out, models.Found(
		r.read(ctx).Joins("Template").Where("template_versions.id = ?", id).Take(&out).Error,
		"template",
	)
}

// VersionForUpdate finds and locks a version with its template.
func VersionForUpdate(tx *models.Tx, publicID string) (*TemplateVersion, error) {
	var out TemplateVersion
	if err := base.Lock(tx, &out, publicID); err != nil {
		return nil, models.Found(err, "template")
	}
	return withTemplate(tx, &out)
}

// VersionByIDForUpdate finds and locks a version with its template by its row id.
func VersionByIDForUpdate(tx *models.Tx, id int64) (*TemplateVersion, error) {
	var out TemplateVersion
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&out, id).Error; err != nil {
		return nil, models.Found(err, "template")
	}
	return withTemplate(tx, &out)
}

func withTemplate(tx *models.Tx, v *TemplateVersion) (*TemplateVersion, error) {
	v.Template = &Template{}
	return v, base.DB(tx).Take(v.Template, v.TemplateID).Error
}

// TemplateForUpdate finds and locks a template with its versions.
func TemplateForUpdate(tx *models.Tx, publicID string) (*Template, error) {
	var out Template
	if err := base.Lock(tx, &out, publicID); err != nil {
		return nil, models.Found(err, "template")
	}
	return &out, base.DB(tx).Where("template_id = ?", out.ID).Order("language, number DESC").Find(&out.Versions).Error
}

// VersionByID finds a version with its template within a transaction.
func VersionByID(tx *models.Tx, id int64) (*TemplateVersion, error) {
	var out TemplateVersion
	if err := base.DB(tx).Take(&out, id).Error; err != nil {
		return nil, models.Found(err, "template")
	}
	return withTemplate(tx, &out)
}

var templateByName = query("template_by_name")

// ApprovedByName is the version of a template by its name that serves as the fall-back, nil if none is approved.
func ApprovedByName(tx *models.Tx, name string, sandbox bool) (*TemplateVersion, error) {
	var ids []int64
	err := base.DB(tx).Raw(templateByName, map[string]any{"name": name, "sandbox": sandbox}).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return VersionByID(tx, ids[0])
}

// ContentOf is the content of our message with a sid at Twilio if it was a template, else it is empty.
func ContentOf(tx *models.Tx, sid string) (whatsapp.Content, error) {
	var v TemplateVersion
	err := base.DB(tx).
		Joins("JOIN messages m ON m.version_id = template_versions.id").
		Where("m.twilio_sid = ?", sid).
		Take(&v).
		Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return whatsapp.Content{}, nil
	}
	return v.Content, err
}
