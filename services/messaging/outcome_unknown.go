package messaging

import (
	"context"
	"errors"
	"maps"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/outbox"
	"parley/models/senders"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// lookupsAtOnce is how many messages with an unknown outcome one round looks up.
const lookupsAtOnce = 50

// longestLookupPause is the longest pause between two look-ups of a message that can't be settled.
const longestLookupPause = 5 * time.Minute

// inquire looks up a sender's messages with an unknown outcome, one round at a time, in parallel with sending.
func (d *Dispatcher) inquire(ctx context.Context, s senders.Sender, l *senderPacing) {
	l.mu.Lock()
	busy := l.inquiring
	l.inquiring = true
	l.mu.Unlock()
	if busy {
		return
	}
	d.calls.Go(func() {
		defer func() {
			l.mu.Lock()
			l.inquiring = false
			l.mu.Unlock()
		}()
		doubts, err := outbox.Read(d.store).WithUnknownOutcome(ctx, s.ID, lookupsAtOnce)
		if err != nil && ctx.Err() == nil {
			d.log.Error("read messages in doubt", "error", err)
		}
		done := map[int64]bool{}
		maps.DeleteFunc(l.lookups, func(_ int64, at time.Time) bool { return time.Since(at) > longestLookupPause })
		for _, o := range doubts {
			if ctx.Err() != nil {
				return
			}
			if done[o.ID] || !l.lookupDue(o, d.store.Now(), d.opt) {
				continue
			}
			if err := d.settleUnknownOutcomes(ctx, l, o, done); err != nil && ctx.Err() == nil {
				d.log.Warn("look up a message in doubt", "message", o.PublicID, "error", err)
			}
		}
	})
}

// lookupDue reports whether a message with an unknown outcome is due for a look-up: soon after its call, then after
// growing pauses, and in any case once after LookupUntil, when it can be settled.
func (l *senderPacing) lookupDue(o outbox.Outgoing, now time.Time, opt DispatchOptions) bool {
	if again, ok := l.lookups[o.ID]; ok {
		return !time.Now().Before(again)
	}
	age := now.Sub(o.SendingAt)
	return age >= opt.LookupAfter<<min(o.Lookups, 4) || age >= opt.LookupUntil
}

// unsettled notes when messages are looked up again. Before LookupUntil their age decides.
func (l *senderPacing) unsettled(list []outbox.Pending, now time.Time, opt DispatchOptions) {
	for _, p := range list {
		delete(l.lookups, p.ID)
		if now.Sub(p.SendingAt) >= opt.LookupUntil {
			l.lookups[p.ID] = time.Now().Add(min(opt.LookupAfter<<min(p.Lookups, 10), longestLookupPause))
		}
	}
}

// settleUnknownOutcomes asks Twilio about the messages of o's conversation whose calls had no answer (promise 5). A
// message that Twilio lists was accepted. One that Twilio still does not list after LookupUntil was not, and is queued
// again, but only if the part of Twilio's list that was read reaches back to the call. In all other cases the outcome
// stays unknown: nothing is sent on a guess. done gets the messages that were looked up.
func (d *Dispatcher) settleUnknownOutcomes(
	ctx context.Context,
	l *senderPacing,
	o outbox.Outgoing,
	done map[int64]bool,
) error {
	all, err := outbox.Read(d.store).PendingWith(ctx, o.ID)
	if err != nil {
		return err
	}
	var pending []outbox.Pending // to the same address
	for _, p := range all {
		if p.To().Match() == o.To().Match() {
			pending = append(pending, p)
			done[p.ID] = true
		}
	}
	now := d.store.Now()
	// they are in the order of their calls
	unsent := len(pending) > 0 && now.Sub(pending[0].SendingAt) >= d.opt.LookupUntil
	found, lookErr := d.lookUp(ctx, pending, unsent)
	left, errs := []outbox.Pending{}, []error{lookErr}
	for _, p := range pending {
		var settle func(*models.Tx) error
		switch verdict := found[p.ID]; {
		case p.Status != whatsapp.OutcomeUnknown:
			continue // its own call's answer settles it
		case verdict.sid != "":
			settle = func(tx *models.Tx) error { return conversations.SettleAccepted(tx, p.ID, verdict.sid) }
		case lookErr == nil && unsent && !verdict.unclear && now.Sub(p.SendingAt) >= d.opt.LookupUntil:
			settle = func(tx *models.Tx) error { return outbox.RequeueOutgoing(tx, p.ID, tx.Now()) }
		default:
			left = append(left, p)
			continue
		}
		if err := d.store.InTx(ctx, settle); err != nil {
			errs, left = append(errs, err), append(left, p)
			continue
		}
		delete(l.lookups, p.ID)
	}
	l.unsettled(left, now, d.opt)
	ids := make([]int64, len(left))
	for i, p := range left {
		ids[i] = p.ID
	}
	return errors.Join(append(errs, outbox.CountLookups(ctx, d.store, ids))...)
}

// lookUp finds pending messages among those that Twilio lists. With unsent it also searches the messages that Twilio
// has not sent yet, if the ordinary search does not find all; without it, a message that is not found proves nothing.
// An error means that the pages read do not reach back to the calls; then only found messages count.
func (d *Dispatcher) lookUp(ctx context.Context, pending []outbox.Pending, unsent bool) (map[int64]verdict, error) {
	if len(pending) == 0 {
		return nil, nil
	}
	search := twilio.Search{
		From:  whatsapp.Address{Phone: pending[0].From},
		To:    pending[0].To(),
		Since: pending[0].SendingAt.Add(-clocksApart),
	}
	listed, err := d.twilio.Listed(ctx, search)
	found, matchErr := d.match(ctx, pending, listed, err == nil)
	if err = errors.Join(err, matchErr); err != nil || !unsent || settled(pending, found) {
		return found, err
	}
	search.Unsent = true
	more, err := d.twilio.Listed(ctx, search)
	found, matchErr = d.match(ctx, pending, append(listed, more...), err == nil)
	return found, errors.Join(err, matchErr)
}

// match leaves out listed messages that belong to a message already.
func (d *Dispatcher) match(
	ctx context.Context, pending []outbox.Pending, listed []twilio.Taken, whole bool,
) (map[int64]verdict, error) {
	sids := make([]string, 0, len(listed))
	for _, t := range listed {
		sids = append(sids, t.Sid)
	}
	known, err := outbox.Read(d.store).KnownSids(ctx, sids)
	if err != nil {
		return nil, err
	}
	var free []twilio.Taken
	for _, t := range listed {
		if !known[t.Sid] {
			known[t.Sid] = true // listed twice
			free = append(free, t)
		}
	}
	return matchListed(pending, free, whole), nil
}

func settled(pending []outbox.Pending, found map[int64]verdict) bool {
	for _, p := range pending {
		if p.Status == whatsapp.OutcomeUnknown && found[p.ID].sid == "" {
			return false
		}
	}
	return true
}

func messageOf(err error) string {
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		return plaintext.Cut(e.Message, 500)
	}
	return "Twilio refused the message"
}
