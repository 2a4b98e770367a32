package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"parley/models"
	"parley/models/people"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// AddTag makes a tag. Refusals name name.
func (s *Service) AddTag(ctx context.Context, a models.Actor, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		_, err := people.AddTag(tx, a, name)
		return err
	})
}

// RenameTag gives a tag another name.
func (s *Service) RenameTag(ctx context.Context, a models.Actor, id, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return people.RenameTag(tx, a, id, name) })
}

// DeleteTag deletes a tag and removes it from all contacts.
func (s *Service) DeleteTag(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return people.DeleteTag(tx, a, id) })
}

// AddTopic makes a topic that consent is kept for.
func (s *Service) AddTopic(ctx context.Context, a models.Actor, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		_, err := people.AddTopic(tx, a, name)
		return err
	})
}

// ArchiveTopic takes a topic out of use.
func (s *Service) ArchiveTopic(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return people.ArchiveTopic(tx, a, id) })
}

func shortName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || whatsapp.Length(name) > 60 {
		return "", models.Invalid("name", "form.short_name_length")
	}
	return name, nil
}

// maxFields is how many fields contacts can have.
const maxFields = 50

// Field is a contact field as a user defines it.
type Field struct {
	Label   string
	Kind    people.FieldKind // it can't be changed later
	Choices []string
}

func (f Field) label() (string, error) {
	label := strings.Join(strings.Fields(f.Label), " ")
	if label == "" || whatsapp.Length(label) > 60 {
		return "", models.Invalid("label", "field.name_length")
	}
	return label, nil
}

// AddField defines a field of contacts. Its key, which placeholders name, is made from the label. Refusals name
// label, kind or choices.
func (s *Service) AddField(ctx context.Context, a models.Actor, in Field) error {
	label, err := in.label()
	errs := []error{err}
	if !slices.Contains(people.FieldKinds(), in.Kind) {
		errs = append(errs, models.Invalid("kind", "field.kind_missing"))
	}
	choices, err := checkChoices(in.Kind, in.Choices)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	there, err := people.Read(s.store).ContactFields(ctx)
	if err != nil {
		return err
	}
	if len(there) >= maxFields {
		return models.Invalid("label", "field.too_many", "Count", maxFields)
	}
	f := &people.ContactField{Key: fieldKey(label), Label: label, Kind: in.Kind, Choices: choices}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return people.AddContactField(tx, a, f) })
}

func checkChoices(kind people.FieldKind, choices []string) ([]string, error) {
	out := []string{}
	for _, c := range choices {
		if c = strings.Join(strings.Fields(c), " "); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if kind != people.ChoiceField {
		return []string{}, nil
	}
	if len(out) < 2 || len(out) > 100 {
		return nil, models.Invalid("choices", "field.choices_length")
	}
	return out, nil
}

// SaveField changes a field's label and choices.
func (s *Service) SaveField(ctx context.Context, a models.Actor, id string, in Field) error {
	label, err := in.label()
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return people.SaveContactField(tx, a, id, func(f *people.ContactField) (err error) {
			f.Label = label
			if f.Kind == people.ChoiceField {
				f.Choices, err = checkChoices(f.Kind, in.Choices)
			}
			return err
		})
	})
}

// ArchiveField takes a field out of use. Contacts keep their values.
func (s *Service) ArchiveField(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		return people.SaveContactField(tx, a, id, func(f *people.ContactField) error {
			f.ArchivedAt = new(tx.Now())
			return nil
		})
	})
}

// fieldKey derives a key from a label: letters a to z, digits and _.
func fieldKey(label string) string {
	folded, _ := plaintext.Fold(label)
	var b strings.Builder
	for _, r := range folded {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	key := strings.Trim(b.String(), "_")
	if key == "" { // a label in another script
		for _, r := range folded {
			if unicode.IsLetter(r) {
				key += fmt.Sprintf("%x", r)
			}
		}
		key = "f" + key
	}
	return key[:min(len(key), 40)]
}

// TagsFor are the row ids of a chosen tag and of a new one, either of which may be empty.
func (s *Service) TagsFor(ctx context.Context, a models.Actor, id, name string) ([]int64, error) {
	var out []int64
	if id != "" {
		tags, err := people.Read(s.store).Tags(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range tags {
			if t.PublicID == id {
				out = append(out, t.ID)
			}
		}
	}
	if strings.TrimSpace(name) == "" {
		return out, nil
	}
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		t, err := s.addTag(tx, a, name)
		if err == nil {
			out = append(out, t.ID)
		}
		return err
	})
	return out, err
}

func (s *Service) addTag(tx *models.Tx, a models.Actor, name string) (*people.Tag, error) {
	name, err := shortName(name)
	if err != nil {
		return nil, err
	}
	return people.TagNamed(tx, a, name)
}
