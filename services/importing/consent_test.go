package importing

import (
	"testing"
	"time"

	"parley/models/people"
	"parley/models/people/imports"
)

// An opt-out in a row counts even if the rest of the row is invalid and whatever is chosen for the file, as long as the
// number can be read; an unknown word is never an opt-in.
func TestRowsOfConsent(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	plan := &people.ContactField{Key: "plan", Label: "Plan", Kind: people.ChoiceField, Choices: []string{"Gold", "Silver"}}
	columns := []string{"phone", "consent", "consent_at", "opted_out", "language", "field:plan", ""}
	for _, c := range []struct {
		name   string
		mode   string
		cells  []string
		want   string // of the row, "-" if none is recorded
		at     string
		effect imports.ImportEffect
	}{
		{"an opt-in", "column", []string{"+4915112345678", "yes", "2026-01-01"}, "opted_in", "2026-01-01", ""},
		{"an opt-out", "column", []string{"+4915112345678", "Abgemeldet", "2026-05-01"}, "opted_out", "2026-05-01", ""},
		{"no opt-ins are claimed", "none", []string{"+4915112345678", "yes"}, "", "", ""},
		{"an opt-out where none are claimed", "none", []string{"+4915112345678", "unsubscribed"}, "opted_out", "", ""},
		{"an opt-out among everybody", "all", []string{"+4915112345678", "nein"}, "opted_out", "", ""},
		{"everybody", "all", []string{"+4915112345678", ""}, "opted_in", "", ""},
		{"an unknown word among everybody", "all", []string{"+4915112345678", "maybe"}, "-", "", imports.ImportRefused},
		{"pending among everybody", "all", []string{"+4915112345678", "pending"}, "", "", ""},
		{"an unknown word", "column", []string{"+4915112345678", "vielleicht"}, "-", "", imports.ImportRefused},
		{"an unknown word where none are claimed", "none", []string{"+4915112345678", "vielleicht"}, "", "", imports.ImportNote},
		{"a bad date", "column", []string{"+4915112345678", "no", "31.02.2026"}, "opted_out", "", imports.ImportOptOut},
		{"a bad date of an opt-in", "column", []string{"+4915112345678", "yes", "31.02.2026"}, "-", "", imports.ImportRefused},
		{"a date to come", "column", []string{"+4915112345678", "no", "2027-01-01"}, "opted_out", "", imports.ImportOptOut},
		{"today elsewhere", "column", []string{"+4915112345678", "no", "2026-06-02"}, "opted_out", "2026-06-01T12", ""},
		{"a bad language", "column", []string{"+4915112345678", "baja", "", "", "klingon"}, "opted_out", "", imports.ImportOptOut},
		{"a bad field", "none", []string{"+4915112345678", "désabonné", "", "", "", "Bronze"}, "opted_out", "", imports.ImportOptOut},
		{"two bad fields", "none", []string{"+4915112345678", "désabonné", "x", "", "klingon", "Bronze"}, "opted_out", "", imports.ImportOptOut},
		{"a bad number", "column", []string{"12", "no"}, "-", "", imports.ImportUnread},
		{"no number", "column", []string{"", "no", "x"}, "-", "", imports.ImportUnread},
		{"a bad number of an opt-in", "column", []string{"12", "yes"}, "-", "", imports.ImportRefused},
		{"a column of opt-outs", "none", []string{"+4915112345678", "", "", "yes"}, "opted_out", "", ""},
		{"a column of opt-outs with a day", "all", []string{"+4915112345678", "", "", "2026-05-01"}, "opted_out", "2026-05-01", ""},
		{"a column of opt-outs with a day to come", "all", []string{"+4915112345678", "", "", "2030-05-01"}, "opted_out", "", imports.ImportOptOut},
		{"a column of opt-outs with a day that is none", "all", []string{"+4915112345678", "", "", "2026-13-01"}, "opted_out", "", imports.ImportOptOut},
		{"a column of opt-outs says no", "all", []string{"+4915112345678", "", "", "no"}, "opted_in", "", ""},
		{"a column of opt-outs says something", "all", []string{"+4915112345678", "", "", "hm"}, "-", "", imports.ImportRefused},
		{"both, the opt-in later", "column", []string{"+4915112345678", "yes", "2026-05-02", "2026-05-01"}, "opted_in", "2026-05-02", ""},
		{"both, the opt-out later", "column", []string{"+4915112345678", "yes", "2026-05-01", "2026-05-02"}, "opted_out", "2026-05-02", ""},
		{"both on one day", "column", []string{"+4915112345678", "yes", "2026-05-01", "2026-05-01"}, "opted_out", "2026-05-01", ""},
		{"both, one without a day", "column", []string{"+4915112345678", "yes", "2026-05-01", "x"}, "opted_out", "", ""},
		{"no, and something", "column", []string{"+4915112345678", "no", "", "hm"}, "opted_out", "", imports.ImportOptOut},
		{"a column that is left out", "none", []string{"+4915112345678", "", "", "", "", "", "Unsubscribed"}, "", "", imports.ImportNote},
		{"a column that is left out and says no", "none", []string{"+4915112345678", "", "", "", "", "", "no"}, "", "", ""},
	} {
		p := &parser{
			o:      imports.ImportOptions{Columns: columns, Consent: c.mode, Proof: "form 7", Tags: []int64{4}},
			file:   "list.csv",
			fields: map[string]*people.ContactField{"plan": plan},
			now:    now,
		}
		r, refusal, err := p.row(7, c.cells)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var effect imports.ImportEffect
		if refusal != nil {
			effect = refusal.Effect
		}
		got := r.Consent
		if refusal != nil && !effect.Taken() {
			got = "-"
		}
		if got != c.want || effect != c.effect {
			t.Errorf("%s: %q %q (%+v), not %q %q", c.name, got, effect, refusal, c.want, c.effect)
		}
		at := ""
		if r.ConsentAt != nil {
			at = r.ConsentAt.Format("2006-01-02T15")
		}
		if got != "-" && at != c.at && at != c.at+"T00" {
			t.Errorf("%s: on %q, not %q", c.name, at, c.at)
		}
		if effect == imports.ImportOptOut && (!r.OptOutOnly || len(r.Tags) > 0 || r.Match == "" || r.Proof == "") {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// A column is guessed from its title, or from words that mean only consent.
func TestGuessConsentColumns(t *testing.T) {
	for _, c := range []struct {
		lines [][]string
		want  string
	}{
		{[][]string{{"phone", "Unsubscribed"}, {"+4915112345678", "yes"}}, "opted_out"},
		{[][]string{{"phone", "Abgemeldet am"}, {"+4915112345678", ""}}, "opted_out"},
		{[][]string{{"phone", "Opt-in"}, {"+4915112345678", "no"}}, "consent"},
		{[][]string{{"phone", "Status"}, {"+4915112345678", "subscribed"}, {"+4915112345679", "Unsubscribed"}}, "consent"},
		{[][]string{{"phone", "Status"}, {"+4915112345678", "active"}, {"+4915112345679", "Unsubscribed"}}, ""},
		{[][]string{{"phone", "Order"}, {"+4915112345678", "cancelled"}, {"+4915112345679", ""}}, ""},
		{[][]string{{"phone", "Member"}, {"+4915112345678", "yes"}, {"+4915112345679", "no"}}, ""},
		{[][]string{{"+4915112345678", "abgemeldet"}}, "consent"},
	} {
		if _, got := guessColumns(c.lines, nil); got[1] != c.want {
			t.Errorf("%v: %q, not %q", c.lines, got[1], c.want)
		}
	}
}
