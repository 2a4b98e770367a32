package handlers_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"parley/handlers"
	"parley/models/accounts"
	"parley/models/modelstest"
	"parley/services/assembly"
	"parley/simulator"
)

// otherInstance is a second instance on the same database, used only to show pages. beat is the heartbeat of its
// streams.
func (a *app) otherInstance(beat time.Duration) *app {
	a.t.Helper()
	services, err := assembly.New(a.built)
	if err != nil {
		a.t.Fatal(err)
	}
	other := &app{t: a.t, Sim: a.Sim, Services: services, options: a.options}
	other.options.Heartbeat = beat
	other.Echo = handlers.New(other.Services, other.options)
	srv := httptest.NewServer(other.Echo)
	other.URL = srv.URL
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { other.Hub.Run(ctx, modelstest.PoolOf(a.Store)); close(done) }()
	a.t.Cleanup(func() {
		other.Hub.Close()
		srv.Close()
		cancel()
		<-done
	})
	return other
}

// ends reads a stream to its end and returns its content.
func (s *stream) ends(t *testing.T) (lines []string) {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case line, open := <-s.lines:
			if !open {
				return lines
			}
			lines = append(lines, line)
		case <-deadline:
			t.Fatalf("the stream goes on: %q", lines)
		}
	}
}

func (a *app) userID(name string) string {
	a.t.Helper()
	u, err := accounts.Read(a.Store).UserByEmail(a.t.Context(), name+"@example.com")
	if err != nil {
		a.t.Fatal(err)
	}
	return u.PublicID
}

// A stream ends when its user loses the right to it, on every instance and for every reason, and not when another user
// does.
func TestStreamsEndWithTheRight(t *testing.T) {
	t.Parallel()
	masks := url.Values{"message_months": {"0"}, "media_months": {"0"}, "masked": {"agent"}, "do": {"save"}}
	cases := map[string]struct {
		do     func(a *app, ada, ana *visitor)
		others bool // the user's other sessions end as well
	}{
		"disabled": {func(a *app, ada, _ *visitor) {
			ada.post("/settings/users/"+a.userID("ana")+"/disable", url.Values{"disabled": {"1"}})
		}, true},
		"another role": {func(a *app, ada, _ *visitor) {
			ada.post("/settings/users/"+a.userID("ana")+"/role", url.Values{"role": {"operator"}})
		}, true},
		"another password": {func(a *app, ada, _ *visitor) {
			ada.post("/settings/users/"+a.userID("ana")+"/password", url.Values{"password": {"quite another phrase 7"}})
		}, true},
		"masking": {func(_ *app, ada, _ *visitor) { ada.post("/settings/privacy", masks) }, true},
		"signed out": {func(_ *app, _, ana *visitor) {
			ana.post("/signout", nil)
		}, false},
		"revoked": {func(a *app, _, ana *visitor) {
			other := a.as("ana")
			list, err := accounts.Read(a.Store).SessionsOf(a.t.Context(), a.sessionUser("ana"))
			if err != nil || len(list) < 3 {
				a.t.Fatal(len(list), err)
			}
			other.post("/account/sessions/"+list[len(list)-1].PublicID+"/revoke", nil) // the one that was there first
		}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t)
			a.wrote(lena, "", "Hello")
			ana, ada := a.as("ana"), a.as("ada")
			again, otto := a.as("ana"), a.as("otto")
			b := a.otherInstance(0)
			const topics = "topics=shell&list=view%3Dall"
			here, there := ana.stream(topics, ""), (&visitor{app: b, client: ana.client}).stream(topics, "")
			beside, others := again.stream(topics, ""), otto.stream(topics, "")
			for _, s := range []*stream{here, there, beside, others} {
				s.until(t, "event: resync")
			}
			c.do(a, ada, ana)
			here.ends(t)
			there.ends(t)
			if c.others {
				beside.ends(t)
			}
			a.Sim.Write(lena, simulator.BusinessPhone, writes("After the end"))
			others.until(t, "After the end")
			if !c.others {
				beside.until(t, "After the end")
			}
		})
	}
}

func (a *app) sessionUser(name string) int64 {
	a.t.Helper()
	u, err := accounts.Read(a.Store).UserByEmail(a.t.Context(), name+"@example.com")
	if err != nil {
		a.t.Fatal(err)
	}
	return u.ID
}

// A change of the rights without an event is found at the next heartbeat. A stream with unchanged rights continues.
func TestStreamsLookAtEachBeat(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	b := a.otherInstance(30 * time.Millisecond)
	ana, ada := a.as("ana"), a.as("ada")
	mine, hers := (&visitor{app: b, client: ana.client}).stream(
		"topics=shell",
		"",
	), (&visitor{app: b, client: ada.client}).stream(
		"topics=shell",
		"",
	)
	mine.until(t, "event: beat")
	a.exec("DELETE FROM sessions WHERE user_id = $1", a.sessionUser("ana"))
	for _, line := range mine.ends(t) {
		if line == "event: rows" {
			t.Error("rows after the end")
		}
	}
	for range 5 {
		hers.until(t, "event: beat")
	}
	a.exec("ALTER TABLE sessions RENAME TO sessions_away")
	hers.ends(t)
	a.exec("ALTER TABLE sessions_away RENAME TO sessions")
}

// A user who opens one stream too many loses the oldest, which is told the reason; other users lose none.
func TestStreamsPerUser(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.wrote(lena, "Lena", "Hello")
	ana, otto := a.as("ana"), a.as("otto")
	const topics = "topics=shell&list=view%3Dall"
	others := otto.stream(topics, "")
	others.until(t, "event: resync")
	var open []*stream
	for range 10 {
		open = append(open, ana.stream(topics, ""))
	}
	for _, s := range open {
		s.until(t, "event: resync")
	}
	last := ana.stream(topics, "")
	last.until(t, "event: resync")
	if lines := open[0].ends(t); !slices.Contains(lines, "event: full") {
		t.Errorf("the oldest does not know why it ended: %q", lines)
	}
	a.Sim.Write(lena, simulator.BusinessPhone, writes("For all that are left"))
	for _, s := range append(open[1:], last, others) {
		s.until(t, "For all that are left")
	}
	for _, s := range open { // a place becomes free when its page is closed
		s.stop()
	}
	ana.stream(topics, "").until(t, "event: resync")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Still there"))
	last.until(t, "Still there")
}
