package notifying

import (
	"encoding/json"
	"testing"
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

func oclock(h int) *int { m := h * 60; return &m }

func seconds(n int) *int { return &n }

// How long a message of the API is valid, and when it may be sent.
func TestWhenAnAPIMessageLeaves(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, h, m int) time.Time { return time.Date(2026, 3, day, h, m, 0, 0, berlin) }
	phone := "+4915123456789"
	quiet := notifications.NotifyRules{QuietFrom: oclock(21), QuietTo: oclock(8)}
	for name, c := range map[string]struct {
		category whatsapp.Category
		minutes  int // the validity that the code's text states
		now      time.Time
		rules    notifications.NotifyRules
		offline  bool
		in       Call
		leaves   time.Time
		until    time.Time
		waits    string
		refused  string
	}{
		"a utility message":          {now: at(10, 12, 0), leaves: at(10, 12, 0), until: at(11, 12, 0)},
		"for as long as is asked":    {now: at(10, 12, 0), in: Call{ValidFor: seconds(3600)}, leaves: at(10, 12, 0), until: at(10, 13, 0)},
		"too short":                  {now: at(10, 12, 0), in: Call{ValidFor: seconds(29)}, refused: "valid_for"},
		"nothing at all":             {now: at(10, 12, 0), in: Call{ValidFor: seconds(0)}, refused: "valid_for"},
		"too long":                   {now: at(10, 12, 0), in: Call{ValidFor: seconds(2_592_001)}, refused: "valid_for"},
		"a code":                     {category: whatsapp.Authentication, now: at(10, 12, 0), leaves: at(10, 12, 0), until: at(10, 12, 10)},
		"a code that counts less":    {category: whatsapp.Authentication, minutes: 5, now: at(10, 12, 0), leaves: at(10, 12, 0), until: at(10, 12, 5)},
		"a code that counts longer":  {category: whatsapp.Authentication, minutes: 60, now: at(10, 12, 0), leaves: at(10, 12, 0), until: at(10, 12, 10)},
		"a code for a day":           {category: whatsapp.Authentication, now: at(10, 12, 0), in: Call{ValidFor: seconds(86400)}, refused: "valid_for"},
		"quiet hours":                {now: at(10, 23, 0), rules: quiet, leaves: at(11, 8, 0), until: at(11, 23, 0), waits: waitsQuiet},
		"before sunrise":             {now: at(10, 3, 0), rules: quiet, leaves: at(10, 8, 0), until: at(11, 3, 0), waits: waitsQuiet},
		"quiet for longer":           {now: at(10, 23, 0), rules: quiet, in: Call{ValidFor: seconds(3600)}, refused: "to"},
		"quiet until it ends":        {now: at(10, 23, 0), rules: quiet, in: Call{ValidFor: seconds(9 * 3600)}, refused: "to"},
		"a code at night":            {category: whatsapp.Authentication, now: at(10, 23, 0), rules: quiet, leaves: at(10, 23, 0), until: at(10, 23, 10)},
		"an offline sender, waiting": {now: at(10, 12, 0), offline: true, in: Call{Wait: true}, leaves: at(10, 12, 0), until: at(11, 12, 0), waits: waitsOffline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := &senders.Sender{State: whatsapp.SenderOnline}
			if c.offline {
				sender.State = whatsapp.SenderOffline
			}
			v := &templates.TemplateVersion{Category: c.category, Template: &templates.Template{Category: whatsapp.Utility}}
			content := v.Whole()
			content.Minutes = c.minutes
			v.SetContent(content)
			m := &apiMessage{sender: sender, contact: &people.Contact{Phone: &phone}, version: v}
			got, refused := m.when(c.now, c.rules, c.in)
			if refused != nil || c.refused != "" {
				if refused == nil || fieldIn(t, *refused) != c.refused {
					t.Fatalf("refused %v, want field %q", refused, c.refused)
				}
				return
			}
			if !got.at.Equal(c.leaves) || !got.until.Equal(c.until) || got.waits != c.waits {
				t.Errorf("leaves %s, until %s, waits for %q", got.at, got.until, got.waits)
			}
		})
	}
}

// Which sender a call uses, and what happens if it is offline.
func TestSenderOfACall(t *testing.T) {
	t.Parallel()
	sandbox := senders.Sender{ID: 1, Name: "Sandbox", Phone: "+14155238886", Kind: whatsapp.SandboxSender, State: whatsapp.SenderOnline}
	clinic := senders.Sender{ID: 2, Name: "Clinic", Phone: "+4930111", Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline, IsDefault: true}
	shop := senders.Sender{ID: 3, Name: "Shop", Phone: "+4930222", Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline, Countries: "DE"}
	off := func(s senders.Sender) senders.Sender { s.State = whatsapp.SenderOffline; return s }
	for name, c := range map[string]struct {
		list []senders.Sender
		in   Call
		want int64
		code string
	}{
		"the country's":                   {list: []senders.Sender{clinic, sandbox, shop}, want: 3},
		"the default one":                 {list: []senders.Sender{clinic, sandbox}, want: 2},
		"one for the other":               {list: []senders.Sender{clinic, sandbox, off(shop)}, want: 2},
		"never the Sandbox for it":        {list: []senders.Sender{off(clinic), sandbox}, code: waitsOffline},
		"all are offline":                 {list: []senders.Sender{off(clinic), off(sandbox)}, code: waitsOffline},
		"the one that is named":           {list: []senders.Sender{clinic, sandbox}, in: Call{Sender: sandbox.Phone}, want: 1},
		"named and offline":               {list: []senders.Sender{clinic, off(shop)}, in: Call{Sender: shop.Phone}, code: waitsOffline},
		"named, offline and waited for":   {list: []senders.Sender{clinic, off(shop)}, in: Call{Sender: shop.Phone, Wait: true}, want: 3},
		"not there":                       {list: []senders.Sender{clinic}, in: Call{Sender: "+4930999"}, code: "unknown_sender"},
		"no sender at all":                {code: "unknown_sender"},
		"the Sandbox alone is a sender":   {list: []senders.Sender{sandbox}, want: 1},
		"the default one, and waited for": {list: []senders.Sender{off(clinic)}, in: Call{Wait: true}, want: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, refused := senderFor(c.list, &people.Contact{Country: "DE"}, c.in)
			switch {
			case refused != nil && (codeIn(t, *refused) != c.code || refused.Now != (c.code == waitsOffline)):
				t.Errorf("refused: %+v", refused)
			case refused == nil && (got.ID != c.want || c.code != ""):
				t.Errorf("got %+v", got)
			}
		})
	}
}

func fieldOfAnswer(t *testing.T, a Answer, name string) string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal(a.Body, &m); err != nil {
		t.Fatal(err)
	}
	return m[name]
}

func fieldIn(t *testing.T, a Answer) string { t.Helper(); return fieldOfAnswer(t, a, "field") }

func codeIn(t *testing.T, a Answer) string { t.Helper(); return fieldOfAnswer(t, a, "code") }
