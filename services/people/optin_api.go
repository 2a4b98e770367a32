package people

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/optins"
	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/phone"
)

// APIOptin is an opt-in or opt-out that the business's own form reports.
type APIOptin struct {
	Phone          string     `json:"phone"`
	PhoneConfirmed bool       `json:"phone_confirmed"` // accept a number to check
	Name           string     `json:"name"`
	Language       string     `json:"language"`
	Consent        string     `json:"consent"` // opted_in if empty, or any word that whatsapp.ReadConsent reads
	Proof          string     `json:"proof"`
	Wording        string     `json:"wording"` // what the person was shown; the page's own if empty
	OccurredAt     *time.Time `json:"occurred_at"`

	Problem string `json:"-"` // what is wrong with the call as a whole: then only an opt-out is recorded
}

// APIResult is the result of an APIOptin.
type APIResult struct {
	Contact string           `json:"contact"`
	Consent whatsapp.Consent `json:"consent"`
	Changed bool             `json:"changed"`
	Note    string           `json:"note,omitempty"`
	Field   string           `json:"field,omitempty"` // the field of an opt-out that was wrong; Error and Code say why
	Error   string           `json:"error,omitempty"`
	Code    string           `json:"code,omitempty"`
}

// phoneOf reads a number that a program sends. A number to check is accepted if the program confirms it, or if a
// contact has it: then somebody confirmed it or wrote from it. An opt-out always counts.
func (s *Service) phoneOf(ctx context.Context, text string, confirmed bool) (string, error) {
	n, err := phone.Read(text, "")
	if err != nil {
		return "", err
	}
	if n.Verdict != phone.Valid && !confirmed {
		match := whatsapp.MatchPhone(n.E164)
		known, err := notifications.Read(s.store).ContactsAtMatches(ctx, []string{match})
		if err != nil {
			return "", err
		}
		confirmed = known[match] != nil
	}
	if confirmed {
		return n.E164, nil
	}
	return phone.Confirmed(text, "", "")
}

// TakeAPI records what the business's own form reports. An opt-in that is older than the person's opt-out changes
// nothing, and neither does a repeated call. Refusals name the field. An opt-out is recorded even if something else is
// wrong, as long as the number can be read: the result says what was wrong.
func (s *Service) TakeAPI(ctx context.Context, o *optins.OptinSource, in APIOptin) (APIResult, error) {
	out := APIResult{}
	kind := in.kind()
	number, unread := s.phoneOf(ctx, in.Phone, in.PhoneConfirmed || kind == whatsapp.OptedOut)
	if unread != nil && phone.ReasonOf(unread) == "" {
		return out, unread
	}
	if errs := in.check(o, s.store.Now(), unread); len(errs) > 0 {
		if kind != whatsapp.OptedOut || unread != nil {
			return out, errors.Join(errs...)
		}
		in = in.inSpite(o.Name)
		e, _ := errors.AsType[*models.Error](errs[0])
		out.Field, out.Error, out.Code, out.Note = e.Field, e.Message(), e.Code, optOutKept(errs).Message()
	}
	call := apiCall{page: o, kind: kind, number: number, in: in}
	err := s.store.InTx(ctx, func(tx *models.Tx) error { return call.record(tx, &out) })
	return out, err
}

// kind is the call's consent: an opt-in if it has none.
func (in APIOptin) kind() whatsapp.Consent {
	switch {
	case in.Consent == "":
		return whatsapp.OptedIn
	case in.OptsOut():
		return whatsapp.OptedOut
	}
	return whatsapp.Consent(in.Consent)
}

// check fills in what a call may leave out, and returns what is wrong with it; unread is why its number can't be read.
func (in *APIOptin) check(page *optins.OptinSource, now time.Time, unread error) (errs []error) {
	bad := func(field, code string, args ...any) { errs = append(errs, models.Invalid(field, code, args...)) }
	if in.Problem != "" {
		bad("", "api.invalid_json", "Reason", in.Problem)
	}
	if unread != nil {
		errs = append(errs, models.InvalidBecause("phone", unread))
	}
	if kind := in.kind(); kind != whatsapp.OptedIn && kind != whatsapp.OptedOut {
		bad("consent", "consent.consent_unknown")
	}
	if in.Proof = strings.TrimSpace(in.Proof); in.Proof == "" || whatsapp.Length(in.Proof) > maxProof {
		bad("proof", "consent.proof_length")
	}
	if in.Wording = strings.TrimSpace(in.Wording); in.Wording == "" {
		in.Wording = page.Wording
	}
	if whatsapp.Length(in.Wording) > maxProof || whatsapp.Length(in.Name) > 200 {
		bad("wording", "consent.wording_or_name_too_long")
	}
	if !locale.KnownLanguage(in.Language) {
		bad("language", "contact.language_unknown_at_whatsapp")
	}
	if in.OccurredAt == nil {
		in.OccurredAt = &now
	}
	if in.OccurredAt.After(now.Add(5 * time.Minute)) {
		bad("occurred_at", "consent.occurred_to_come")
		in.OccurredAt = &now
	}
	return errs
}

// apiCall is a call that was checked.
type apiCall struct {
	page   *optins.OptinSource
	kind   whatsapp.Consent // opted_in or opted_out
	number string           // in E.164
	in     APIOptin
}

// record writes the call's consent, unless it is older than the recorded consent or the same.
func (call apiCall) record(tx *models.Tx, out *APIResult) error {
	c, err := optins.OptinContact(tx, call.number, strings.TrimSpace(call.in.Name), call.in.Language)
	if err != nil {
		return err
	}
	out.Contact, out.Consent = c.PublicID, c.Consent
	optsIn := call.kind == whatsapp.OptedIn
	switch {
	case optsIn && c.StaysOut() && !call.in.OccurredAt.After(*cmp.Or(c.OptedOutAt, c.ConsentAt)):
		out.Note = "The person opted out later than that, and stays opted out."
		return nil
	case call.kind == c.ShownConsent() && (call.page.TopicID == nil || !optsIn):
		if out.Note == "" {
			out.Note = "Nothing new."
		}
		return optins.TagContact(tx, c, call.page.TagID)
	}
	if err := call.recordConsent(tx, c); err != nil {
		return err
	}
	out.Consent, out.Changed = call.kind, true
	if !optsIn {
		return nil
	}
	return optins.TagContact(tx, c, call.page.TagID)
}

// recordConsent records an opt-out from everything, or an opt-in to the page's topic.
func (call apiCall) recordConsent(tx *models.Tx, c *people.Contact) error {
	e := people.ConsentEvent{
		Kind:       call.kind,
		Source:     whatsapp.SourceAPI,
		Proof:      call.in.Proof,
		Wording:    call.in.Wording,
		OccurredAt: call.in.OccurredAt.UTC(),
	}
	if call.kind == whatsapp.OptedIn {
		e.TopicID = call.page.TopicID
	}
	actor := models.System("API of " + call.page.Name)
	if e.TopicID != nil && c.StaysOut() { // a later opt-in to a topic ends the general opt-out as well
		general := e
		general.TopicID = nil
		if err := people.RecordConsent(tx, actor, c, general); err != nil {
			return err
		}
	}
	return people.RecordConsent(tx, actor, c, e)
}
