package whatsapp

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/whatsapp/phone"
)

func TestWindow(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { x := now.Add(d); return &x }
	for _, c := range []struct {
		last *time.Time
		open bool
	}{
		{nil, false}, {at(0), true}, {at(-24*time.Hour + time.Nanosecond), true}, {at(-24 * time.Hour), false}, {at(-25 * time.Hour), false},
	} {
		if got := WindowOpen(c.last, now); got != c.open {
			t.Errorf("last inbound %v: open = %v", c.last, got)
		}
	}
}

func TestParseAddress(t *testing.T) {
	for s, want := range map[string]Address{
		"whatsapp:+14155238886":              {Phone: "+14155238886"},
		"whatsapp:US.13491208655302741918":   {ID: "US.13491208655302741918"},
		"whatsapp:US.ENT.506847293015824":    {ID: "US.ENT.506847293015824"},
		"+14155238886":                       {},
		"whatsapp:":                          {},
		"whatsapp:+0123456789":               {},
		"whatsapp:+123456789012345678":       {},
		"whatsapp:+1415'; DROP TABLE x; --1": {},
	} {
		got, err := ParseAddress(s)
		if got != want || (err == nil) != (want != Address{}) {
			t.Errorf("%q: %+v %v", s, got, err)
		}
		if err == nil && got.String() != s {
			t.Errorf("%q does not come back: %q", s, got.String())
		}
	}
}

// The variants of one person's number are one address.
func TestMatchPhone(t *testing.T) {
	for a, b := range map[string]string{"+5215512345678": "+525512345678", "+5491123456789": "+541123456789", "+5511987654321": "+551187654321"} {
		if MatchPhone(a) != MatchPhone(b) {
			t.Errorf("%s and %s: %s, %s", a, b, MatchPhone(a), MatchPhone(b))
		}
	}
	if MatchPhone("+14155238886") != "+14155238886" {
		t.Error("other countries change nothing")
	}
}

// Callbacks in any order leave the message in the same status, which never goes backward.
func TestStatusesNeverGoBackwards(t *testing.T) {
	perms := [][]Status{{Sent, Delivered, Read}, {Read, Delivered, Sent}, {Delivered, Sent, Read}, {Read, Sent, Delivered}, {Delivered, Read, Sent}, {Sent, Read, Delivered}}
	for _, p := range perms {
		s := Accepted
		for _, next := range append(p, p...) {
			if s.CanBecome(next) {
				s = next
			}
		}
		if s != Read {
			t.Errorf("%v ends as %s", p, s)
		}
	}
	for _, c := range []struct {
		a, b Status
		ok   bool
	}{{Sent, Undelivered, true}, {Delivered, Failed, false}, {Failed, Delivered, false}, {Read, Undelivered, false}, {Undelivered, Sent, false}, {Received, Read, false}, {Noted, Sent, false}} {
		if c.a.CanBecome(c.b) != c.ok {
			t.Errorf("%s → %s must be %v", c.a, c.b, c.ok)
		}
	}
}

func TestApprovalMoves(t *testing.T) {
	for _, a := range Approvals() {
		if a != Draft && a.CanBecome(Draft) {
			t.Errorf("%s goes back to draft", a)
		}
		if a != Draft && a.CanBecome(Submitted) {
			t.Errorf("%s goes back to submitted", a)
		}
		if a.CanBecome(a) {
			t.Errorf("%s becomes itself", a)
		}
	}
	if !Approved.CanBecome(Paused) || !Submitted.CanBecome(Approved) || Draft.CanBecome(Approved) {
		t.Error("moves")
	}
}

func TestPlaceholders(t *testing.T) {
	text := func(body string) *Content { return &Content{Type: TypeText, Body: body} }
	body := "Hello {{Name}}, your visit on {{Date}} with {{Name}} is set."
	if got := text(body).Numbered().Body; got != "Hello {{1}}, your visit on {{2}} with {{1}} is set." {
		t.Error(got)
	}
	if got := Fill(body, map[string]string{"1": "Zoë", "2": "May 2"}); got != "Hello Zoë, your visit on May 2 with Zoë is set." {
		t.Error(got)
	}
	if got := Fill(body, map[string]string{"1": "Zoë"}); !strings.Contains(got, "{{Date}}") {
		t.Error(got)
	}
	if got := text("b {{2}} a {{1}} c").Numbered().Body; got != "b {{2}} a {{1}} c" {
		t.Error(got)
	}
	// All parts of a content share one numbering, and rewriting does not change the original.
	c := &Content{Type: TypeCard, Header: "Order {{Order}}", Body: "Hi {{Name}}, order {{Order}} is here.", Actions: []Action{{Type: ActionURL, Title: "Track", Value: "https://example.com/{{Code}}"}}}
	if got := strings.Join(c.Names(), ","); got != "Order,Name,Code" {
		t.Error(got)
	}
	n := c.Numbered()
	if n.Header != "Order {{1}}" || n.Body != "Hi {{2}}, order {{1}} is here." || n.Actions[0].Value != "https://example.com/{{3}}" {
		t.Errorf("%+v", n)
	}
	f := c.Filled(map[string]string{"1": "47", "2": "Zoë", "3": "x"})
	if f.Header != "Order 47" || f.Actions[0].Value != "https://example.com/x" || c.Actions[0].Value != "https://example.com/{{Code}}" {
		t.Errorf("%+v %+v", f, c)
	}
}

