package notifying

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"

	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	"parley/services/messaging"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

func asRefusal(err error) (*models.Error, bool) { return errors.AsType[*models.Error](err) }

// Call is what another program asks for: one template to one number.
type Call struct {
	To       string            `json:"to"`        // +E164
	Template string            `json:"template"`  // its name
	Language string            `json:"language"`  // empty: the contact's, else the fall-back
	Sender   string            `json:"sender"`    // a sender's number; empty: see meantFor
	Values   map[string]string `json:"values"`    // by the placeholder's name, or by its number
	ValidFor *int              `json:"valid_for"` // the message's validity in seconds; nil: see defaultValidity
	Wait     bool              `json:"wait"`      // queue it although the sender is offline
}

// Answer is the answer to a call; the same idempotency key gets the same answer, unless it is a temporary refusal.
type Answer struct {
	Status int
	Body   json.RawMessage
	Now    bool // a temporary refusal, which is not stored
}

// MaxKey is how long an idempotency key may be, in bytes.
const MaxKey = 200

func refusal(status int, field, code, text string) Answer {
	b, err := json.Marshal(map[string]string{"error": text, "field": field, "code": code})
	if err != nil {
		b = []byte(`{"error":"refused"}`)
	}
	return Answer{Status: status, Body: b}
}

// notNow is a temporary refusal.
func notNow(status int, field, code, text string) Answer {
	a := refusal(status, field, code, text)
	a.Now = true
	return a
}

// badNumber refuses a number with the code of its reason.
func badNumber(field string, why error) *Answer {
	a := refusal(http.StatusUnprocessableEntity, field, string(phone.ReasonOf(why)), why.Error())
	return &a
}

// CallRequest is a call as it came in.
type CallRequest struct {
	Key            *accounts.APIKey
	IdempotencyKey string // the caller's own
	Body           []byte // as it was sent
	Call           Call
}

// TakeCall sends one template for another program, once for each idempotency key. Message and answer are stored in one
// transaction, so that a repeated call gets the same answer and the person gets one message. The same key with another
// body is refused. A temporary refusal is not stored: the same key may be used again.
func (s *Service) TakeCall(ctx context.Context, c CallRequest) (Answer, error) {
	hash := sha256.Sum256(c.Body)
	rules, err := notifications.Read(s.store).NotifyRules(ctx)
	if err != nil {
		return Answer{}, err
	}
	var out Answer
	err = models.Retry(func() error {
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			old, err := accounts.CallBefore(tx, c.Key.ID, c.IdempotencyKey)
			if err != nil {
				return err
			}
			if old != nil {
				out = sameAnswer(old, hash[:])
				return nil
			}
			message, answer, err := s.call(tx, c.Key, rules, c.Call)
			if err != nil {
				return err
			}
			out = answer
			if answer.Now {
				return nil
			}
			return accounts.StoreCall(tx, accounts.APICall{
				KeyID:          c.Key.ID,
				IdempotencyKey: c.IdempotencyKey,
				BodyHash:       hash[:],
				Status:         answer.Status,
				Answer:         string(answer.Body),
				MessageID:      message,
			})
		})
	})
	return out, err
}

// sameAnswer is the stored answer to a call, or a refusal if its key was used for another body.
func sameAnswer(old *accounts.APICall, hash []byte) Answer {
	if !bytes.Equal(old.BodyHash, hash) {
		return refusal(http.StatusConflict, "Idempotency-Key", "key_reused",
			"This key was used for another call: use a new one for each notification.")
	}
	return Answer{Status: old.Status, Body: json.RawMessage(old.Answer)}
}

// call writes the message, or answers why not. A refusal is an answer as well.
func (s *Service) call(
	tx *models.Tx,
	key *accounts.APIKey,
	rules notifications.NotifyRules,
	in Call,
) (*int64, Answer, error) {
	w := &apiMessage{}
	for _, find := range []func(*models.Tx, Call) (*Answer, error){w.findContact, w.findSender, w.findVersion} {
		refused, err := find(tx, in)
		if err != nil {
			return nil, Answer{}, err
		}
		if refused != nil {
			return nil, *refused, nil
		}
	}
	own, reason, err := w.judge(tx, rules, in)
	if err != nil {
		return nil, Answer{}, err
	}
	if reason != "" {
		a := refusal(http.StatusUnprocessableEntity, fieldOf(reason), string(reason), reason.Sentence())
		a.Now = reason == whatsapp.ExcludedCapToday || reason == whatsapp.ExcludedCapRecent
		return nil, a, nil
	}
	at, refused := w.when(tx.Now(), rules, in)
	if refused != nil {
		return nil, *refused, nil
	}
	m := messaging.TemplateMessage(w.version, own)
	answer, err := w.queue(tx, m, at)
	said := w.group.Main.Template.Name + " was sent to " + w.contact.Title() + " by " + key.Name
	if err != nil {
		return &m.ID, answer, err
	}
	return &m.ID, answer, models.Audit(
		tx,
		models.System("API: "+key.Name),
		"notification.api",
		models.About("contact", w.contact.PublicID),
		said,
	)
}

func fieldOf(reason whatsapp.Exclusion) string {
	switch reason {
	case whatsapp.ExcludedNoValue:
		return "values"
	case whatsapp.ExcludedUnfillable:
		return "template"
	default:
		return "to"
	}
}
