package live

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/accounts"
	"parley/services/live"
)

// The number of streams is limited per user and per instance; a freed place can be used again.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStreams(2, 3)
	ana, otto := &accounts.User{PublicID: "ana"}, &accounts.User{PublicID: "otto"}
	first, second := s.open(ana), s.open(ana)
	third := s.open(ana)
	if third == nil || !isFull(first) || isFull(second) || s.n != 2 {
		t.Fatalf("the oldest did not make place: %d open", s.n)
	}
	if s.open(otto) == nil {
		t.Fatal("there was a place")
	}
	if s.open(otto) != nil || s.n != 3 {
		t.Errorf("%d streams of 3", s.n)
	}
	s.close(second)
	s.close(second)
	s.close(first)
	if s.n != 2 || s.open(otto) == nil || s.open(otto) == nil || s.n != 3 {
		t.Errorf("%d streams after one was closed and two were opened", s.n)
	}
}

// Only the streams that an event concerns check their rights.
func TestStreamsHear(t *testing.T) {
	t.Parallel()
	s := newStreams(2, 9)
	ana, otto := s.open(&accounts.User{PublicID: "ana"}), s.open(&accounts.User{PublicID: "otto"})
	for event, want := range map[string][2]bool{
		"rights-ana": {true, false}, "rights-nobody": {false, false}, "rights": {true, true}, live.Resync: {true, true}, "users": {},
	} {
		s.hear(event)
		if got := [2]bool{looks(ana), looks(otto)}; got != want {
			t.Errorf("%s: %v, want %v", event, got, want)
		}
	}
}

func isFull(s *stream) bool {
	select {
	case <-s.full:
		return true
	default:
		return false
	}
}

func looks(s *stream) bool {
	select {
	case <-s.look:
		return true
	default:
		return false
	}
}

// If the instance has too many streams, the response is a stream that says so and ends at once: an error would be
// retried for ever.
func TestStreamsFullOnServer(t *testing.T) {
	t.Parallel()
	a := &Handlers{streams: newStreams(2, 0)}
	res := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/events?topics=shell", nil)
	c := echo.New().NewContext(req, res)
	web.SetUser(c, &accounts.User{PublicID: "ana"})
	if err := a.events(c); err != nil {
		t.Fatal(err)
	}
	if got := res.Body.String(); res.Code != http.StatusOK || got != fullOnServer {
		t.Errorf("%d %q", res.Code, got)
	}
	if got := res.Header().Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("it is %q", got)
	}
}
