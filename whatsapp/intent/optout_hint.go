package intent

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"parley/whatsapp/plaintext"
)

// maxHintRunes is how many characters of a message are searched for an opt-out: people don't put one behind pages of
// text.
const maxHintRunes = 2000

// Mentions reports whether a message that is not a keyword asks for no more messages in other words. It may be an
// opt-out, so somebody has to read it; by itself it is not one.
func (k Keywords) Mentions(body string) bool {
	return k.Of(body) == NoKeyword && k.asks(body, true)
}

// asks searches a text for opt-out phrases and words. Words with other meanings are only considered with ordinary.
func (k Keywords) asks(body string, ordinary bool) bool {
	body = plaintext.Cut(body, maxHintRunes)
	listed := k.stopPhrases()
	for _, c := range clausesOf(body) {
		if c.has(hints.noMore, false) || c.has(hints.asksOut, true) || c.hasListed(listed, ordinary) {
			return true
		}
		if ordinary && c.has(hints.moreStops, true, c.aboutMessages) {
			return true
		}
	}
	return false
}

// hasListed searches for the words of the lists.
func (c clause) hasListed(list []phrase, ordinary bool) bool {
	return slices.ContainsFunc(list, func(p phrase) bool {
		if !p.ordinary {
			return c.finds(p, true)
		}
		return ordinary && c.finds(p, true, c.aboutMessages)
	})
}

// stopPhrases are the opt-out words of the lists, Twilio's own among them.
func (k Keywords) stopPhrases() []phrase {
	out := make([]phrase, 0, len(TwilioWords[StopKeyword])+len(k.Words[StopKeyword]))
	for _, list := range [][]string{TwilioWords[StopKeyword], k.Words[StopKeyword]} {
		for _, s := range list {
			out = append(out, phraseOf(s))
		}
	}
	return out
}

// phraseOf is a word of the lists as it is looked for: folded once.
func phraseOf(s string) phrase {
	if p, ok := stopPhrases.Load(s); ok {
		return p.(phrase)
	}
	w := plaintext.Normalize(s)
	p := phrase{words: strings.Fields(w), language: hints.languages[w], ordinary: hints.ordinary[w], unspaced: unspaced(w)}
	if p.language == "" {
		p.language = "en"
	}
	stopPhrases.Store(s, p)
	return p
}

var stopPhrases sync.Map

// clause is the words between two marks (comma, full stop), folded.
type clause []string

// clausesOf splits a text into clauses and these into words. An apostrophe is part of its word; words that are written
// without spaces (Chinese, Japanese, Korean) form one, including any spaces between them.
func clausesOf(text string) []clause {
	folded, _ := plaintext.Fold(apostrophes.Replace(text))
	var out []clause
	for part := range strings.FieldsFuncSeq(folded, isClauseMark) {
		var c clause
		for _, w := range strings.FieldsFunc(strings.ReplaceAll(part, "'", ""), isBetweenWords) {
			if n := len(c) - 1; n >= 0 && unspaced(w) && unspaced(c[n]) {
				c[n] += w
				continue
			}
			c = append(c, w)
		}
		if len(c) > 0 {
			out = append(out, c)
		}
	}
	return out
}

var apostrophes = strings.NewReplacer("´", "", "`", "")

func isClauseMark(r rune) bool { return strings.ContainsRune(".,;:!?\n()¡¿،؛؟。、·|/", r) }

