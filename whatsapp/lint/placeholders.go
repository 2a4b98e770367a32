package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/locale"
)

var (
	braces      = regexp.MustCompile(`\{+|\}+`)
	singleBrace = regexp.MustCompile(`\{+\s*([\p{L}\p{N}_][\p{L}\p{M}\p{N}_ ]{0,39}?)\s*\}+`)
	word        = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*`)
)

// placeholders checks the positions of the body's placeholders, and how they are numbered over all parts.
func (l *linter) placeholders() {
	names := l.Content.Names()
	if len(names) > whatsapp.MaxTemplateNames {
		l.error("too_many", "body", "There are "+strconv.Itoa(len(names))+" placeholders; Twilio takes 100 at most.")
	}
	if l.Content.Type == whatsapp.TypeAuthentication {
		return
	}
	l.numbering(names)
	l.positions("body", l.Content.Body, true)
	for i, c := range l.Content.Cards {
		l.positions("card-"+strconv.Itoa(i+1)+"-body", c.Body, true)
	}
	if l.Content.Header != "" {
		l.positions("header", l.Content.Header, false)
	}
}

// positions checks one text. Without edges only neighbours are checked: a header may begin with a name.
func (l *linter) positions(field, text string, edges bool) {
	at := whatsapp.Placeholder.FindAllStringIndex(text, -1)
	if len(at) == 0 {
		return
	}
	first, last := at[0], at[len(at)-1]
	if edges && nothing(text[:first[0]]) {
		l.add(Finding{
			Rule:     "first",
			Severity: Error,
			Field:    field,
			Start:    first[0],
			End:      first[1],
			Message:  "The text begins with a placeholder: put words before it.",
			Fix:      &Fix{"Put “" + l.greeting() + "” before it", field, l.greeting() + " " + strings.TrimLeft(text, " \n")},
		})
	}
	if edges && nothing(text[last[1]:]) {
		l.add(Finding{
			Rule:     "last",
			Severity: Error,
			Field:    field,
			Start:    last[0],
			End:      last[1],
			Message:  "The text ends with a placeholder: put words after it, not only punctuation.",
			Fix:      &Fix{"Add “" + l.closing() + "”", field, strings.TrimRight(text, " \n") + afterLast(text) + l.closing()},
		})
	}
	for i := 1; i < len(at); i++ {
		if nothing(text[at[i-1][1]:at[i][0]]) {
			l.add(Finding{Rule: "adjacent", Severity: Error, Field: field, Start: at[i-1][0], End: at[i][1],
				Message: "Two placeholders stand side by side: put a word between them, or make them one."})
			break
		}
	}
	names := whatsapp.Placeholders(text)
	words := len(word.FindAllString(whatsapp.Placeholder.ReplaceAllString(text, " "), -1))
	if want := 2*len(names) + 1; edges && words < want && !continuous(text) {
		l.error(
			"density",
			field,
			fmt.Sprintf("There are %d words for %d placeholders; WhatsApp wants at least %d so that the purpose is clear.",
				words, len(names), want),
		)
	}
}

// continuous reports whether the text is in a script that puts no spaces between words, where counting
// them says nothing.
func continuous(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(
			r,
			unicode.Han,
			unicode.Hiragana,
			unicode.Katakana,
			unicode.Thai,
			unicode.Lao,
			unicode.Khmer,
			unicode.Myanmar,
		)
	})
}

func (l *linter) numbering(names []string) {
	numbers := 0
	for _, n := range names {
		if _, err := strconv.Atoi(n); err == nil {
			numbers++
		}
	}
	switch {
	case numbers == 0:
		return
	case numbers < len(names):
		l.error("mixed", l.fieldOf(names), "Some placeholders are numbers and some are names: use one kind.")
		return
	}
	for i, n := range names {
		if n != strconv.Itoa(i+1) {
			f := Finding{
				Rule:     "numbering",
				Severity: Error,
				Field:    l.fieldOf(names),
				Message:  "Numbers run from {{1}} to {{" + strconv.Itoa(len(names)) + "}} without a gap.",
			}
			if only := whatsapp.Placeholders(l.Content.Body); slices.Equal(only, names) {
				f.Fix = &Fix{"Renumber them", "body", l.Content.Numbered().Body}
			}
			l.add(f)
			return
		}
	}
}

// fieldOf is the first part that holds a placeholder.
func (l *linter) fieldOf(names []string) string {
	for _, p := range l.Content.Parts() {
		if len(names) > 0 && whatsapp.Placeholder.MatchString(*p.Text) {
			return p.Field
		}
	}
	return "body"
}

// plainName is how a placeholder of a draft is named. What was approved elsewhere may have other names.
var plainName = regexp.MustCompile(`^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_ ]{0,38}[\p{L}\p{M}\p{N}_])?$`)

// plainNames finds a placeholder with another name, and offers a plain one.
func (l *linter) plainNames(p whatsapp.Part) {
	text := *p.Text
	for _, m := range whatsapp.Placeholder.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		if plainName.MatchString(name) {
			continue
		}
		f := Finding{
			Rule:     "braces",
			Severity: Error,
			Field:    p.Field,
			Start:    m[0],
			End:      m[1],
			Message: "The placeholder {{" + name + "}} has an odd name: write {{Name}} with letters, digits, spaces or " +
				"underscores, at most 40.",
		}
		if plain := strings.Trim(oddSigns.ReplaceAllString(name, "_"), "_ "); plainName.MatchString(plain) {
			f.Fix = &Fix{"Call it " + plain, p.Field, text[:m[0]] + "{{" + plain + "}}" + text[m[1]:]}
		}
		l.add(f)
		return
	}
}

var oddSigns = regexp.MustCompile(`[^\p{L}\p{M}\p{N}_ ]+`)

// looseBraces finds { and } outside of placeholders.
func (l *linter) looseBraces(p whatsapp.Part) {
	text := *p.Text
	taken := whatsapp.Placeholder.FindAllStringIndex(text, -1)
	inside := func(i int) bool {
		return slices.ContainsFunc(taken, func(t []int) bool { return i >= t[0] && i < t[1] })
	}
	for _, b := range braces.FindAllStringIndex(text, -1) {
		if inside(b[0]) && inside(b[1]-1) {
			continue
		}
		start, end := b[0], b[1]
		f := Finding{
			Rule:     "braces",
			Severity: Error,
			Field:    p.Field,
			Start:    start,
			End:      end,
			Message: "There is a { or } that is no placeholder: write {{Name}} with letters, digits, spaces or underscores, " +
				"at most 40.",
		}
		if m := singleBrace.FindStringSubmatchIndex(text[start:]); m != nil && m[0] == 0 {
			f.End = start + m[1]
			f.Fix = &Fix{
				"Make it a placeholder",
				p.Field,
				text[:start] + "{{" + text[start+m[2]:start+m[3]] + "}}" + text[start+m[1]:],
			}
		}
		l.add(f)
		return
	}
}

func nothing(s string) bool { return !strings.ContainsFunc(s, meaningful) }

func meaningful(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sc, r)
}

// afterLast is what joins a closing sentence to the text.
func afterLast(text string) string {
	if r := strings.TrimRight(text, " \n"); strings.HasSuffix(r, ".") || strings.HasSuffix(r, "!") ||
		strings.HasSuffix(r, "?") {
		return " "
	}
	return ". "
}

var greetings = map[string]string{
	"en": "Hello",
	"es": "Hola",
	"pt": "Olá",
	"de": "Hallo",
	"fr": "Bonjour",
	"it": "Ciao",
	"nl": "Hallo",
}

var closings = map[string]string{
	"en": "Reply here if you have a question.",
	"es": "Responde aquí si tienes alguna pregunta.",
	"pt": "Responda aqui se tiver alguma dúvida.",
	"de": "Antworte hier, wenn du eine Frage hast.",
	"fr": "Répondez ici si vous avez une question.",
	"it": "Rispondi qui se hai domande.",
	"nl": "Antwoord hier als je een vraag hebt.",
}

func (l *linter) greeting() string { return inLanguage(greetings, l.Language) }
func (l *linter) closing() string  { return inLanguage(closings, l.Language) }

func inLanguage(m map[string]string, language string) string {
	if s, ok := m[locale.BaseLanguage(language)]; ok {
		return s
	}
	return m["en"]
}
