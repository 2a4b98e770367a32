// Package live passes "something changed" from the database to every open page: transactions notify, one connection an
// instance listens, and the hub sends each event's name to the pages that show it. Events are names such as
// conversation-7f3a, never content: pages fetch what they show.
package live

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models"
)

// Resync tells a page to fetch everything that it shows: sent at every connect, so that a page need not receive every
// event.
const Resync = "resync"

// Hub passes events to subscribers. Its zero value is not usable: call NewHub.
type Hub struct {
	log     *slog.Logger
	mu      sync.Mutex
	subs    map[*Subscription]struct{}
	closed  bool
	done    chan struct{}
	wake    []chan<- struct{}
	follow  []func(string)
	name    string // of this hub, in the ids of events
	last    int64  // number of the last event
	history []string
}

// kept is how many recent events are stored, for pages that were disconnected for a moment.
const kept = 8192

// Event is something that changed. ID is its position in this hub's history.
type Event struct{ ID, Name string }

// Subscription is one open page.
type Subscription struct {
	C      <-chan Event // closed when the page is too slow or the program stops
	Missed []string     // the events that a reconnecting page missed, of any topic
	c      chan Event
	topics map[string]bool
}

// NewHub makes a hub without subscribers.
func NewHub(log *slog.Logger) *Hub {
	return &Hub{log: log, subs: map[*Subscription]struct{}{}, done: make(chan struct{}), name: rand.Text()[:8]}
}

// Done is closed when the program stops.
func (h *Hub) Done() <-chan struct{} { return h.done }

// OnEvent registers fn to be called with every event's name. Call it before Run; fn must not block.
func (h *Hub) OnEvent(fn func(event string)) { h.follow = append(h.follow, fn) }

// Subscribe asks for the events of topics. A page that names the last event that it received, and was not disconnected
// for long, gets the events since; any other page gets Resync first.
func (h *Hub) Subscribe(topics []string, after string) *Subscription {
	s := &Subscription{c: make(chan Event, 256), topics: map[string]bool{Resync: true}}
	s.C = s.c
	for _, t := range topics {
		s.topics[t] = true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(s.c)
		return s
	}
	h.subs[s] = struct{}{}
	missed, ok := h.since(after)
	if !ok || len(missed) > cap(s.c)/2 {
		s.c <- Event{h.id(h.last), Resync}
		return s
	}
	s.Missed = missed
	told := map[string]bool{}
	for _, e := range missed {
		if s.topics[e] && !told[e] {
			told[e] = true
			s.c <- Event{h.id(h.last), e}
		}
	}
	return s
}

func (h *Hub) id(n int64) string { return h.name + "-" + strconv.FormatInt(n, 36) }

// since are the events after the one with this id; false if that is not stored any more.
func (h *Hub) since(id string) ([]string, bool) {
	name, number, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(number, 36, 64)
	if name != h.name || err != nil || n > h.last || h.last-n > int64(len(h.history)) {
		return nil, false
	}
	return slices.Clone(h.history[len(h.history)-int(h.last-n):]), true
}

// Unsubscribe ends a subscription. Calling it again does nothing.
func (h *Hub) Unsubscribe(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
}

func (h *Hub) remove(s *Subscription) {
	if _, ok := h.subs[s]; ok {
		delete(h.subs, s)
		close(s.c)
	}
}

// Publish sends an event to this instance's subscribers. A page that can't keep up is disconnected: it reconnects and
// starts with Resync.
func (h *Hub) Publish(event string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	if h.history = append(h.history, event); len(h.history) >= 2*kept {
		h.history = slices.Clone(h.history[kept:])
	}
	for _, fn := range h.follow {
		fn(event)
	}
	for s := range h.subs {
		if !s.topics[event] {
			continue
		}
		select {
		case s.c <- Event{h.id(h.last), event}:
		default:
			h.remove(s)
		}
	}
}

// OnOutbox makes c receive whenever messages were queued. Call it before Run; c should hold one element.
func (h *Hub) OnOutbox(c chan<- struct{}) { h.wake = append(h.wake, c) }

// Close ends all subscriptions, so that the HTTP server can stop.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		close(h.done)
	}
	h.closed = true
	for s := range h.subs {
		h.remove(s)
	}
}

// Run listens until ctx ends. After a lost connection all pages get Resync.
func (h *Hub) Run(ctx context.Context, pool *pgxpool.Pool) {
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 10*time.Second) {
		began := time.Now()
		if err := h.listen(ctx, pool); err != nil && ctx.Err() == nil {
			h.log.Warn("live updates lost their database connection", "error", err)
		}
		if time.Since(began) > time.Minute {
			pause = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (h *Hub) listen(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		// A connection that listens must not go back to the pool.
		_ = conn.Hijack().Close(context.WithoutCancel(ctx))
	}()
	for _, c := range []string{models.LiveChannel, models.OutboxChannel} {
		if _, err := conn.Exec(ctx, "LISTEN "+c); err != nil {
			return err
		}
	}
	h.Publish(Resync)
	h.wakeAll()
	for {
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Channel == models.OutboxChannel {
			h.wakeAll()
			continue
		}
		h.Publish(n.Payload)
	}
}

func (h *Hub) wakeAll() {
	for _, c := range h.wake {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
