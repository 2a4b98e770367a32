package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// Segment is a saved filter of contacts, shared with the team or one's own.
type Segment struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	Filter    ContactFilter `gorm:"type:jsonb;serializer:json"`
	Shared    bool
	OwnerID   int64
	Owner     *User
	CreatedAt time.Time `gorm:"default:now()"`
	UpdatedAt time.Time `gorm:"default:now()"`
}

// Segments are the segments that a user sees, by name.
func (s *Store) Segments(ctx context.Context, userID int64) ([]Segment, error) {
	var out []Segment
	err := s.read(ctx).
		Joins("Owner").
		Where("segments.shared OR segments.owner_id = ?", userID).
		Order("lower(segments.name), segments.id").
		Find(&out).
		Error
	return out, err
}

// SegmentByPublicID finds a segment that a user sees.
func (s *Store) SegmentByPublicID(ctx context.Context, userID int64, id string) (*Segment, error) {
	var out Segment
	return &out, found(
		s.read(ctx).Where("public_id = ? AND (shared OR owner_id = ?)", id, userID).Take(&out).Error,
		"segment",
	)
}

// SaveSegment stores a segment, new or not.
func (tx *Tx) SaveSegment(a Actor, g *Segment) error {
	word := "changed"
	if g.ID == 0 {
		word = "added"
	}
	g.UpdatedAt = time.Now()
	if err := tx.Omit("Owner").Save(g).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("name", "segment.name_taken")
		}
		return err
	}
	return errors.Join(
		tx.Audit(a, "segment."+word, About("segment", g.PublicID), "Segment "+g.Name+" was "+word),
		tx.Publish("segments"),
	)
}

// DeleteSegment deletes a segment. Its contacts stay.
func (tx *Tx) DeleteSegment(a Actor, g *Segment) error {
	return errors.Join(
		tx.Delete(&Segment{}, g.ID).Error,
		tx.Audit(
			a,
			"segment.deleted",
			About("segment", g.PublicID),
			"Segment "+g.Name+" was deleted",
		),
		tx.Publish("segments"),
	)
}
