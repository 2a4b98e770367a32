package whatsapp

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parley/whatsapp/phone"
)

// A keyword stays one in any case, with any space and punctuation around it; and is none once another word stands
// beside it.
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

// Twilio's own words count in every list, and one word has one meaning.
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
			if other, ok := seen[word(w)]; ok && other != kind {
				t.Errorf("%q means %s and %s", w, other, kind)
			}
			seen[word(w)] = kind
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

// However a number is written, it comes out the same, and coming out once more changes nothing; the variants of one
// person's number match.
func TestNumbersInAnyWriting(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))                                         //nolint:gosec // the same each time
	gaps := []string{"", " ", "-", " . ", " - ", "\u00a0", "/", " (0) "[:1]} // a point alone may be a decimal one
	for range 2000 {
		national := "151" + strings.Map(func(rune) rune { return '0' + rune(r.IntN(10)) }, "xxxxxxxx")
		want := "+49" + national
		for _, start := range []string{"+49", "0049", "0", "49"} {
			written := start
			for i, c := range national {
				if i > 0 && r.IntN(3) == 0 {
					written += gaps[r.IntN(len(gaps))]
				}
				written += string(c)
			}
			got, err := phone.Read(written, "DE")
			if err != nil || got.E164 != want {
				t.Fatalf("%q: %s %v, want %s", written, got.E164, err, want)
			}
		}
		if again, err := phone.Read(want, ""); err != nil || again.E164 != want || MatchPhone(MatchPhone(want)) != MatchPhone(want) {
			t.Fatalf("%s again: %s %v", want, again.E164, err)
		}
		local := strings.Map(func(rune) rune { return '0' + rune(r.IntN(10)) }, "xxxxxxxx")
		for _, pair := range [][2]string{{"+5211" + local + "1", "+521" + local + "1"}, {"+55119" + local, "+5511" + local}, {"+54911" + local, "+5411" + local}} {
			if MatchPhone(pair[0]) != MatchPhone(pair[1]) {
				t.Fatalf("%v are two people: %s %s", pair, MatchPhone(pair[0]), MatchPhone(pair[1]))
			}
		}
		if m := MaskPhone(want); strings.Contains(strings.ReplaceAll(m, " ", ""), national[2:8]) || !strings.HasPrefix(m, "+49") || !strings.HasSuffix(m, want[len(want)-2:]) {
			t.Fatalf("%s masked: %s", want, m)
		}
	}
	for _, bad := range []string{"", "+", "12", "+49", "abc", "+49 151 abc", "0151 23456789x12", strings.Repeat("1", 30), "+999123456789"} {
		if got, err := phone.Read(bad, "DE"); err == nil {
			t.Errorf("%q is taken for %s", bad, got.E164)
		}
	}
}
