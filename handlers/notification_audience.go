package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	notificationviews "parley/views/notifications"
	"parley/whatsapp"
)

// filterAudience reads a segment and tags. One that no longer exists is refused, never ignored: without it the
// notification would go to more people.
func (a *App) filterAudience(c echo.Context, f form) (notifications.Audience, error) {
	ctx, out := c.Request().Context(), notifications.Audience{Kind: "filter"}
	var before *segments.KeptSegment
	if id := requestedNotification(c, f); id != "" {
		n, err := notifications.Read(a.Store).NotificationByPublicID(ctx, id)
		if err != nil {
			return out, err
		}
		before = n.Audience.Segment
	}
	var err error
	if out.Tags, err = a.audienceTags(c, f); err != nil {
		return out, err
	}
	switch id := f.get("segment"); {
	case id == notificationviews.SegmentEverybody, id == "" && before == nil && (!f.has("segment") || len(out.Tags) > 0):
		out.Filter = segments.ContactFilter{Consent: whatsapp.OptedIn}
		return out, nil
	case id == "":
		return out, a.whom(c, before)
	case id == notificationviews.SegmentKept:
		out.Segment, err = a.unchangedSegment(c, before)
	default:
		out.Segment, err = a.chosenSegment(c, id, before)
	}
	return out, err
}

// audienceTags are the tags that a form names.
func (a *App) audienceTags(c echo.Context, f form) ([]segments.KeptTag, error) {
	tags, err := people.Read(a.Store).Tags(c.Request().Context())
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
func (a *App) unchangedSegment(c echo.Context, before *segments.KeptSegment) (*segments.KeptSegment, error) {
	now, err := segments.Read(a.Store).SegmentNow(c.Request().Context(), before)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, a.whom(c, before)
	}
	return before, nil
}

// chosenSegment is a segment with its current conditions. before is the one that the notification had, if any.
func (a *App) chosenSegment(c echo.Context, id string, before *segments.KeptSegment) (*segments.KeptSegment, error) {
	g, err := segments.Read(a.Store).SegmentByPublicID(c.Request().Context(), userOf(c).ID, id)
	if models.KindOf(err) == models.KindNotFound {
		if before == nil || before.ID != id {
			before = nil
		}
		return nil, a.whom(c, before)
	}
	if err != nil {
		return nil, err
	}
	return g.Kept(), nil
}

// whom refuses a form that does not choose an audience. kept is the segment that the notification had, if any.
func (a *App) whom(c echo.Context, kept *segments.KeptSegment) error {
	now, err := segments.Read(a.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil:
		return err
	case kept != nil && now == nil:
		return kept.Gone()
	}
	return models.Invalid("segment", "notification.audience_missing")
}

// fillAudience puts the segment and the tags of a notification into its form.
func (a *App) fillAudience(c echo.Context, f form, n *notifications.NotificationRow) error {
	if n.Audience.Kind != "filter" {
		return nil
	}
	for _, t := range n.Audience.Tags {
		f.Add("tag", t.ID)
	}
	kept := n.Audience.Segment
	if kept == nil {
		f.Set("segment", notificationviews.SegmentEverybody)
		return nil
	}
	now, err := segments.Read(a.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil || now == nil:
		return err
	case a.sees(c, now) && now.Filter.Same(kept.Filter):
		f.Set("segment", now.PublicID)
	default:
		f.Set("segment", notificationviews.SegmentKept)
	}
	return nil
}

func (a *App) sees(c echo.Context, g *segments.Segment) bool {
	return g.Shared || g.OwnerID == userOf(c).ID
}

// keptAudience offers the notification's current segment when the reader could not choose it otherwise, or says that it
// no longer exists.
func (a *App) keptAudience(c echo.Context, n *notifications.NotificationRow, p *notificationviews.FormProps) error {
	p.KeptTags = n.Audience.Tags
	kept := n.Audience.Segment
	if kept == nil || n.Audience.Kind != "filter" {
		return nil
	}
	now, err := segments.Read(a.Store).SegmentNow(c.Request().Context(), kept)
	switch {
	case err != nil:
		return err
	case now == nil:
		if p.Segment == "" {
			p.Problems, _, _ = problemsOf(kept.Gone())
		}
	case !a.sees(c, now):
		p.Kept = "“" + now.Name + "”, a segment of " + now.Owner.Name
	case !now.Filter.Same(kept.Filter):
		p.Kept = "“" + now.Name + "”, as it was when it was chosen"
	}
	return nil
}

// audienceNow describes a notification's audience, and what happened to its segment since it was chosen.
func (a *App) audienceNow(c echo.Context, n *notifications.NotificationRow) (text, note string, err error) {
	audience := n.Audience
	if audience.Kind != "filter" || audience.Segment == nil {
		return notificationviews.AudienceText(audience), "", nil
	}
	kept := *audience.Segment
	now, err := segments.Read(a.Store).SegmentNow(c.Request().Context(), &kept)
	if err != nil {
		return "", "", err
	}
	const stays = " This goes to those who match what it said when it was chosen."
	switch {
	case now == nil && kept.Unresolved:
		note = "The segment “" + kept.Name + "” no longer exists. Choose whom this is for: edit it before it is sent."
	case now == nil:
		note = "The segment “" + kept.Name + "” was deleted." + stays
	case !now.Filter.Same(kept.Filter):
		note = "The segment “" + now.Name + "” has other conditions now." + stays
	}
	if now != nil {
		kept.Name = now.Name
	}
	audience.Segment = &kept
	return notificationviews.AudienceText(audience), note, nil
}
