package messaging

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"parley/models/conversations/outbox"
	"parley/models/senders"
)

// limited is a pacing with a full bucket of burst messages.
func limited(perSecond float64, burst int) *senderPacing {
	l := pacing()
	l.limit = rate.NewLimiter(rate.Limit(perSecond), burst)
	l.work = make(chan *outbox.Outgoing, 100)
	return l
}

// After Twilio asked to be slower: half the rate, once a second at most, and never less than a 64th.
func TestSlower(t *testing.T) {
	t.Parallel()
	l := pacing()
	l.slower(3 * time.Second)
	if l.factor != 0.5 || l.pausedFor() <= 2*time.Second || l.pausedFor() > 3*time.Second {
		t.Errorf("first: %v, paused for %v", l.factor, l.pausedFor())
	}
	l.slower(time.Second)
	if l.factor != 0.5 || l.pausedFor() > time.Second {
		t.Errorf("at once again: %v, paused for %v", l.factor, l.pausedFor())
	}
	for range 20 {
		l.slowedAt = time.Now().Add(-time.Second - time.Millisecond)
		l.slower(0)
	}
	if l.factor != 1.0/64 {
		t.Errorf("at the end: %v", l.factor)
	}
	l.factor, l.slowedAt = 0.5, time.Now().Add(-900*time.Millisecond)
	l.slower(0)
	if l.factor != 0.5 {
		t.Errorf("within a second: %v", l.factor)
	}
}

// The pace follows the sender's rate, what Twilio's callbacks said, and the time since.
func TestPacingOf(t *testing.T) {
	t.Parallel()
	c := newChat(t)
	ago := func(d time.Duration) *time.Time { at := c.in(-d); return &at }
	for name, x := range map[string]struct {
		sender senders.Sender
		factor float64       // before
		since  time.Duration // it slowed down
		want   float64       // messages a second
		left   float64       // factor after
	}{
		"full": {sender: senders.Sender{MessagesPerSecond: 80}, factor: 1, want: 80, left: 1},
		"slowed a moment ago": {
			sender: senders.Sender{MessagesPerSecond: 80},
			factor: 0.5,
			since:  time.Second,
			want:   40,
			left:   0.5,
		},
		"recovers by a quarter": {
			sender: senders.Sender{MessagesPerSecond: 80},
			factor: 0.5,
			since:  2100 * time.Millisecond,
			want:   50,
			left:   0.625,
		},
		"recovers to the full rate": {
			sender: senders.Sender{MessagesPerSecond: 80},
			factor: 0.9,
			since:  3 * time.Second,
			want:   80,
			left:   1,
		},
		"never below one in 5 seconds": {
			sender: senders.Sender{MessagesPerSecond: 1},
			factor: 1.0 / 64,
			want:   0.2,
			left:   1.0 / 64,
		},
		"a slow sender keeps its rate": {
			sender: senders.Sender{MessagesPerSecond: 0.1},
			factor: 0.5,
			want:   0.1,
			left:   0.5,
		},
		"a callback was too fast": {
			sender: senders.Sender{MessagesPerSecond: 80, SlowedAt: ago(59 * time.Second)},
			factor: 1,
			want:   40,
			left:   0.5,
		},
		"that was a minute ago": {
			sender: senders.Sender{MessagesPerSecond: 80, SlowedAt: ago(time.Minute)},
			factor: 1,
			want:   80,
			left:   1,
		},
	} {
		d := c.dispatcher()
		d.opt.Concurrency = 1
		x.sender.ID = 1
		l := limited(1, 1)
		l.factor, d.senders[1] = x.factor, l
		l.slowedAt = time.Now().Add(-x.since)
		d.pacingOf(x.sender)
		if l.limit.Limit() != rate.Limit(x.want) || l.factor != x.left {
			t.Errorf("%s: %v a second, factor %v", name, l.limit.Limit(), l.factor)
		}
		if want := burstOf(x.want); l.limit.Burst() != want && l.limit.Limit() != 1 {
			t.Errorf("%s: a burst of %d, not %d", name, l.limit.Burst(), want)
		}
		if x.sender.SlowedAt == nil {
			continue
		}
		l.factor = 1 // the same moment is heard once
		if d.pacingOf(x.sender); l.factor != 1 {
			t.Errorf("%s: it was heard twice", name)
		}
	}
	d := c.dispatcher()
	d.opt.Concurrency = 2
	for perSecond, ahead := range map[float64]int{1: 2, 8: 2, 400: 100, 1e6: mostAhead} {
		if l := d.pacingOf(senders.Sender{ID: int64(perSecond), MessagesPerSecond: perSecond}); l.ahead != ahead {
			t.Errorf("at %v a second, %d ahead", perSecond, l.ahead)
		}
	}
	for _, l := range d.senders {
		close(l.work)
	}
	d.workers.Wait()
}

