package messaging_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/messaging"
	"parley/services/twilio"
)

// A rate that is raised or lowered while the dispatcher runs also changes how many messages it claims ahead.
func TestRateIsChanged(t *testing.T) {
	t.Parallel()
	pool := modelstest.Pool(t, modelstest.URL(t))
	store, err := models.Open(pool, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	fillQueue(t, store, 2000)
	ready := make(chan struct{}) // Twilio answers nothing before
	answer := sync.OnceFunc(func() { close(ready) })
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-ready
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"code": 21211, "message": "no", "status": 400}`)
	}))
	t.Cleanup(srv.Close)
	client, err := twilio.New(
		twilio.Credentials{AccountSID: benchAccount, Username: benchAccount, Password: "token"},
		twilio.Options{BaseURL: srv.URL},
	)
	if err != nil {
		t.Fatal(err)
	}
	rate := func(perSecond int) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), "UPDATE senders SET messages_per_second = $1", perSecond); err != nil {
			t.Fatal(err)
		}
	}
	rate(8)
	d := messaging.NewDispatcher(store, client, slog.New(slog.DiscardHandler), messaging.DispatchOptions{
		Owner:       "test",
		PublicURL:   "https://desk.example.com",
		Concurrency: 4,
		Poll:        10 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	t.Cleanup(func() { answer(); cancel(); <-done })
	claimed := func(n int) string {
		return fmt.Sprintf("SELECT count(*) >= %d FROM messages WHERE status <> 'queued'", n)
	}
	modelstest.Until(t, pool, "the calls that may be made at once", claimed(3))
	rate(800)
	modelstest.Until(t, pool, "most of a quarter of a second's messages", claimed(100))
	rate(8)
	answer()
	modelstest.Until(t, pool, "the answers", "SELECT count(*) <= 4 FROM messages WHERE status = 'sending'")
}
