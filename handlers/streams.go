package handlers

import (
	"context"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/live"
)

// Limits of the open streams of live updates on one instance.
const (
	streamsPerUser = 10
	streamsInAll   = 5000
	// blindBeats is at how many heartbeats in a row the rights could not be read when a stream ends.
	blindBeats = 3
)

// streams are the open streams of one instance. Whoever opens one too many loses the oldest: that tab stays quiet until
// somebody looks at it again, so that tabs don't take the place from each other in turns.
type streams struct {
	perUser, inAll int
	mu             sync.Mutex
	n              int
	byTopic        map[string][]*stream // by the user's RightsTopic, oldest first
}

// stream is one of them.
type stream struct {
	topic string
	look  chan struct{} // holds an element when the rights must be looked at
	full  chan struct{} // closed when a newer stream took the place
}

func newStreams(perUser, inAll int) *streams {
	return &streams{perUser: perUser, inAll: inAll, byTopic: map[string][]*stream{}}
}

// open takes a place for a user's stream. It returns nil where the instance has too many in all.
func (s *streams) open(u *models.User) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	topic := u.RightsTopic()
	if old := s.byTopic[topic]; len(old) >= s.perUser {
		close(old[0].full)
		s.remove(old[0])
	}
	if s.n >= s.inAll {
		return nil
	}
	st := &stream{topic: topic, look: make(chan struct{}, 1), full: make(chan struct{})}
	s.byTopic[topic] = append(s.byTopic[topic], st)
	s.n++
	return st
}

// close gives a place back. Calling it again does nothing.
func (s *streams) close(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(st)
}

func (s *streams) remove(st *stream) {
	list := s.byTopic[st.topic]
	for i, x := range list {
		if x != st {
			continue
		}
		s.n--
		if s.byTopic[st.topic] = append(list[:i:i], list[i+1:]...); len(list) == 1 {
			delete(s.byTopic, st.topic)
		}
		return
	}
}

// hear takes an event of the hub. After live.Resync some may have been missed: everybody looks.
func (s *streams) hear(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case event == live.Resync, event == models.RightsTopic:
		for _, list := range s.byTopic {
			for _, st := range list {
				st.wake()
			}
		}
	case strings.HasPrefix(event, models.RightsTopic+"-"):
		for _, st := range s.byTopic[event] {
			st.wake()
		}
	}
}

func (st *stream) wake() {
	select {
	case st.look <- struct{}{}:
	default:
	}
}

// reader says whether who opened a stream may still have it.
type reader struct {
	app    *App
	stream *stream
	token  []byte // the session's
	had    models.Rights
	blind  int
}

// outcome is what becomes of a stream.
type outcome int

const (
	goesOn  outcome = iota
	changed         // the rights are others: the page fetches everything, and opens a stream with them
	ended           // nobody is signed in with this session any more
)

// openStream takes a place for the request's stream, nil if the instance has no more. Its first look comes before
// anything is sent, because the rights may have changed since the request was let in.
func (a *App) openStream(c echo.Context) *reader {
	u := userOf(c)
	st := a.streams.open(u)
	if st == nil {
		return nil
	}
	st.wake()
	r := &reader{app: a, stream: st, had: models.Rights{Role: u.Role, Masked: a.masked(c)}}
	if row := rowOf(sessionOf(c)); row != nil {
		r.token = row.TokenHash
	}
	return r
}

// check reads the rights again where something was told about them, and at each beat. Whatever the hub tells after it
// told about the rights is sent after this look.
func (r *reader) check(ctx context.Context, beat bool) outcome {
	told := false
	select {
	case <-r.stream.look:
		told = true
	default:
		if !beat {
			return goesOn
		}
	}
	now, err := r.app.Store.RightsOf(ctx, r.token)
	switch {
	case err == nil && now == nil:
		return ended
	case err == nil && *now != r.had:
		return changed
	case err == nil:
		r.blind = 0
		return goesOn
	case ctx.Err() != nil:
		return ended
	}
	r.app.Log.Warn("rights of a stream", "error", err)
	if r.blind++; told || r.blind >= blindBeats {
		return ended
	}
	return goesOn
}
