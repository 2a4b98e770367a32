package segments

import (
	"context"

	"parley/models"
)

// KeptSegment is a segment as it was when it was chosen for an audience. Its conditions count: changing, renaming or
// deleting the segment later changes no audience.
type KeptSegment struct {
	ID     string        `json:"id"` // public id
	Name   string        `json:"name"`
	Filter ContactFilter `json:"filter"`
	// Unresolved marks an audience of an earlier version of Parley, which stored the name only: no segment has it, or
	// several do.
	Unresolved bool `json:"unresolved,omitempty"`
}

// KeptTag is a tag with its name when it was chosen.
type KeptTag struct {
	ID   string `json:"id"` // public id
	Name string `json:"name"`
}

// Gone is the refusal to use a segment that no longer exists for an audience (field segment).
func (k KeptSegment) Gone() error {
	return models.Invalid("segment", "notification.segment_gone", "Segment", k.Name)
}

// SegmentNow is the current state of a stored segment, with its owner, no matter who owns it; nil if it is gone.
func (r Reads) SegmentNow(ctx context.Context, k *KeptSegment) (*Segment, error) {
	if k == nil || k.Unresolved || k.ID == "" {
		return nil, nil
	}
	var out []Segment
	err := r.read(ctx).Joins("Owner").Where("segments.public_id = ?", k.ID).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// Kept is the segment as an audience stores it.
func (g *Segment) Kept() *KeptSegment {
	return &KeptSegment{ID: g.PublicID, Name: g.Name, Filter: g.Filter}
}
