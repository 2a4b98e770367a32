package messaging

import (
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// inquire looks up a sender's messages in doubt, one round at a time, beside the sending.
func (d *Dispatcher) inquire(ctx context.Context, s models.Sender, l *lane) {
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
		doubts, err := d.store.InDoubt(ctx, s.ID, 50)
		if err != nil && ctx.Err() == nil {
			d.log.Error("read messages in doubt", "error", err)
		}
		for _, o := range doubts {
			if ctx.Err() != nil {
				return
			}
			if err := d.settleDoubt(ctx, o); err != nil && ctx.Err() == nil {
				d.log.Warn("look up a message in doubt", "message", o.PublicID, "error", err)
			}
		}
	})
}

// settleDoubt asks Twilio what became of a message whose call had no answer (promise 5). A message that
// Twilio lists was taken. One that Twilio still does not list after DoubtSettle was not, and is queued
// again. While Twilio can't be asked, it stays in doubt: nothing is sent on hope.
func (d *Dispatcher) settleDoubt(ctx context.Context, o models.Outgoing) error {
	age := d.store.Now().Sub(o.SendingAt)
	if age < d.opt.DoubtAfter<<min(o.Lookups, 4) && age < d.opt.DoubtSettle {
		return nil
	}
	sid, err := d.find(ctx, o)
	if err != nil {
		return err
	}
	switch {
	case sid != "":
		return d.store.InTx(ctx, func(tx *models.Tx) error { return tx.SettleAccepted(o.ID, sid) })
	case age >= d.opt.DoubtSettle:
		return d.store.InTx(ctx, func(tx *models.Tx) error { return tx.RequeueOutgoing(o.ID, tx.Now()) })
	}
	return d.store.CountLookup(ctx, o.ID)
}

// clocksApart is by how much our clock may be ahead of Twilio's.
const clocksApart = 15 * time.Minute

// find returns the sid of the message at Twilio that is o: same sender, recipient and text, created since
// the call began, and not one of ours already. Empty if there is none.
func (d *Dispatcher) find(ctx context.Context, o models.Outgoing) (string, error) {
	// Twilio gives whole seconds, and its clock is not ours: a machine whose clock is minutes ahead must not overlook a
	// message, for then it would send it again.
	list, err := d.twilio.Sent(whatsapp.Address{Phone: o.From}.String(), o.To().String(), o.SendingAt.Add(-clocksApart))
	if err != nil {
		return "", err
	}
	sids := make([]string, 0, len(list))
	for _, t := range list {
		sids = append(sids, t.Sid)
	}
	known, err := d.store.KnownSids(ctx, sids)
	if err != nil {
		return "", err
	}
	for i := len(list) - 1; i >= 0; i-- { // oldest first
		if t := list[i]; !known[t.Sid] && t.Body == o.Body {
			return t.Sid, nil
		}
	}
	// What Twilio reports as the body of a rich content is its own choice: there the sender, the recipient
	// and the time decide. A wrong match leaves a message unsent, which is seen; a second message is not.
	if o.ContentType != "" && o.ContentType != whatsapp.TypeText || o.VersionID == nil && o.ContentSid != nil {
		for i := len(list) - 1; i >= 0; i-- {
			if !known[list[i].Sid] {
				return list[i].Sid, nil
			}
		}
	}
	return "", nil
}

func messageOf(err error) string {
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		return cut(e.Message, 500)
	}
	return "Twilio refused the message"
}
