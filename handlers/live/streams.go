package live

import (
	"context"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/services/live"
)

// Limits of the open streams of live updates on one instance.
const (
	streamsPerUser = 10
	streamsInAll   = 5000
	// blindBeats is after how many heartbeats in a row without readable rights a stream ends.
	blindBeats = 3
)

// streams are the open event streams of one instance. A user who opens one too many loses the oldest: that tab stays
// quiet until it is looked at again, so that tabs don't take the place from each other in turns.
type streams struct {
	perUser, inAll int
	mu             sync.Mutex
	n              int
	byTopic        map[string][]*stream // by the user's RightsTopic, oldest first
}

// stream is one of them.
type stream struct {
	topic string
	look  chan struct{} // holds an element when the rights have to be checked
	full  chan struct{} // closed when a newer stream took its place
}

func newStreams(perUser, inAll int) *streams {
	return &streams{perUser: perUser, inAll: inAll, byTopic: map[string][]*stream{}}
}

// open reserves a place for a user's stream. It returns nil if the instance has no free place.
func (s *streams) open(u *accounts.User) *stream {
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

// close frees a place. Calling it again does nothing.
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

// hear handles an event of the hub. After live.Resync some events may have been missed, so all streams check their
// rights.
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

// reader checks whether the user who opened a stream may still have it.
type reader struct {
	app    *Handlers
	stream *stream
	token  []byte // the session's
	had    accounts.Rights
	blind  int
}

// outcome is what happens to a stream after a check of its rights.
type outcome int

const (
	goesOn  outcome = iota
	changed         // the rights have changed: the page fetches everything, and opens a new stream
	ended           // nobody is signed in with this session any more
)

// openStream reserves a place for the request's stream, nil if the instance has no more. The rights are checked again
// before anything is sent, because they may have changed since the request was authorized.
func (h *Handlers) openStream(c echo.Context) *reader {
	u := web.User(c)
	st := h.streams.open(u)
	if st == nil {
		return nil
	}
	st.wake()
	r := &reader{app: h, stream: st, had: accounts.Rights{Role: u.Role, Masked: mask.Applies(c)}}
	if row := web.SessionRow(web.Session(c)); row != nil {
		r.token = row.TokenHash
	}
	return r
}

// check reads the rights again after an event about them, and at each heartbeat. Events that the hub delivers after the
// event about the rights are sent after this check.
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
	now, err := accounts.Read(r.app.Store).RightsOf(ctx, r.token)
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
