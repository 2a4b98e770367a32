package segments

import (
	"strings"

	"parley/models/internal/base"
	"parley/whatsapp/phone"
)

// SearchPattern turns a search text into a LIKE pattern for lower-case text, empty for an empty text.
func SearchPattern(q string) string {
	if q = strings.ToLower(strings.TrimSpace(q)); q == "" {
		return ""
	}
	return "%" + base.LikeEscape(q) + "%"
}

// searchPatterns are the LIKE patterns for a search text: the text itself and, if it is a number or a part of one, its
// form in E.164. Other text with digits, such as a date or an order number, is not changed.
func searchPatterns(q string) []string {
	if strings.TrimSpace(q) == "" {
		return nil
	}
	var out []string
	for _, text := range searchTexts(q) {
		out = append(out, "%"+base.LikeEscape(text)+"%")
	}
	return out
}

// searchTexts is searchPatterns for comparing in Go.
func searchTexts(q string) []string {
	typed := strings.ToLower(strings.TrimSpace(q))
	digits, ok := phone.Fragment(q)
	if !ok {
		return []string{typed}
	}
	out := []string{digits}
	if typed != digits && strings.Trim(typed, "+0123456789 ") != "" { // with spaces only, it is a number
		out = append(out, typed)
	}
	if n, err := phone.Read(q, ""); err == nil && !strings.Contains(n.E164, digits) {
		out = append(out, n.E164)
	}
	if home := homeNumber(digits); home != "" {
		out = append(out, home)
	}
	return out
}

// WholeNumber is the number in a search text, for searches by whole numbers. ok is false for a text that is neither a
// number nor a part of one.
func WholeNumber(q string) (number string, ok bool) {
	if n, err := phone.Read(q, ""); err == nil {
		return n.E164, true
	}
	if digits, part := phone.Fragment(q); part {
		return digits, true
	}
	return strings.TrimSpace(q), strings.Trim(q, "+0123456789 -()./") == ""
}

// homeNumber is the part in E.164 of a number that was typed as dialled within its country, 0151 234…, without its 0,
// or with 00 for the +. It is empty if that is no different.
func homeNumber(digits string) string {
	if rest := strings.TrimPrefix(digits, "00"); rest != digits && len(rest) >= 5 {
		return "+" + rest
	}
	if rest := strings.TrimPrefix(digits, "0"); rest != digits && len(rest) >= 5 &&
		strings.Trim(rest, "0123456789") == "" {
		return rest
	}
	return ""
}
