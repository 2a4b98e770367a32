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

// Tag is a word that contacts are sorted by.
type Tag struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	CreatedAt time.Time `gorm:"default:now()"`
}

// Tags are all tags, by name.
func (r Reads) Tags(ctx context.Context) ([]Tag, error) {
	var out []Tag
	err := r.read(ctx).Order("lower(name)").Find(&out).Error
	return out, err
}

// AddTag makes a tag.
func AddTag(tx *models.Tx, a models.Actor, name string) (*Tag, error) {
	t := &Tag{Name: name}
	if err := base.DB(tx).Create(t).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, models.Invalid("name", "tag.name_taken")
		}
		return nil, err
	}
	tx.Publish("tags")
	return t, models.Audit(tx, a, "tag.added", models.About("tag", t.PublicID), "Tag "+name+" was added")
}

// RenameTag gives a tag another name.
func RenameTag(tx *models.Tx, a models.Actor, publicID, name string) error {
	var t Tag
	if err := models.Found(base.Lock(tx, &t, publicID), "tag"); err != nil {
		return err
	}
	before := t.Name
	if t.Name = name; before == name {
		return nil
	}
	if err := base.DB(tx).Save(&t).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("name", "tag.name_taken")
		}
		return err
	}
	tx.Publish("tags", "contacts")
	return models.Audit(tx, a, "tag.renamed", models.About("tag", t.PublicID), "Tag "+before+" is "+name+" now")
}

// DeleteTag deletes a tag and removes it from all contacts.
func DeleteTag(tx *models.Tx, a models.Actor, publicID string) error {
	var t Tag
	if err := models.Found(base.Lock(tx, &t, publicID), "tag"); err != nil {
		return err
	}
	res := base.DB(tx).Exec(
		"UPDATE contacts SET tags = array_remove(tags, ?) WHERE tags @> CAST(? AS bigint[]) AND tags <> '{}'",
		t.ID,
		models.IDs{t.ID}.Text(),
	)
	if res.Error != nil {
		return res.Error
	}
	if err := base.DB(tx).Delete(&t).Error; err != nil {
		return err
	}
	tx.Publish("tags", "contacts")
	return models.Audit(
		tx,
		a,
		"tag.deleted",
		models.About("tag", t.PublicID).With(map[string]any{"contacts": res.RowsAffected}),
		"Tag "+t.Name+" was deleted",
	)
}

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

// TagNamed finds the tag with a name, in any case, or makes one.
func TagNamed(tx *models.Tx, a models.Actor, name string) (*Tag, error) {
	if err := base.LockKey(tx, "tag", strings.ToLower(name)); err != nil {
		return nil, err
	}
	var t Tag
	err := base.DB(tx).Where("lower(name) = lower(?)", name).Take(&t).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return AddTag(tx, a, name)
	}
	return &t, err
}

// TagExists refuses a tag that is gone (field tag).
func TagExists(tx *models.Tx, publicID string) error {
	var n int64
	if err := base.DB(tx).Model(&Tag{}).Where("public_id = ?", publicID).Count(&n).Error; err != nil {
		return err
	}
	if n == 0 {
		return models.Invalid("tag", "tag.missing")
	}
	return nil
}

// SetTag adds a tag to contacts or removes it. It returns how many were changed.
func SetTag(tx *models.Tx, a models.Actor, tagPublicID string, contactIDs []int64, on bool) (int64, error) {
	var t Tag
	if err := base.DB(tx).Where("public_id = ?", tagPublicID).Take(&t).Error; err != nil {
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, models.Invalid("tag", "tag.missing")
		}
		return 0, err
	}
	q, word := `UPDATE contacts SET tags = array_remove(tags, @tag), version = version + 1, updated_at = now()
		WHERE id IN @ids AND tags @> CAST(@list AS bigint[])`, "taken from"
	if on {
		q, word = `UPDATE contacts SET tags = array_append(tags, @tag), version = version + 1, updated_at = now()
			WHERE id IN @ids AND NOT tags @> CAST(@list AS bigint[])`, "given to"
	}
	res := base.DB(tx).Exec(q, map[string]any{"tag": t.ID, "ids": contactIDs, "list": models.IDs{t.ID}.Text()})
	if res.Error != nil || res.RowsAffected == 0 {
		return 0, res.Error
	}
	tx.Publish("contacts")
	return res.RowsAffected, models.Audit(
		tx,
		a,
		"tag.set",
		models.About("tag", t.PublicID),
		"The tag "+t.Name+" was "+word+" "+strconv.Itoa(int(res.RowsAffected))+" contacts",
	)
}
