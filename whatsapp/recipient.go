package whatsapp

import "strings"

// Variants are the addresses under which Twilio may list what was sent to a: a itself first, then the other form of
// its number, where MatchPhone knows one. WhatsApp answers with the form under which the person is registered, which
// need not be the one that was written to (Meta, Cloud API: phone numbers of Brazil, Mexico and Argentina).
func (a Address) Variants() []Address {
	out := []Address{a}
	for _, phone := range []string{MatchPhone(a.Phone), longPhone(a.Phone)} {
		if phone != a.Phone {
			out = append(out, Address{Phone: phone})
		}
	}
	return out
}

// longPhone adds the digits that MatchPhone removes.
func longPhone(phone string) string {
	if len(phone) != 13 {
		return phone
	}
	switch {
	case strings.HasPrefix(phone, "+52"):
		return "+521" + phone[3:]
	case strings.HasPrefix(phone, "+54"):
		return "+549" + phone[3:]
	case strings.HasPrefix(phone, "+55"):
		return phone[:5] + "9" + phone[5:]
	}
	return phone
}

// hiddenDigits stand for the last four digits of a person's number in accounts where Twilio keeps no numbers (Twilio,
// Message Redaction: "replaces the last four digits of non-Twilio-owned phone numbers with XXXX").
const hiddenDigits = "XXXX"

// Reaches reports whether listed, an address as Twilio writes it, is a: the same user id, or the same number in
// any of its forms. certain is false where the account hides numbers, so that listed may as well be somebody else's.
func (a Address) Reaches(listed string) (same, certain bool) {
	if got, err := ParseAddress(listed); err == nil {
		return got.Match() == a.Match(), true
	}
	head, hidden := strings.CutSuffix(strings.TrimPrefix(listed, "whatsapp:"), hiddenDigits)
	if !hidden || a.Phone == "" {
		return false, true
	}
	for _, v := range a.Variants() {
		if len(v.Phone) == len(head)+len(hiddenDigits) && strings.HasPrefix(v.Phone, head) {
			return true, false
		}
	}
	return false, true
}
