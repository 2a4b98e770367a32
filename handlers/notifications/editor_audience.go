package notifications

import (
	"slices"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	view "parley/views/notifications"
	"parley/whatsapp"
)

// filterAudience reads a segment and tags. One that no longer exists is refused, never ignored: without it the
// notification would go to more people.
func (e *Editor) filterAudience(c echo.Context, f web.Form) (notifications.Audience, error) {
	ctx, out := c.Request().Context(), notifications.Audience{Kind: "filter"}
	var before *segments.KeptSegment
	if id := requestedNotification(c, f); id != "" {
		n, err := notifications.Read(e.Store).NotificationByPublicID(ctx, id)
		if err != nil {
			return out, err
		}
		before = n.Audience.Segment
	}
	var err error
	if out.Tags, err = e.audienceTags(c, f); err != nil {
		return out, err
	}
	switch id := f.Get("segment"); {
	case id == view.SegmentEverybody, id == "" && before == nil && (!f.Has("segment") || len(out.Tags) > 0):
		out.Filter = segments.ContactFilter{Consent: whatsapp.OptedIn}
		return out, nil
	case id == "":
		return out, e.whom(c, before)
	case id == view.SegmentKept:
		out.Segment, err = e.unchangedSegment(c, before)
	default:
		out.Segment, err = e.chosenSegment(c, id, before)
	}
	return out, err
}

// audienceTags are the tags that a form names.
func (e *Editor) audienceTags(c echo.Context, f web.Form) ([]segments.KeptTag, error) {
	tags, err := people.Read(e.Store).Tags(c.Request().Context())
	if err != nil {
		return nil, err
	}
	var out []segments.KeptTag
	for _, id := range f.Values["tag"] {
		i := slices.IndexFunc(tags, func(t people.Tag) bool { return t.PublicID == id })
		if i < 0 {
			return out, models.Invalid("segment", "notification.tag_gone")
		}
		out = append(out, segments.KeptTag{ID: id, Name: tags[i].Name})
	}
	return out, nil
}

// unchangedSegment is the segment that the notification had before, with its conditions at that time.
func (e *Editor) unchangedSegment(c echo.Context, before *segments.KeptSegment) (*segments.KeptSegment, error) {
	now, err := segments.Read(e.Store).SegmentNow(c.Request().Context(), before)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, e.whom(c, before)
	}
	return before, nil
}

// chosenSegment is a segment with its current conditions. before is the one that the notification had, if any.
func (e *Editor) chosenSegment(c echo.Context, id string, before *segments.KeptSegment) (*segments.KeptSegment, error) {
	g, err := segments.Read(e.Store).SegmentByPublicID(c.Request().Context(), web.User(c).ID, id)
	if models.KindOf(err) == models.KindNotFound {
		if before == nil || before.ID != id {
			before = nil
		}
		return nil, e.whom(c, before)
	}
	if err != nil {
		return nil, err
	}
	return g.Kept(), nil
}

// whom refuses a form that does not choose an audience. kept is the segment that the notification had, if any.
func (e *Editor) whom(c echo.Context, kept *segments.KeptSegment) error {
	now, err := segments.Read(e.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil:
		return err
	case kept != nil && now == nil:
		return kept.Gone()
	}
	return models.Invalid("segment", "notification.audience_missing")
}

// fillAudience puts the segment and the tags of a notification into its form.
func (e *Editor) fillAudience(c echo.Context, f web.Form, n *notifications.NotificationRow) error {
	if n.Audience.Kind != "filter" {
		return nil
	}
	for _, t := range n.Audience.Tags {
		f.Add("tag", t.ID)
	}
	kept := n.Audience.Segment
	if kept == nil {
		f.Set("segment", view.SegmentEverybody)
		return nil
	}
	now, err := segments.Read(e.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil || now == nil:
		return err
	case sees(c, now) && now.Filter.Same(kept.Filter):
		f.Set("segment", now.PublicID)
	default:
		f.Set("segment", view.SegmentKept)
	}
	return nil
}

func sees(c echo.Context, g *segments.Segment) bool {
	return g.Shared || g.OwnerID == web.User(c).ID
}

// keptAudience offers the notification's current segment when the reader could not choose it otherwise, or says that it
// no longer exists.
func (e *Editor) keptAudience(c echo.Context, n *notifications.NotificationRow, p *view.FormProps) error {
	p.KeptTags = n.Audience.Tags
	kept := n.Audience.Segment
	if kept == nil || n.Audience.Kind != "filter" {
		return nil
	}
	now, err := segments.Read(e.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil:
		return err
	case now == nil:
		if p.Segment == "" {
			p.Problems, _, _ = web.Problems(kept.Gone())
		}
	case !sees(c, now):
		p.Kept = "“" + now.Name + "”, a segment of " + now.Owner.Name
	case !now.Filter.Same(kept.Filter):
		p.Kept = "“" + now.Name + "”, as it was when it was chosen"
	}
	return nil
}
