package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/models/people"
	"parley/models/people/optins"
	peopleservice "parley/services/people"
	"parley/whatsapp"
)

// What a user reports needs an event, a source and a proof. An opt-out counts whatever else is wrong.
func TestReportedConsent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	topic := d.Text("INSERT INTO topics (name) VALUES ('Invoices') RETURNING public_id")
	in, out := whatsapp.OptedIn, whatsapp.OptedOut
	for i, c := range []struct {
		name           string
		kind           whatsapp.Consent
		source         whatsapp.ConsentSource
		proof, wording string
		topic          string
		want           string // the consent afterwards
		refused        []string
	}{
		{"an opt-in with proof", in, "paper", "signed", "", "", "opted_in", nil},
		{"an opt-in without proof", in, "paper", "", "", "", "none", []string{"proof: consent.proof_missing"}},
		{"a proof at its limit", in, "paper", long(2000), long(2000), "", "opted_in", nil},
		{"a proof beyond it", in, "paper", long(2001), "", "", "none", []string{"proof: consent.proof_too_long"}},
		{"a wording beyond it", in, "paper", "x", long(2001), "", "none", []string{"wording: consent.wording_too_long"}},
		{"a source that nobody reports", in, "keyword", "x", "", "", "none", []string{"source: consent.source_missing"}},
		{"no event", "", "paper", "x", "", "", "none", []string{"kind: consent.event_missing"}},
		{"an unknown topic", in, "paper", "x", "", "nope", "none", []string{"topic: topic.unknown"}},
		{"an opt-in to a topic leaves the rest", in, "paper", "x", "", topic, "none", nil},
		{"an opt-out without proof", out, "paper", "", "", "", "opted_out",
			[]string{": contact.opt_out_kept_rest_refused", "proof: consent.proof_missing"}},
		{"an opt-out with a strange source", out, "keyword", long(2001), long(2001), "", "opted_out", []string{
			": contact.opt_out_kept_rest_refused", "source: consent.source_missing",
			"proof: consent.proof_too_long", "wording: consent.wording_too_long",
		}},
		{"an opt-out of an unknown topic", out, "paper", "x", "", "nope", "none", []string{"topic: topic.unknown"}},
	} {
		id := d.person(c.name, fmt.Sprintf("+4915112352%03d", i), "none")
		err := d.people.RecordConsent(t.Context(), d.Actor("Otto"), id, peopleservice.ReportedConsent{
			Event:   people.ConsentEvent{Kind: c.kind, Source: c.source, Proof: c.proof, Wording: c.wording},
			TopicID: c.topic,
		})
		t.Run(c.name, func(t *testing.T) {
			refused(t, err, c.refused...)
			if got := d.consent(id); got != c.want {
				t.Errorf("the contact is %s, want %s", got, c.want)
			}
			events := d.Number(`SELECT count(*) FROM consent_events e JOIN contacts c ON c.id = e.contact_id
				WHERE c.public_id = $1 AND e.actor_id IS NOT NULL AND e.proof <> '' AND e.source <> 'keyword'`, id)
			if want := int64(1); (c.want != "none" || c.topic == topic) != (events == want) {
				t.Errorf("%d events", events)
			}
		})
	}
}

// An opt-out for a contact that was merged meanwhile reaches the one that is left; an opt-in doesn't.
func TestOptOutFollowsAMerge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	keep, drop := d.person("Noor", "+4915112350109", "opted_in"), d.person("Noor B", "+4915112350110", "opted_in")
	if err := d.people.Merge(t.Context(), d.Actor("Otto"), keep, drop); err != nil {
		t.Fatal(err)
	}
	say := func(kind whatsapp.Consent) error {
		return d.people.RecordConsent(t.Context(), d.Actor("Otto"), drop, peopleservice.ReportedConsent{
			Event: people.ConsentEvent{Kind: kind, Source: whatsapp.SourcePaper, Proof: "signed"},
		})
	}
	refused(t, say(whatsapp.OptedIn), ": contact.not_found")
	refused(t, say(whatsapp.OptedOut))
	if got := d.consent(keep); got != "opted_out" {
		t.Errorf("who is left is %s", got)
	}
}

