package segments

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
)

// Segment is a saved filter of contacts, shared with the team or one's own.
type Segment struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	Filter    ContactFilter `gorm:"type:jsonb;serializer:json"`
	Shared    bool
	OwnerID   int64
	Owner     *accounts.User
	CreatedAt time.Time `gorm:"default:now()"`
	UpdatedAt time.Time `gorm:"default:now()"`
}

// Segments are the segments that a user sees, by name.
func (r Reads) Segments(ctx context.Context, userID int64) ([]Segment, error) {
	var out []Segment
	err := r.read(ctx).
		Joins("Owner").
		Where("segments.shared OR segments.owner_id = ?", userID).
		Order("lower(segments.name), segments.id").
		Find(&out).
		Error
	return out, err
}

// SegmentByPublicID finds a segment that a user sees.
func (r Reads) SegmentByPublicID(ctx context.Context, userID int64, id string) (*Segment, error) {
	var out Segment
	return &out, models.Found(
		r.read(ctx).Where("public_id = ? AND (shared OR owner_id = ?)", id, userID).Take(&out).Error,
		"segment",
	)
}

// SaveSegment stores a segment, new or not.
func SaveSegment(tx *models.Tx, a models.Actor, g *Segment) error {
	word := "changed"
	if g.ID == 0 {
		word = "added"
	}
	g.UpdatedAt = tx.Now()
	if err := base.DB(tx).Omit("Owner").Save(g).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("name", "segment.name_taken")
		}
		return err
	}
	tx.Publish("segments")
	return models.Audit(tx, a, "segment."+word, models.About("segment", g.PublicID), "Segment "+g.Name+" was "+word)
}

// DeleteSegment deletes a segment. Its contacts stay.
func DeleteSegment(tx *models.Tx, a models.Actor, g *Segment) error {
	if err := base.DB(tx).Delete(&Segment{}, g.ID).Error; err != nil {
		return err
	}
	tx.Publish("segments")
	return models.Audit(tx, a, "segment.deleted", models.About("segment", g.PublicID), "Segment "+g.Name+" was deleted")
}
