package handlers_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"parley/models/people"
	"parley/models/people/segments"
	"parley/whatsapp"
)

const recordedSentence = "The opt-out was recorded. The rest was not saved: "

// A form with an opt-out takes effect even if the rest of it is invalid, and says so; an opt-in does not.
func TestConsentFormInSpite(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	a.customers(noor)
	id := a.contactAt(noor).PublicID
	for what, form := range map[string]url.Values{
		"no proof":             {"kind": {"opted_out"}, "source": {"by_hand"}},
		"no source":            {"kind": {"opted_out"}, "proof": {"called"}},
		"an unknown source":    {"kind": {"opted_out"}, "source": {"telepathy"}, "proof": {"called"}},
		"a proof too long":     {"kind": {"opted_out"}, "source": {"paper"}, "proof": {strings.Repeat("x", 3000)}},
		"a wording too long":   {"kind": {"opted_out"}, "source": {"paper"}, "proof": {"x"}, "wording": {strings.Repeat("x", 3000)}},
		"everything is wrong":  {"kind": {"opted_out"}, "source": {"?"}, "wording": {strings.Repeat("x", 3000)}},
		"a file of a bad kind": nil,
	} {
		a.optedIn(otto, noor)
		var r answer
		if form == nil {
			r = otto.uploadFile("/contacts/"+id+"/consent", "run.exe", []byte("MZ\x90\x00\x03\x00\x00\x00\x04"), "kind", "opted_out", "source", "paper", "proof", "form 8")
		} else {
			r = otto.post("/contacts/"+id+"/consent", form)
		}
		if got := a.contactAt(noor).Consent; got != whatsapp.OptedOut || r.Status != http.StatusUnprocessableEntity || !strings.Contains(r.Text(), recordedSentence) {
			t.Errorf("%s: %s %d %s", what, got, r.Status, r.Problem("consent"))
		}
		if e := a.consents(noor)[0]; e.Proof == "" || len(e.Proof) > 2100 || e.ActorID == nil {
			t.Errorf("%s: %+v", what, e)
		}
	}
	a.optedIn(otto, noor)
	n := len(a.consents(noor))
	if r := otto.post("/contacts/"+id+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}}); r.Problem("proof") == "" || len(a.consents(noor)) != n {
		t.Errorf("an opt-in without a proof: %d", r.Status)
	}
	// The files' folder can't be written to: a full disk, or a bucket that is down.
	if err := errors.Join(os.RemoveAll(a.mediaDir), os.WriteFile(a.mediaDir, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	r := otto.uploadFile("/contacts/"+id+"/consent", "form.pdf", []byte("%PDF-1.4"),
		"kind", "opted_out", "source", "paper", "proof", "form 9")
	if got := a.contactAt(noor).Consent; got != whatsapp.OptedOut || r.Status != http.StatusUnprocessableEntity ||
		!strings.Contains(r.Text(), "The opt-out was recorded. The file could not be stored") {
		t.Errorf("a file that can't be stored: %s %d %s", got, r.Status, r.Problem("consent"))
	}
	a.optedIn(otto, noor)
	// An opt-out from a deleted topic is not an opt-out from everything.
	if r := otto.post("/contacts/"+id+"/consent", url.Values{"kind": {"opted_out"}, "source": {"paper"}, "proof": {"x"}, "topic": {"gone"}}); r.Problem("topic") == "" || a.contactAt(noor).Consent != whatsapp.OptedIn {
		t.Errorf("a topic that is gone: %d", r.Status)
	}
}

// In bulk: without a reason, with one that is too long, more than a page, and of a contact who was merged in the
// meantime.
func TestBulkOptOutInSpite(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	phones := a.crowd(1203)
	p, err := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Limit: 1300})
	if err != nil || len(p.Rows) != len(phones) {
		t.Fatalf("%d contacts: %v", len(p.Rows), err)
	}
	ids := make([]string, len(phones))
	for i, c := range p.Rows { // latest first
		ids[len(ids)-1-i] = c.PublicID
	}
	out := func() int { return a.number("SELECT count(*) FROM contacts WHERE consent = 'opted_out' AND gone = ''") }
	r := otto.post("/contacts/bulk", url.Values{"contact": ids[:2], "do": {"opt_out"}})
	if page := otto.get(r.Header.Get("Location")); out() != 2 || !strings.Contains(page.Text(), "Opted out 2 contacts. The rest was not saved: Write down why") {
		t.Errorf("without a reason: %d %s", out(), page.Text())
	}
	otto.post("/contacts/bulk", url.Values{"contact": ids[2:3], "do": {"opt_out"}, "proof": {strings.Repeat("x", 3000)}})
	if out() != 3 {
		t.Errorf("a reason too long: %d", out())
	}
	otto.post("/contacts/"+ids[4]+"/merge", url.Values{"other": {ids[3]}})
	otto.post("/contacts/bulk", url.Values{"contact": ids[3:4], "do": {"opt_out"}, "proof": {"Wrote a letter"}})
	if c := a.contactAt(phones[4]); c.Consent != whatsapp.OptedOut {
		t.Error("somebody who was merged meanwhile was not opted out")
	}
	otto.post("/contacts/bulk", url.Values{"contact": ids, "do": {"opt_out"}, "proof": {"Wrote a letter"}})
	if out() != 1202 {
		t.Errorf("more than a page: %d", out())
	}
	otto.post("/contacts/"+ids[3]+"/consent", url.Values{"kind": {"opted_out"}, "source": {"paper"}, "proof": {"a stale page"}})
	if e := a.consents(phones[4])[0]; !strings.Contains(e.Proof, "a stale page") {
		t.Errorf("by the page of one who was merged: %+v", e)
	}
}