func TestTemplateName(t *testing.T) {
	for in, want := range map[string]string{"Appointment Reminder": "appointment_reminder", " Größe #2 ": "grosse_2", "נועה": "", "a__b": "a_b"} {
		if got := TemplateName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFormat(t *testing.T) {
	flat := func(s string) string {
		var b strings.Builder
		for _, p := range Format(s) {
			marks := ""
			for m, on := range map[string]bool{"B": p.Bold} {
				if on {
					marks += m
				}
			}
			if p.Italic {
				marks += "I"
			}
			if p.Strike {
				marks += "S"
			}
			if p.Mono {
				marks += "M"
			}
			if p.Link != "" {
				marks += "L"
			}
			if p.Placeholder {
				marks += "P"
			}
			b.WriteString("[" + marks + "|" + p.Text + "]")
		}
		return b.String()
	}
	for in, want := range map[string]string{
		"plain":                        "[|plain]",
		"*bold* and _it_":              "[B|bold][| and ][I|it]",
		"*b _bi_*":                     "[B|b ][BI|bi]",
		"2*3*4 snake_case_name":        "[|2*3*4 snake_case_name]",
		"~no~":                         "[S|no]",
		"```x * y```":                  "[M|x * y]",
		"see https://a.example/x_y_z.": "[|see ][L|https://a.example/x_y_z][|.]",
		"Hi {{Name}}!":                 "[|Hi ][P|{{Name}}][|!]",
		"* a\n*":                       "[|* a\n*]",
		"**":                           "[|**]",
	} {
		if got := flat(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("*a* _b_ ~c~ ```d``` https://x.example {{N}}")
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, p := range Format(s) {
			n += len(p.Text)
		}
		if n > len(s) {
			t.Errorf("%q grew to %d bytes", s, n)
		}
		Fill(s, map[string]string{"1": "x"})
	})
}

func TestMatch(t *testing.T) {
	body := "Your appointment is coming up on {{1}} at {{2}}"
	for text, want := range map[string]string{
		"Your appointment is coming up on July 21 at 3 pm":   "July 21|3 pm",
		" Your appointment is coming up on July 21 at 3 pm ": "July 21|3 pm",
		"Your appointment is coming up on July 21":           "",
		"your appointment is coming up on July 21 at 3 pm":   "",
		"Your appointment is coming up on  at 3 pm":          "",
		"Your appointment is coming up on July\n21 at 3 pm":  "",
		"Your appointment is coming up on (x at y at z":      "(x|y at z",
	} {
		v, ok := Match(body, text)
		if got := v["1"] + "|" + v["2"]; ok != (want != "") || ok && got != want {
			t.Errorf("%q: %v %v", text, v, ok)
		}
	}
	if v, ok := Match("{{A}} and {{A}} meet", "x and y meet"); ok {
		t.Error("one placeholder, two values:", v)
	}
	if i := Nearest([]string{"Your {{1}} code is {{2}}", body}, "The appointment is coming up on Monday"); i != 1 {
		t.Error("nearest:", i)
	}
}

// A number in any notation is normalized to the same result, and normalizing it again changes nothing; the variants of
// one person's number match.
func TestNumbersInAnyWriting(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))                                         //nolint:gosec // the same each time
	gaps := []string{"", " ", "-", " . ", " - ", "\u00a0", "/", " (0) "[:1]} // a single point may be a decimal point
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
		if again, err := phone.Read(want, ""); err != nil || again.E164 != want ||
			MatchPhone(MatchPhone(want)) != MatchPhone(want) {
			t.Fatalf("%s again: %s %v", want, again.E164, err)
		}
		local := strings.Map(func(rune) rune { return '0' + rune(r.IntN(10)) }, "xxxxxxxx")
		for _, pair := range [][2]string{{"+5211" + local + "1", "+521" + local + "1"}, {"+55119" + local, "+5511" + local}, {"+54911" + local, "+5411" + local}} {
			if MatchPhone(pair[0]) != MatchPhone(pair[1]) {
				t.Fatalf("%v are two people: %s %s", pair, MatchPhone(pair[0]), MatchPhone(pair[1]))
			}
		}
		if m := MaskPhone(want); strings.Contains(strings.ReplaceAll(m, " ", ""), national[2:8]) ||
			!strings.HasPrefix(m, "+49") || !strings.HasSuffix(m, want[len(want)-2:]) {
			t.Fatalf("%s masked: %s", want, m)
		}
	}
	for _, bad := range []string{"", "+", "12", "+49", "abc", "+49 151 abc", "0151 23456789x12", strings.Repeat("1", 30), "+999123456789"} {
		if got, err := phone.Read(bad, "DE"); err == nil {
			t.Errorf("%q is taken for %s", bad, got.E164)
		}
	}
}
