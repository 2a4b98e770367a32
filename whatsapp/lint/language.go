package lint

import (
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/plaintext"
)

// common are words that rarely occur in texts of other languages, after Fold.
var common = map[string]string{
	"en": "the your you is are has have been will with for and this that please we our from was can at on of to an it " +
		"not if thank hello hi be",
	"es": "el la los las tu su usted es ha han para con por y esta este que gracias hola nuestro nuestra una un del al " +
		"se puede pedido cita manana favor",
	"pt": "o os as seu sua voce foi para com por e esta este que obrigado obrigada ola nosso nossa uma um do da dos das " +
		"ao nao pode pedido consulta amanha em",
	"de": "der die das dein deine ihr ihre ist sind wird wurde mit fur und nicht bitte wir unser unsere ein eine einen " +
		"dem den am um im zu du sie danke hallo auf von bei wenn",
	"fr": "le la les votre vos est sont sera avec pour et cette ce que merci bonjour nous notre une un du des au aux ne " +
		"pas vous ete sur dans si votre a le",
	"it": "il lo la gli le tuo tua suo sua e sono per con questo che grazie ciao nostro nostra una un del della dei di " +
		"ha stato domani puo alle non",
	"nl": "de het een je uw is zijn wordt met voor en niet deze dat bedankt hallo wij onze op van om te bij als we u " +
		"heeft",
}

var commonSets = func() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for l, list := range common {
		out[l] = map[string]bool{}
		for _, w := range strings.Fields(list) {
			out[l][w] = true
		}
	}
	return out
}()

// scripts are the scripts that languages are written in; all others are Latin.
var scripts = map[string]*unicode.RangeTable{
	"ar": unicode.Arabic,
	"fa": unicode.Arabic,
	"ur": unicode.Arabic,
	"he": unicode.Hebrew,
	"hi": unicode.Devanagari,
	"ru": unicode.Cyrillic,
	"uk": unicode.Cyrillic,
	"bg": unicode.Cyrillic,
	"el": unicode.Greek,
	"zh": unicode.Han,
	"ja": nil,
	"ko": unicode.Hangul,
	"th": unicode.Thai,
}

// language compares the text with the language that the version says it is in.
func (l *linter) language(body string) {
	base := locale.BaseLanguage(l.Language)
	own, known := scripts[base]
	if known && own == nil {
		return // several scripts
	}
	text := link.ReplaceAllString(whatsapp.Placeholder.ReplaceAllString(body, " "), " ")
	script := own
	if script == nil {
		script = unicode.Latin
	}
	letters, inScript := countLetters(text, script)
	switch {
	case letters < 8:
		return
	case inScript*3 < letters:
		l.warn("language", "language", "The text is written in another script than the language that you chose.")
		return
	case own != nil:
		return
	}
	if other := otherLanguage(text, base); other != "" {
		l.warn("language", "language",
			"The text looks like "+locale.LanguageName(other)+": choose that language, or translate it.")
	}
}

// countLetters counts a text's letters, and those of a script.
func countLetters(text string, script *unicode.RangeTable) (letters, inScript int) {
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if unicode.Is(script, r) {
			inScript++
		}
	}
	return letters, inScript
}

// otherLanguage is the language of a text's common words, empty if it may be the expected one.
func otherLanguage(text, language string) string {
	folded, _ := plaintext.Fold(text)
	score := map[string]int{}
	for _, w := range word.FindAllString(folded, -1) {
		for lang, set := range commonSets {
			if set[w] {
				score[lang]++
			}
		}
	}
	best := ""
	for lang, n := range score {
		if best == "" || n > score[best] || n == score[best] && lang < best {
			best = lang
		}
	}
	if best != language && score[best] >= 3 && score[best] > 2*score[language] {
		return best
	}
	return ""
}
