package messaging

import (
	"fmt"
	"testing"
	"time"

	"parley/models/senders"
)

// What one visit of the dispatcher to a sender does: nothing in a pause, nothing while most of the workers are busy,
// else it claims.
func TestServe(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change  func(c *chat, l *senderPacing)
		claimed bool
		wait    time.Duration // at most
	}{
		"claims": {func(*chat, *senderPacing) {}, true, time.Second},
		"in a pause": {
			func(_ *chat, l *senderPacing) { l.resumeAt = time.Now().Add(7 * time.Second) },
			false,
			7 * time.Second,
		},
		"after a pause":         {func(_ *chat, l *senderPacing) { l.resumeAt = time.Now() }, true, time.Second},
		"two thirds are flying": {func(_ *chat, l *senderPacing) { busy(l, 14) }, false, time.Second},
		"fewer are flying":      {func(_ *chat, l *senderPacing) { busy(l, 13) }, true, time.Second},
		"no tokens": {
			func(_ *chat, l *senderPacing) { l.limit.AllowN(time.Now(), 20) },
			false,
			time.Second / 80,
		},
		"nothing is due": {
			func(c *chat, _ *senderPacing) { c.exec("UPDATE messages SET send_at = $1", c.in(time.Microsecond)) },
			false,
			time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			d := c.dispatcher()
			d.opt.Concurrency = 12
			id := c.queued("")
			s := senders.Sender{ID: 1, MessagesPerSecond: 80}
			s.ID = read[int64](c, "SELECT sender_id FROM messages")
			l := limited(80, 20)
			l.inquired, l.swept = time.Now(), time.Now()
			d.senders[s.ID] = l
			x.change(c, l)
			wait, err := d.serve(t.Context(), s, false)
			if err != nil || wait > x.wait || wait < x.wait*9/10 && name != "no tokens" {
				t.Errorf("waits for %v, %v", wait, err)
			}
			if got := c.message(id); got == "sending" != x.claimed || len(l.work) == 1 != x.claimed {
				t.Errorf("the message is %s, %d handed out", got, len(l.work))
			}
		})
	}
}

func busy(l *senderPacing, n int) {
	for i := range n {
		l.inFlight[int64(-i)-1] = true
	}
}

// At WhatsApp's limit of people only those in a session, or written to already, get messages; the dispatcher looks
// again later than usual.
func TestServeAtTheLimit(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		change string
		sent   bool
	}{
		"a person with an open session":    {"SELECT 1", true},
		"a person without a session":       {"UPDATE conversations SET window_closes_at = last_inbound_at", false},
		"a person who was written to":      {writtenTo("23 hours 59 minutes", "sent"), true},
		"written to a day ago":             {writtenTo("24 hours", "sent"), false},
		"that message was refused":         {writtenTo("1 hour", "refused"), false},
		"that message was canceled":        {writtenTo("1 hour", "canceled"), false},
		"a person who got a template once": {writtenTo("25 hours", "read"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			d := c.dispatcher()
			c.exec("UPDATE contacts SET consent = 'opted_in'")
			id := c.queued("kind = 'template', variables = '{\"1\": \"x\"}', version_id = " + versionID)
			c.exec(x.change)
			c.exec(
				"UPDATE messages SET sending_at = CAST($1 AS timestamptz) - CAST(label AS interval) WHERE label <> ''",
				c.in(0),
			)
			s := senders.Sender{
				ID:                read[int64](c, "SELECT sender_id FROM conversations"),
				MessagesPerSecond: 80,
				Tier:              250,
			}
			l := limited(80, 20)
			l.inquired, l.swept, l.counted, l.reached = time.Now(), time.Now(), time.Now(), 250
			d.senders[s.ID] = l
			d.opt.Concurrency = 12
			wait, err := d.serve(t.Context(), s, false)
			if err != nil || c.message(id) == "sending" != x.sent {
				t.Errorf("the message is %s, %v", c.message(id), err)
			}
			if wait != 5*time.Second {
				t.Errorf("waits for %v", wait)
			}
		})
	}
}

// versionID is the row of the chat's template.
const versionID = "(SELECT id FROM template_versions WHERE content_sid = 'HX00000000000000000000000000000001')"

// writtenTo adds a template that was sent some time ago.
func writtenTo(ago, status string) string {
	return fmt.Sprintf(`UPDATE conversations SET window_closes_at = last_inbound_at;
		INSERT INTO messages (conversation_id, sender_id, address_id, direction, kind, version_id, variables, status,
			created_at, send_at, label)
		SELECT v.id, v.sender_id, v.address_id, 'outbound', 'template', %s, '{"1": "x"}', '%s', now(), now(), '%s'
		FROM conversations v`, versionID, status, ago)
}

// The people reached are counted for a sender with a limit, ten seconds apart, and at once with a new lease.
func TestCountsPeople(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	d := c.dispatcher()
	c.exec(writtenTo("1 hour", "sent"))
	c.exec("UPDATE messages SET sending_at = $1", c.in(-time.Hour))
	id := read[int64](c, "SELECT sender_id FROM conversations")
	for name, x := range map[string]struct {
		tier    int
		counted time.Duration // ago
		fresh   bool
		want    int
	}{
		"no limit":      {0, time.Hour, true, 99},
		"just counted":  {250, 9 * time.Second, false, 99},
		"counted then":  {250, 11 * time.Second, false, 1},
		"another lease": {250, time.Second, true, 1},
	} {
		l := pacing()
		l.reached, l.counted = 99, time.Now().Add(-x.counted)
		if err := d.count(t.Context(), senders.Sender{ID: id, Tier: x.tier}, l, x.fresh); err != nil ||
			l.reached != x.want {
			t.Errorf("%s: %d, %v", name, l.reached, err)
		}
	}
}

// Messages that a process left while it was sending them: their outcome is unknown. Those of this process are not
// touched.
func TestOrphans(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		fresh bool
		swept time.Duration // ago
		want  string
	}{
		"with a new lease":         {true, 0, "in_doubt"},
		"half a minute later":      {false, 31 * time.Second, "in_doubt"},
		"swept a moment ago":       {false, 29 * time.Second, "sending"},
		"with a new lease, theirs": {true, time.Hour, "in_doubt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t)
			d, l := c.dispatcher(), pacing()
			orphan := c.queued("status = 'sending', sending_at = $1", c.in(-time.Second))
			ours := c.queued("status = 'sending', sending_at = $1", c.in(-time.Second))
			other := c.queued("")
			l.inFlight[ours] = true
			l.swept, l.inquired = time.Now().Add(-x.swept), time.Now()
			s := senders.Sender{ID: read[int64](c, "SELECT sender_id FROM conversations")}
			if err := d.lookAfter(t.Context(), s, l, x.fresh); err != nil {
				t.Fatal(err)
			}
			if got := c.message(orphan); got != x.want || c.message(ours) != "sending" || c.message(other) != "queued" {
				t.Errorf("it is %s, ours %s, the queued one %s", got, c.message(ours), c.message(other))
			}
		})
	}
}
