package intent

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// A keyword is recognized in any case, with any space and punctuation around it, and not if another word is beside it.
func TestKeywordsInAnyDress(t *testing.T) {
	k := DefaultKeywords()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	around := []string{"", " ", "\n", "!", ".", "…", "\t", "?!", "\"", "¡", "。", "\u00a0", "*", "👋", "  . "}
	for _, kind := range KeywordKinds() {
		for _, w := range k.Words[kind] {
			for range 20 {
				dressed := around[r.IntN(len(around))] + anyCase(r, w) + around[r.IntN(len(around))]
				if got := k.Of(dressed); got != kind {
					t.Errorf("%q is %q, not %q", dressed, got, kind)
				}
				if k.Mentions(dressed) {
					t.Errorf("%q is a keyword and is offered as a mention", dressed)
				}
			}
			longer := "please " + w + " tomorrow"
			if got := k.Of(longer); got != NoKeyword {
				t.Errorf("%q is %q", longer, got)
			}
			if kind == StopKeyword && !k.Mentions(longer) {
				t.Errorf("%q is not offered as an opt-out", longer)
			}
		}
	}
	for _, harmless := range []string{"", "unstoppable", "nonstop flight", "Friend", "weekend", "¿qué?", "I need information", strings.Repeat("stop", 100), "🛑"} {
		if k.Of(harmless) != NoKeyword || k.Mentions(harmless) {
			t.Errorf("%q is taken for a keyword", harmless)
		}
	}
}

func anyCase(r *rand.Rand, s string) string {
	var b strings.Builder
	for _, c := range s {
		if r.IntN(2) == 0 {
			b.WriteString(strings.ToUpper(string(c)))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Twilio's own words are in every list, and one word has one meaning.
func TestKeywordLists(t *testing.T) {
	k := DefaultKeywords()
	seen := map[string]Keyword{}
	for _, kind := range KeywordKinds() {
		for _, w := range TwilioWords[kind] {
			if !slices.Contains(k.Words[kind], w) || (Keywords{}).Of(w) != kind {
				t.Errorf("%s is no word of %s", w, kind)
			}
		}
		for _, w := range k.Words[kind] {
			if other, ok := seen[plaintext.Normalize(w)]; ok && other != kind {
				t.Errorf("%q means %s and %s", w, other, kind)
			}
			seen[plaintext.Normalize(w)] = kind
		}
		for l, text := range k.Replies[kind] {
			if k.Reply(kind, "Harbour", l) == "" || strings.Contains(k.Reply(kind, "Harbour", l), "{{") || !strings.Contains(text, BusinessMark) {
				t.Errorf("the reply to %s in %s: %q", kind, l, text)
			}
		}
	}
	if got := k.Reply(StopKeyword, "Harbour", "sv", "de_AT"); !strings.Contains(got, "Harbour") || !strings.Contains(got, "keine weiteren") {
		t.Errorf("the reply for somebody from Austria: %q", got)
	}
}

func TestKeywordOf(t *testing.T) {
	for s, want := range map[string]Keyword{
		"STOP": StopKeyword, " stop. ": StopKeyword, "Stop!": StopKeyword, "please stop": NoKeyword, "stopping": NoKeyword, "": NoKeyword,
		"START": StartKeyword, "unstop": StartKeyword, "help?": HelpKeyword, "OptOut": StopKeyword,
	} {
		if got := KeywordOf(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	if !whatsapp.IsJoin(" Join  calm-harbor ", "calm-harbor") || whatsapp.IsJoin("join", "") ||
		whatsapp.IsJoin("join other-words", "calm-harbor") {
		t.Error("the join phrase")
	}
}

func FuzzKeywords(f *testing.F) {
	for _, s := range []string{"STOP", "please stop.", "", "\xff", "停止"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		KeywordOf(s)
		DefaultKeywords().Mentions(s)
		ReadConsent(s)
	})
}
