package people_test

import (
	"testing"

	"parley/models/conversations"
	"parley/models/people/optins"
	peopleservice "parley/services/people"
)

// What an opt-in page needs, each at its limit.
func TestOptinPages(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	type page = optins.OptinSource
	for name, c := range map[string]struct {
		change func(*page)
		want   string
	}{
		"all is right":                      {func(*page) {}, ""},
		"no name":                           {func(p *page) { p.Name = "" }, "name: optin.name_length"},
		"a name at its limit":               {func(p *page) { p.Name = long(80) }, ""},
		"a name beyond it":                  {func(p *page) { p.Name = long(81) }, "name: optin.name_length"},
		"an address of capitals":            {func(p *page) { p.Slug = "Shop" }, "slug: optin.slug_form"},
		"an address with a dash at its end": {func(p *page) { p.Slug = "shop-" }, "slug: optin.slug_form"},
		"no business":                       {func(p *page) { p.Business = "" }, "business: optin.business_missing"},
		"a headline at its limit":           {func(p *page) { p.Headline = long(120) }, ""},
		"a headline beyond it":              {func(p *page) { p.Headline = long(121) }, "headline: optin.headline_length"},
		"a wording without WhatsApp": {func(p *page) { p.Wording = "News of Clinic" },
			"wording: optin.wording_without_whatsapp"},
		"a wording without the business": {func(p *page) { p.Wording = "News on WhatsApp" },
			"wording: optin.wording_without_business"},
		"a wording beyond its limit": {func(p *page) { p.Wording = "clinic whatsapp" + long(986) },
			"wording: optin.wording_length"},
		"a wording at its limit":    {func(p *page) { p.Wording = "clinic whatsapp" + long(985) }, ""},
		"no keyword":                {func(p *page) { p.Keyword = " " }, "keyword: optin.keyword_form"},
		"a keyword at its limit":    {func(p *page) { p.Keyword = long(60) }, ""},
		"a keyword beyond it":       {func(p *page) { p.Keyword = long(61) }, "keyword: optin.keyword_form"},
		"a keyword with a point":    {func(p *page) { p.Keyword = "join." }, "keyword: optin.keyword_form"},
		"a keyword that means stop": {func(p *page) { p.Keyword = "STOP" }, "keyword: optin.keyword_taken"},
		"a keyword that means help": {func(p *page) { p.Keyword = "help" }, "keyword: optin.keyword_taken"},
		"a reply at its limit":      {func(p *page) { p.Reply = long(1000) }, ""},
		"a reply beyond it":         {func(p *page) { p.Reply = long(1001) }, "reply: optin.reply_too_long"},
		"an unknown color":          {func(p *page) { p.Color = "plaid" }, "color: optin.color_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			p := page{
				Slug:     "shop",
				Name:     "Shop",
				Business: "Clinic",
				Headline: "News",
				Wording:  "News of Clinic on WhatsApp",
				Keyword:  "join clinic",
				Color:    optins.OptinColors[0],
			}
			c.change(&p)
			_, err := d.people.SaveOptin(t.Context(), d.Actor("Ada"), peopleservice.OptinForm{
				Page:     p,
				SenderID: d.Text("SELECT public_id FROM senders"),
			})
			if c.want == "" {
				refused(t, err)
			} else {
				refused(t, err, c.want)
			}
			d.Exec("DELETE FROM optin_sources")
		})
	}
}

// A message that may be an opt-out is decided once: it is recorded with the message as its proof, or not.
func TestHintIsDecidedOnce(t *testing.T) {
	t.Parallel()
	for first, want := range map[bool]string{true: "opted_out", false: "opted_in"} {
		d := newDesk(t)
		d.Contact("Noor", "+4915112350109")
		id := d.Text("SELECT public_id FROM contacts")
		message := d.Text(`INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid,
				created_at, hint)
			SELECT id, sender_id, 'inbound', 'text', 'no more please', 'received', 'SM1', now(), $1 FROM conversations
			RETURNING public_id`, conversations.HintOptOut)
		for _, record := range []bool{first, !first} {
			if _, err := d.people.TakeHint(t.Context(), d.Actor("Ana"), message, record); err != nil {
				t.Fatal(err)
			}
			if got := d.consent(id); got != want {
				t.Errorf("recorded %v, then %v: %s", first, record, got)
			}
		}
		if n := d.Number("SELECT count(*) FROM consent_events WHERE proof LIKE '%SM1%no more please%'"); (n == 1) != first {
			t.Errorf("%d events", n)
		}
		said := d.Number("SELECT count(*) FROM audit_events WHERE action = 'consent.hint_dismissed'")
		kept := d.Number("SELECT count(*) FROM audit_events WHERE summary || CAST(changes AS text) LIKE '%no more please%'")
		if (said == 1) == first || !first && kept != 0 {
			t.Errorf("%d events in the audit log, %d with the text", said, kept)
		}
	}
}

// A contact is not merged with itself.
func TestMergeWithItself(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.person("Noor", "+4915112350109", "none")
	refused(t, d.people.Merge(t.Context(), d.Actor("Otto"), id, id), "other: contact.merge_with_another")
}
