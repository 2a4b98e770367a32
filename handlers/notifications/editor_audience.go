package notifications

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/notifications"
	"parley/models/people/segments"
	view "parley/views/notifications"
)

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
		f.Set("segment", notifications.SegmentEverybody)
		return nil
	}
	now, err := segments.Read(e.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil || now == nil:
		return err
	case sees(c, now) && now.Filter.Same(kept.Filter):
		f.Set("segment", now.PublicID)
	default:
		f.Set("segment", notifications.SegmentKept)
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
