package live

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models/inbox"
	"parley/services/live"
)

// writeWithin is how long writing one event may take: a reader that takes longer has disconnected without closing.
const writeWithin = 30 * time.Second

// beatEvent says that the stream is alive: at once, and every inbox.Heartbeat. It is an event and not an SSE comment,
// because scripts can't see comments.
const beatEvent = "event: beat\ndata: 1\n\n"

// A full event is the last one of a stream that has lost its place, or never got one. It is sent on a stream that was
// answered with 200, because pages would retry an error for ever. With "user", a newer stream of the same user has the
// place; with "server", a place may become free later.
const (
	fullForUser  = "event: full\ndata: user\n\n"
	fullOnServer = "event: full\ndata: server\n\n"
)

// events is the stream of live updates: the names of what changed, which the pages fetch, and the rows of the inbox
// themselves. A page that lost the stream names the last event it received, and is sent what it missed. The stream ends
// when the reader loses the right to it.
func (h *Handlers) events(c echo.Context) error {
	topics := strings.Split(c.QueryParam("topics"), ",")
	if len(topics) > 60 || len(c.QueryParam("list")) > 1000 {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	after := c.Request().Header.Get("Last-Event-ID")
	if after == "" {
		after = c.QueryParam("after")
	}
	ctx, u := c.Request().Context(), web.User(c)
	reader := h.openStream(c)
	if reader == nil {
		return beginStream(c, fullOnServer)
	}
	defer h.streams.close(reader.stream)
	sub := h.Hub.Subscribe(topics, after)
	defer h.Hub.Unsubscribe(sub)
	page := &listener{user: u, masked: mask.Applies(c), list: c.QueryParam("list")}
	if err := h.listen(ctx, page, sub.Missed); err != nil {
		return err
	}
	h.rows.add(page)
	defer h.rows.remove(page)
	if err := inbox.SeeUser(ctx, h.Store, u.ID); err != nil {
		return err
	}
	if beginStream(c, beatEvent) != nil {
		return nil //nolint:nilerr // the reader has gone
	}
	beat := time.NewTicker(cmp.Or(h.Heartbeat, inbox.Heartbeat))
	defer beat.Stop()
	return h.sendEvents(c, eventSources{sub: sub.C, rows: page.c, beat: beat.C, reader: reader})
}

// beginStream answers with a stream and sends its first event.
func beginStream(c echo.Context, event string) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte(event)); err != nil {
		return err
	}
	return http.NewResponseController(c.Response()).Flush()
}

// eventSources are what a stream is made of.
type eventSources struct {
	sub    <-chan live.Event
	rows   <-chan []byte
	beat   <-chan time.Time
	reader *reader
}

// next waits for what to send next. An empty line means that only the rights have to be checked; last means that the
// stream ends after this line; ok is false when the stream has ended.
func (s eventSources) next(ctx context.Context) (line string, last, ok bool) {
	select {
	case <-ctx.Done():
		return "", false, false
	case <-s.reader.stream.full:
		return fullForUser, true, true
	case <-s.reader.stream.look:
		s.reader.stream.wake() // for the check that precedes every line
		return "", false, true
	case event, open := <-s.sub: // closed: the browser connects again and catches up
		return "id: " + event.ID + "\nevent: " + event.Name + "\ndata: 1\n\n", false, open
	case msg, open := <-s.rows:
		return "event: rows\ndata: " + string(msg) + "\n\n", false, open
	case <-s.beat:
		return beatEvent, false, true
	}
}

// sendEvents writes events until the stream ends, and checks the rights before each line.
func (h *Handlers) sendEvents(c echo.Context, s eventSources) error {
	ctx, rc := c.Request().Context(), http.NewResponseController(c.Response())
	for {
		line, last, ok := s.next(ctx)
		if !ok {
			return nil
		}
		switch s.reader.check(ctx, line == beatEvent) {
		case ended:
			return nil
		case changed:
			line, last = "event: "+live.Resync+"\ndata: 1\n\n", true
		case goesOn: // together with the line, unchanged
		}
		switch line {
		case "":
			continue
		case beatEvent:
			if err := inbox.SeeUser(ctx, h.Store, web.User(c).ID); err != nil {
				h.Log.Warn("presence", "error", err)
			}
		}
		if err := rc.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return fmt.Errorf("events: %w", err)
		}
		if _, err := c.Response().Write([]byte(line)); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
		if err := rc.Flush(); err != nil || last {
			return nil //nolint:nilerr // the reader has gone
		}
	}
}
