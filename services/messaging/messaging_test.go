package messaging

import (
	"testing"
	"time"

	"parley/models/accounts"
	"parley/models/people"
)

// Known values are filled in; an unknown one leaves the placeholder visible, or uses the default in the text.
func TestFill(t *testing.T) {
	c := &people.Contact{Name: "Lena Brandt", Language: "de"}
	ada := &accounts.User{Name: "Ada"}
	for text, want := range map[string]string{
		"Hello {{first_name}}": "Hello Lena", "{{ Name }} / {{language}}": "Lena Brandt / de", "{{agent}}": "Ada", "{{plan|basic}}": "basic", "{{plan}}": "{{plan}}",
		"{{first_name|there}}": "Lena", "no gap {": "no gap {", "{{}}": "{{}}", "{{x|}}!": "!",
	} {
		if got := Fill(text, c, ada); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	if Unfilled("a {{customer.name}} b") != "{{customer.name}}" || Unfilled("a {{order-id|x}} b") == "" {
		t.Error("a placeholder of another form is not seen")
	}
	if Unfilled("a {{plan}} b") != "{{plan}}" || Unfilled("a b") != "" {
		t.Error("what was not filled is not found")
	}
}

// Until when a conversation is snoozed, in the reader's time zone.
func TestSnoozeUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 22, 30, 0, 0, time.UTC) // Monday, 23:30 in Berlin
	for word, want := range map[string]string{"1h": "2026-11-23T23:30:00Z", "tomorrow": "2026-11-24T08:00:00Z", "monday": "2026-11-30T08:00:00Z", "2026-11-24T07:15": "2026-11-24T06:15:00Z"} {
		got, err := SnoozeUntil(word, now, berlin)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v %v, not %s", word, got, err, want)
		}
	}
	if got, err := SnoozeUntil("reply", now, berlin); got != nil || err != nil {
		t.Errorf("until they write: %v %v", got, err)
	}
	for _, word := range []string{"", "-1h", "soon", "2026-11-23T23:00", "9000h", "2028-01-01T00:00"} {
		if got, err := SnoozeUntil(word, now, berlin); err == nil {
			t.Errorf("%q is taken as %v", word, got)
		}
	}
}

// A note mentions people by @ and their full name, or a unique first name; never by a part of a word.
func TestNamed(t *testing.T) {
	for text, want := range map[string]bool{"@ana please": true, "hi @ana": true, "@ana, look": true, "@anabel": false, "ana": false, "mail@ana.com": true, "@anab @ana!": true} {
		if named(text, "ana") != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
