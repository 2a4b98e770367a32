package plaintext

import "testing"

func TestSameText(t *testing.T) {
	for _, c := range []struct {
		sent, listed string
		same         bool
	}{
		{"Hello", "Hello", true},
		{"Hello ", "Hello", true},
		{"one\ntwo", "one\r\ntwo", true},
		{"a\u00a0b", "a b", true},
		{"a  b", "a b", true},
		{"caf\u00e9", "cafe\u0301", true},
		{"it’s “fine” – yes…", `it's "fine" - yes...`, true},
		{"❤\ufe0f", "❤", true},
		{"\u200eשלום", "שלום", true},
		{"see you at 9", "see you at 10", false},
		{"Hello", "hello", false},
		{"Hello", "", false},
		{"👍", "👎", false},
	} {
		if got := Same(c.sent, c.listed); got != c.same {
			t.Errorf("%q listed as %q: %v", c.sent, c.listed, got)
		}
	}
}
