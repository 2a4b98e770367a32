package phone

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	shortLink = regexp.MustCompile(`(?i)^(?:https?://)?(?:www\.)?wa\.me(?:/([^?#]*))?`)
	sendLink  = regexp.MustCompile(
		`(?i)^(?:(?:https?://)?(?:api|web|www)\.whatsapp\.com/send/?|whatsapp://send/?)\?([^#]*)`,
	)
	otherLink  = regexp.MustCompile(`(?i)^(?:https?|mailto|sip|ftp):`)
	card       = regexp.MustCompile(`(?i)^(?:item[0-9]+\.)?tel(?:;[a-z0-9=,'-]+)+:`) // a line of a vCard
	scheme     = regexp.MustCompile(`(?i)^(whatsapp|tel|sms|smsto|callto|phone|p):(?://)?`)
	userID     = regexp.MustCompile(`^[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]+$`)
	phoneStart = regexp.MustCompile(`[+(0-9]`)
)

// labels are what people and programs write before a number.
var labels = words(
	`tel telephone telefon telefonnummer telefono teléfono téléphone tél telefone telemovel telemóvel phone
	phonenumber phoneno telephonenumber telno telnr rufnummer number no nr num mobile mobilephone mobilenumber mobil
	mobiltelefon mob cell cellphone cellular cellulare handy handynummer portable
	whatsapp whatsappnumber wa movil móvil celular cel gsm m t p c h tlf tfno тел телефон моб 电话 電話 手机 携帯 هاتف رقم
	موبايل נייד טלפון फोन`,
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// unlabel extracts a number from its link, or removes its label. international reports that the link means a number
// with its country's code, with or without +. Sources: WhatsApp, "How to use click to chat" (wa.me takes the number in
// full international form); RFC 3966 (tel:); RFC 6350 (TEL in a vCard); Twilio, "WhatsApp addresses" (whatsapp:+E164).
func unlabel(s string) (number string, international bool, why Reason) {
	if m := shortLink.FindStringSubmatch(s); m != nil {
		path, _, _ := strings.Cut(m[1], "/")
		return linked(path)
	}
	if m := sendLink.FindStringSubmatch(s); m != nil {
		return linkedBy(m[1])
	}
	if otherLink.MatchString(s) {
		return "", false, Letters
	}
	if m := card.FindString(s); m != "" {
		s = strip(s[len(m):])
	}
	for range 2 { // "phone: tel:+49 …"
		m := scheme.FindStringSubmatch(s)
		if m == nil {
			break
		}
		rest := s[len(m[0]):]
		if strings.EqualFold(m[1], "whatsapp") {
			if userID.MatchString(rest) {
				return "", false, UserID
			}
			return strip(rest), phoneStart.MatchString(rest) && rest[0] != ' ', ""
		}
		if s, why = parameters(strip(rest)); why != "" {
			return "", false, why
		}
	}
	if userID.MatchString(s) {
		return "", false, UserID
	}
	if at := phoneStart.FindStringIndex(s); at != nil {
		label := strings.ToLower(strings.Trim(s[:at[0]], " .:-=#°/"))
		if labels[strings.NewReplacer(" ", "", "-", "", ".", "").Replace(label)] {
			s = s[at[0]:]
		}
	}
	return strip(s), false, ""
}

// linkedBy reads the number from the parameters of a link.
func linkedBy(query string) (number string, international bool, why Reason) {
	for part := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(strings.ToLower(part), "phone="); ok {
			return linked(value)
		}
	}
	return "", false, NoNumber
}

// linked reads the number from a part of a link.
func linked(part string) (number string, international bool, why Reason) {
	text, err := url.PathUnescape(part)
	if err != nil || !strings.ContainsAny(text, "0123456789") {
		return "", false, NoNumber
	}
	return strip(clean(text)), true, ""
}

// parameters removes the parameters of a tel: address: an extension is refused, a context that is a country code comes
// before the number.
func parameters(s string) (number string, why Reason) {
	number, rest, _ := strings.Cut(s, ";")
	number, _, _ = strings.Cut(number, "?")
	if text, err := url.PathUnescape(number); err == nil {
		number = clean(text)
	}
	for p := range strings.SplitSeq(rest, ";") {
		name, value, has := strings.Cut(strings.ToLower(p), "=")
		switch {
		case !has && strings.ContainsAny(p, "0123456789"): // not a parameter: ";" separates two numbers
			return s, ""
		case name == "ext" && value != "":
			return "", Extension
		case name == "phone-context" && strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+"):
			number = value + number
		}
	}
	return strip(number), ""
}
