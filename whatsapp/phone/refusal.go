package phone

import (
	"errors"
	"maps"
	"slices"
)

// Reason is why a text is not accepted as a phone number. It is also the code that programs get.
type Reason string

// The reasons.
const (
	Empty          Reason = "phone_empty"
	TwoNumbers     Reason = "phone_two_numbers"
	Decimal        Reason = "phone_decimal"         // a number with a fraction
	Grouped        Reason = "phone_grouped"         // digits in groups of three, as in a sum of money
	Rounded        Reason = "phone_rounded"         // 4.91511E+12
	Date           Reason = "phone_date"            // 2026-12-01
	NoCountry      Reason = "phone_no_country"      // neither a country code nor a home country
	UnknownCountry Reason = "phone_unknown_country" // +999
	Letters        Reason = "phone_letters"
	Hidden         Reason = "phone_hidden" // digits are masked
	Extension      Reason = "phone_extension"
	UserID         Reason = "phone_user_id" // WhatsApp's id of a person
	NoNumber       Reason = "phone_missing" // a link without one
	NotANumber     Reason = "phone_unreadable"
	TooShort       Reason = "phone_too_short"
	TooLong        Reason = "phone_too_long"
	WrongLength    Reason = "phone_wrong_length"
	Unconfirmed    Reason = "phone_not_confirmed" // possible, but not valid for its country: see Refusal.Doubtful
)

// Reasons lists all of them.
func Reasons() []Reason { return append(slices.Sorted(maps.Keys(sentences)), Unconfirmed) }

var sentences = map[Reason]string{
	Empty:      "Write a phone number, for example +49 151 23456789.",
	TwoNumbers: "There are two numbers in this field: keep one of them.",
	Decimal:    "This is a number with a decimal point, not a phone number: write all its digits without one.",
	Grouped: "The digits are grouped in threes like a sum of money: write the phone number with + and the " +
		"country code.",
	Rounded:        "A spreadsheet has rounded this number. Format the column as text and export it again.",
	Date:           "This is a date, not a phone number.",
	NoCountry:      "Start the number with + and the country code, for example +49 151 23456789.",
	UnknownCountry: "No country has this code: check the digits after the +.",
	Letters:        "A phone number has digits only: check the number.",
	Hidden:         "Some digits of this number are hidden: write all of them.",
	Extension:      "This number has an extension, which WhatsApp can't reach: write the number without it.",
	UserID:         "This is WhatsApp's user ID of a person, not a phone number.",
	NoNumber:       "This link has no phone number in it.",
	NotANumber:     "This is not a phone number: check the number.",
	TooShort:       "This is not a phone number: it is too short. Check the country code and the number of digits.",
	TooLong:        "This is not a phone number: it is too long. Check the country code and the number of digits.",
	WrongLength:    "This is not a phone number of this country: check the number of digits.",
}

// Refusal is why a text is not accepted as a phone number.
type Refusal struct {
	Reason   Reason
	Doubtful Number // for Unconfirmed: the number to confirm
}

// Unconfirmed refuses a number to check that nobody has confirmed.
func (n Number) Unconfirmed() *Refusal { return &Refusal{Reason: Unconfirmed, Doubtful: n} }

func refuse(r Reason) *Refusal { return &Refusal{Reason: r} }

// Error is a whole sentence for the person who wrote the number: what is wrong, and what to do.
func (r *Refusal) Error() string {
	if r.Reason == Unconfirmed {
		return r.Doubtful.Doubt()
	}
	return sentences[r.Reason]
}

// ReasonOf is the reason in an error of this package, also in one that wraps it; empty for any other error.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return ""
}
