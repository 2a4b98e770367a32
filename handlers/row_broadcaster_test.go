package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"image"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/inbox"
	"parley/simulator"
)

// stream is a page's stream of events.
type stream struct {
	lines chan string
	last  string // id of the last event
	stop  context.CancelFunc
}

func (v *visitor) stream(query, last string) *stream {
	v.app.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.app.URL+"/events?"+query, nil)
	if err != nil {
		v.app.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := v.client.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		v.app.t.Fatalf("stream: %v %v", err, res)
	}
	s := &stream{lines: make(chan string, 1000), stop: stop}
	v.app.t.Cleanup(stop)
	go func() {
		defer res.Body.Close() //nolint:errcheck // it ends with the test
		for sc := bufio.NewScanner(res.Body); sc.Scan(); {
			s.lines <- sc.Text()
		}
		close(s.lines)
	}()
	return s
}

// until reads lines until one contains text.
func (s *stream) until(t *testing.T, text string) string {
	t.Helper()
	lines := s.upTo(t, text)
	return lines[len(lines)-1]
}

// upTo reads lines until one contains text, and returns all of them.
func (s *stream) upTo(t *testing.T, text string) (lines []string) {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case line := <-s.lines:
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				s.last = id
			}
			lines = append(lines, line)
			if strings.Contains(line, text) {
				return lines
			}
		case <-deadline:
			t.Fatalf("the stream never said %q", text)
		}
	}
}

// A row is sent to the lists that contain it, and removed from those that no longer do. A page that lost the stream
// receives what it missed, and nothing about other conversations.
func TestRowsArePushed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	all, free := ana.stream("topics=shell&list=view%3Dall", ""), ana.stream("topics=shell&list=view%3Dunassigned", "")
	all.until(t, "event: resync")
	free.until(t, "event: resync")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Row one"))
	all.until(t, "Row one")
	if line := free.until(t, "Row one"); !strings.Contains(line, `"news":{"title":"Lena"`) {
		t.Errorf("nobody is told of a new message: %s", line)
	}
	ana.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "assign": {"me"}})
	free.until(t, `"gone":["`+c.PublicID+`"]`)
	all.until(t, `"unassigned":0`)

	away := ana.stream("topics=conversation-"+c.PublicID+"&list=view%3Dall", "")
	away.until(t, "event: resync")
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Row two"))
	away.until(t, "event: conversation-"+c.PublicID)
	away.stop()
	a.Sim.Write(lena, simulator.BusinessPhone, writes("Missed"))
	a.eventually("the message is in", func() bool { return count(inbound(a.thread(c)), "Missed") == 1 })
	all.until(t, "Missed")
	back := ana.stream("topics=conversation-"+c.PublicID+"&list=view%3Dall", away.last)
	if line := back.until(t, "event: "); strings.Contains(line, "resync") {
		t.Errorf("a page that was away for a moment starts over: %s", line)
	}
	back.until(t, "Missed")
}

// samplePNG is a picture that compresses badly.
func samplePNG(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The search finds whole words and beginnings of words, requires all of them, shows the newest first, in pages, applies
// filters, and marks matches.
func TestSearch(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena Brandt", "The invoice for Tuesday is missing")
	a.wrote(omar, "Omar", "Tuesday works, ÜBER all")
	ana := a.as("ana")
	ana.post("/conversations/"+c.PublicID+"/replies", reply("Your invoice is on its way"))
	hits := func(query string) []string {
		t.Helper()
		r := ana.get("/search?" + query)
		if r.Status != 200 {
			t.Fatalf("%s: %d", query, r.Status)
		}
		var out []string
		doc := r.Doc().Find(`[data-testid="hit"]`)
		for i := range doc.Length() {
			out = append(out, strings.Join(strings.Fields(doc.Eq(i).Text()), " "))
		}
		return out
	}
	for query, want := range map[string]int{"q=invoice": 2, "q=invo": 2, "q=tuesday+invoice": 1, "q=%C3%BCber": 1, "q=nvoice": 0, "q=invoice&by=outbound": 1, "q=invoice&by=inbound": 1,
		"q=tuesday&in=" + c.PublicID: 1, "q=nvoic&in=" + c.PublicID: 2, "q=invoice&until=2020-01-01": 0, "q=%27%3A%2A%26%21%7C%28": 0, "q=the+%3C%3E": 1} {
		if got := hits(query); len(got) != want {
			t.Errorf("%s finds %d, not %d: %v", query, len(got), want, got)
		}
	}
	if got := hits("q=invoice"); !strings.Contains(got[0], "on its way") {
		t.Errorf("the newest is not on top: %v", got)
	}
	if mark := ana.get("/search?q=invo").Doc().Find("mark").First().Text(); mark != "invoice" {
		t.Errorf("marked: %q", mark)
	}
	if r := ana.get("/search?q=x&since=soon"); r.Status != 422 || r.Problem("since") == "" {
		t.Errorf("a day that is none: %d", r.Status)
	}
	if n := ana.get("/search?q=Brandt").Doc().Find(`[data-testid="contact-hit"]`).Length(); n != 1 {
		t.Errorf("%d contacts", n)
	}
	// Far more messages than the newest ones that are scanned: older ones are found with the index.
	a.exec(`INSERT INTO messages (conversation_id, sender_id, direction, body, status, twilio_sid, created_at)
		SELECT $1, sender_id, 'inbound', 'filler ' || i, 'received', 'SMfill' || i, now() FROM conversations, generate_series(1, 12000) i WHERE id = $1`, c.ID)
	if got := hits("q=missing"); len(got) != 1 {
		t.Errorf("deep down: %v", got)
	}
	list, next, err := inbox.Read(a.Store).SearchMessages(t.Context(), inbox.MessageQuery{Text: "filler", Limit: 30})
	if err != nil || len(list) != 30 || next == 0 {
		t.Fatalf("%d hits, next %d, %v", len(list), next, err)
	}
	more, _, err := inbox.Read(a.Store).
		SearchMessages(t.Context(), inbox.MessageQuery{Text: "filler", Limit: 30, Before: next})
	if err != nil || len(more) != 30 || more[0].ID >= list[29].ID {
		t.Errorf("the next page begins at %d after %d (%v)", more[0].ID, list[29].ID, err)
	}
}
