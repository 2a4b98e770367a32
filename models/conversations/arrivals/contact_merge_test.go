package arrivals_test

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations/arrivals"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/whatsapp"
)

const clinic = "+15550100200"

// in is a transaction of a test.
func in(t *testing.T, s *models.Store, fn func(*models.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func arrive(t *testing.T, s *models.Store, from whatsapp.Address, userID string) (c *people.Contact) {
	t.Helper()
	in(t, s, func(tx *models.Tx) error {
		a, err := arrivals.Arrive(tx, clinic, from, "Noor", userID)
		if err == nil {
			c = a.Contact
		}
		return err
	})
	return c
}

// A person known by WhatsApp's user id and one known by a number are one as soon as both come in one message: the older
// contact is left, whichever of the two it is, with both addresses.
func TestUserIDMerges(t *testing.T) {
	t.Parallel()
	number, id := whatsapp.Address{Phone: "+4915112350109"}, whatsapp.Address{ID: "DE.abc123"}
	for name, first := range map[string]whatsapp.Address{"the id first": id, "the number first": number} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := modelstest.New(t)
			older := arrive(t, s, first, "")
			other := number
			if first == number {
				other = id
			}
			younger := arrive(t, s, other, "")
			if older.ID == younger.ID {
				t.Fatal("the two are one before anything says so")
			}
			if kept := arrive(t, s, number, id.ID); kept.ID != older.ID {
				t.Errorf("contact %d is left, the older one is %d", kept.ID, older.ID)
			}
			for _, from := range []whatsapp.Address{number, id} {
				if c := arrive(t, s, from, ""); c.ID != older.ID || c.Phone == nil || *c.Phone != number.Phone {
					t.Errorf("%+v leads to %+v", from, c)
				}
			}
			in(t, s, func(tx *models.Tx) error {
				left, err := arrivals.Survivors(tx, []string{younger.PublicID})
				if err == nil && (len(left) != 1 || left[0].ID != older.ID) {
					t.Errorf("%d contacts are left", len(left))
				}
				return err
			})
		})
	}
}

// state is a consent state, by the events that lead to it.
type state []people.ConsentEvent

var (
	none    = state{}
	inAll   = state{{Kind: whatsapp.OptedIn}}
	out     = state{{Kind: whatsapp.OptedOut}}
	sandbox = state{{Kind: whatsapp.OptedIn, Scope: whatsapp.ScopeSandbox}}
	outIn   = state{{Kind: whatsapp.OptedOut}, {Kind: whatsapp.OptedIn, Scope: whatsapp.ScopeSandbox}}
)

// The consent of a merged contact: an opt-out of either counts, then an opt-in for all senders, then one for the
// Sandbox alone. The ledger agrees with it.
func TestMergedConsent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keep, drop state
		consent    whatsapp.Consent
		scope      whatsapp.ConsentScope
		outBeside  bool // opted out everywhere except the Sandbox
	}{
		"nothing and nothing":                    {none, none, "none", "all", false},
		"an opt-in comes along":                  {none, inAll, "opted_in", "all", false},
		"one to the Sandbox alone comes along":   {none, sandbox, "opted_in", "sandbox", false},
		"nothing takes nothing away":             {inAll, none, "opted_in", "all", false},
		"all is more than the Sandbox":           {sandbox, inAll, "opted_in", "all", false},
		"the Sandbox is less than all":           {inAll, sandbox, "opted_in", "all", false},
		"an opt-out counts":                      {inAll, out, "opted_out", "all", false},
		"also one of the contact that is kept":   {out, inAll, "opted_out", "all", false},
		"also for somebody in the Sandbox":       {sandbox, out, "opted_out", "all", false},
		"also beside the Sandbox":                {inAll, outIn, "opted_in", "sandbox", true},
		"also beside the Sandbox, of the kept":   {outIn, inAll, "opted_in", "sandbox", true},
		"an opt-out of both":                     {out, outIn, "opted_out", "all", false},
		"of all is more than beside the Sandbox": {outIn, out, "opted_out", "all", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, clock := modelstest.New(t)
			var keep, drop *people.Contact
			add := func(phone string, events state) (c *people.Contact) {
				in(t, s, func(tx *models.Tx) (err error) {
					c, _, err = people.ContactAt(tx, whatsapp.Address{Phone: phone}, "")
					for _, e := range events {
						clock.Move(time.Minute)
						e.Source, e.Proof = whatsapp.SourceByHand, "said so"
						if err == nil {
							err = people.RecordConsent(tx, models.System("Test"), c, e)
						}
					}
					return err
				})
				return c
			}
			keep, drop = add("+4915112350109", c.keep), add("+4915112350110", c.drop)
			in(t, s, func(tx *models.Tx) error { return arrivals.Merge(tx, models.System("Test"), keep, drop) })
			got, err := people.Read(s).ContactByPublicID(t.Context(), keep.PublicID)
			if err != nil || got.Consent != c.consent || got.ConsentScope != c.scope ||
				(got.OptedOutAt != nil) != c.outBeside {
				t.Errorf("%s %s %v, %v", got.Consent, got.ConsentScope, got.OptedOutAt, err)
			}
			if _, problems, err := people.Read(s).VerifyConsent(t.Context()); err != nil || len(problems) > 0 {
				t.Errorf("the ledger: %v, %v", problems, err)
			}
		})
	}
}

