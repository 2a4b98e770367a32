package notifying

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"

	"parley/models"
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
	Sender   string            `json:"sender"`    // a sender's number; empty: the one for the contact's country, else the default one
	Values   map[string]string `json:"values"`    // by the placeholder's name, or by its number
	ValidFor *int              `json:"valid_for"` // seconds for which the message is wanted; nil: see defaultValidity
	Wait     bool              `json:"wait"`      // queue it although the sender is offline
}

// Answer is what a call came to; the same key of the caller gets the same answer, unless it is a refusal that only holds
// for now.
type Answer struct {
	Status int
	Body   json.RawMessage
	Now    bool // another answer may come later: this one is not kept
}

// MaxKey is how long a caller's own key may be.
const MaxKey = 200

func refusal(status int, field, code, text string) Answer {
	b, err := json.Marshal(map[string]string{"error": text, "field": field, "code": code})
	if err != nil {
		b = []byte(`{"error":"refused"}`)
	}
	return Answer{Status: status, Body: b}
}

// notNow is a refusal that another moment may change.
func notNow(status int, field, code, text string) Answer {
	a := refusal(status, field, code, text)
	a.Now = true
	return a
}

// badNumber refuses a number with the code of its reason.
func badNumber(field string, why error) Answer {
	b, err := json.Marshal(map[string]string{"error": why.Error(), "field": field, "code": string(phone.ReasonOf(why))})
	if err != nil {
		b = []byte(`{"error":"refused"}`)
	}
	return Answer{Status: http.StatusUnprocessableEntity, Body: b}
}

// TakeCall sends one template for another program, once for each idempotency key: in one transaction with the answer,
// so that a caller who asks again after a lost answer gets the same one and the person one message. The same key with
// another body is refused. A refusal that only holds for now is not kept: the same key may ask again.
func (s *Service) TakeCall(
	ctx context.Context,
	key *models.APIKey,
	idempotency string,
	body []byte,
	in Call,
) (Answer, error) {
	hash := sha256.Sum256(body)
	rules, err := s.store.NotifyRules(ctx)
	if err != nil {
		return Answer{}, err
	}
	var out Answer
	err = models.Retry(func() error {
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			old, err := tx.CallBefore(key.ID, idempotency)
			if err != nil {
				return err
			}
			if old != nil {
				if string(old.BodyHash) != string(hash[:]) {
					out = refusal(
						http.StatusConflict,
						"Idempotency-Key",
						"key_reused",
						"This key was used for another call: use a new one for each notification.",
					)
					return nil
				}
				out = Answer{Status: old.Status, Body: json.RawMessage(old.Answer)}
				return nil
			}
			message, answer, err := s.call(tx, key, rules, in)
			if err != nil {
				return err
			}
			out = answer
			if answer.Now {
				return nil
			}
			return tx.StoreCall(
				models.APICall{
					KeyID:          key.ID,
					IdempotencyKey: idempotency,
					BodyHash:       hash[:],
					Status:         answer.Status,
					Answer:         string(answer.Body),
					MessageID:      message,
				},
			)
		})
	})
	return out, err
}

// call writes the message, or says why not. A refusal is an answer as well.
func (s *Service) call(tx *models.Tx, key *models.APIKey, rules models.NotifyRules, in Call) (*int64, Answer, error) {
	to, err := phone.Read(in.To, "")
	if err != nil {
		return nil, badNumber("to", err), nil
	}
	contact, address, err := tx.ContactAtMatch(whatsapp.MatchPhone(to.E164))
	if err != nil {
		return nil, Answer{}, err
	}
	if contact == nil && to.Verdict != phone.Valid { // a contact's number was confirmed, or it wrote to us
		_, err := phone.Confirmed(in.To, "", "")
		return nil, badNumber("to", err), nil
	}
	if contact == nil {
		return nil, refusal(
			http.StatusUnprocessableEntity,
			"to",
			string(whatsapp.ExcludedUnknown),
			"No contact has this number, so no opt-in is on record.",
		), nil
	}
	senders, err := tx.SendersForUpdate()
	if err != nil {
		return nil, Answer{}, err
	}
	if in.Sender != "" {
		from, err := phone.Read(in.Sender, "")
		if err != nil {
			return nil, badNumber("sender", err), nil
		}
		in.Sender = from.E164
	}
	sender, refused := senderFor(senders, contact, in)
	if refused != nil {
		return nil, *refused, nil
	}
	if contact, err = tx.ContactByIDForUpdate(contact.ID); err != nil { // calls for one person take turns: the cap holds
		return nil, Answer{}, err
	}
	main, err := tx.ApprovedByName(in.Template, sender.Sandbox())
	if err != nil {
		return nil, Answer{}, err
	}
	if main == nil {
		return nil, refusal(
			http.StatusUnprocessableEntity,
			"template",
			"unknown_template",
			"No template of this name is approved for this sender.",
		), nil
	}
	g, err := tx.GroupOf(main)
	if err != nil {
		return nil, Answer{}, err
	}
	language := in.Language
	if language == "" {
		language = contact.Language
	}
	w := &apiMessage{
		to:      to.E164,
		address: address,
		sender:  sender,
		contact: contact,
		group:   g,
		version: g.For(language),
	}
	own, reason, err := w.judge(tx, rules, in, language)
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
	return &m.ID, answer, errors.Join(
		err,
		tx.Audit(
			models.System("API: "+key.Name),
			"notification.api",
			"contact",
			contact.PublicID,
			main.Template.Name+" was sent to "+contact.Title()+" by "+key.Name,
			nil,
		),
	)
}

func fieldOf(reason whatsapp.Exclusion) string {
	switch reason {
	case whatsapp.ExcludedNoValue:
		return "values"
	case whatsapp.ExcludedUnfillable:
		return "template"
	}
	return "to"
}

// NewKey makes a key for the API and returns it: it is shown once, and kept as a hash.
func (s *Service) NewKey(ctx context.Context, a models.Actor, name string) (string, error) {
	if n := whatsapp.Length(name); n == 0 || n > 100 {
		return "", models.Invalid("name", "Write a name of at most 100 characters: which program uses the key.")
	}
	key := "pk_" + rand.Text() + rand.Text()
	hash := sha256.Sum256([]byte(key))
	return key, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.AddAPIKey(a, name, hash[:]) })
}

// RevokeKey takes a key away.
func (s *Service) RevokeKey(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.RevokeAPIKey(a, id) })
}

// SaveRules puts other rules for notifications in force. Refusals name the field.
func (s *Service) SaveRules(ctx context.Context, a models.Actor, r models.NotifyRules) error {
	var errs []error
	for field, v := range map[string]int{"per_day": r.PerDay, "min_hours": r.MinHours, "approve_above": r.ApproveAbove} {
		if v < 0 || v > 10_000_000 {
			errs = append(errs, models.Invalid(field, "Write a number, 0 for none."))
		}
	}
	if (r.QuietFrom == nil) != (r.QuietTo == nil) || r.QuietFrom != nil && *r.QuietFrom == *r.QuietTo {
		errs = append(errs, models.Invalid("quiet_from", "Give both ends of the quiet hours, and not the same."))
	}
	if r.MinHours > 720 {
		errs = append(errs, models.Invalid("min_hours", "At most 720 hours, which is a month."))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveNotifyRules(a, r) })
}
