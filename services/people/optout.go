package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/arrivals"
	"parley/models/people"
	"parley/whatsapp"
	"parley/whatsapp/intent"
	"parley/whatsapp/plaintext"
)

// maxProof is how long a proof and a wording may be, in characters.
const maxProof = 2000

// restRefused is the error of a form whose opt-out was recorded although other fields are wrong, or its file could not
// be stored: errs by their fields, and a sentence for the form as a whole.
func restRefused(errs []error) error {
	return errors.Join(append([]error{optOutKept(errs)}, errs...)...)
}

// optOutKept says that the opt-out counts although errs refuse the other fields, or, without a refusal among them, the
// file could not be stored.
func optOutKept(errs []error) *models.Error {
	refused, ok := errors.AsType[*models.Error](errors.Join(errs...))
	if !ok {
		return &models.Error{Kind: models.KindInvalid, Code: "contact.opt_out_kept_file_not_stored"}
	}
	return &models.Error{
		Kind: models.KindInvalid,
		Code: "contact.opt_out_kept_rest_refused",
		Args: models.Args{"Reason": refused},
	}
}

// optOutInSpite is the valid part of a reported opt-out with other fields that are wrong.
func optOutInSpite(a models.Actor, e people.ConsentEvent) people.ConsentEvent {
	if !slices.Contains(handSources, e.Source) {
		e.Source = whatsapp.SourceByHand
	}
	if e.Proof = plaintext.Cut(e.Proof, maxProof); strings.TrimSpace(e.Proof) == "" {
		e.Proof = "Recorded by " + a.Name + ", without a proof."
	}
	e.Wording = plaintext.Cut(e.Wording, maxProof)
	return e
}

// bulkOptOut opts contacts out, a part at a time, also those that were merged into others meanwhile.
func (s *Service) bulkOptOut(ctx context.Context, a models.Actor, ids []string, c Change) (int64, error) {
	var n int64
	for part := range slices.Chunk(ids, bulkBatch) {
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			rows, err := arrivals.Survivors(tx, part)
			if err != nil {
				return err
			}
			k, err := s.changeRows(tx, a, rows, c)
			n += k
			return err
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// bulkProof is the proof of an opt-out in bulk, with the errors of the given one.
func bulkProof(a models.Actor, proof string) (string, []error) {
	switch {
	case strings.TrimSpace(proof) == "":
		return "Opted out in bulk by " + a.Name + ", without a reason.", []error{
			models.Invalid("proof", "consent.opt_out_proof_missing"),
		}
	case whatsapp.Length(proof) > maxProof:
		return plaintext.Cut(proof, maxProof), []error{models.Invalid("proof", "consent.proof_too_long")}
	}
	return proof, nil
}

// TakeHint stores a user's decision about a message that may be an opt-out: record it with the message as its proof, or
// not. It returns the conversation's public id.
func (s *Service) TakeHint(ctx context.Context, a models.Actor, messageID string, record bool) (string, error) {
	conversation := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		m, err := conversations.MessageForUpdate(tx, messageID)
		if err != nil {
			return err
		}
		conv, err := conversations.ConversationByIDForUpdate(tx, m.ConversationID)
		if err != nil {
			return err
		}
		conversation = conv.PublicID
		if m.Hint != conversations.HintOptOut {
			return nil // somebody decided already
		}
		if record {
			m.Hint, err = conversations.HintRecorded, recordHint(tx, a, conv, m)
		} else {
			// Without its text, which is erased with the message.
			m.Hint, err = conversations.HintDismissed, models.Audit(
				tx,
				a,
				"consent.hint_dismissed",
				models.About("contact", conv.Contact.PublicID).With(map[string]any{"message": m.PublicID}),
				"A message of "+conv.Contact.Title()+" was not read as an opt-out",
			)
		}
		if err != nil {
			return err
		}
		tx.Publish(conv.Topic())
		return conversations.SetHint(tx, m)
	})
	return conversation, err
}

// recordHint opts a contact out with a message as the proof, unless they are opted out.
func recordHint(tx *models.Tx, a models.Actor, conv *conversations.Conversation, m *conversations.Message) error {
	c, err := people.ContactForUpdate(tx, conv.Contact.PublicID)
	if err != nil || c.Consent == whatsapp.OptedOut {
		return err
	}
	sid := ""
	if m.TwilioSid != nil {
		sid = *m.TwilioSid
	}
	return people.RecordConsent(tx, a, c, people.ConsentEvent{
		Kind:   whatsapp.OptedOut,
		Source: whatsapp.SourceInbound,
		Proof:  "WhatsApp message " + sid + ", read as an opt-out by " + a.Name + ": " + plaintext.Cut(m.Body, 300),
	})
}

// OptOutOf reads the opt-out from an invalid call of the API: consent is an opt-out, and phone is a number. ok is false
// for every other call.
func OptOutOf(fields map[string]any, problem string) (in APIOptin, ok bool) {
	text := func(name string) string {
		s, _ := fields[name].(string)
		return s
	}
	in = APIOptin{Phone: text("phone"), Consent: text("consent"), Proof: text("proof"), Problem: problem}
	return in, in.Phone != "" && in.OptsOut()
}

// OptsOut reports whether the call is an opt-out, in any word.
func (in APIOptin) OptsOut() bool {
	kind, ok := intent.ReadConsent(in.Consent)
	return ok && kind == whatsapp.OptedOut
}

// inSpite is the call reduced to its opt-out, for a call whose other fields are wrong.
func (in APIOptin) inSpite(page string) APIOptin {
	out := APIOptin{
		Phone:      in.Phone,
		Consent:    string(whatsapp.OptedOut),
		Proof:      plaintext.Cut(in.Proof, maxProof),
		Wording:    plaintext.Cut(in.Wording, maxProof),
		OccurredAt: in.OccurredAt,
	}
	if out.Proof == "" {
		out.Proof = "A call of the API of " + page + ", without a proof."
	}
	return out
}
