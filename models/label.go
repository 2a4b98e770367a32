package models

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Label is a word that conversations are sorted by. (Contacts have tags.)
type Label struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	Color     string    `gorm:"default:slate"`
	CreatedAt time.Time `gorm:"default:now()"`
}

// LabelColors are the colours that a label may have.
var LabelColors = []string{"slate", "red", "amber", "green", "blue", "violet"}

// Labels are all labels, by name.
func (s *Store) Labels(ctx context.Context) ([]Label, error) {
	var out []Label
	err := s.read(ctx).Order("lower(name)").Find(&out).Error
	return out, err
}

// LabelsByPublicID are the row ids of labels. An unknown one is refused.
func (tx *Tx) LabelsByPublicID(ids []string) (IDs, error) {
	out := IDs{}
	if err := tx.Model(&Label{}).
		Where("public_id IN ?", append([]string{""}, ids...)).
		Order("id").
		Pluck("id", &out).
		Error; err != nil {
		return nil, err
	}
	if len(out) != len(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		return nil, NotFound("label")
	}
	return out, nil
}

// SaveLabel makes a label, or changes the one with publicID.
func (tx *Tx) SaveLabel(a Actor, publicID, name, color string) error {
	l, action, did := &Label{}, "label.added", " was added"
	if publicID != "" {
		if err := found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(l).Error, "label"); err != nil {
			return err
		}
		action, did = "label.changed", " was changed"
	}
	l.Name, l.Color = name, color
	if err := tx.Save(l).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("name", "label.name_taken")
		}
		return err
	}
	return errors.Join(tx.Audit(a, action, About("label", l.PublicID), "Label "+name+did), tx.Publish("inbox"))
}

// DeleteLabel deletes a label and removes it from all conversations.
func (tx *Tx) DeleteLabel(a Actor, publicID string) error {
	var l Label
	if err := found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&l).Error, "label"); err != nil {
		return err
	}
	return errors.Join(
		tx.Exec(
			"UPDATE conversations SET labels = array_remove(labels, ?) WHERE labels @> CAST(? AS bigint[])",
			l.ID,
			IDs{l.ID}.text(),
		).Error,
		tx.Delete(
			&l,
		).Error,
		tx.Audit(a, "label.deleted", About("label", l.PublicID), "Label "+l.Name+" was deleted"),
		tx.Publish("inbox"),
	)
}