// What the kept contact has stays, what it lacks comes along, and a block of either counts.
func TestMergedProfile(t *testing.T) {
	t.Parallel()
	s, clock := modelstest.New(t)
	now := clock.Now()
	var keep, drop *people.Contact
	in(t, s, func(tx *models.Tx) (err error) {
		keep, _, err = people.ContactAt(tx, whatsapp.Address{Phone: "+4915112350109"}, "")
		if err == nil {
			drop, _, err = people.ContactAt(tx, whatsapp.Address{Phone: "+14155552671"}, "Noor on WhatsApp")
		}
		return err
	})
	keep.Name, keep.Tags, keep.Fields = "Noor", models.IDs{1}, people.Fields{"city": "Bonn"}
	drop.Name, drop.Language, drop.TimeZone = "Noor B", "de", "Europe/Berlin"
	drop.Tags, drop.Fields, drop.BlockedAt = models.IDs{1, 2}, people.Fields{"city": "Ulm", "vip": true}, &now
	in(t, s, func(tx *models.Tx) error { return arrivals.Merge(tx, models.System("Test"), keep, drop) })
	got, err := people.Read(s).ContactByPublicID(t.Context(), keep.PublicID)
	if err != nil || got.Name != "Noor" || got.ProfileName != "Noor on WhatsApp" || got.Language != "de" ||
		got.TimeZone != "Europe/Berlin" || *got.Phone != "+4915112350109" || got.Country != "DE" {
		t.Errorf("%+v, %v", got, err)
	}
	if len(got.Tags) != 2 || got.Fields["city"] != "Bonn" || got.Fields["vip"] != true || got.BlockedAt == nil {
		t.Errorf("%v %v %v", got.Tags, got.Fields, got.BlockedAt)
	}
	gone, err := people.Read(s).ContactByPublicID(t.Context(), drop.PublicID)
	if err != nil || gone.Gone != people.Merged || *gone.MergedInto != keep.ID || gone.Phone != nil {
		t.Errorf("the other: %+v, %v", gone, err)
	}
	err = s.InTx(
		t.Context(),
		func(tx *models.Tx) error { return arrivals.Merge(tx, models.System("Test"), keep, keep) },
	)
	if models.KindOf(err) != models.KindConflict {
		t.Errorf("with itself: %v", err)
	}
	err = s.InTx(t.Context(), func(tx *models.Tx) error {
		return arrivals.GiveNumber(tx, models.System("Test"), keep, "+14155552671")
	})
	if models.KindOf(err) != models.KindInvalid {
		t.Errorf("a number that somebody has: %v", err)
	}
}