// All contacts that match a filter, without a reason.
func TestBulkOptOutOfAll(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	a.crowd(3)
	otto := a.as("otto")
	asked := otto.post("/contacts/bulk", url.Values{"all": {"1"}, "do": {"opt_out"}}).Doc().Find("[data-testid=question]")
	otto.post("/contacts/bulk", fieldsOf(asked))
	a.eventually("all are opted out", func() bool { return a.number("SELECT count(*) FROM contacts WHERE consent = 'opted_out'") == 3 })
}

// A call of the API with an opt-out counts even if the rest of it is invalid, and for a page that was closed.
func TestOptinAPIInSpite(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	a.customers(noor)
	form := url.Values{"name": {"Shop"}, "slug": {"shop"}, "business": {"Shop"}, "headline": {"News"}, "wording": {"Shop may write to me on WhatsApp."}, "color": {"green"}, "sender": {a.sender(false).PublicID}, "keyword": {"JOIN"}}
	where := ada.post("/contacts/optins", form).Header.Get("Location")
	key := strings.TrimSpace(ada.post(where+"/key", nil).Doc().Find("[data-testid=api-key]").Text())
	call := func(body string) (answer, map[string]any) {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, a.URL+"/api/v1/opt-ins", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		r := a.as("").send(req)
		out := map[string]any{}
		if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
			t.Fatalf("no JSON: %s", r.Body)
		}
		return r, out
	}
	for _, c := range []struct{ fields, field string }{
		{`"consent": "opted_out"`, "proof"},
		{`"consent": "opted_out", "proof": "x", "language": "klingon"`, "language"},
		{`"consent": "opted_out", "proof": "x", "occurred_at": "2090-01-01T00:00:00Z"`, "occurred_at"},
		{`"consent": "opted_out", "proof": "x", "occurred_at": "yesterday"`, ""},
		{`"consent": "opted_out", "proof": "x", "name": "` + strings.Repeat("x", 300) + `"`, "wording"},
		{`"consent": "opted_out", "proof": "x", "shoe_size": 44`, ""},
		{`"consent": "opted_out", "proof": "x", "language": 5`, ""},
	} {
		a.optedIn(otto, noor)
		r, out := call(`{"phone": "` + noor + `", ` + c.fields + `}`)
		note, _ := out["note"].(string)
		field, _ := out["field"].(string)
		if a.contactAt(noor).Consent != whatsapp.OptedOut || r.Status != http.StatusCreated || !strings.HasPrefix(note, recordedSentence) || out["consent"] != "opted_out" || field != c.field {
			t.Errorf("%s: %d %v", c.fields, r.Status, out)
		}
		if e := a.consents(noor)[0]; e.Source != whatsapp.SourceAPI || e.OccurredAt.After(a.Store.Now()) {
			t.Errorf("%s: %+v", c.fields, e)
		}
	}
	for _, word := range []string{"opted-out", "unsubscribed", "Abgemeldet", "no"} {
		a.optedIn(otto, noor)
		if r, out := call(`{"phone": "` + noor + `", "proof": "x", "consent": "` + word + `"}`); r.Status != http.StatusCreated || a.contactAt(noor).Consent != whatsapp.OptedOut {
			t.Errorf("%s: %d %v", word, r.Status, out)
		}
	}
	a.optedIn(otto, noor)
	for body, want := range map[string]int{
		`{"phone": "12", "consent": "opted_out"}`:                                    422,
		`{"phone": "` + noor + `", "consent": "opted_in"}`:                           422,
		`{"phone": "` + noor + `", "consent": "maybe", "proof": "x"}`:                422,
		`{"phone": "` + noor + `", "consent": "opted_in", "proof": "x", "size": 44}`: 400,
	} {
		if r, out := call(body); r.Status != want || a.contactAt(noor).Consent != whatsapp.OptedIn {
			t.Errorf("%s: %d %v", body, r.Status, out)
		}
	}
	otto.post(where+"/close", url.Values{"closed": {"1"}})
	if r, _ := call(`{"phone": "` + noor + `", "proof": "x"}`); r.Status != 401 {
		t.Errorf("an opt-in through a closed page: %d", r.Status)
	}
	if r, _ := call(`{"phone": "` + noor + `", "proof": "x", "consent": "opted_out"}`); r.Status != 201 || a.contactAt(noor).Consent != whatsapp.OptedOut {
		t.Errorf("an opt-out through a closed page: %d", r.Status)
	}
}

