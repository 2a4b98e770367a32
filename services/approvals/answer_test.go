package approvals

import (
	"errors"
	"testing"

	"parley/models/templates"
	"parley/services/servicetest"
	"parley/services/twilio"
	"parley/whatsapp"
)

// submitted is a world with a version in a state, whose author is Ada.
func submitted(t *testing.T, state whatsapp.Approval) (*servicetest.World, *Service, int64) {
	t.Helper()
	w := servicetest.New(t)
	public := w.Template("visit_near")
	w.Exec(`UPDATE template_versions SET state = $2, author_id = (SELECT id FROM users WHERE name = 'Ada')
		WHERE public_id = $1`, public, string(state))
	id := w.Number("SELECT id FROM template_versions WHERE public_id = $1", public)
	return w, &Service{store: w.Store, twilio: w.Twilio, log: w.Log}, id
}

// What WhatsApp's answer makes of a version. One that is unknown or impossible is stored and changes no state.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before whatsapp.Approval
		answer string
		after  whatsapp.Approval
	}{
		"received":                  {whatsapp.Submitted, "received", whatsapp.Submitted},
		"under review":              {whatsapp.Submitted, "pending", whatsapp.Pending},
		"in appeal":                 {whatsapp.Submitted, "in_appeal", whatsapp.Pending},
		"approved":                  {whatsapp.Pending, "approved", whatsapp.Approved},
		"rejected":                  {whatsapp.Pending, "rejected", whatsapp.Rejected},
		"paused":                    {whatsapp.Approved, "paused", whatsapp.Paused},
		"disabled":                  {whatsapp.Approved, "disabled", whatsapp.Disabled},
		"back after a pause":        {whatsapp.Paused, "approved", whatsapp.Approved},
		"a word that is not known":  {whatsapp.Pending, "thinking", whatsapp.Pending},
		"back to where it was sent": {whatsapp.Approved, "received", whatsapp.Approved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, id := submitted(t, c.before)
			answer := twilio.Approval{Status: c.answer, RejectionReason: "It is promotion."}
			if err := s.apply(t.Context(), id, answer, false); err != nil {
				t.Fatal(err)
			}
			v, err := templates.Read(w.Store).VersionByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if v.State != c.after || v.TwilioState != c.answer || v.CheckedAt == nil {
				t.Errorf("%s and %q, checked %v", v.State, v.TwilioState, v.CheckedAt)
			}
			if (v.RejectionReason != "") != (c.after != c.before && c.after.Decided() && c.after != whatsapp.Approved) {
				t.Errorf("the reason is %q", v.RejectionReason)
			}
			alerts := w.Number("SELECT count(*) FROM alerts WHERE title LIKE 'visit\\_near%'")
			if (alerts > 0) != (c.after != c.before && c.after.Decided()) {
				t.Errorf("%d alerts", alerts)
			}
		})
	}
}

// What Twilio refuses is rejected. Anything else is tried again, and says so.
func TestNotTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cause error
		state whatsapp.Approval
		again bool
	}{
		"refused":           {&twilio.Error{Outcome: twilio.Refused, Code: 20001}, whatsapp.Rejected, false},
		"wrong credentials": {&twilio.Error{Outcome: twilio.Refused, Code: 20003}, whatsapp.Submitted, true},
		"unknown":           {&twilio.Error{Outcome: twilio.OutcomeUnknown}, whatsapp.Submitted, true},
		"not Twilio's":      {errors.New("no route"), whatsapp.Submitted, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s, id := submitted(t, whatsapp.Submitted)
			v, err := templates.Read(w.Store).VersionByID(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.notTaken(t.Context(), v, c.cause); (err != nil) != c.again {
				t.Errorf("the job ends with %v", err)
			}
			now, err := templates.Read(w.Store).VersionByID(t.Context(), id)
			if err != nil || now.State != c.state || (now.SubmitError != "") != c.again {
				t.Errorf("%s, %q (%v)", now.State, now.SubmitError, err)
			}
		})
	}
}

// A test that can't be sent alerts the user who wanted it, and nobody else.
func TestFailedTest(t *testing.T) {
	t.Parallel()
	w, s, id := submitted(t, whatsapp.Draft)
	v, err := templates.Read(w.Store).VersionByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	ada := *w.Actor("Ada").ID
	refused := &twilio.Error{Outcome: twilio.Refused, Code: 20001, Message: "Bad button"}
	if err := s.testFailed(t.Context(), TestArgs{VersionID: id, UserID: ada}, v, refused); err != nil {
		t.Fatal(err)
	}
	if w.Number("SELECT count(*) FROM alerts WHERE user_id = $1 AND body = 'Twilio says: Bad button'", ada) != 1 ||
		w.Number("SELECT count(*) FROM alerts") != 1 {
		t.Error("not exactly Ada was told")
	}
}
