package contacts

import (
	"context"
	"strings"

	"parley/models"
	"parley/whatsapp"
)

// SegmentForm is what a person saves of a filter.
type SegmentForm struct {
	ID     string // the segment's public id, empty for a new one
	Name   string
	Filter models.ContactFilter
	Shared bool
}

// SaveSegment keeps a filter under a name.
func (s *Service) SaveSegment(ctx context.Context, a models.Actor, in SegmentForm) (*models.Segment, error) {
	name, f := strings.Join(strings.Fields(in.Name), " "), in.Filter
	switch {
	case name == "" || whatsapp.Length(name) > 80:
		return nil, models.Invalid("name", "A segment has a name of 1 to 80 characters.")
	case len(f.Unknown) > 0:
		return nil, models.Invalid("filter", "This filter names something that does not exist: take that out first.")
	case f.Within != nil:
		return nil, models.Invalid("filter",
			"A segment is saved from conditions of its own: leave the segment that you are in first.")
	case f.Empty():
		return nil, models.Invalid("filter", "Choose a filter first: a segment of everybody says nothing.")
	case a.ID == nil:
		return nil, models.Conflict("Sign in to save a segment.")
	}
	g := &models.Segment{OwnerID: *a.ID}
	if in.ID != "" {
		var err error
		if g, err = s.store.SegmentByPublicID(ctx, *a.ID, in.ID); err != nil {
			return nil, err
		}
	}
	g.Name, g.Filter, g.Shared = name, f, in.Shared
	return g, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveSegment(a, g) })
}

// DeleteSegment takes a segment away: one's own, or a shared one for operators. It returns its name.
func (s *Service) DeleteSegment(ctx context.Context, a models.Actor, role models.Role, id string) (string, error) {
	if a.ID == nil {
		return "", models.Conflict("Sign in to delete a segment.")
	}
	g, err := s.store.SegmentByPublicID(ctx, *a.ID, id)
	if err != nil {
		return "", err
	}
	if g.OwnerID != *a.ID && !role.Can(models.Operator) {
		return "", models.Conflict("Only its owner or an operator can delete this segment.")
	}
	return g.Name, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.DeleteSegment(a, g) })
}
