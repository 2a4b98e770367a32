package plaintext

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""}, {"one two", "one two", "one two"}, {"one two three", "one 2 three", "one -two -+2 +three"},
		{"", "new", "+new+"}, {"old", "", "-old-"}, {"Otto was here. Hello you.", "Ada too. Hello you.", "-Otto was here. -+Ada too. +Hello you."},
	} {
		var b strings.Builder
		for _, d := range Diff(c.a, c.b) {
			switch {
			case d.Added:
				b.WriteString("+" + d.Text + "+")
			case d.Removed:
				b.WriteString("-" + d.Text + "-")
			default:
				b.WriteString(d.Text)
			}
		}
		if b.String() != c.want {
			t.Errorf("%q to %q: %s", c.a, c.b, b.String())
		}
	}
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"  STOP! ":          "stop",
		"Détente, s'il te…": "detente, s'il te",
		"ﬁn":                "fin",
		"Straße":            "strasse",
		"a\u00a0 b\tc":      "a b c",
		"¡Alto!":            "alto",
		"停止":                "停止",
		"":                  "",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
