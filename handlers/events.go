package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
)

// events is the stream of live updates: the names of what changed, which the pages fetch, and the rows of the inbox
// themselves. A page that lost the stream names the last event it heard, and is told what it missed.
func (a *App) events(c echo.Context) error {
	topics := strings.Split(c.QueryParam("topics"), ",")
	if len(topics) > 60 || len(c.QueryParam("list")) > 1000 {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	after := c.Request().Header.Get("Last-Event-ID")
	if after == "" {
		after = c.QueryParam("after")
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(c.Response())
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	ctx, u := c.Request().Context(), userOf(c)
	sub := a.Hub.Subscribe(topics, after)
	defer a.Hub.Unsubscribe(sub)
	page, err := a.listenerOf(ctx, u, c.QueryParam("list"), a.masked(c), sub.Missed)
	if err != nil {
		return err
	}
	a.feed.add(page)
	defer a.feed.remove(page)
	if err := a.Store.SeeUser(ctx, u.ID); err != nil {
		return err
	}
	c.Response().WriteHeader(http.StatusOK)
	beat := time.NewTicker(models.Heartbeat)
	defer beat.Stop()
	for {
		line := ": still here\n\n"
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-sub.C:
			if !open {
				return nil // the browser connects again and catches up
			}
			line = "id: " + event.ID + "\nevent: " + event.Name + "\ndata: 1\n\n"
		case msg, open := <-page.c:
			if !open {
				return nil
			}
			line = "event: rows\ndata: " + string(msg) + "\n\n"
		case <-beat.C:
			if err := a.Store.SeeUser(ctx, u.ID); err != nil {
				a.Log.Warn("presence", "error", err)
			}
		}
		if _, err := c.Response().Write([]byte(line)); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
		if err := rc.Flush(); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
	}
}
