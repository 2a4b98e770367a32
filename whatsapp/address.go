package whatsapp

import (
	"errors"
	"regexp"
	"strings"

	"parley/whatsapp/phone"
)

// Address is how a WhatsApp user is reached: a phone number, or, if the person shares none, a business-scoped user id
// such as US.13491208655302741918.
type Address struct {
	Phone string // E.164, empty for a user id
	ID    string // business-scoped user id, empty for a phone number
	// Other is an address in a form that Parley does not know, as it came. Nothing can be sent to it.
	Other string
}

var (
	e164   = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	userID = regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}$`)
)

// ErrAddress says that a text is not a WhatsApp address.
var ErrAddress = errors.New("not a WhatsApp address")

// ParseAddress reads an address as Twilio writes it: whatsapp:+E164 or whatsapp:CC.ID. It also accepts numbers that are
// in no numbering plan, because they come from Twilio.
func ParseAddress(s string) (Address, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "whatsapp:")
	if !ok {
		return Address{}, ErrAddress
	}
	switch {
	case e164.MatchString(rest):
		return Address{Phone: rest}, nil
	case userID.MatchString(rest):
		return Address{ID: rest}, nil
	}
	return Address{}, ErrAddress
}

// String writes the address as Twilio does.
func (a Address) String() string {
	switch {
	case a.Other != "":
		return a.Other
	case a.Phone != "":
		return "whatsapp:" + a.Phone
	}
	return "whatsapp:" + a.ID
}

// Match is the form in which the variants of one person's number are equal.
func (a Address) Match() string {
	switch {
	case a.Other != "":
		return "other:" + a.Other
	case a.Phone == "":
		return a.ID
	}
	return MatchPhone(a.Phone)
}

// MatchPhone removes digits that are optional in some countries' mobile numbers: Mexico's 1 after +52, Argentina's 9
// after +54 and Brazil's ninth digit. WhatsApp and people use both forms.
func MatchPhone(phone string) string {
	switch {
	case strings.HasPrefix(phone, "+521") && len(phone) == 14:
		return "+52" + phone[4:]
	case strings.HasPrefix(phone, "+549") && len(phone) == 14:
		return "+54" + phone[4:]
	case strings.HasPrefix(phone, "+55") && len(phone) == 14 && phone[5] == '9':
		return phone[:5] + phone[6:]
	}
	return phone
}

// ShowPhone writes an E.164 number with the spaces its country uses.
func ShowPhone(number string) string { return phone.Show(number) }

// ShowNational writes an E.164 number as it is dialled in its own country.
func ShowNational(number string) string { return phone.ShowNational(number) }

// KnownCountry reports whether two letters are a country that has phone numbers.
func KnownCountry(code string) bool { return phone.Known(code) }

// Country is the two-letter region of a number, empty where none is known.
func Country(number string) string { return phone.Country(number) }

// TimeZone guesses a person's time zone from the number: the one zone of its area or country, empty where there
// are several.
func TimeZone(number string) string { return phone.TimeZone(number) }

// AddressKind is what an address of a contact is.
type AddressKind string

// The kinds of addresses.
const (
	PhoneAddress  AddressKind = "phone"       // E.164
	UserIDAddress AddressKind = "whatsapp_id" // WhatsApp's business-scoped user id
	OtherAddress  AddressKind = "other"       // in a form that Parley does not know, as it came: nothing can be sent to it
)

// AddressKinds are all kinds of addresses.
func AddressKinds() []AddressKind { return []AddressKind{PhoneAddress, UserIDAddress, OtherAddress} }