// When two contacts are merged, an opt-out of either remains, whichever contact is kept; the same holds when WhatsApp
// reports that a number and a user id are one person, and for an erased person who writes again with the user id.
func TestMergedOptOuts(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto := a.as("otto")
	phones := a.crowd(4)
	for _, pair := range [][2]int{{0, 1}, {3, 2}} {
		a.optOut(otto, phones[pair[0]])
		keep, drop := a.contactAt(phones[min(pair[0], pair[1])]), a.contactAt(phones[max(pair[0], pair[1])])
		otto.post("/contacts/"+keep.PublicID+"/merge", url.Values{"other": {drop.PublicID}})
		if c, err := people.Read(a.Store).ContactByPublicID(t.Context(), keep.PublicID); err != nil || c.Consent != whatsapp.OptedOut {
			t.Errorf("%v: %s %v", pair, c.Consent, err)
		}
	}
	inbound := func(sid, from, id string) {
		t.Helper()
		form := url.Values{"MessageSid": {"SM" + strings.Repeat("9", 31) + sid}, "AccountSid": {account}, "From": {"whatsapp:" + from}, "To": {"whatsapp:" + clinic}, "Body": {"hello"}, "NumMedia": {"0"}}
		if id != "" {
			form.Set("ExternalUserId", id)
		}
		if r := a.signed("/webhooks/twilio/messages", form); r.Status != 200 {
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	inbound("1", "DE.abc123", "")
	var hidden people.Contact
	a.eventually("the person without a number", func() bool {
		p, err := segments.Read(a.Store).Contacts(t.Context(), segments.ContactFilter{Limit: 1})
		if err != nil || len(p.Rows) == 0 || p.Rows[0].Phone != nil {
			return false
		}
		hidden = p.Rows[0]
		return true
	})
	if r := a.as("ada").post("/contacts/"+hidden.PublicID+"/erase", url.Values{"confirm": {"ERASE"}}); r.Status != 303 {
		t.Fatalf("erase: %d", r.Status)
	}
	inbound("2", "+4915155555555", "DE.abc123")
	if got := a.contactAt("+4915155555555").Consent; got != whatsapp.OptedOut {
		t.Errorf("an erased person under the id: %s", got)
	}
}
