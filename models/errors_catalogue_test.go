package models

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"parley/whatsapp/phone"
)

func sentenceOf(t *testing.T, err error) string {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("no refusal: %v", err)
	}
	return e.Message()
}

func TestMessage(t *testing.T) {
	for want, err := range map[string]error{
		"There is already a tag with this name.":              Invalid("name", "tag.name_taken"),
		"Only admins may send this template.":                 Conflict("template.role_needed", "Role", Admin),
		"This file does not exist, or it was removed.":        fmt.Errorf("open: %w", NotFound("file")),
		"Contacts have at most 1 field: archive one first.":   Invalid("label", "field.too_many", "Count", 1),
		"Contacts have at most 0 fields: archive one first.":  Invalid("label", "field.too_many", "Count", 0),
		"Contacts have at most 40 fields: archive one first.": Invalid("label", "field.too_many", "Count", 40),
		"This is a date, not a phone number.":                 InvalidBecause("phone", aDate),
		"The file can't be read: line 3 is no row of a CSV file.": Invalid(
			"file", "import.unreadable", "Reason", lineThree),
		"{{.Name}} is blocked: unblock the contact before you write.": Conflict("contact.blocked", "Name", "{{.Name}}"),
	} {
		if got := sentenceOf(t, err); got != want {
			t.Errorf("%v says %q, want %q", err, got, want)
		}
	}
}

var (
	lineThree = &Error{Kind: KindInvalid, Code: "row.not_csv", Args: Args{"Line": 3}}
	aDate     = &phone.Refusal{Reason: phone.Date}
)

// A log line has the code, its arguments in a fixed order, and the cause.
func TestErrorForLogs(t *testing.T) {
	err := &Error{
		Kind: KindInvalid,
		Code: "import.unreadable",
		Args: Args{"Reason": lineThree, "Line": 3},
		Err:  errors.New("EOF"),
	}
	want := `invalid: import.unreadable Line="3" Reason="invalid: row.not_csv Line=\"3\"": EOF`
	if got := err.Error(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Every reason of package phone has exactly its own sentence in the catalogue.
func TestReasonsOfNumbers(t *testing.T) {
	refusals := []*phone.Refusal{
		phone.Number{Verdict: phone.Assumed}.Unconfirmed(), phone.Number{Verdict: phone.Unassigned}.Unconfirmed(),
	}
	for _, r := range phone.Reasons() {
		if r != phone.Unconfirmed {
			refusals = append(refusals, &phone.Refusal{Reason: r})
		}
	}
	for _, r := range refusals {
		if got := sentenceOf(t, InvalidBecause("phone", r)); got != r.Error() || got == "" {
			t.Errorf("%s says %q, want %q", r.Reason, got, r.Error())
		}
	}
}

// An error that is not a refusal stays an error when it is passed to InvalidBecause.
func TestInvalidBecauseOfAFault(t *testing.T) {
	fault := errors.New("connection lost")
	if err := InvalidBecause("phone", fault); KindOf(err) != "" || !errors.Is(err, fault) {
		t.Errorf("a fault became %v", err)
	}
}

// Another language is a separate file. Sentences that it lacks are shown in English. It has its own plural forms.
func TestAnotherLanguage(t *testing.T) {
	bundle := i18n.NewBundle(language.English)
	polish := &i18n.Message{
		ID:    "field.too_many",
		One:   "{{.Count}} pole",
		Few:   "{{.Count}} pola",
		Many:  "{{.Count}} pól",
		Other: "{{.Count}} pola",
	}
	err := errors.Join(
		bundle.AddMessages(language.Polish, polish),
		bundle.AddMessages(language.English, &i18n.Message{ID: "tag.missing", Other: "Choose a tag."}),
	)
	if err != nil {
		t.Fatal(err)
	}
	words := i18n.NewLocalizer(bundle, "pl")
	for n, want := range map[int]string{1: "1 pole", 3: "3 pola", 5: "5 pól", 22: "22 pola"} {
		if got := (&Error{Code: "field.too_many", Args: Args{"Count": n}}).in(words); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (&Error{Code: "tag.missing"}).in(words); got != "Choose a tag." {
		t.Errorf("%q", got)
	}
}
