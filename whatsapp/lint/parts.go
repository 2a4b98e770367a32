package lint

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"parley/whatsapp"
)

var (
	manyBreaks = regexp.MustCompile(`(?:[ \t]*\r?\n[ \t]*){3,}`)
	manySpaces = regexp.MustCompile(` {5,}`)
	longRun    = regexp.MustCompile(`[!?]{3,}`)
	email      = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)`)
	digitRun   = regexp.MustCompile(`\+?\d(?:[ \-().]{0,2}\d){8,}`)
)

// part checks one text by itself.
func (l *linter) part(p whatsapp.Part) {
	text := *p.Text
	if n := whatsapp.Length(text); n > p.Max {
		f := Finding{Rule: "length", Severity: Error, Field: p.Field, Start: runeAt(text, p.Max), End: len(text),
			Message: p.Label + " has " + strconv.Itoa(n) + " characters; " + strconv.Itoa(p.Max) + " is the most."}
		l.add(f)
	}
	l.looseBraces(p)
	l.plainNames(p)
	if m := whatsapp.Placeholder.FindStringIndex(text); m != nil && !p.Variables {
		l.add(
			Finding{
				Rule:     "variable_here",
				Severity: Error,
				Field:    p.Field,
				Start:    m[0],
				End:      m[1],
				Message:  "No placeholder can stand here: write the words themselves.",
				Fix:      &Fix{"Remove it", p.Field, strings.TrimSpace(text[:m[0]] + text[m[1]:])},
			},
		)
	}
	if p.URL {
		l.address(p)
		return
	}
	if p.Short {
		l.short(p)
		return
	}
	if p.Field == "body" || strings.HasSuffix(p.Field, "-body") {
		l.shape(p)
	}
}

// shape checks the look of a longer text.
func (l *linter) shape(p whatsapp.Part) {
	text := *p.Text
	if m := manyBreaks.FindStringIndex(text); m != nil && strings.TrimSpace(text[m[1]:]) != "" {
		l.add(
			Finding{
				Rule:     "line_breaks",
				Severity: Error,
				Field:    p.Field,
				Start:    m[0],
				End:      m[1],
				Message:  "There are more than two line breaks in a row: leave at most one empty line.",
				Fix:      &Fix{"Leave one empty line", p.Field, manyBreaks.ReplaceAllString(text, "\n\n")},
			},
		)
	}
	if i := strings.IndexByte(text, '\t'); i >= 0 {
		l.add(
			Finding{
				Rule:     "tabs",
				Severity: Error,
				Field:    p.Field,
				Start:    i,
				End:      i + 1,
				Message:  "There is a tab: use a space.",
				Fix:      &Fix{"Use spaces", p.Field, strings.ReplaceAll(text, "\t", " ")},
			},
		)
	}
	if m := manySpaces.FindStringIndex(text); m != nil {
		l.add(
			Finding{
				Rule:     "spaces",
				Severity: Error,
				Field:    p.Field,
				Start:    m[0],
				End:      m[1],
				Message:  "There are more than four spaces in a row.",
				Fix:      &Fix{"Leave one space", p.Field, manySpaces.ReplaceAllString(text, " ")},
			},
		)
	}
	if n := emojis(text); n > 10 {
		l.error("emoji", p.Field, "There are "+strconv.Itoa(n)+" emoji; more than ten get a template rejected.")
	}
	l.formatting(p)
	if m := longRun.FindStringIndex(text); m != nil {
		l.add(
			Finding{
				Rule:     "shouting",
				Severity: Warning,
				Field:    p.Field,
				Start:    m[0],
				End:      m[1],
				Message:  "A row of exclamation or question marks reads as spam.",
				Fix:      &Fix{"Keep one", p.Field, longRun.ReplaceAllStringFunc(text, func(s string) string { return s[:1] })},
			},
		)
	}
	if letters, upper := 0, 0; true {
		for _, r := range whatsapp.Placeholder.ReplaceAllString(text, "") {
			if unicode.IsUpper(r) {
				upper++
			}
			if unicode.IsLower(r) || unicode.IsUpper(r) {
				letters++
			}
		}
		if letters > 20 && upper*10 > letters*6 {
			l.warn("shouting", p.Field, "Most of the text is in capitals: write it in normal case.")
		}
	}
}

// short checks a header, a footer or a title: one line of plain text.
func (l *linter) short(p whatsapp.Part) {
	text := *p.Text
	if strings.ContainsAny(text, "\n\r\t") {
		l.add(
			Finding{
				Rule:     "short",
				Severity: Error,
				Field:    p.Field,
				Message:  p.Label + " must stay on one line.",
				Fix:      &Fix{"Make it one line", p.Field, strings.Join(strings.Fields(text), " ")},
			},
		)
	}
	item := strings.HasPrefix(p.Field, "item-")
	if emojis(text) > 0 && !item {
		l.add(
			Finding{
				Rule:     "short",
				Severity: Error,
				Field:    p.Field,
				Message:  "No emoji can stand in " + lower(p.Label) + ".",
				Fix:      &Fix{"Remove the emoji", p.Field, strings.TrimSpace(withoutEmoji(text))},
			},
		)
	}
	for _, s := range whatsapp.Format(text) {
		if s.Bold || s.Italic || s.Strike || s.Mono {
			l.add(
				Finding{
					Rule:     "short",
					Severity: Error,
					Field:    p.Field,
					Message:  "No formatting can stand in " + lower(p.Label) + ": remove the marks.",
					Fix:      &Fix{"Remove the marks", p.Field, plain(text)},
				},
			)
			break
		}
	}
	if n := len(whatsapp.Placeholders(text)); p.Field == "header" && n > 1 {
		l.error("variable_here", p.Field, "A header takes one placeholder at most.")
	}
}

func plain(text string) string {
	var b strings.Builder
	for _, s := range whatsapp.Format(text) {
		b.WriteString(s.Text)
	}
	return b.String()
}

func lower(label string) string { return "“" + label + "”" }

// formatting finds a formatting mark that is never closed.
func (l *linter) formatting(p whatsapp.Part) {
	rest := plain(*p.Text)
	for _, mark := range []string{"```", "*", "_", "~"} {
		i := openMark(rest, mark)
		if i < 0 {
			continue
		}
		at := strings.Index(*p.Text, rest[i:min(len(rest), i+12)])
		f := Finding{
			Rule:     "formatting",
			Severity: Warning,
			Field:    p.Field,
			Message:  "A " + mark + " is opened and not closed: people will see the character itself.",
		}
		if at >= 0 {
			f.Start, f.End = at, at+len(mark)
			f.Fix = &Fix{"Remove it", p.Field, (*p.Text)[:at] + (*p.Text)[at+len(mark):]}
		}
		l.add(f)
		return
	}
}

