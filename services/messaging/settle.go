package messaging

import (
	"context"
	"time"

	"parley/models"
	"parley/models/conversations/outbox"
)

// answer is the result of a call: the message was accepted, or what is to be done instead.
type answer struct {
	lane  *senderPacing
	id    int64
	sid   string
	other func(*models.Tx) error // nil if it was accepted
}

// settleAtOnce is how many answers one statement settles at most.
const settleAtOnce = 500

// settleWithin is how long an answer may wait to be settled together with others.
const settleWithin = 10 * time.Millisecond

// send makes the one call; its result is settled together with others.
func (d *Dispatcher) send(l *senderPacing, o outbox.Outgoing) {
	taken, err := d.twilio.Send(d.request(o))
	a := answer{lane: l, id: o.ID, sid: taken.Sid}
	if err != nil {
		d.log.Warn("twilio did not take a message", "message", o.PublicID, "error", err)
		a.other = d.failed(l, o, err)
	}
	d.answers <- a
}

// settle stores the answers until no more can come. An answer that comes alone does not wait for others.
func (d *Dispatcher) settle(ctx context.Context) {
	for first := range d.answers {
		list := d.gather(first)
		var taken []outbox.Taken
		for _, a := range list {
			if a.other == nil {
				taken = append(taken, outbox.Taken{ID: a.id, Sid: a.sid})
				continue
			}
			d.keep(func() error { return d.store.InTx(ctx, a.other) }, 1)
		}
		if len(taken) > 0 {
			d.keep(func() error { return outbox.SettleTaken(ctx, d.store, taken) }, len(taken))
		}
		for _, a := range list {
			a.lane.end(a.id)
		}
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// gather collects the other answers that are there, and those that come within settleWithin while more calls are under
// way.
func (d *Dispatcher) gather(first answer) []answer {
	list := []answer{first}
	var moment <-chan time.Time
	if first.lane.flights() > 1 {
		moment = time.After(settleWithin)
	}
	for len(list) < settleAtOnce {
		select {
		case a, ok := <-d.answers:
			if !ok {
				return list
			}
			list = append(list, a)
			continue
		default:
		}
		if moment == nil {
			return list
		}
		select {
		case a, ok := <-d.answers:
			if !ok {
				return list
			}
			list = append(list, a)
		case <-moment:
			return list
		}
	}
	return list
}

// keep stores answers, and retries while the database does not answer. Messages whose answer can't be stored stay
// "sending"; the next sweep marks their outcome as unknown and looks them up.
func (d *Dispatcher) keep(store func() error, n int) {
	var err error
	for try := range 5 {
		if err = models.Retry(store); err == nil {
			return
		}
		time.Sleep(time.Duration(try+1) * 200 * time.Millisecond)
	}
	d.log.Error("settle messages", "count", n, "error", err)
}
