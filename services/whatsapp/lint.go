package whatsapp

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Severity tells what a finding stops.
type Severity string

// An error blocks submitting, a warning asks.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is one thing that WhatsApp is likely to reject a template for.
type Finding struct {
	Rule     string // stable name
	Severity Severity
	Field    string // name, category, body, or sample:<placeholder>
	Message  string // what is wrong and what to do, for a person
}

// DraftText is what the lint looks at.
type DraftText struct {
	Name     string
	Category string
	Body     string
	Samples  map[string]string // by placeholder name
}

var (
	templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)
	looseBraces  = regexp.MustCompile(`\{\{|\}\}`)
	adjacent     = regexp.MustCompile(`\{\{[^{}]+\}\}[\s\p{P}]*\{\{[^{}]+\}\}`)
	shortLink    = regexp.MustCompile(`(?i)\b(bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|wa\.me)\b`)
	promotion    = regexp.MustCompile(`(?i)\b(sale|discounts?|coupons?|promo(tion|tional)?|special offers?|limited[- ]time|offers?|% off|buy now|shop now|order now|free gift|for free|deals?|cashback|upgrade now|save (up to )?\d+)\b|\d\s?% off`)
	sensitive    = regexp.MustCompile(`(?i)\b(card number|credit card number|cvv|cvc|pin code|password|social security|ssn|passport number|account number)\b`)
	word         = regexp.MustCompile(`[\p{L}\p{N}'’-]+`)
)

// ValidTemplateName reports whether WhatsApp takes the name: lower-case letters, digits, underscores.
func ValidTemplateName(s string) bool { return templateName.MatchString(s) }

// Lint checks a draft against the rules that get templates rejected (Twilio, "Rules and best practices
// for WhatsApp templates"). Findings come in the order of the text.
func Lint(d DraftText) []Finding {
	var out []Finding
	add := func(rule string, s Severity, field, msg string) { out = append(out, Finding{rule, s, field, msg}) }

	if !ValidTemplateName(d.Name) {
		add("name", SeverityError, "name", "A name has lower-case letters, digits and underscores only, for example appointment_reminder.")
	}
	body := strings.TrimSpace(d.Body)
	if body == "" {
		add("empty", SeverityError, "body", "Write the message's text.")
		return out
	}
	out = append(out, lintShape(d.Body)...)
	out = append(out, lintPlaceholders(body, d.Samples)...)
	return append(out, lintMeaning(d, body)...)
}

func lintShape(body string) []Finding {
	var out []Finding
	if n := Length(body); n > MaxTemplateBody {
		out = append(out, Finding{"length", SeverityError, "body", "The text has " + strconv.Itoa(n) + " characters; WhatsApp takes 1,024 at most."})
	}
	if strings.Contains(strings.ReplaceAll(body, "\r", ""), "\n\n\n") {
		out = append(out, Finding{"line_breaks", SeverityError, "body", "There are more than two line breaks in a row: leave at most one empty line."})
	}
	if emojis(body) > 10 {
		out = append(out, Finding{"emoji", SeverityError, "body", "More than ten emoji get a template rejected: use fewer."})
	}
	return out
}

func lintPlaceholders(body string, samples map[string]string) []Finding {
	var out []Finding
	add := func(rule, field, msg string) { out = append(out, Finding{rule, SeverityError, field, msg}) }
	rest := placeholder.ReplaceAllString(body, "")
	if looseBraces.MatchString(rest) {
		add("braces", "body", "There is a {{ or }} that is no placeholder: write {{Name}} with letters, digits, spaces or underscores.")
	}
	names := Placeholders(body)
	if len(names) == 0 {
		return out
	}
	if len(names) > 100 {
		add("too_many", "body", "A template takes 100 placeholders at most.")
	}
	edges := placeholder.FindAllStringIndex(body, -1)
	if blank(body[:edges[0][0]]) {
		add("first", "body", "The text begins with a placeholder: put words before it, for example “Hello {{Name}}”.")
	}
	if blank(body[edges[len(edges)-1][1]:]) {
		add("last", "body", "The text ends with a placeholder: put words after it, not only punctuation.")
	}
	if adjacent.MatchString(body) {
		add("adjacent", "body", "Two placeholders stand side by side: put a word between them.")
	}
	out = append(out, lintNumbering(names)...)
	if words := len(word.FindAllString(rest, -1)); words < 2*len(names)+1 {
		add("density", "body", "There are "+strconv.Itoa(words)+" words for "+strconv.Itoa(len(names))+" placeholders; WhatsApp wants at least "+strconv.Itoa(2*len(names)+1)+" so that the purpose is clear.")
	}
	for _, n := range names {
		if p := ValueProblem(n, samples[n]); p != "" {
			if strings.TrimSpace(samples[n]) == "" {
				p = "Give a sample for " + n + ": WhatsApp's reviewers read the template with it."
			}
			add("sample", "sample:"+n, p)
		}
	}
	return out
}

func lintNumbering(names []string) []Finding {
	numbers := 0
	for _, n := range names {
		if _, err := strconv.Atoi(n); err == nil {
			numbers++
		}
	}
	switch {
	case numbers == 0:
	case numbers < len(names):
		return []Finding{{"mixed", SeverityError, "body", "Some placeholders are numbers and some are names: use one kind."}}
	case !slices.ContainsFunc(names, func(n string) bool { return n == "1" }) || names[len(names)-1] != strconv.Itoa(len(names)):
		return []Finding{{"numbering", SeverityError, "body", "Numbers run from {{1}} to {{" + strconv.Itoa(len(names)) + "}} without a gap."}}
	}
	return nil
}

func lintMeaning(d DraftText, body string) []Finding {
	var out []Finding
	if m := promotion.FindString(body); m != "" && d.Category == "UTILITY" {
		out = append(out, Finding{"promotion", SeverityError, "body", "“" + m + "” reads as promotion, and a utility template is never promotion: say only what concerns the person's own order, appointment or account."})
	}
	if m := sensitive.FindString(body); m != "" {
		out = append(out, Finding{"sensitive", SeverityWarning, "body", "“" + m + "”: WhatsApp rejects templates that ask for card, identity or account numbers or passwords."})
	}
	if m := shortLink.FindString(body); m != "" {
		out = append(out, Finding{"short_link", SeverityError, "body", "“" + m + "” hides where the link leads: write the full address of your own website."})
	}
	if d.Category == "MARKETING" {
		out = append(out, Finding{"category", SeverityError, "category", "Parley sends no promotion: choose utility or authentication."})
	}
	return out
}

func blank(s string) bool {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) == ""
}

func emojis(s string) int {
	n := 0
	for _, r := range s {
		if (r >= 0x1F300 && r <= 0x1FAFF) || (r >= 0x2600 && r <= 0x27BF) {
			n++
		}
	}
	return n
}
