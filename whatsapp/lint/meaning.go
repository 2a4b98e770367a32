package lint

import (
	"regexp"
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/plaintext"
)

// Asking for secrets: a verb of asking near a secret. Telling people never to share one is advice, not a request.
var (
	secret = words(
		`(?:credit |debit |bank )?card (?:number|details|data)s?|full card|cvv|cvc|(?:pin|atm) (?:code|number)|passwords?|` +
			`passcodes?|social security(?: number)?|ssn|passport (?:number|copy|scan)|bank (?:account|details|login)|` +
			`account (?:number|password)|identity (?:card|number)|id (?:card|number)|national id|tax (?:id|number)|iban|` +
			`date of birth|` +
			`numero de (?:tarjeta|cuenta|pasaporte|dni|identidad)|tarjeta de credito|contrasenas?|clave (?:secreta|bancaria)|` +
			`dni|` +
			`numero do (?:cartao|passaporte|rg|cpf)|cartao de credito|senhas?|cpf|conta bancaria|` +
			`kartennummern?|kreditkarten?(?:nummer|daten)?|passwort(?:er)?|kennwort(?:er)?|personalausweis(?:nummer)?|` +
			`reisepassnummer|bankdaten|kontonummer|kontodaten|` +
			`numero de (?:carte|compte|passeport|securite sociale)|carte bancaire|mots? de passe|coordonnees bancaires|` +
			`carte d'identite`,
	)
	ask = words(
		`(?:please )?(?:send|reply with|enter|provide|give|tell|share|confirm|submit|type|text|upload|verify|forward|` +
			`update|fill in)|we need|need your|what is your|` +
			`envi[ae](?:nos|r)?|responda? con|introduc[ea]|proporcion[ae]|confirm[ae]|indiqu?[ae](?:nos)?|facilit[ae](?:nos)?|` +
			`mand[ae](?:nos)?|envie|informe|digite|responda com|forneca|` +
			`senden|sende|schicken|schick|geben|gib|nennen|bestatigen|bestatige|teilen sie uns|antworten sie mit|eingeben|` +
			`envoyez|repondez avec|indiquez|donnez|communiquez|confirmez|saisissez|fournissez`,
	)
	never = words(
		`never|do not|don't|will not|won't|nobody will|not ask|without sharing|nunca|no (?:compart|env|reve|fac)\w*|jamas|` +
			`jamais|nao (?:compart|env|inform)\w*|niemals|nie|nicht|ne (?:partag|communiqu|donn|envoy)\w*`,
	)
	// harmless things about a password: that it was changed, how to choose a new one
	passive = words(
		`passwords? (?:of|for) (?:your|the|my) (?:account|profile) (?:was|has been)|passwords? (?:was|has been|is|were|` +
			`will be|expires?|reset|changed|change)|(?:reset|change|forgot|changed|new) (?:your |the )?passwords?|ending in|` +
			`contrasena (?:ha sido|fue|se)|senha (?:foi|sera)|passwort (?:wurde|ist)|mot de passe (?:a ete|est)`,
	)
)

// meaning checks what the whole text says.
func (l *linter) meaning() {
	for _, p := range l.Content.Parts() {
		if p.URL || strings.HasSuffix(p.Field, "-id") || strings.TrimSpace(*p.Text) == "" {
			continue
		}
		l.hidden(p.Field, *p.Text, false)
		l.said(p)
	}
	body := l.Content.Body
	if l.Content.Type == whatsapp.TypeAuthentication || strings.TrimSpace(body) == "" {
		return
	}
	l.language(body)
	l.purpose(body)
	l.repeated(body)
}

// said searches for words of promotion, threat and the like, in every language that there are lists for.
func (l *linter) said(p whatsapp.Part) {
	folded, at := plaintext.Fold(*p.Text)
	folded = harmless.blank(folded)
	folded = whatsapp.Placeholder.ReplaceAllStringFunc(folded, blank)
	folded = link.ReplaceAllStringFunc(folded, blank)
	reported := map[string]bool{}
	for _, c := range compiledLists() {
		if reported[c.rule] || c.rule == "promotion" && l.Category == whatsapp.Authentication ||
			c.rule == "category_code" && l.Category == whatsapp.Authentication {
			continue
		}
		m, severity := c.find(folded, true), Error
		if m == nil && (c.language == "en" || c.language == locale.BaseLanguage(l.Language)) {
			m, severity = c.find(folded, false), Warning
		}
		if m == nil {
			continue
		}
		if c.rule == "spelling" || c.rule == "abuse" && severity == Warning {
			severity = Warning
		}
		reported[c.rule] = true
		start, end := at[m[0]], at[m[1]]
		l.add(
			Finding{
				Rule:     c.rule,
				Severity: severity,
				Field:    p.Field,
				Start:    start,
				End:      end,
				Message:  says(c.rule, (*p.Text)[start:end], severity),
			},
		)
	}
	l.secrets(p, folded, at)
}

