package people_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/senders"
	"parley/whatsapp"
)

// inTx is a transaction of a test.
func inTx(t *testing.T, s *models.Store, fn func(*models.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func contact(t *testing.T, s *models.Store, phone string, events ...people.ConsentEvent) (c *people.Contact) {
	t.Helper()
	inTx(t, s, func(tx *models.Tx) (err error) {
		c, _, err = people.ContactAt(tx, whatsapp.Address{Phone: phone}, "")
		for _, e := range events {
			if e.Proof = "said so"; e.Source == "" {
				e.Source = whatsapp.SourceByHand
			}
			if err == nil {
				err = people.RecordConsent(tx, models.System("Test"), c, e)
			}
		}
		return err
	})
	return c
}

// What the Sandbox and a business's own sender may send, by what happened.
func TestConsentTowardsSenders(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	in, out := people.ConsentEvent{Kind: whatsapp.OptedIn}, people.ConsentEvent{Kind: whatsapp.OptedOut}
	join := people.ConsentEvent{Kind: whatsapp.OptedIn, Source: whatsapp.SourceSandboxJoin}
	scoped := people.ConsentEvent{Kind: whatsapp.OptedIn, Scope: whatsapp.ScopeSandbox}
	sandbox := &senders.Sender{Kind: whatsapp.SandboxSender}
	own := &senders.Sender{Kind: whatsapp.BusinessSender}
	n := 0
	for name, c := range map[string]struct {
		events       []people.ConsentEvent
		sandbox, own bool
		staysOut     bool
	}{
		"nothing happened":                    {nil, false, false, false},
		"opted in":                            {[]people.ConsentEvent{in}, true, true, false},
		"opted out":                           {[]people.ConsentEvent{in, out}, false, false, true},
		"joined the Sandbox":                  {[]people.ConsentEvent{join}, true, false, false},
		"joined it after an opt-out":          {[]people.ConsentEvent{out, join}, false, false, true},
		"joined it after an opt-in":           {[]people.ConsentEvent{in, join}, true, true, false},
		"agreed to the Sandbox after opt-out": {[]people.ConsentEvent{out, scoped}, true, false, true},
		"opted in again":                      {[]people.ConsentEvent{out, in}, true, true, false},
		"opted out after joining":             {[]people.ConsentEvent{join, out}, false, false, true},
	} {
		n++
		c1 := contact(t, s, fmt.Sprintf("+4915112350%03d", n), c.events...)
		got, err := people.Read(s).ContactByID(t.Context(), c1.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.OptedInTo(sandbox) != c.sandbox || got.OptedInTo(own) != c.own || got.StaysOut() != c.staysOut {
			t.Errorf(
				"%s: sandbox %v, own %v, stays out %v",
				name,
				got.OptedInTo(sandbox),
				got.OptedInTo(own),
				got.StaysOut(),
			)
		}
		if c1.ConsentState().For(true) != got.ConsentState().For(true) {
			t.Errorf("%s: the contact in memory is %v, the stored one %v", name, c1.ConsentState(), got.ConsentState())
		}
	}
	if _, problems, err := people.Read(s).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v, %v", problems, err)
	}
}

// The consent for a topic: an opt-in to it does not end a general opt-out, and an opt-out of it leaves the rest.
func TestConsentForATopic(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	var topic *people.Topic
	inTx(t, s, func(tx *models.Tx) (err error) {
		topic, err = people.AddTopic(tx, models.System("Test"), "Invoices")
		return err
	})
	own := &senders.Sender{Kind: whatsapp.BusinessSender}
	event := func(kind whatsapp.Consent, topic *int64) people.ConsentEvent {
		return people.ConsentEvent{Kind: kind, TopicID: topic}
	}
	n := 0
	for name, c := range map[string]struct {
		events         []people.ConsentEvent
		topic, general whatsapp.Consent
	}{
		"to the topic alone": {[]people.ConsentEvent{event("opted_in", &topic.ID)}, "opted_in", "none"},
		"to everything":      {[]people.ConsentEvent{event("opted_in", nil)}, "opted_in", "opted_in"},
		"out of the topic": {[]people.ConsentEvent{event("opted_in", nil), event("opted_out", &topic.ID)},
			"opted_out", "opted_in"},
		"out of everything": {[]people.ConsentEvent{event("opted_in", &topic.ID), event("opted_out", nil)},
			"opted_out", "opted_out"},
	} {
		n++
		c1 := contact(t, s, fmt.Sprintf("+4915112350%03d", n), c.events...)
		inTx(t, s, func(tx *models.Tx) error {
			for id, want := range map[*int64]whatsapp.Consent{&topic.ID: c.topic, nil: c.general} {
				list := []people.Contact{*c1}
				if err := people.ConsentTo(tx, id, own, list); err != nil {
					return err
				}
				if list[0].Consent != want {
					t.Errorf("%s: %v is %s, want %s", name, id, list[0].Consent, want)
				}
			}
			return nil
		})
	}
}

// An opt-out in bulk writes one event for each who was not opted out, and changes nobody else.
func TestBulkOptOut(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	in, out := people.ConsentEvent{Kind: whatsapp.OptedIn}, people.ConsentEvent{Kind: whatsapp.OptedOut}
	scoped := people.ConsentEvent{Kind: whatsapp.OptedIn, Scope: whatsapp.ScopeSandbox}
	a, b := contact(t, s, "+4915112350101", in), contact(t, s, "+4915112350102", out)
	c, other := contact(t, s, "+4915112350103", out, scoped), contact(t, s, "+4915112350104", in)
	inTx(t, s, func(tx *models.Tx) error {
		n, err := people.BulkOptOut(
			tx,
			models.System("Test"),
			[]int64{a.ID, b.ID, c.ID},
			whatsapp.SourceByHand,
			"asked",
		)
		if n != 2 {
			t.Errorf("%d were opted out", n)
		}
		return err
	})
	wanted := map[*people.Contact]whatsapp.Consent{a: "opted_out", b: "opted_out", c: "opted_out", other: "opted_in"}
	for who, want := range wanted {
		got, err := people.Read(s).ContactByID(t.Context(), who.ID)
		if err != nil || got.Consent != want || got.OptedOutAt != nil {
			t.Errorf("contact %d is %s since %v, %v", who.ID, got.Consent, got.OptedOutAt, err)
		}
	}
	if _, problems, err := people.Read(s).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("the ledger: %v, %v", problems, err)
	}
}

// The author of a note removes it, an operator anybody's; a file that proves a consent stays.
func TestNotesAndProofs(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	pool := modelstest.PoolOf(s)
	user := func(name string) models.Actor {
		var id int64
		err := pool.QueryRow(t.Context(), `INSERT INTO users (email, name, role, password_hash)
			VALUES (lower($1) || '@example.com', $1, 'agent', 'x') RETURNING id`, name).Scan(&id)
		if err != nil {
			t.Fatal(err)
		}
		return models.Actor{ID: &id, Name: name}
	}
	ana, bea, c := user("Ana"), user("Bea"), contact(t, s, "+4915112350101")
	for _, step := range []struct {
		who  models.Actor
		any  bool
		want models.Kind
	}{{bea, false, models.KindNotFound}, {ana, false, ""}, {bea, true, ""}} {
		inTx(t, s, func(tx *models.Tx) error { return people.AddContactNote(tx, ana, c, "likes tea") })
		notes, err := people.Read(s).ContactNotes(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		err = s.InTx(t.Context(), func(tx *models.Tx) error {
			return people.RemoveContactNote(tx, step.who, step.any, c, notes[0].PublicID)
		})
		if err == nil && step.want != "" || err != nil && models.KindOf(err) != step.want {
			t.Errorf("%s, any %v: %v", step.who.Name, step.any, err)
		}
	}
	f, g := people.ContactFile{Name: "form.pdf", File: "A"}, people.ContactFile{Name: "letter.pdf", File: "B"}
	inTx(t, s, func(tx *models.Tx) error {
		for _, file := range []*people.ContactFile{&f, &g} {
			if file.SHA256 = []byte{1}; people.AddContactFile(tx, ana, c, file) != nil {
				t.Fatal("a file is not stored")
			}
		}
		return people.RecordConsent(tx, ana, c, people.ConsentEvent{
			Kind:   whatsapp.OptedIn,
			Source: whatsapp.SourcePaper,
			Proof:  f.Fingerprint(),
			FileID: &f.ID,
		})
	})
	for id, want := range map[string]string{f.PublicID: "file.is_proof", g.PublicID: ""} {
		err := s.InTx(t.Context(), func(tx *models.Tx) error {
			_, err := people.RemoveContactFile(tx, ana, c, id)
			return err
		})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
