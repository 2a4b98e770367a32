package messaging

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/services/twilio"
	"parley/whatsapp/plaintext"
)

// Delivery is a webhook that Twilio signed.
type Delivery struct {
	Body       []byte     // as it came
	Form       url.Values // its parameters, not repaired yet
	Ref        string     // our own reference from a callback's address, empty if there is none
	RequestID  string
	TokenNo    int       // which of our tokens signed it, counted from 1
	ReceivedAt time.Time // when it first came; zero for now, set for a replayed one
	ReplayOf   *int64    // the receipt that somebody has replayed
	ReplayedBy *int64
}

// at is when the event of the delivery happened, as far as Parley knows.
func (d Delivery) at(tx *models.Tx) time.Time {
	if d.ReceivedAt.IsZero() {
		return tx.Now()
	}
	return d.ReceivedAt
}

// late reports whether the delivery makes up for one that was lost.
func (d Delivery) late() bool { return !d.ReceivedAt.IsZero() }

// receipt begins the receipt of a delivery that arrived at now.
func (d Delivery) receipt(kind receipts.ReceiptKind, sid string, now time.Time) receipts.WebhookReceipt {
	return receipts.WebhookReceipt{
		Kind:       kind,
		Verdict:    receipts.VerdictAccepted,
		MessageSid: sid,
		RawBody:    d.Body,
		RequestID:  d.RequestID,
		ReceivedAt: now,
		TokenNo:    d.TokenNo,
		ReplayOf:   d.ReplayOf,
		ReplayedBy: d.ReplayedBy,
	}
}

// ErrNoSid says that a signed webhook names no message. Its body is stored nevertheless.
var ErrNoSid = errors.New("the webhook names no message")

// keepFor is how long storing a failed delivery may take.
const keepFor = 5 * time.Second

// Take handles a webhook that Twilio signed; kind is message or status. When it returns nil, everything is stored and
// the webhook may be answered. Parts that can't be read are left out and noted. With any error but ErrNoSid it is not
// applied, and Twilio should send it again; its body is still stored, unless the database is unavailable. If ctx ends
// meanwhile, or after 15 seconds, it is either applied as a whole or not at all: its receipt says which.
func (s *Service) Take(ctx context.Context, kind receipts.ReceiptKind, d Delivery) error {
	err := s.take(ctx, kind, d)
	if err == nil || errors.Is(err, errUnderWay) {
		return err
	}
	return s.storeBody(ctx, kind, d, err)
}

// lost stores the body of a webhook that failed after nobody waited for it any more.
func (s *Service) lost(ctx context.Context, kind receipts.ReceiptKind, d Delivery, err error) {
	if d.ReplayOf == nil {
		err = s.storeBody(ctx, kind, d, err)
	}
	s.log.ErrorContext(ctx, "webhook not stored", "id", d.RequestID, "kind", kind, "error", err)
}

// storeBody stores the body of a delivery that err kept from being applied. It returns err.
func (s *Service) storeBody(ctx context.Context, kind receipts.ReceiptKind, d Delivery, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepFor)
	defer cancel()
	r := s.failed(kind, d)
	if errors.Is(err, ErrNoSid) {
		r.Verdict, r.Effect = receipts.VerdictMalformed, "Refused: it names no message"
		if keepErr := receipts.LogReceipt(ctx, s.store, &r); keepErr != nil {
			return fmt.Errorf("keep a webhook without a message: %w", keepErr)
		}
		return err
	}
	if keepErr := receipts.LogReceipt(ctx, s.store, &r); keepErr != nil {
		return errors.Join(err, fmt.Errorf("keep its body: %w", keepErr))
	}
	return err
}

// take reads and stores a delivery. A panic is an error like any other.
func (s *Service) take(ctx context.Context, kind receipts.ReceiptKind, d Delivery) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if kind == receipts.MessageReceipt {
		in := twilio.ParseInbound(d.Form)
		if in.Sid == "" {
			return ErrNoSid
		}
		return s.inbound.do(ctx, inbound{in, d})
	}
	cb := twilio.ParseStatus(d.Form)
	if cb.Sid == "" {
		return ErrNoSid
	}
	return s.statuses.do(ctx, status{cb, d})
}

// failed is the receipt of a delivery that could not be applied. If it could not even be read, the receipt says only
// that.
func (s *Service) failed(kind receipts.ReceiptKind, d Delivery) (r receipts.WebhookReceipt) {
	r = d.receipt(kind, "", s.store.Now())
	r.Verdict = receipts.VerdictFailed
	r.Effect = "Could not be stored. If Twilio has not sent it again since, play it again"
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("read a webhook", "error", p)
		}
	}()
	if kind == receipts.MessageReceipt {
		in := twilio.ParseInbound(d.Form)
		r.MessageSid, r.Person, r.Also = in.Sid, twilio.Person(in.From), in.Also
	} else {
		cb := twilio.ParseStatus(d.Form)
		r.MessageSid, r.Person, r.Also = cb.Sid, cb.Person, cb.Also
	}
	return r
}

// andNot adds to an effect what could not be read.
func andNot(effect string, list []twilio.Unread) string {
	if len(list) == 0 {
		return effect
	}
	return effect + "; not read: " + strings.Join(details(list).Unreadable(), ", ")
}

func details(list []twilio.Unread) (d conversations.Details) {
	for _, u := range list {
		d.Unread = append(d.Unread, conversations.Unread(u))
	}
	return d
}

// mostName is how many bytes of a person's WhatsApp name are stored. WhatsApp allows 25 characters.
const mostName = 200

func profileName(in twilio.Inbound) string { return plaintext.Shorten(in.ProfileName, mostName) }

// ReadDelivery reads a stored delivery again to show it: its parameters by name, and the parts that Parley can't read.
func ReadDelivery(r *receipts.WebhookReceipt) (fields [][2]string, unread []conversations.Unread) {
	form := twilio.ReadBody(r.Raw())
	for name, values := range form {
		for _, v := range values {
			fields = append(fields, [2]string{plaintext.Clean(name), plaintext.Clean(v)})
		}
	}
	slices.SortFunc(fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	switch {
	case len(fields) == 0:
	case r.Kind == receipts.MessageReceipt:
		unread = details(twilio.ParseInbound(form).Unread).Unread
	case r.Kind == receipts.StatusReceipt:
		unread = details(twilio.ParseStatus(form).Unread).Unread
	}
	return fields, unread
}
