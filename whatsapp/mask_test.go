package whatsapp

import "testing"

func TestMasks(t *testing.T) {
	t.Parallel()
	const number, ours = "+4915123456789", "+14155238886"
	for text, want := range map[string]string{
		"The session with +49 1512 3456789 is closed.":            "The session with +49 1••• •••••89 is closed.",
		"Ask them to send join two-words to +1 415-523-8886 now.": "Ask them to send join two-words to +1 415-523-8886 now.",
		"To +4915123456789: error 63016":                          "To +491••••••••89: error 63016",
		"Write it with +, for example +49 151 23456789.":          "Write it with +, for example +49 151 23456789.",
		"+49 1512":                    "+49 1•12",
		"Order 4915123456789, 2 of 3": "Order 4915123456789, 2 of 3",
	} {
		if got := MaskNumbers(text, []string{ours}); got != want {
			t.Errorf("MaskNumbers(%q): %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"0151 23456789":            "015• ••••••89",
		"+49 (0) 151/234-56-789":   "+49 (0) •••/•••-••-•89",
		"4.9151234567E+12":         "4.91••••••67E+12",
		"2026-11-23":               "2026-11-23",
		"2026-11-23 10:15:00":      "2026-11-23 10:15:00",
		"23.11.2026":               "23.11.2026",
		"Main street 12, 10115":    "Main street 12, 10115",
		"call 491512345 or 777777": "call 491••••45 or 777777",
		"20261123456":              "202••••••56",
		"12.05.2026 0176 83925741": "12.05.2026 017• ••••••41",
		"12.05.2026 13.05.2026":    "12.05.2026 13.05.2026",
		"2026-11-23 / 17683925741": "2026-11-23 / 176••••••41",
		"2017-68-39 25741":         "201•-••-•• •••41",
		"0176‑839‑25741":           "017•‑•••‑•••41",
		"٠١٧٦٨٣٩٢٥٧٤١":             "٠١٧•••••••٤١",
		"\u202a0176\u00a083925741": "\u202a017•\u00a0••••••41",
	} {
		if got := MaskCell(text); got != want {
			t.Errorf("MaskCell(%q): %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"call 0176 83925741 from 0151 23456789": "call 017• ••••••41 from 0151 23456789",
		"at +49 1512 3456789 or 12345678":       "at +49 1512 3456789 or 123•••78",
		"0049 151 23456789, not 456789 1":       "0049 151 23456789, not 456••9 1",
	} {
		if got := MaskText(text, []string{number}); got != want {
			t.Errorf("MaskText(%q): %q, want %q", text, got, want)
		}
	}
	for name, want := range map[string]string{
		"Lena 0176 83925741": "Lena 0176 83925741", // somebody else's number
		"0176 83925741":      "017• ••••••41",
		"Lena 01512 3456789": "Lena 015•• •••••89",
	} {
		if got := MaskName(name, []string{number}); got != want {
			t.Errorf("MaskName(%q): %q, want %q", name, got, want)
		}
	}
	for text, want := range map[string]string{
		"We call you at +49 1512 3456789.":     "We call you at +49 1••• •••••89.",
		"at 01512/3456789, order 880000000001": "at 015••/•••••89, order 880000000001",
		"https://wa.me/4915123456789?text=hi":  "https://wa.me/491••••••••89?text=hi",
		"We call you at +49 1512 34":           "We call you at +49 1••• 34",
		"1512-34 is a room":                    "151•-34 is a room",
		"on 2026-11-23 at 10":                  "on 2026-11-23 at 10",
		"from 12.05.2026 01512 3456789":        "from 12.05.2026 015•• •••••89",
		"٠١٥١٢٣٤٥٦٧٨٩ is hers":                 "٠١٥•••••••٨٩ is hers",
	} {
		if got := HideNumbers(text, []string{"+12025550143", number}); got != want {
			t.Errorf("HideNumbers(%q): %q, want %q", text, got, want)
		}
	}
}

// A value that is sent back as it was shown is unmasked; a new value is stored.
func TestPutBack(t *testing.T) {
	t.Parallel()
	const stored = "call 01512 3456789 or +4915123456789, not 88"
	hidden := func(run string) string { return HideNumbers(run, []string{"+4915123456789"}) }
	for text, want := range map[string]string{
		"call 015•• •••••89 or +491••••••••89, not 88":       stored,
		"call 015•• •••••89 after six":                       "call 01512 3456789 after six",
		"first +491••••••••89, then 015•• •••••89, never 88": "first +4915123456789, then 01512 3456789, never 88",
		"nobody": "nobody",
		"":       "",
	} {
		if got := PutBack(text, stored, hidden); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// The searchable text contains none of the numbers, in any script, and everything else.
func TestWithoutNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"wa.me/4915123456789?x=1": "wa.me/ ?x=1",
		"٠١٥١٢٣٤٥٦٧٨٩ is hers":    "  is hers",
		"order 880000000001":      "order 880000000001",
	} {
		if got := WithoutNumbers(text, []string{"+4915123456789"}); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}