func says(rule, words string, s Severity) string {
	q := "“" + strings.TrimSpace(words) + "”"
	switch rule {
	case "promotion":
		if s == Warning {
			return q + " can read as promotion: keep it only if it is about the person's own order, appointment or account."
		}
		return q + " reads as promotion, and a utility template is never promotion: say only what concerns the person's " +
			"own order, appointment or account."
	case "threat":
		return q + " reads as a threat: say what happens next and whom to ask, calmly."
	case "abuse":
		return q + " reads as an insult: remove it."
	case "goods":
		return q + " is among the goods that WhatsApp's policy does not allow to be sold or promoted."
	case "category_code":
		return q + ": one-time codes go out in the authentication category only. Choose the authentication type."
	case "spelling":
		return q + " looks misspelt."
	}
	return q
}

func (l *linter) secrets(p whatsapp.Part, folded string, at []int) {
	folded = passive.blank(folded)
	from := 0
	for _, s := range sentences(folded) {
		m := secret.find(s)
		if m != nil && never.find(s) == nil {
			f := Finding{Rule: "sensitive", Severity: Warning, Field: p.Field, Start: at[from+m[0]], End: at[from+m[1]]}
			words := "“" + (*p.Text)[f.Start:f.End] + "”"
			f.Message = words + ": make sure that nobody is asked for card, bank or identity numbers or passwords; WhatsApp " +
				"rejects that."
			if ask.find(s) != nil {
				f.Severity, f.Message = Error, "The text asks for "+words+": WhatsApp forbids asking for card, bank or identity "+
					"numbers and passwords."
			}
			l.add(f)
			return
		}
		from += len(s)
	}
}

var sentenceEnd = regexp.MustCompile(`[.!?]+\s+|\n+`)

// sentences cuts after full stops and at line breaks; the pieces together are s.
func sentences(s string) []string {
	var out []string
	from := 0
	for _, m := range sentenceEnd.FindAllStringIndex(s, -1) {
		out = append(out, s[from:m[1]])
		from = m[1]
	}
	return append(out, s[from:])
}

// purpose: a few words that say nothing.
func (l *linter) purpose(body string) {
	found := word.FindAllString(whatsapp.Placeholder.ReplaceAllString(body, " "), -1)
	if len(found) > 0 && len(found) < 3 && !continuous(body) {
		l.warn("purpose", "body", "With so few words reviewers can't see what the message is for: say it.")
	}
	if len(found) == 0 && whatsapp.Placeholder.MatchString(body) {
		l.error("purpose", "body", "There is nothing but placeholders: say what the message is for.")
	}
}

// repeated finds a word that occurs twice in a row.
func (l *linter) repeated(body string) {
	all := word.FindAllStringIndex(body, -1)
	for i := 1; i < len(all); i++ {
		a, b := body[all[i-1][0]:all[i-1][1]], body[all[i][0]:all[i][1]]
		between := body[all[i-1][1]:all[i][0]]
		if !strings.EqualFold(a, b) || strings.Trim(between, " ") != "" || strings.ContainsFunc(a, unicode.IsDigit) ||
			fine[strings.ToLower(a)] {
			continue
		}
		l.add(
			Finding{
				Rule:     "repeated_word",
				Severity: Warning,
				Field:    "body",
				Start:    all[i-1][0],
				End:      all[i][1],
				Message:  "“" + a + "” stands twice.",
				Fix:      &Fix{"Remove one", "body", body[:all[i-1][1]] + body[all[i][1]:]},
			},
		)
		return
	}
}

// fine are words that may occur twice in a row.
var fine = map[string]bool{
	"had":  true,
	"that": true,
	"die":  true,
	"der":  true,
	"das":  true,
	"sie":  true,
	"nous": true,
	"vous": true,
	"bye":  true,
	"ha":   true,
	"se":   true,
	"no":   true,
}

// blank replaces words without moving or joining the others.
func blank(s string) string { return strings.Repeat("\x01", len(s)) }
