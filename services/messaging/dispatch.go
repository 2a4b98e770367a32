package messaging

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/mediafiles"
	"parley/models/conversations/outbox"
	"parley/models/senders"
	"parley/services/twilio"
	"parley/whatsapp"
)

// DispatchOptions set the dispatcher's pace. Owner is required; zero values of the others mean the defaults.
type DispatchOptions struct {
	Owner       string        // this process's own name for claims
	PublicURL   string        // where Twilio reaches the callbacks and the media
	Concurrency int           // calls at once for one sender; 32
	Poll        time.Duration // how often the queue is checked if no wake-up comes; 1 s
	LookupAfter time.Duration // how long after a call without an answer it is first looked up; 5 s
	LookupUntil time.Duration // a message that Twilio does not list after this long was not accepted; 60 s
	GiveUp      time.Duration // how long a message is tried while Twilio asks to wait; 4 h
}

// Dispatcher empties the outbound queue. It marks messages as sending in a commit before it calls Twilio, and settles
// the answers in another; a call without an answer has an unknown outcome and is looked up before it is repeated. Both
// are done for many messages at once. One instance at a time dispatches for a sender.
type Dispatcher struct {
	store   *models.Store
	twilio  *twilio.Client
	log     *slog.Logger
	opt     DispatchOptions
	wake    chan struct{}
	leases  *models.Leases
	ready   atomic.Bool
	calls   sync.WaitGroup
	workers sync.WaitGroup
	answers chan answer
	due     []senders.Sender // with something to send, as of dueAt; of the dispatcher's own goroutine
	dueAt   time.Time

	mu      sync.Mutex
	senders map[int64]*senderPacing
}

// MediaLinkLasts is how long Twilio may fetch an outgoing file: Twilio keeps a message in its queue for 4 hours at
// most, and WhatsApp tries for a day.
const MediaLinkLasts = 28 * time.Hour

// NewDispatcher makes a dispatcher.
func NewDispatcher(
	store *models.Store, client *twilio.Client, log *slog.Logger, opt DispatchOptions,
) *Dispatcher {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&opt.Poll, time.Second)
	def(&opt.LookupAfter, 5*time.Second)
	def(&opt.LookupUntil, time.Minute)
	def(&opt.GiveUp, 4*time.Hour)
	if opt.Concurrency == 0 {
		opt.Concurrency = 32
	}
	return &Dispatcher{
		store:   store,
		twilio:  client,
		log:     log,
		opt:     opt,
		wake:    make(chan struct{}, 1),
		leases:  models.NewLeases(store),
		answers: make(chan answer, 4*settleAtOnce),
		senders: map[int64]*senderPacing{},
	}
}

// closeWithin is how long giving back the leases may take. The database takes them back when it notices the end.
const closeWithin = 5 * time.Second

// Wake is the channel that makes the dispatcher check the queue.
func (d *Dispatcher) Wake() chan<- struct{} { return d.wake }

// Ready reports whether the dispatcher has seen the queue at least once.
func (d *Dispatcher) Ready() bool { return d.ready.Load() }

// Run dispatches until ctx ends, then lets the calls under way finish and releases its leases.
func (d *Dispatcher) Run(ctx context.Context) {
	settled := make(chan struct{})
	go func() { d.settle(context.WithoutCancel(ctx)); close(settled) }()
	for ctx.Err() == nil {
		next, err := d.round(ctx)
		if err != nil && ctx.Err() == nil {
			d.log.Error("dispatch", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-time.After(next):
		}
	}
	d.mu.Lock()
	for _, l := range d.senders {
		close(l.work)
	}
	d.mu.Unlock()
	d.workers.Wait()
	d.calls.Wait()
	close(d.answers)
	<-settled
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	if err := d.leases.Close(ctx); err != nil {
		d.log.Warn("give leases back", "error", err)
	}
}

// round handles every sender once and returns when to do so again.
func (d *Dispatcher) round(ctx context.Context) (time.Duration, error) {
	next := d.opt.Poll
	// Answers wake the dispatcher many times a second while much is sent: then the senders need not be queried each time.
	if len(d.due) == 0 || time.Since(d.dueAt) > min(200*time.Millisecond, d.opt.Poll) {
		senders, err := outbox.Read(d.store).DueSenders(ctx)
		if err != nil {
			return next, err
		}
		d.due, d.dueAt = senders, time.Now()
	}
	for _, s := range d.due {
		held, fresh, err := d.leases.Take(ctx, s.ID)
		if err != nil {
			return next, fmt.Errorf("lease: %w", err)
		}
		if !held {
			continue
		}
		wait, err := d.serve(ctx, s, fresh)
		if err != nil {
			return next, err
		}
		next = min(next, max(wait, time.Millisecond))
	}
	d.ready.Store(true)
	return next, nil
}

// serve claims what a sender's rate and limit allow and hands it to the sender's workers.
func (d *Dispatcher) serve(ctx context.Context, s senders.Sender, fresh bool) (time.Duration, error) {
	l := d.pacingOf(s)
	if err := d.lookAfter(ctx, s, l, fresh); err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		if wait := l.pausedFor(); wait > 0 {
			return wait, nil
		}
		free := l.ahead - l.flights()
		if free <= l.ahead/3 {
			return d.opt.Poll, nil // finished calls wake the dispatcher; a claim is worth its round trip for many messages
		}
		n, full := l.allows(free, s.Tier)
		if n <= 0 {
			return l.untilNext(), nil
		}
		claimed, err := outbox.ClaimOutgoing(ctx, d.store, outbox.Claim{SenderID: s.ID, Owner: d.opt.Owner, N: n, Full: full})
		if err != nil {
			return 0, fmt.Errorf("claim: %w", err)
		}
		l.handOut(claimed)
		switch {
		case len(claimed) == 0 && full: // only the next day, or a person who writes, changes that; a reply wakes it
			return 5 * d.opt.Poll, nil
		case len(claimed) == 0:
			return d.opt.Poll, nil
		}
	}
	return d.opt.Poll, nil
}