// How many messages are claimed ahead at a rate: a quarter of a second's, one at least.
func TestBurstOf(t *testing.T) {
	t.Parallel()
	for perSecond, want := range map[float64]int{0.1: 1, 4: 1, 7.9: 1, 8: 2, 80: 20, 1000: 250} {
		if got := burstOf(perSecond); got != want {
			t.Errorf("at %v: %d", perSecond, got)
		}
	}
}

// How many may be claimed: the free workers, the rate's tokens, and what WhatsApp's limit of people leaves.
func TestAllows(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		tokens, free, tier, reached int
		want                        string
	}{
		"no limit":                {tokens: 5, free: 9, want: "5 false"},
		"few workers":             {tokens: 5, free: 3, want: "3 false"},
		"far from the limit":      {tokens: 5, free: 9, tier: 250, reached: 100, want: "5 false"},
		"two people left":         {tokens: 5, free: 9, tier: 250, reached: 248, want: "2 false"},
		"one left":                {tokens: 5, free: 9, tier: 250, reached: 249, want: "1 false"},
		"the limit is reached":    {tokens: 5, free: 9, tier: 250, reached: 250, want: "5 true"},
		"more than the limit":     {tokens: 5, free: 9, tier: 250, reached: 300, want: "5 true"},
		"no tokens":               {tokens: 0, free: 9, want: "0 false"},
		"no tokens, at the limit": {tokens: 0, free: 9, tier: 250, reached: 250, want: "0 true"},
	} {
		l := limited(1e-9, max(1, x.tokens))
		l.reached = x.reached
		if x.tokens == 0 {
			l.limit.Allow()
		}
		n, full := l.allows(x.free, x.tier)
		if got := fmt.Sprint(n, full); got != x.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The wait for the next token.
func TestUntilNext(t *testing.T) {
	t.Parallel()
	l := limited(0.5, 1)
	l.limit.Allow()
	if d := l.untilNext(); d < 1900*time.Millisecond || d > 2*time.Second {
		t.Errorf("%v", d)
	}
}

// Claimed messages that were refused are not sent; each template counts as a person reached, a reply doesn't.
func TestHandOut(t *testing.T) {
	t.Parallel()
	l, version := limited(1e-9, 10), int64(1)
	l.handOut(
		[]outbox.Outgoing{{ID: 1}, {ID: 2, Refusal: "blocked", VersionID: &version}, {ID: 3, VersionID: &version}},
	)
	if l.flights() != 2 || len(l.flying()) != 2 || l.inFlight[2] || l.reached != 1 || int(l.limit.Tokens()+0.5) != 8 {
		t.Errorf("in flight %v, reached %d, tokens %v", l.inFlight, l.reached, l.limit.Tokens())
	}
	if a, b := <-l.work, <-l.work; a.ID != 1 || b.ID != 3 {
		t.Errorf("handed out %d and %d", a.ID, b.ID)
	}
	if l.end(3); l.flights() != 1 || !l.inFlight[1] {
		t.Errorf("in flight %v", l.inFlight)
	}
}