// openMark is the position of a mark directly before a word and not after one, -1 if there is none.
func openMark(s, mark string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], mark)
		if i < 0 {
			return -1
		}
		i += from
		before, after := s[:i], s[i+len(mark):]
		opens := (before == "" || strings.ContainsAny(before[len(before)-1:], " \n(\"“")) && after != "" &&
			!strings.ContainsAny(after[:1], " \n*_~`")
		if opens {
			return i
		}
		from = i + len(mark)
	}
}

// samples checks the sample of each placeholder for WhatsApp's review.
func (l *linter) samples() {
	if l.Content.Type == whatsapp.TypeAuthentication {
		return // WhatsApp brings its own
	}
	for _, n := range l.Content.Names() {
		field, s := "sample:"+n, l.Samples[n]
		if strings.TrimSpace(s) == "" {
			l.add(
				Finding{
					Rule:     "sample",
					Severity: Error,
					Field:    field,
					Message:  "Give a sample for " + n + ": WhatsApp's reviewers read the template with it.",
					Fix:      suggestion(n, field),
				},
			)
			continue
		}
		if p := whatsapp.ValueProblem(n, s); p != "" {
			l.error("sample", field, p)
			continue
		}
		if m := email.FindStringSubmatch(s); m != nil && !strings.Contains(strings.ToLower(m[1]), "example.") &&
			!strings.HasSuffix(strings.ToLower(m[1]), ".example") {
			l.warn("sample_data", field, "The sample for "+n+" looks like somebody's e-mail address: use name@example.com.")
		} else if m := digitRun.FindString(s); m != "" && !strings.Contains(s, "://") &&
			!strings.Contains(m, "555") {
			l.warn("sample_data", field, "The sample for "+n+" looks like a real phone, card or account number: make one up.")
		}
	}
}

