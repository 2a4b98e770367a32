package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// events is the stream of live updates: names only, the pages fetch what they show.
func (a *App) events(c echo.Context) error {
	topics := strings.Split(c.QueryParam("topics"), ",")
	if len(topics) > 40 {
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(c.Response())
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	sub := a.Hub.Subscribe(topics)
	defer a.Hub.Unsubscribe(sub)
	c.Response().WriteHeader(http.StatusOK)
	beat := time.NewTicker(25 * time.Second)
	defer beat.Stop()
	for {
		line := ": still here\n\n"
		select {
		case <-c.Request().Context().Done():
			return nil
		case event, open := <-sub.C:
			if !open {
				return nil // the browser connects again and starts with resync
			}
			line = "event: " + event + "\ndata: 1\n\n"
		case <-beat.C:
		}
		if _, err := c.Response().Write([]byte(line)); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
		if err := rc.Flush(); err != nil {
			return nil //nolint:nilerr // the reader has gone
		}
	}
}
