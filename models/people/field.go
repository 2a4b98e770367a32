package people

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp/intent"
)

// FieldKind is what a field of contacts holds.
type FieldKind string

// The kinds of fields.
const (
	TextField   FieldKind = "text"
	NumberField FieldKind = "number"
	DateField   FieldKind = "date"
	YesNoField  FieldKind = "yes_no"
	ChoiceField FieldKind = "choice" // one of a list
	LinkField   FieldKind = "link"
)

// FieldKinds are all kinds of fields.
func FieldKinds() []FieldKind {
	return []FieldKind{TextField, NumberField, DateField, YesNoField, ChoiceField, LinkField}
}

// ContactField is a field of contacts that an admin defined.
type ContactField struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Key        string // stands in Contact.Fields
	Label      string
	Kind       FieldKind
	Choices    []string `gorm:"type:jsonb;serializer:json"`
	ArchivedAt *time.Time
	CreatedAt  time.Time `gorm:"default:now()"`
}

// FieldKey is the form of a field's key: 40 characters at most.
var FieldKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ContactFields are the fields in use, in the order in which they were made.
func (r Reads) ContactFields(ctx context.Context) ([]ContactField, error) {
	var out []ContactField
	err := r.read(ctx).Where("archived_at IS NULL").Order("id").Find(&out).Error
	return out, err
}

// AddContactField defines a field.
func AddContactField(tx *models.Tx, a models.Actor, f *ContactField) error {
	if err := base.DB(tx).Create(f).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("label", "field.name_taken")
		}
		return err
	}
	tx.Publish("fields")
	return models.Audit(
		tx,
		a,
		"field.added",
		models.About("contact_field", f.PublicID).With(map[string]any{"kind": f.Kind}),
		"The field "+f.Label+" was added to contacts",
	)
}

// SaveContactField changes a field's label or choices, or archives it. Values that contacts have stay.
func SaveContactField(tx *models.Tx, a models.Actor, publicID string, change func(*ContactField) error) error {
	var f ContactField
	if err := models.Found(base.Lock(tx, &f, publicID), "field"); err != nil {
		return err
	}
	if err := change(&f); err != nil {
		return err
	}
	if err := base.DB(tx).Save(&f).Error; err != nil {
		return err
	}
	tx.Publish("fields")
	return models.Audit(
		tx,
		a,
		"field.changed",
		models.About("contact_field", f.PublicID),
		"The field "+f.Label+" was changed",
	)
}

// dateForms are the ways in which people and programs write a date that can't be misread.
var dateForms = []string{
	"2006-01-02", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/01/02",
	"02.01.2006", "2.1.2006", "2.1.2006 15:04:05", "2.1.2006 15:04",
}

// ParseDate reads a date, with or without a time of day.
func ParseDate(text string) (time.Time, bool) {
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Parse reads a typed or imported text as the field's value: nil for an empty text, a refusal for one that does not
// fit.
func (f *ContactField) Parse(text string) (any, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	switch f.Kind {
	case NumberField:
		return f.parseNumber(text)
	case DateField:
		t, ok := ParseDate(text)
		if !ok {
			return nil, models.Invalid("", "field.not_a_date", "Field", f.Label)
		}
		return t.Format("2006-01-02"), nil
	case YesNoField:
		// A spreadsheet writes 1.0 and 0.0.
		if yes, ok := intent.YesOrNo(strings.TrimSuffix(text, ".0")); ok {
			return yes, nil
		}
		return nil, models.Invalid("", "field.not_yes_or_no", "Field", f.Label)
	case ChoiceField:
		i := slices.IndexFunc(f.Choices, func(c string) bool { return strings.EqualFold(c, text) })
		if i < 0 {
			return nil, models.Invalid("", "field.no_choice", "Field", f.Label, "Choices", strings.Join(f.Choices, ", "))
		}
		return f.Choices[i], nil
	case LinkField:
		if !webAddress.MatchString(text) {
			return nil, models.Invalid("", "field.not_a_link", "Field", f.Label)
		}
	case TextField:
	}
	if len([]rune(text)) > 500 {
		return nil, models.Invalid("", "field.too_long", "Field", f.Label)
	}
	return text, nil
}

var webAddress = regexp.MustCompile(`^https?://[^ "<>]*$`)

func (f *ContactField) parseNumber(text string) (any, error) {
	n, err := models.ParseNumber(text)
	if two, ok := errors.AsType[*models.AmbiguousNumber](err); ok {
		return nil, models.Invalid(
			"",
			"field.number_ambiguous",
			"Field",
			f.Label,
			"Whole",
			two.Whole,
			"Fraction",
			two.Fraction,
		)
	}
	if err != nil {
		return nil, models.Invalid("", "field.not_a_number", "Field", f.Label)
	}
	return n, nil
}

// Show is a stored value as people read it.
func (f *ContactField) Show(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case string:
		return x
	}
	return ""
}
