package live_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/live"
)

func receive(t *testing.T, s *live.Subscription) (string, bool) {
	t.Helper()
	select {
	case e, open := <-s.C:
		return e.Name, open
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
		return "", false
	}
}

// A committed change of one instance is published to the pages of every instance, after the commit and by topic; a
// change that is rolled back is not published.
func TestCommitsReachAllInstances(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var subs []*live.Subscription
	for range 2 {
		h := live.NewHub(log)
		done := make(chan struct{})
		go func() { h.Run(ctx, modelstest.PoolOf(store)); close(done) }()
		t.Cleanup(func() { cancel(); <-done })
		s := h.Subscribe([]string{"conversation-1"}, "")
		if e, _ := receive(t, s); e != live.Resync {
			t.Fatalf("the first event is %q", e)
		}
		if e, _ := receive(t, s); e != live.Resync { // the hub listens from here on
			t.Fatalf("after connecting: %q", e)
		}
		subs = append(subs, s)
	}
	_ = store.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish("conversation-1")
		return context.Canceled // rolled back
	})
	err := store.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish("conversation-2", "conversation-1")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range subs {
		if e, _ := receive(t, s); e != "conversation-1" {
			t.Errorf("instance %d heard %q", i, e)
		}
		select {
		case e := <-s.C:
			t.Errorf("instance %d heard %q too: rolled back, or another topic", i, e)
		default:
		}
	}
}

// A page that does not read is disconnected and starts over; it does not delay others.
func TestSlowPageIsClosed(t *testing.T) {
	t.Parallel()
	h := live.NewHub(slog.New(slog.NewTextHandler(io.Discard, nil)))
	slow, quick := h.Subscribe([]string{"inbox"}, ""), h.Subscribe([]string{"home"}, "")
	for range 800 {
		h.Publish("inbox")
	}
	h.Publish("home")
	receive(t, quick)
	if e, _ := receive(t, quick); e != "home" {
		t.Errorf("the quick page heard %q", e)
	}
	n := 0
	for range slow.C {
		n++
	}
	if n == 0 || n > 400 {
		t.Errorf("the slow page read %d events before it was closed", n)
	}
	h.Unsubscribe(slow)
	h.Close()
	if _, open := <-h.Subscribe([]string{"inbox"}, "").C; open {
		t.Error("a closed hub takes subscribers")
	}
}

// A page that was disconnected briefly receives exactly what it missed; one that was away for long, or comes from
// another instance, starts over.
func TestPageComesBack(t *testing.T) {
	t.Parallel()
	h := live.NewHub(slog.New(slog.NewTextHandler(io.Discard, nil)))
	first := h.Subscribe([]string{"a"}, "")
	receive(t, first)
	h.Publish("a")
	last := <-first.C
	h.Unsubscribe(first)
	h.Publish("b")
	h.Publish("a")
	h.Publish("row-7")
	back := h.Subscribe([]string{"a"}, last.ID)
	if e, _ := receive(t, back); e != "a" {
		t.Errorf("it missed %q", e)
	}
	select {
	case e := <-back.C:
		t.Errorf("it heard %q too", e.Name)
	default:
	}
	if len(back.Missed) != 3 || back.Missed[2] != "row-7" {
		t.Errorf("missed: %v", back.Missed)
	}
	for range 20_000 {
		h.Publish("c")
	}
	for _, id := range []string{last.ID, "another-1", "nonsense", last.ID + "zzzzzz"} {
		if e, _ := receive(t, h.Subscribe([]string{"a"}, id)); e != live.Resync {
			t.Errorf("after %q it hears %q first", id, e)
		}
	}
}
