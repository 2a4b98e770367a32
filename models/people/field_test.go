package people_test

import (
	"strings"
	"testing"

	"parley/models/people"
)

// What each kind of field accepts, and what it stores.
func TestFieldParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind people.FieldKind
		text string
		want any // nil: refused
	}{
		{people.TextField, " tea ", "tea"},
		{people.TextField, strings.Repeat("ä", 500), strings.Repeat("ä", 500)},
		{people.TextField, strings.Repeat("ä", 501), nil},
		{people.NumberField, "12.5", 12.5},
		{people.NumberField, "twelve", nil},
		{people.NumberField, "1,234", nil}, // 1234 or 1.234
		{people.DateField, "2026-11-27", "2026-11-27"},
		{people.DateField, "27.11.2026", "2026-11-27"},
		{people.DateField, "2026-11-27 14:00", "2026-11-27"},
		{people.DateField, "11/12/2026", nil},
		{people.DateField, "30.02.2026", nil},
		{people.YesNoField, "yes", true},
		{people.YesNoField, "0.0", false},
		{people.YesNoField, "perhaps", nil},
		{people.ChoiceField, "GOLD", "Gold"},
		{people.ChoiceField, "Bronze", nil},
		{people.LinkField, "https://clinic.example/a", "https://clinic.example/a"},
		{people.LinkField, "javascript:alert(1)", nil},
		{people.LinkField, "https://clinic.example/<b>", nil},
		{people.LinkField, "https://" + strings.Repeat("a", 493), nil},
	} {
		f := people.ContactField{Kind: c.kind, Label: "Field", Choices: []string{"Gold", "Silver"}}
		if got, err := f.Parse(c.text); got != c.want || (err == nil) != (c.want != nil) {
			t.Errorf("%s %.40q: %v, %v; want %v", c.kind, c.text, got, err, c.want)
		}
		if got, err := f.Parse("  "); got != nil || err != nil {
			t.Errorf("%s, empty: %v, %v", c.kind, got, err)
		}
	}
}
