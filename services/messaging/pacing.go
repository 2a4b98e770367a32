package messaging

import (
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parley/models/conversations/outbox"
	"parley/models/senders"
)

// senderPacing is what the dispatcher knows about one sender. The fields above the lock belong to the dispatcher's own
// goroutine; the rest is behind the lock.
type senderPacing struct {
	limit    *rate.Limiter
	work     chan *outbox.Outgoing
	ahead    int       // messages that may be claimed and not yet settled; at most what work holds
	swept    time.Time // when orphans were last looked for
	counted  time.Time // when people reached were last counted
	inquired time.Time // when unknown outcomes were last looked for
	reached  int       // different people in 24 hours, at least
	full     float64   // messages a second without slowing down

	mu        sync.Mutex
	inFlight  map[int64]bool
	resumeAt  time.Time // after Twilio asked to wait
	factor    float64   // of the full rate, after it asked to be slower
	slowedAt  time.Time
	heard     time.Time // the sender's slowed_at that was last read
	inquiring bool      // a look-up of unknown outcomes is under way

	lookups map[int64]time.Time // when messages that can't be settled are looked up again; of the look-up under way
}

// claimAhead is how many messages are claimed ahead of sending, in seconds of the sender's rate: few, because a pause
// doesn't stop claimed messages. mostAhead is how many at most.
const (
	claimAhead = 0.25
	mostAhead  = 2000
)

func (d *Dispatcher) pacingOf(s senders.Sender) *senderPacing {
	d.mu.Lock()
	l := d.senders[s.ID]
	if l == nil {
		l = &senderPacing{
			inFlight: map[int64]bool{},
			lookups:  map[int64]time.Time{},
			factor:   1,
			limit:    rate.NewLimiter(rate.Limit(s.MessagesPerSecond), burstOf(s.MessagesPerSecond)),
			work:     make(chan *outbox.Outgoing, max(d.opt.Concurrency, mostAhead)), // the rate may be raised
		}
		d.senders[s.ID] = l
		for range d.opt.Concurrency {
			d.workers.Go(func() {
				for o := range l.work {
					d.send(l, *o)
				}
			})
		}
	}
	d.mu.Unlock()
	l.full = s.MessagesPerSecond
	l.ahead = max(d.opt.Concurrency, min(burstOf(l.full), mostAhead))
	l.mu.Lock()
	if s.SlowedAt != nil && s.SlowedAt.After(l.heard) {
		if l.heard = *s.SlowedAt; d.store.Now().Sub(*s.SlowedAt) < time.Minute {
			l.slow()
		}
	}
	// The rate drops at once and recovers by a quarter every two seconds.
	if l.factor < 1 && time.Since(l.slowedAt) > 2*time.Second {
		l.factor, l.slowedAt = math.Min(1, l.factor*1.25), time.Now()
	}
	now := rate.Limit(math.Max(l.full*l.factor, math.Min(l.full, 0.2)))
	l.mu.Unlock()
	if l.limit.Limit() != now {
		l.limit.SetLimit(now)
		l.limit.SetBurst(burstOf(float64(now)))
	}
	return l
}

// burstOf is how many messages are claimed ahead at a rate per second.
func burstOf(perSecond float64) int { return max(1, int(perSecond*claimAhead)) }

// slow halves the rate, once a second at most. The caller holds the lock.
func (l *senderPacing) slow() {
	if l.factor == 1 || time.Since(l.slowedAt) > time.Second {
		l.factor, l.slowedAt = math.Max(l.factor/2, 1.0/64), time.Now()
	}
}

// slower is called when Twilio refused a call because there were too many: the sender waits, and continues at half the
// rate.
func (l *senderPacing) slower(pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow()
	l.resumeAt = time.Now().Add(pause)
}

func (l *senderPacing) pausedFor() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.resumeAt)
}

// allows is how many messages may be claimed now by the rate and the free workers, and whether the tier's limit of
// different people is reached: then only messages to people already counted, or within a session, may be sent.
func (l *senderPacing) allows(free, tier int) (n int, full bool) {
	n = min(free, int(l.limit.Tokens()))
	if tier <= 0 {
		return n, false
	}
	if l.reached >= tier {
		return n, true
	}
	return min(n, tier-l.reached), false
}

// untilNext is how long it takes until the rate allows another message.
func (l *senderPacing) untilNext() time.Duration {
	return time.Duration(float64(time.Second) * (1 - l.limit.Tokens()) / float64(l.limit.Limit()))
}

// handOut passes the claimed messages that may be sent to the workers.
func (l *senderPacing) handOut(claimed []outbox.Outgoing) {
	going := slices.DeleteFunc(claimed, func(o outbox.Outgoing) bool { return o.Refusal != "" })
	l.begin(going)
	l.limit.AllowN(time.Now(), len(going))
	for i := range going {
		if going[i].VersionID != nil {
			l.reached++
		}
		l.work <- &going[i] // never blocks: no more is claimed than fits
	}
}

func (l *senderPacing) begin(list []outbox.Outgoing) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range list {
		l.inFlight[o.ID] = true
	}
}

func (l *senderPacing) end(ids ...int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		delete(l.inFlight, id)
	}
}

func (l *senderPacing) flights() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.inFlight)
}

func (l *senderPacing) flying() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]int64, 0, len(l.inFlight))
	for id := range l.inFlight {
		ids = append(ids, id)
	}
	return ids
}
