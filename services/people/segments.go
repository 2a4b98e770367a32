package people

import (
	"context"
	"strings"

	"parley/models"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// SegmentForm is a filter as a user saves it.
type SegmentForm struct {
	ID     string // the segment's public id, empty for a new one
	Name   string
	Filter segments.ContactFilter
	Shared bool
}

// SaveSegment saves a filter under a name.
func (s *Service) SaveSegment(ctx context.Context, a models.Actor, in SegmentForm) (*segments.Segment, error) {
	name, f := strings.Join(strings.Fields(in.Name), " "), in.Filter
	switch {
	case name == "" || whatsapp.Length(name) > 80:
		return nil, models.Invalid("name", "segment.name_length")
	case len(f.Unknown) > 0:
		return nil, models.Invalid("filter", "segment.filter_unresolved")
	case f.Within != nil:
		return nil, models.Invalid("filter", "segment.inside_segment")
	case f.Empty():
		return nil, models.Invalid("filter", "segment.filter_empty")
	case a.ID == nil:
		return nil, models.Conflict("segment.sign_in_to_save")
	}
	g := &segments.Segment{OwnerID: *a.ID}
	if in.ID != "" {
		var err error
		if g, err = segments.Read(s.store).SegmentByPublicID(ctx, *a.ID, in.ID); err != nil {
			return nil, err
		}
	}
	g.Name, g.Filter, g.Shared = name, f, in.Shared
	return g, s.store.InTx(ctx, func(tx *models.Tx) error { return segments.SaveSegment(tx, a, g) })
}

// DeleteSegment deletes a segment: one's own, or a shared one for operators. It returns its name.
func (s *Service) DeleteSegment(ctx context.Context, a models.Actor, role models.Role, id string) (string, error) {
	if a.ID == nil {
		return "", models.Conflict("segment.sign_in_to_delete")
	}
	g, err := segments.Read(s.store).SegmentByPublicID(ctx, *a.ID, id)
	if err != nil {
		return "", err
	}
	if g.OwnerID != *a.ID && !role.Can(models.Operator) {
		return "", models.Conflict("segment.delete_not_yours")
	}
	return g.Name, s.store.InTx(ctx, func(tx *models.Tx) error { return segments.DeleteSegment(tx, a, g) })
}
