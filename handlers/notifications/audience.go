package notifications

import (
	"github.com/labstack/echo/v4"

	"parley/models/notifications"
	"parley/models/people/segments"
	view "parley/views/notifications"
)

// audienceNow describes a notification's audience, and what happened to its segment since it was chosen.
func (h *Handlers) audienceNow(c echo.Context, n *notifications.NotificationRow) (text, note string, err error) {
	audience := n.Audience
	if audience.Kind != "filter" || audience.Segment == nil {
		return view.AudienceText(audience), "", nil
	}
	kept := *audience.Segment
	now, err := segments.Read(h.Store).SegmentNow(c.Request().Context(), &kept)
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
	return view.AudienceText(audience), note, nil
}