func isBetweenWords(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// phrase is a run of words in a language.
type phrase struct {
	words    []string
	language string
	ordinary bool // it has other meanings: see ordinaryStops
	unspaced bool // it may begin anywhere: its script has no spaces between words
}

// has reports whether the clause contains one of the phrases, which are indexed by their first words.
func (c clause) has(phrases map[string][]phrase, negatable bool, also ...func(int, phrase) bool) bool {
	for _, w := range c {
		for _, p := range phrases[w] {
			if c.finds(p, negatable, also...) {
				return true
			}
		}
	}
	return slices.ContainsFunc(phrases[seamless], func(p phrase) bool { return c.finds(p, negatable, also...) })
}

// finds reports whether the clause contains the phrase, no negation reverses it, and the other conditions are met.
func (c clause) finds(p phrase, negatable bool, also ...func(int, phrase) bool) bool {
	for i := range c {
		if !p.at(c, i) || negatable && c.negated(i, p) {
			continue
		}
		if !slices.ContainsFunc(also, func(holds func(int, phrase) bool) bool { return !holds(i, p) }) {
			return true
		}
	}
	return false
}

func (p phrase) at(c clause, i int) bool {
	if p.unspaced {
		return strings.Contains(c[i], p.words[0])
	}
	return len(p.words) > 0 && i+len(p.words) <= len(c) && slices.Equal([]string(c[i:i+len(p.words)]), p.words)
}

// reach is how many words before a phrase a negation is searched for, and how many words after a word its object.
const reach = 4

// negated reports whether a negation before the phrase at i reverses it.
func (c clause) negated(i int, p phrase) bool {
	for n := i - 1; n >= 0 && n >= i-reach && !hints.takesBack[c[n]]; n-- {
		if hints.helpless[c[n]] && c[n] != "can" {
			return false
		}
		if hints.negations[p.language][c[n]] {
			// "If you don't stop" is a threat, "I can not unsubscribe" asks for help.
			before := c[max(0, n-3):n]
			return !slices.ContainsFunc(before, func(w string) bool { return w == "if" || w == "unless" || hints.helpless[w] })
		}
	}
	return false
}

// aboutMessages reports whether the ambiguous word at i is about messages: they are mentioned near it, or the clause
// says hardly anything else.
func (c clause) aboutMessages(i int, p phrase) bool {
	end := i + len(p.words)
	around := c[end:min(end+reach, len(c))]
	last := hints.verbLast[p.language]
	if last {
		around = append(slices.Clone(around), c[max(0, i-reach):i]...)
	}
	if slices.ContainsFunc(around, isMessageWord) || unspaced(c[i]) && isMessageWord(c[i]) {
		return true
	}
	if unspaced(c[i]) && len([]rune(c[i]))-len([]rune(p.words[0])) > 2 || end < len(c) && hints.ordinaryAfter[c[end]] {
		return false
	}
	return c.saysLittleBeside(i, end, last)
}

// saysLittleBeside reports whether a clause says hardly anything but the words from start to end. last says that the
// verb comes at the end in its language, so that other words may come before.
func (c clause) saysLittleBeside(start, end int, last bool) bool {
	others := 0
	for n, w := range c {
		switch {
		case n >= start && n < end || hints.fillers[w] || hints.ordinary[w]:
		case n < start && !last || hints.helpless[w]:
			return false // "bus stop", "I can't stop"
		default:
			others++
		}
	}
	return others <= 1
}

func isMessageWord(w string) bool {
	within := func(m string) bool { return strings.Contains(w, m) }
	return hints.messages[w] || unspaced(w) && slices.ContainsFunc(hints.unspacedMessages, within)
}

// unspaced reports whether a word is of a script without spaces between words.
func unspaced(w string) bool {
	for _, r := range w {
		return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	}
	return false
}

// seamless is the key of phrases without spaces, which may begin anywhere.
const seamless = ""

// hints are the tables of phrases, folded once.
var hints = newHintTables()

// moreStops are words with other meanings that are in no list: a message that consists of one of them is not an
// opt-out.
var moreStops = map[string]string{
	"de": "hor auf, hort auf, horen sie auf, aufhoren",
	"fr": "arrete",
	"pt": "parem",
	"es": "paren",
	"it": "smettila, smettetela",
}

type hintTables struct {
	noMore, asksOut, moreStops map[string][]phrase
	negations                  map[string]map[string]bool
	helpless, messages         map[string]bool
	ordinary, verbLast         map[string]bool
	fillers, ordinaryAfter     map[string]bool
	takesBack                  map[string]bool
	unspacedMessages           []string
	languages                  map[string]string // of the words in the lists
}

func newHintTables() *hintTables {
	t := &hintTables{
		noMore:        byFirstWord(noMore),
		asksOut:       byFirstWord(asksOut),
		moreStops:     byFirstWord(moreStops),
		negations:     map[string]map[string]bool{},
		helpless:      wordSet(helpless),
		messages:      wordSet(messageWords),
		ordinary:      wordSet(ordinaryStops),
		verbLast:      wordSet(verbLast),
		fillers:       wordSet(fillers),
		ordinaryAfter: wordSet(ordinaryAfter),
		takesBack:     wordSet(takesBack),
		languages:     map[string]string{},
	}
	for l, words := range negations {
		t.negations[l] = wordSet(words)
	}
	for w := range t.messages {
		if unspaced(w) {
			t.unspacedMessages = append(t.unspacedMessages, w)
		}
	}
	for _, l := range languagesOfWords() {
		for _, w := range byLanguage[l][StopKeyword] {
			t.languages[listed(w)] = l
		}
	}
	return t
}

// listOf splits a table's text at its commas, folded.
func listOf(text string) []string {
	var out []string
	for s := range strings.SplitSeq(text, ",") {
		if w := plaintext.Normalize(s); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range listOf(text) {
		out[w] = true
	}
	return out
}

func byFirstWord(tables map[string]string) map[string][]phrase {
	out := map[string][]phrase{}
	for language, text := range tables {
		for _, w := range listOf(text) {
			p, key := phrase{words: strings.Fields(w), language: language}, seamless
			if p.unspaced = unspaced(w); p.unspaced {
				p.words = []string{strings.ReplaceAll(w, " ", "")}
			} else {
				key = p.words[0]
			}
			out[key] = append(out[key], p)
		}
	}
	return out
}