// suggestions are made-up values for placeholders with common names, as whatsapp.TemplateName writes these.
var suggestions = map[string]string{
	"name":         "Noor",
	"first_name":   "Noor",
	"full_name":    "Noor Haddad",
	"customer":     "Noor",
	"nombre":       "Noor",
	"nome":         "Noor",
	"vorname":      "Noor",
	"prenom":       "Noor",
	"date":         "12 May",
	"day":          "Monday",
	"datum":        "12. Mai",
	"fecha":        "12 de mayo",
	"data":         "12 de maio",
	"time":         "10:30",
	"uhrzeit":      "10:30",
	"hora":         "10:30",
	"heure":        "10:30",
	"order":        "A-4711",
	"order_number": "A-4711",
	"number":       "4711",
	"bestellung":   "A-4711",
	"pedido":       "A-4711",
	"commande":     "A-4711",
	"invoice":      "2026-0815",
	"ticket":       "#1042",
	"parcel":       "JD0146",
	"tracking":     "JD0146",
	"amount":       "24.90 EUR",
	"price":        "24.90 EUR",
	"total":        "24.90 EUR",
	"betrag":       "24,90 EUR",
	"importe":      "24,90 EUR",
	"montant":      "24,90 EUR",
	"place":        "Main Street 1",
	"address":      "Main Street 1",
	"ort":          "Hauptstraße 1",
	"city":         "Lisbon",
	"phone":        "+1 555 0100",
	"phone_number": "+1 555 0100",
	"email":        "name@example.com",
	"link":         "https://www.example.com/4711",
	"company":      "Harbor Clinic",
	"business":     "Harbor Clinic",
	"product":      "a blue coat",
	"subject":      "your heating",
	"doctor":       "Dr Berg",
}

// suggestion is a sample that a placeholder's name suggests, nil if none does.
func suggestion(name, field string) *Fix {
	if s, ok := suggestions[whatsapp.TemplateName(name)]; ok {
		return &Fix{"Use “" + s + "”", field, s}
	}
	return nil
}

func emoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r >= 0x2B00 && r <= 0x2BFF ||
		r >= 0x231A && r <= 0x23FF ||
		r == 0x3030 ||
		r == 0x303D
}

// emojis counts pictures; parts joined to one picture (families, skin tones, flags) count once.
func emojis(s string) int {
	n, joined, flag := 0, false, false
	for _, r := range s {
		switch {
		case r >= 0x1F3FB && r <= 0x1F3FF, r == 0xFE0F:
		case r == 0x200D:
			joined = true
		case r >= 0x1F1E6 && r <= 0x1F1FF && flag:
			flag = false
		case emoji(r):
			if !joined {
				n++
			}
			joined, flag = false, r >= 0x1F1E6 && r <= 0x1F1FF
		default:
			joined, flag = false, false
		}
	}
	return n
}

func withoutEmoji(s string) string {
	return strings.Map(func(r rune) rune {
		if emoji(r) || r == 0xFE0F || r == 0x200D {
			return -1
		}
		return r
	}, s)
}

// runeAt is the byte at which the n-th character begins.
func runeAt(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
