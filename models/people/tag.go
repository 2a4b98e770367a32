package people

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
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
