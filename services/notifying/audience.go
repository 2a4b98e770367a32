package notifying

import (
	"context"
	"slices"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// Chosen is an audience as somebody chooses it in a form: a segment, tags, or both.
type Chosen struct {
	NotificationID string   // public id of the notification that is changed, empty for a new one
	Segment        string   // public id, notifications.SegmentEverybody, SegmentKept, or empty if none is chosen
	Asked          bool     // the form has a choice of segments
	Tags           []string // public ids
}

// FilterAudience is the audience that a user chose. A segment or a tag that no longer exists is refused, never ignored:
// without it the notification would go to more people. Refusals name segment.
func (s *Service) FilterAudience(ctx context.Context, userID int64, chosen Chosen) (notifications.Audience, error) {
	out := notifications.Audience{Kind: "filter"}
	var before *segments.KeptSegment
	if chosen.NotificationID != "" {
		n, err := notifications.Read(s.store).NotificationByPublicID(ctx, chosen.NotificationID)
		if err != nil {
			return out, err
		}
		before = n.Audience.Segment
	}
	var err error
	if out.Tags, err = s.keptTags(ctx, chosen.Tags); err != nil {
		return out, err
	}
	nothing := chosen.Segment == ""
	switch {
	case chosen.Segment == notifications.SegmentEverybody,
		nothing && before == nil && (!chosen.Asked || len(out.Tags) > 0):
		out.Filter = segments.ContactFilter{Consent: whatsapp.OptedIn}
		return out, nil
	case nothing:
		return out, s.noAudience(ctx, before)
	case chosen.Segment == notifications.SegmentKept:
		out.Segment, err = s.unchangedSegment(ctx, before)
	default:
		out.Segment, err = s.chosenSegment(ctx, userID, chosen.Segment, before)
	}
	return out, err
}

// keptTags are the tags with some public ids.
func (s *Service) keptTags(ctx context.Context, ids []string) ([]segments.KeptTag, error) {
	tags, err := people.Read(s.store).Tags(ctx)
	if err != nil {
		return nil, err
	}
	var out []segments.KeptTag
	for _, id := range ids {
		i := slices.IndexFunc(tags, func(t people.Tag) bool { return t.PublicID == id })
		if i < 0 {
			return out, models.Invalid("segment", "notification.tag_gone")
		}
		out = append(out, segments.KeptTag{ID: id, Name: tags[i].Name})
	}
	return out, nil
}

// unchangedSegment is the segment that the notification had before, with its conditions at that time.
func (s *Service) unchangedSegment(
	ctx context.Context,
	before *segments.KeptSegment,
) (*segments.KeptSegment, error) {
	now, err := segments.Read(s.store).SegmentNow(ctx, before)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, s.noAudience(ctx, before)
	}
	return before, nil
}

// chosenSegment is a segment with its current conditions. before is the one that the notification had, if any.
func (s *Service) chosenSegment(
	ctx context.Context,
	userID int64,
	id string,
	before *segments.KeptSegment,
) (*segments.KeptSegment, error) {
	g, err := segments.Read(s.store).SegmentByPublicID(ctx, userID, id)
	if models.KindOf(err) == models.KindNotFound {
		if before == nil || before.ID != id {
			before = nil
		}
		return nil, s.noAudience(ctx, before)
	}
	if err != nil {
		return nil, err
	}
	return g.Kept(), nil
}

// noAudience refuses a form that does not choose an audience. kept is the segment that the notification had, if any.
func (s *Service) noAudience(ctx context.Context, kept *segments.KeptSegment) error {
	now, err := segments.Read(s.store).SegmentNow(ctx, kept)
	switch {
	case err != nil:
		return err
	case kept != nil && now == nil:
		return kept.Gone()
	}
	return models.Invalid("segment", "notification.audience_missing")
}
