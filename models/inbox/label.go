package inbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
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
func (r Reads) Labels(ctx context.Context) ([]Label, error) {
	var out []Label
	err := r.read(ctx).Order("lower(name)").Find(&out).Error
	return out, err
}

// LabelsByPublicID are the row ids of labels. An unknown one is refused.
func LabelsByPublicID(tx *models.Tx, ids []string) (models.IDs, error) {
	out := models.IDs{}
	if err := base.DB(tx).Model(&Label{}).
		Where("public_id IN ?", append([]string{""}, ids...)).
		Order("id").
		Pluck("id", &out).
		Error; err != nil {
		return nil, err
	}
	if len(out) != len(slices.Compact(slices.Sorted(slices.Values(ids)))) {
		return nil, models.NotFound("label")
	}
	return out, nil
}

// SaveLabel makes a label, or changes the one with publicID.
func SaveLabel(tx *models.Tx, a models.Actor, publicID, name, color string) error {
	l, action, did := &Label{}, "label.added", " was added"
	if publicID != "" {
		if err := models.Found(base.Lock(tx, l, publicID), "label"); err != nil {
			return err
		}
		action, did = "label.changed", " was changed"
	}
	l.Name, l.Color = name, color
	if err := base.DB(tx).Save(l).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("name", "label.name_taken")
		}
		return err
	}
	tx.Publish("inbox")
	return models.Audit(tx, a, action, models.About("label", l.PublicID), "Label "+name+did)
}

// DeleteLabel deletes a label and removes it from all conversations.
func DeleteLabel(tx *models.Tx, a models.Actor, publicID string) error {
	var l Label
	if err := models.Found(base.Lock(tx, &l, publicID), "label"); err != nil {
		return err
	}
	if err := conversations.RemoveLabel(tx, l.ID); err != nil {
		return err
	}
	if err := base.DB(tx).Delete(&l).Error; err != nil {
		return err
	}
	tx.Publish("inbox")
	return models.Audit(tx, a, "label.deleted", models.About("label", l.PublicID), "Label "+l.Name+" was deleted")
}
