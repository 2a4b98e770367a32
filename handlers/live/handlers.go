// Package live keeps open pages up to date: one stream of events a page.
package live

import (
	"log/slog"
	"time"

	"parley/models"
	"parley/services/live"
)

// Handlers answer for live updates.
type Handlers struct {
	Store     *models.Store
	Hub       *live.Hub
	Log       *slog.Logger
	Heartbeat time.Duration // inbox.Heartbeat if 0
	rows      *rowBroadcaster
	streams   *streams
}

// New makes the handlers of live updates. Listen begins to update pages.
func New(store *models.Store, hub *live.Hub, log *slog.Logger, heartbeat time.Duration) *Handlers {
	h := &Handlers{Store: store, Hub: hub, Log: log, Heartbeat: heartbeat}
	h.rows, h.streams = newRowBroadcaster(h), newStreams(streamsPerUser, streamsInAll)
	return h
}

// Listen begins to send what the hub hears to open pages, until the hub closes.
func (h *Handlers) Listen() {
	h.Hub.OnEvent(h.rows.markChanged)
	h.Hub.OnEvent(h.streams.hear)
	go h.rows.run(h.Hub.Done())
}
