package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"parley/models"
	"parley/whatsapp"
)

// AddTag makes a tag. Refusals name name.
func (s *Service) AddTag(ctx context.Context, a models.Actor, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		_, err := tx.AddTag(a, name)
		return err
	})
}

// RenameTag gives a tag another name.
func (s *Service) RenameTag(ctx context.Context, a models.Actor, id, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.RenameTag(a, id, name) })
}

// DeleteTag takes a tag away, from all contacts too.
func (s *Service) DeleteTag(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.DeleteTag(a, id) })
}

// AddTopic makes a topic that consent is kept for.
func (s *Service) AddTopic(ctx context.Context, a models.Actor, name string) error {
	name, err := shortName(name)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		_, err := tx.AddTopic(a, name)
		return err
	})
}

// ArchiveTopic takes a topic out of use.
func (s *Service) ArchiveTopic(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.ArchiveTopic(a, id) })
}

func shortName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || whatsapp.Length(name) > 60 {
		return "", models.Invalid("name", "Give a name of 1 to 60 characters.")
	}
	return name, nil
}

// maxFields is how many fields contacts can have.
const maxFields = 50

// AddField defines a field of contacts. Its key, which placeholders name, is made from the label. Refusals name
// label, kind or choices.
func (s *Service) AddField(ctx context.Context, a models.Actor, label string, kind models.FieldKind, choices []string) error {
	label = strings.Join(strings.Fields(label), " ")
	var errs []error
	if label == "" || whatsapp.Length(label) > 60 {
		errs = append(errs, models.Invalid("label", "A field has a name of 1 to 60 characters."))
	}
	if !slices.Contains(models.FieldKinds(), kind) {
		errs = append(errs, models.Invalid("kind", "Choose what the field holds."))
	}
	choices, err := checkChoices(kind, choices)
	if err := errors.Join(append(errs, err)...); err != nil {
		return err
	}
	there, err := s.store.ContactFields(ctx)
	if err != nil {
		return err
	}
	if len(there) >= maxFields {
		return models.Invalid("label", fmt.Sprintf("Contacts have at most %d fields: archive one first.", maxFields))
	}
	f := &models.ContactField{Key: fieldKey(label), Label: label, Kind: kind, Choices: choices}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddContactField(a, f) })
}

func checkChoices(kind models.FieldKind, choices []string) ([]string, error) {
	out := []string{}
	for _, c := range choices {
		if c = strings.Join(strings.Fields(c), " "); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if kind != "choice" {
		return []string{}, nil
	}
	if len(out) < 2 || len(out) > 100 {
		return nil, models.Invalid("choices", "Write 2 to 100 choices, one a line.")
	}
	return out, nil
}

// SaveField changes a field's label and choices, or archives it.
func (s *Service) SaveField(
	ctx context.Context,
	a models.Actor,
	id, label string,
	choices []string,
	archive bool,
) error {
	label = strings.Join(strings.Fields(label), " ")
	if !archive && (label == "" || whatsapp.Length(label) > 60) {
		return models.Invalid("label", "A field has a name of 1 to 60 characters.")
	}
	var bad error
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		return tx.SaveContactField(a, id, func(f *models.ContactField) {
			if archive {
				now := time.Now()
				f.ArchivedAt = &now
				return
			}
			f.Label = label
			if f.Kind == "choice" {
				if list, err := checkChoices(f.Kind, choices); err != nil {
					bad = err
				} else {
					f.Choices = list
				}
			}
		})
	})
	return errors.Join(err, bad)
}

// fieldKey makes a key of a label: letters a to z, digits and _.
func fieldKey(label string) string {
	folded, _ := whatsapp.Fold(label)
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

// SaveKeywords puts lists and replies in force. Twilio's own words can't be taken out, and one word has one
// meaning. Refusals name words-stop, words-start, words-help or reply-….
func (s *Service) SaveKeywords(ctx context.Context, a models.Actor, k whatsapp.Keywords) error {
	var errs []error
	meaning := map[string]whatsapp.Keyword{}
	for _, kind := range whatsapp.KeywordKinds() {
		var list []string
		for _, w := range append(slices.Clone(whatsapp.TwilioWords[kind]), k.Words[kind]...) {
			w = strings.ToLower(strings.Join(strings.Fields(w), " "))
			if w == "" || slices.Contains(list, w) {
				continue
			}
			if whatsapp.Length(w) > 40 {
				errs = append(
					errs,
					models.Invalid("words-"+string(kind), "“"+cut(w, 20)+"…” is too long for a keyword: 40 characters are the most."),
				)
				continue
			}
			folded, _ := whatsapp.Fold(w)
			if other, ok := meaning[folded]; ok && other != kind {
				errs = append(
					errs,
					models.Invalid(
						"words-"+string(kind),
						"“"+w+"” is in the list of "+strings.ToUpper(string(other))+" already: a word has one meaning.",
					),
				)
				continue
			}
			meaning[folded] = kind
			list = append(list, w)
		}
		if len(list) > 500 {
			errs = append(errs, models.Invalid("words-"+string(kind), "500 words are the most."))
		}
		k.Words[kind] = list
		for language, text := range k.Replies[kind] {
			if whatsapp.Length(text) > 1000 {
				errs = append(errs, models.Invalid("reply-"+string(kind)+"-"+language, "A reply has at most 1,000 characters."))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveKeywords(a, k) })
}

// TagsFor are the row ids of a chosen tag and of a new one, either of which may be empty.
func (s *Service) TagsFor(ctx context.Context, a models.Actor, id, name string) ([]int64, error) {
	var out []int64
	if id != "" {
		tags, err := s.store.Tags(ctx)
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
