package messaging

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"parley/models/conversations/outbox"
	"parley/services/twilio"
)

// twilioCalls is a Twilio that answers as a test says, and remembers what it was asked.
type twilioCalls struct {
	mu     sync.Mutex
	sent   []url.Values
	status int    // of the answers to sending; 201 if 0
	code   int    // Twilio's code with it
	sid    string // of the messages that it takes
	listed []map[string]any
	broken int // so many answers to look-ups are 500
	asked  []url.Values
}

func (w *twilioCalls) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = r.ParseForm()
	rw.Header().Set("Content-Type", "application/json")
	reply := func(status int, body any) {
		rw.WriteHeader(status)
		_ = json.NewEncoder(rw).Encode(body)
	}
	switch {
	case r.Method == http.MethodGet && w.broken > 0:
		w.broken--
		reply(http.StatusInternalServerError, map[string]any{"status": 500, "message": "broken"})
	case r.Method == http.MethodGet:
		w.asked = append(w.asked, r.URL.Query())
		reply(http.StatusOK, map[string]any{"messages": w.listed})
	case w.status != 0:
		w.sent = append(w.sent, r.PostForm)
		reply(w.status, map[string]any{"code": w.code, "message": "Twilio's own words", "status": w.status})
	default:
		w.sent = append(w.sent, r.PostForm)
		reply(http.StatusCreated, map[string]any{"sid": w.sid, "status": "queued"})
	}
}

// takenSid is the sid that Twilio gives.
const takenSid = "SM0000000000000000000000000000aaaa"

// dispatcher makes a dispatcher whose Twilio is the chat's calls. It does not run: tests take its steps.
func (c *chat) dispatcher() *Dispatcher {
	c.t.Helper()
	c.calls = &twilioCalls{sid: takenSid, listed: []map[string]any{}}
	srv := httptest.NewServer(c.calls)
	c.t.Cleanup(srv.Close)
	return c.dispatcherAt(srv.URL)
}

func (c *chat) dispatcherAt(address string) *Dispatcher {
	c.t.Helper()
	const account = "AC0123456789abcdef0123456789abcdef"
	client, err := twilio.New(
		twilio.Credentials{AccountSID: account, Username: account, Password: "token"},
		twilio.Options{BaseURL: address, Timeout: 5 * time.Second},
	)
	if err != nil {
		c.t.Fatal(err)
	}
	return NewDispatcher(c.store, client, slog.New(slog.DiscardHandler), DispatchOptions{
		Owner:     "test",
		PublicURL: "https://desk.example.com",
	})
}

// queued puts a reply into the queue and returns its row's id. set are columns besides.
func (c *chat) queued(set string, args ...any) int64 {
	c.t.Helper()
	id := read[int64](c, `INSERT INTO messages
			(conversation_id, sender_id, address_id, direction, status, body, created_at, send_at)
		SELECT id, sender_id, address_id, 'outbound', 'queued', 'On my way', $2, $2 FROM conversations WHERE public_id = $1
		RETURNING id`, c.id, c.clock.Now())
	if set != "" {
		c.exec(fmt.Sprintf("UPDATE messages SET %s WHERE id = %d", set, id), args...)
	}
	return id
}

// claim claims what is due.
func (c *chat) claim() []outbox.Outgoing {
	c.t.Helper()
	list, err := outbox.ClaimOutgoing(c.t.Context(), c.store, outbox.Claim{
		SenderID: read[int64](c, "SELECT sender_id FROM conversations WHERE public_id = $1", c.id),
		Owner:    "test",
		N:        10,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// pacing is what the dispatcher knows of the chat's sender, without workers.
func pacing() *senderPacing {
	return &senderPacing{factor: 1, inFlight: map[int64]bool{}, lookups: map[int64]time.Time{}}
}

// call makes a claimed message's call and settles its answer, as the dispatcher's goroutines do.
func (c *chat) call(d *Dispatcher, l *senderPacing, o outbox.Outgoing) {
	c.t.Helper()
	d.send(l, o)
	close(d.answers)
	d.settle(c.t.Context())
	d.answers = make(chan answer, 1)
}

// message is a message's status, and the code or reason that came with it.
func (c *chat) message(id int64) string {
	c.t.Helper()
	return c.text(`SELECT status || CASE WHEN error_code <> 0 THEN ' ' || error_code
		WHEN error_message <> '' THEN ' ' || error_message ELSE '' END FROM messages WHERE id = $1`, id)
}