// The API of an opt-in page: limits, what a call may leave out, and which call is newer.
func TestCallsOfTheAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	page := &optins.OptinSource{Name: "Shop", Wording: "Messages of Clinic on WhatsApp"}
	at := func(moved time.Duration) *time.Time { x := d.Store.Now().Add(moved); return &x }
	const known = "+4915112350109"
	for _, c := range []struct {
		name    string
		before  string // the consent so far
		in      peopleservice.APIOptin
		want    string
		changed bool
		field   string   // of an opt-out's result
		refused []string // of any other call
	}{
		{"an empty consent opts in", "none", peopleservice.APIOptin{Proof: "p"}, "opted_in", true, "", nil},
		{"any word opts out", "opted_in", peopleservice.APIOptin{Proof: "p", Consent: "Unsubscribed"},
			"opted_out", true, "", nil},
		{"no proof", "none", peopleservice.APIOptin{Proof: "  "}, "none", false, "",
			[]string{"proof: consent.proof_length"}},
		{"a proof at its limit", "none", peopleservice.APIOptin{Proof: long(2000)}, "opted_in", true, "", nil},
		{"a proof beyond it", "none", peopleservice.APIOptin{Proof: long(2001)}, "none", false, "",
			[]string{"proof: consent.proof_length"}},
		{"a name at its limit", "none", peopleservice.APIOptin{Proof: "p", Name: long(200)}, "opted_in", true, "", nil},
		{"a name beyond it", "none", peopleservice.APIOptin{Proof: "p", Name: long(201)}, "none", false, "",
			[]string{"wording: consent.wording_or_name_too_long"}},
		{"an unknown language", "none", peopleservice.APIOptin{Proof: "p", Language: "xx_XX"}, "none", false, "",
			[]string{"language: contact.language_unknown_at_whatsapp"}},
		{"an unknown consent", "none", peopleservice.APIOptin{Proof: "p", Consent: "maybe"}, "none", false, "",
			[]string{"consent: consent.consent_unknown"}},
		{"a clock that is a little fast", "none", peopleservice.APIOptin{Proof: "p", OccurredAt: at(4 * time.Minute)},
			"opted_in", true, "", nil},
		{"a time to come", "none", peopleservice.APIOptin{Proof: "p", OccurredAt: at(6 * time.Minute)}, "none", false,
			"", []string{"occurred_at: consent.occurred_to_come"}},
		{"an opt-out without proof counts", "opted_in", peopleservice.APIOptin{Consent: "opted_out"},
			"opted_out", true, "proof", nil},
		{"an older opt-in changes nothing", "opted_out", peopleservice.APIOptin{Proof: "p", OccurredAt: at(-time.Hour)},
			"opted_out", false, "", nil},
		{"a newer one opts in again", "opted_out", peopleservice.APIOptin{Proof: "p", OccurredAt: at(time.Minute)},
			"opted_in", true, "", nil},
		{"the same again changes nothing", "opted_in", peopleservice.APIOptin{Proof: "p"}, "opted_in", false, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			id := d.person("Noor", known, c.before)
			events := d.Number("SELECT count(*) FROM consent_events")
			c.in.Phone = known
			got, err := d.people.TakeAPI(t.Context(), page, c.in)
			refused(t, err, c.refused...)
			if now := d.consent(id); now != c.want || got.Changed != c.changed || got.Field != c.field {
				t.Errorf("the contact is %s, and the answer %+v", now, got)
			}
			if more := d.Number("SELECT count(*) FROM consent_events") > events; more != c.changed {
				t.Errorf("an event was written: %v", more)
			}
		})
	}
}

// The form of a page opts in unless the page wants a confirmation, or the person opted out before.
func TestFormOfAPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		before         string
		pageConfirms   bool
		confirm, agree bool
		want           string
		refused        []string
	}{
		{"the form opts in", "none", false, false, true, "opted_in", nil},
		{"a page that confirms waits for the keyword", "none", true, true, true, "none", nil},
		{"after an opt-out only the phone counts", "opted_out", false, true, true, "opted_out", nil},
		{"without the tick nothing happens", "none", false, false, false, "none",
			[]string{"agreed: optin.agreement_missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.person("Noor", "+4915112350109", c.before)
			d.Exec(
				`INSERT INTO optin_sources (slug, name, business, headline, wording, color, keyword, confirm, sender_id)
				SELECT 'shop', 'Shop', 'Clinic', 'News', 'Clinic on WhatsApp', 'green', 'join', $1, id FROM senders`,
				c.pageConfirms,
			)
			page := &optins.OptinSource{
				ID:      d.Number("SELECT id FROM optin_sources"),
				Name:    "Shop",
				Wording: "Clinic on WhatsApp",
				Confirm: c.pageConfirms,
			}
			confirm, err := d.people.OptIn(t.Context(), page, peopleservice.Form{
				Phone:  "+4915112350109",
				Agreed: c.agree,
				IP:     "203.0.113.9",
			})
			refused(t, err, c.refused...)
			if got := d.consent(id); got != c.want || confirm != c.confirm {
				t.Errorf("the contact is %s, to confirm: %v", got, confirm)
			}
			asked := d.Number("SELECT count(*) FROM optin_requests WHERE wording = 'Clinic on WhatsApp'") == 1
			if asked != c.confirm {
				t.Errorf("a request waits: %v", asked)
			}
			if c.want != "opted_in" {
				return
			}
			if proof := d.Text("SELECT proof FROM consent_events ORDER BY id DESC LIMIT 1"); !strings.Contains(proof,
				"203.0.113.9") {
				t.Errorf("the proof is %q", proof)
			}
		})
	}
}