// lookAfter does a sender's periodic work: it finds messages that an earlier process left, looks up calls without an
// answer, and counts the people reached. fresh says that the sender's lease is new.
func (d *Dispatcher) lookAfter(ctx context.Context, s senders.Sender, l *senderPacing, fresh bool) error {
	if fresh || time.Since(l.swept) > 30*time.Second {
		if err := outbox.MarkOrphansUnknown(ctx, d.store, s.ID, l.flying()); err != nil {
			return err
		}
		l.swept = time.Now()
	}
	if time.Since(l.inquired) > min(time.Second, d.opt.LookupAfter) {
		l.inquired = time.Now()
		d.inquire(ctx, s, l)
	}
	return d.count(ctx, s, l, fresh)
}

// count periodically counts the different people that the sender has written to, if WhatsApp limits that.
func (d *Dispatcher) count(ctx context.Context, s senders.Sender, l *senderPacing, fresh bool) error {
	if s.Tier == 0 || !fresh && time.Since(l.counted) < 10*time.Second {
		return nil
	}
	n, err := senders.Read(d.store).PeopleReachedBy(ctx, s.ID)
	if err != nil {
		return err
	}
	l.reached, l.counted = n, time.Now()
	return nil
}

// failed decides what an error means for the message.
func (d *Dispatcher) failed(l *senderPacing, o outbox.Outgoing, err error) func(*models.Tx) error {
	switch code := twilio.CodeOf(err); twilio.OutcomeOf(err) {
	case twilio.OutcomeUnknown:
		return func(tx *models.Tx) error { return outbox.MarkOutcomeUnknown(tx, o.ID) }
	case twilio.NotTaken:
		pause := backOff(o.Attempts)
		l.slower(min(pause, 10*time.Second))
		return func(tx *models.Tx) error {
			if tx.Now().Sub(o.CreatedAt) > d.opt.GiveUp && !o.Valid(tx.Now()) {
				return outbox.FailOutgoing(tx, o.ID, 0, "too_many_retries")
			}
			return outbox.RequeueOutgoing(tx, o.ID, tx.Now().Add(pause))
		}
	default:
		return func(tx *models.Tx) error {
			if err := outbox.FailOutgoing(tx, o.ID, code, messageOf(err)); err != nil {
				return err
			}
			if o.VersionID != nil && templateTrouble(code) {
				return tx.Enqueue(CheckTemplateArgs{VersionID: *o.VersionID}, onceAMinute())
			}
			if !whatsapp.OptOutCode(code) {
				return nil
			}
			_, err := conversations.OptOutByTwilio(tx, conversations.TwilioOptOut{MessageID: o.ID, Code: code})
			return err
		}
	}
}

// backOff grows from one second to five minutes, with jitter so that retries don't coincide.
func backOff(attempts int) time.Duration {
	d := time.Second << min(max(attempts-1, 0), 9)
	d = min(d, 5*time.Minute)
	return d/2 + rand.N(d)
}

func (d *Dispatcher) request(o outbox.Outgoing) twilio.Message {
	m := twilio.Message{
		From:           whatsapp.Address{Phone: o.From}.String(),
		To:             o.To().String(),
		StatusCallback: d.opt.PublicURL + "/webhooks/twilio/status?m=" + url.QueryEscape(o.PublicID),
	}
	if o.ValidUntil != nil {
		m.Validity = max(o.ValidUntil.Sub(d.store.Now()), time.Second)
	}
	switch {
	case o.VersionID == nil && o.ContentSid != nil: // a question with buttons
		m.ContentSid = *o.ContentSid
		m.ContentVariables = "{}"
	case o.VersionID != nil:
		m.ContentVariables = o.ContentVariables()
		if o.ContentSid != nil {
			m.ContentSid = *o.ContentSid
		}
	case o.Kind == whatsapp.KindLocation && o.Latitude != nil && o.Longitude != nil:
		m.Body = o.Body
		m.PersistentAction = fmt.Sprintf("geo:%f,%f|%s", *o.Latitude, *o.Longitude, o.Label)
	default:
		m.Body = o.Body
		if o.MediaKey != "" {
			id, key, _ := strings.Cut(o.MediaKey, "/")
			signed := mediafiles.SignMedia(id, key, d.store.Now().Add(MediaLinkLasts))
			m.MediaURL = d.opt.PublicURL + "/media/out/" + id + "/" + signed
		}
	}
	return m
}
