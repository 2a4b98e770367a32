package accounts_test

import (
	"strings"
	"testing"

	"parley/models/senders"
	accountservice "parley/services/accounts"
	"parley/services/servicetest"
)

// What a sender's form refuses, each at its limit.
func TestSenderForm(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := accountservice.New(w.Store)
	w.Exec("UPDATE senders SET countries = 'DE'")
	for name, c := range map[string]struct {
		change func(*accountservice.Sender)
		want   string
	}{
		"all is right":        {func(*accountservice.Sender) {}, ""},
		"no name":             {func(x *accountservice.Sender) { x.Name = "" }, "name: form.name_length"},
		"a name at its limit": {func(x *accountservice.Sender) { x.Name = strings.Repeat("ä", 100) }, ""},
		"a name beyond it": {func(x *accountservice.Sender) { x.Name = strings.Repeat("ä", 101) },
			"name: form.name_length"},
		"an unknown state": {func(x *accountservice.Sender) { x.State = "half" }, "state: sender.state_unknown"},
		"one join word": {func(x *accountservice.Sender) { x.JoinWords = "blue" },
			"join_words: sandbox.join_words_form"},
		"two join words":       {func(x *accountservice.Sender) { x.JoinWords = "blue-cat" }, ""},
		"the slowest rate":     {func(x *accountservice.Sender) { x.Rate = "0.01" }, ""},
		"slower":               {func(x *accountservice.Sender) { x.Rate = "0.009" }, "rate: sender.rate_range"},
		"the fastest rate":     {func(x *accountservice.Sender) { x.Rate = "1000" }, ""},
		"faster":               {func(x *accountservice.Sender) { x.Rate = "1001" }, "rate: sender.rate_range"},
		"a country of its own": {func(x *accountservice.Sender) { x.Countries = "fr, at;AT" }, ""},
		"no country":           {func(x *accountservice.Sender) { x.Countries = "QQ" }, "countries: sender.countries_form"},
		"a country of another": {func(x *accountservice.Sender) { x.Countries = "de" }, "countries: sender.country_taken"},
		"a number that is used": {func(x *accountservice.Sender) { x.Phone = w.Text("SELECT phone FROM senders") },
			"phone: sender.number_taken"},
	} {
		t.Run(name, func(t *testing.T) {
			in := accountservice.Sender{Name: "Shop", Phone: "+14155552671", State: "online"}
			c.change(&in)
			err := s.SaveSender(t.Context(), w.Actor("Ada"), in)
			if got := codeOf(err); got != c.want || err != nil && c.want == "" {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err == nil && in.Countries != "" &&
				w.Text("SELECT countries FROM senders WHERE phone = $1", in.Phone) != "AT FR" {
				t.Error("the countries are not stored in order, once each")
			}
			w.Exec("DELETE FROM senders WHERE phone = '+14155552671'")
		})
	}
}

// The Sandbox keeps its pace; a form opened before another change is refused; one sender is the default one.
func TestSendersAreKept(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := accountservice.New(w.Store)
	save := func(in accountservice.Sender) string { return codeOf(s.SaveSender(t.Context(), w.Actor("Ada"), in)) }
	w.Exec("UPDATE senders SET is_default = true")
	sandbox := accountservice.Sender{
		Name:    "Sandbox",
		Phone:   senders.SandboxPhone,
		State:   "online",
		Rate:    "80",
		Default: true,
	}
	if got := save(sandbox); got != "" {
		t.Fatal(got)
	}
	if n := w.Number(`SELECT count(*) FROM senders WHERE kind = 'sandbox' AND messages_per_second < 1`); n != 1 {
		t.Error("the Sandbox is faster than Twilio allows")
	}
	if got := w.Text("SELECT string_agg(name, ' ') FROM senders WHERE is_default"); got != "Sandbox" {
		t.Errorf("the default ones are %s", got)
	}
	clinic := accountservice.Sender{
		ID:    w.Text("SELECT public_id FROM senders WHERE name = 'Clinic'"),
		Name:  "Clinic Nord",
		State: "offline",
	}
	if clinic.Version = int(
		w.Number("SELECT version FROM senders WHERE name = 'Clinic'"),
	) + 1; save(
		clinic,
	) != ": sender.stale" &&
		save(clinic) == "" {
		t.Error("another version than the stored one is saved")
	}
	if clinic.Version--; save(clinic) != "" {
		t.Error("the stored version is refused")
	}
	for words, want := range map[string]string{
		"": "join_words: sandbox.join_words_form_at_twilio", "blue": "join_words: sandbox.join_words_form_at_twilio",
		"blue-cat": "",
	} {
		if got := codeOf(s.SetJoinWords(t.Context(), w.Actor("Ada"), words)); got != want {
			t.Errorf("join words %q: %q", words, got)
		}
	}
	if n := w.Number("SELECT count(*) FROM senders WHERE kind = 'sandbox'"); n != 1 {
		t.Errorf("%d Sandboxes", n)
	}
}
