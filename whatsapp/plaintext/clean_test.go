package plaintext_test

import (
	"testing"

	"parley/whatsapp/plaintext"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Hello":          "Hello",
		"a\x00b":         "ab",
		"\x00":           "",
		"a\xffb":         "a\uFFFDb",
		"\xed\xa0\x80":   "\uFFFD", // half of a surrogate pair
		"Zoë \U0001F600": "Zoë \U0001F600",
		"a\u202eb":       "a\u202eb", // a text keeps its direction marks
	} {
		if got := plaintext.Clean(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"\u202egnp.exe\u202c":            "gnp.exe",
		" \u2066Noor\u2069 \u200f":       "Noor",
		"نور\u061c":                      "نور",
		"Ana\x00\u202a\u200e Lima\u2068": "Ana Lima",
		"a\u200db":                       "a\u200db", // joins emoji
	} {
		if got := plaintext.CleanName(in); got != want {
			t.Errorf("the name %q becomes %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"":            "",
		"äöü":         "äöü",
		"äöüß":        "äöü",
		"abcd":        "abc",
		"a\xff\xffbc": "a\uFFFD\uFFFD", // which a database takes
		"👋🏽👋":         "👋🏽👋",           // with a skin tone: three characters
	} {
		if got := plaintext.Cut(in, 3); got != want {
			t.Errorf("the first three of %q are %q, want %q", in, got, want)
		}
	}
	if got := plaintext.Cut("abc", 0); got != "" {
		t.Errorf("the first none are %q", got)
	}
	for in, want := range map[string]string{"äöü": "äöü", "äöüß": "äö…", "": ""} {
		if got := plaintext.Shorten(in, 3); got != want {
			t.Errorf("%q is cut to %q, want %q", in, got, want)
		}
	}
}
