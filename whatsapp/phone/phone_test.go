package phone

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

const adaE164 = "+4915112350109"

// written are the notations in which people, spreadsheets, address books and links write numbers, with the home country
// and the result: a number in E.164, or a reason.
var written = []struct {
	text, home, want string
}{
	// With the country code.
	{"+4915112350109", "", adaE164},
	{"+49 151 12350109", "", adaE164},
	{"+49 151 12350109", "FR", adaE164},
	{"+49-151-12350109", "", adaE164},
	{"+49.151.12350109", "", adaE164},
	{"+49/151/12350109", "", adaE164},
	{"+49 (151) 12350109", "", adaE164},
	{"(+49) 151 12350109", "", adaE164},
	{"+(49) 151 12350109", "", adaE164},
	{"[+49] 151 12350109", "", adaE164},
	{"+ 49 151 12350109", "", adaE164},
	{"++49 151 12350109", "", adaE164},
	{"+49 (0) 151 12350109", "", adaE164},
	{"+49(0)15112350109", "", adaE164},
	{"+49 ( 0 ) 151 12350109", "", adaE164},
	{"+49 0151 12350109", "", adaE164},
	{"0049 151 12350109", "", adaE164},
	{"0049 (0)151 12350109", "", adaE164},
	{"00 49 151 12350109", "DE", adaE164},
	{"00 49 151 12350109", "US", adaE164},
	{"+0049 151 12350109", "", adaE164},
	{"011 49 151 12350109", "US", adaE164},
	{"0011 49 151 12350109", "AU", adaE164},
	{"4915112350109+", "", adaE164}, // copied from a right-to-left text
	{"+4.915.112.350.109", "", adaE164},
	{"+44 (0)20 7946 0018", "", "+442079460018"},
	{"+39 (0)6 69812345", "", "+390669812345"}, // in Italy the 0 is a part of the number
	{"+39 06 69812345", "", "+390669812345"},
	{"+1 (415) 523-8886", "", "+14155238886"},
	{"+33 6 12 34 56 78", "", "+33612345678"},
	{"+41 79'123'45'67", "", "+41791234567"},
	{"+7 (912) 345-67-89", "", "+79123456789"},
	{"+52 1 55 1234 5678", "", "+525512345678"},
	{"+54 9 11 2345-6789", "", "+5491123456789"},
	{"+55 11 98765-4321", "", "+5511987654321"},

	// In national format.
	{"0151 12350109", "DE", adaE164},
	{"0151/12350109", "DE", adaE164},
	{"0151 - 123 50 109", "DE", adaE164},
	{"(0151) 12350109", "DE", adaE164},
	{"(0)151 12350109", "DE", adaE164},
	{"151 12350109", "DE", adaE164},
	{"4915112350109", "DE", adaE164},
	{"49 151 12350109", "DE", adaE164},
	{"4915112350109", "US", adaE164}, // too long for a national number
	{"06.12.34.56.78", "FR", "+33612345678"},
	{"06.12.34.56.00", "FR", "+33612345600"},
	{"06 12 34 56 78", "FR", "+33612345678"},
	{"0475/12.34.56", "BE", "+32475123456"},
	{"0475/12/34/56", "BE", "+32475123456"},
	{"612 345 678", "ES", "+34612345678"},
	{"91.123.45.67", "ES", "+34911234567"},
	{"601 234 567", "PL", "+48601234567"},
	{"48 601 234 567", "PL", "+48601234567"},
	{"8 (912) 345-67-89", "RU", "+79123456789"},
	{"(415) 523-8886", "US", "+14155238886"},
	{"415.523.8886", "US", "+14155238886"},
	{"415.5238886", "US", "+14155238886"},
	{"1-415-523-8886", "US", "+14155238886"},
	{"079'123'45'67", "CH", "+41791234567"},
	{"(11) 98765-4321", "BR", "+5511987654321"},
	{"0055 11 98765-4321", "BR", "+5511987654321"},
	{"050-234-5678", "IL", "+972502345678"},

	// From sheets and address books.
	{"+4915112350109.0", "", adaE164},
	{"4915112350108.0", "DE", "+4915112350108"},
	{"4915112350109.00", "DE", adaE164},
	{"4915112350109,0", "DE", adaE164},
	{"4915112350109,00", "DE", adaE164},
	{"004915112350109.0", "", adaE164},
	{"+49 151 12350109.0", "", adaE164},
	{"'+4915112350109", "", adaE164},
	{"’+4915112350109", "", adaE164},
	{"`+49 151 12350109", "", adaE164},
	{"\"+49 151 12350109\"", "", adaE164},
	{"=\"+4915112350109\"", "", adaE164},
	{"=+4915112350109", "", adaE164},
	{"+49 151 12350109;", "", adaE164},
	{"+49 151 12350109,", "", adaE164},
	{"+49 151 12350109\r\n", "", adaE164},
	{"\t+49\t151\t12350109\t", "", adaE164},
	{"4.915112350109E+12", "DE", adaE164},
	{"4,915112350109E12", "DE", adaE164},
	{"TEL;TYPE=CELL:+49 151 12350109", "", adaE164},
	{"TEL;TYPE=cell,voice;VALUE=uri:tel:+49-151-12350109", "", adaE164},
	{"item1.TEL;TYPE=\"CELL\":+49 151 12350109", "", adaE164},
	{"p:+4915112350109", "", adaE164},

	// Links and labels.
	{"tel:+49-151-12350109", "", adaE164},
	{"tel:15112350109;phone-context=+49", "", adaE164},
	{"tel:+49%20151%2012350109", "", adaE164},
	{"TEL:+4915112350109", "", adaE164},
	{"sms:+4915112350109?body=Hi", "", adaE164},
	{"callto://+4915112350109", "", adaE164},
	{"whatsapp:+4915112350109", "", adaE164},
	{"whatsapp:4915112350109", "", adaE164},
	{"whatsapp: 4915112350109", "DE", adaE164},
	{"WhatsApp: +49 151 12350109", "", adaE164},
	{"https://wa.me/4915112350109", "", adaE164},
	{"http://www.wa.me/+4915112350109/", "", adaE164},
	{"wa.me/4915112350109?text=Hello%20there", "", adaE164},
	{"https://api.whatsapp.com/send?phone=4915112350109&text=Hi", "", adaE164},
	{"https://api.whatsapp.com/send/?text=Hi&phone=%2B4915112350109", "", adaE164},
	{"whatsapp://send?phone=+4915112350109", "", adaE164},
	{"Tel. 0151 12350109", "DE", adaE164},
	{"Phone: +49 151 12350109", "", adaE164},
	{"Handy: 0151 12350109", "DE", adaE164},
	{"Tél. : 06 12 34 56 78", "FR", "+33612345678"},
	{"Móvil: 612 345 678", "ES", "+34612345678"},

	// Invisible characters, other scripts, other signs.
	{"\u202a+49 151 12350109\u202c", "", adaE164},
	{"\u200e+49\u00a0151\u202f12350109", "", adaE164},
	{"+49\u200b151\u2060123\ufeff50109", "", adaE164},
	{"+49\u00ad15112350109", "", adaE164},
	{"+49 151 1235\x00 0109", "", adaE164},
	{"＋４９　１５１　１２３５０１０９", "", adaE164},
	{"+٤٩ ١٥١ ١٢٣٥٠١٠٩", "", adaE164},
	{"+۴۹ ۱۵۱ ۱۲۳۵۰۱۰۹", "", adaE164},
	{"+४९ १५१ १२३५०१०९", "", adaE164},
	{"+𝟒𝟗 𝟏𝟓𝟏 𝟏𝟐𝟑𝟓𝟎𝟏𝟎𝟗", "", adaE164},
	{"➕4\ufe0f\u20e39\ufe0f\u20e3 151 12350109", "", adaE164},
	{"+49–151—1235‑0109", "", adaE164},
	{"+49−151−12350109", "", adaE164},
	{"０９０ー１２３４ー５６７８", "JP", "+819012345678"},
	{"+49 · 151 · 12350109", "", adaE164},

	// No number, or something else.
	{"", "", "phone_empty"},
	{" \u200b\u00a0 ", "DE", "phone_empty"},
	{"+", "DE", "phone_empty"},
	{"-", "DE", "phone_empty"},
	{"n/a", "DE", "phone_letters"},
	{"2026-12-01", "DE", "phone_date"},
	{"2026-12-01T00:00", "DE", "phone_date"},
	{"01.12.2026", "DE", "phone_date"},
	{"12/01/2026 10:30", "US", "phone_date"},
	{"4.91511E+12", "DE", "phone_rounded"},
	{"4,91511E12", "", "phone_rounded"},
	{"4.915.112.350.115", "DE", "phone_grouped"},
	{"4,915,112,350,115", "DE", "phone_grouped"},
	{"4'915'112'350'115", "CH", "phone_grouped"},
	{"4.915.112.350.115,00", "DE", "phone_grouped"},
	{"4915112350109.5", "DE", "phone_decimal"},
	{"+4915112350109.5", "", "phone_decimal"},
	{"52.520008", "DE", "phone_decimal"},
	{"+49 151 12350109 / +49 170 1234567", "", "phone_two_numbers"},
	{"+49 151 12350109; +49 170 1234567", "", "phone_two_numbers"},
	{"+49 151 12350109, 0170 1234567", "DE", "phone_two_numbers"},
	{"+49 151 12350109 oder 0170 1234567", "DE", "phone_two_numbers"},
	{"0151 12350109\n0170 1234567", "DE", "phone_two_numbers"},
	{"015112350109 01701234567", "DE", "phone_two_numbers"},
	{"030 1234567 / 0151 12350109", "DE", "phone_two_numbers"},
	{"030 1234567/68", "DE", "phone_two_numbers"},
	{"+49 151 12350109/10", "", "phone_two_numbers"},
	{"015112350109/10", "DE", "phone_two_numbers"},
	{"+4915112350109+491701234567", "", "phone_two_numbers"},
	{"+49 151 12350109 ::: +49 170 1234567", "", "phone_two_numbers"},
	{"Tel: 030 1234567, Mobil: 0151 12350109", "DE", "phone_two_numbers"},
	{"+49 151 12350109 ext. 12", "", "phone_extension"},
	{"+49 151 12350109 x12", "", "phone_extension"},
	{"+4915112350109#12", "", "phone_extension"},
	{"tel:+4915112350109;ext=12", "", "phone_extension"},
	{"+1 415 523 8886,,12", "", "phone_extension"},
	{"0151 12350109", "", "phone_no_country"},
	{"151 12350109", "", "phone_no_country"},
	{"14155238886", "", "phone_no_country"},
	{"+999 123456789", "", "phone_unknown_country"},
	{"1-800-FLOWERS", "US", "phone_letters"},
	{"+49 151 1235O109", "", "phone_letters"},
	{"+49 151 12350109 (Ada)", "", "phone_letters"},
	{"ada@example.com", "DE", "phone_letters"},
	{"mailto:4915112350109@example.com", "", "phone_letters"},
	{"+49 151 •••••109", "", "phone_hidden"},
	{"+49 151 *****109", "", "phone_hidden"},
	{"whatsapp:BR.15025763946ab5843", "", "phone_user_id"},
	{"US.13491208655302741918", "", "phone_user_id"},
	{"https://wa.me/message/ABCDEF", "", "phone_missing"},
	{"https://wa.me/", "", "phone_missing"},
	{"+49 151 1235010\u00b2", "", "phone_unreadable"},
	{"+49 151 \ufffd12350109", "", "phone_unreadable"},
	{"110", "DE", "phone_too_short"},
	{"112", "", "phone_too_short"},
	{"+1555", "", "phone_too_short"},
	{"+49 151 12350109 12350109", "", "phone_too_long"},
	{"+1 415 523 88861", "", "phone_too_long"},
	{strings.Repeat("1", 3000), "DE", "phone_too_long"},
}

func TestRead(t *testing.T) {
	if len(written) < 100 {
		t.Errorf("%d forms", len(written))
	}
	for _, w := range written {
		got, err := Read(w.text, w.home)
		result := got.E164
		if err != nil {
			result = string(ReasonOf(err))
		}
		if result != w.want || err == nil && got.Verdict != Valid {
			t.Errorf("%q at %q: %s %d, want %s", w.text, w.home, result, got.Verdict, w.want)
		}
	}
}

// Each refusal says what is wrong in a sentence.
func TestSentences(t *testing.T) {
	for _, w := range written {
		if _, err := Read(w.text, w.home); err != nil && (!strings.HasSuffix(err.Error(), ".") || !unicode.IsUpper(rune(err.Error()[0]))) {
			t.Errorf("%q: %q", w.text, err)
		}
	}
}

// A number that its country is not known to use must be confirmed, and the confirmation is for that exact number.
func TestDoubtful(t *testing.T) {
	for text, want := range map[string]Number{
		"+49 123 456789":      {"+49123456789", Unassigned},
		"+1 555 123 4567":     {"+15551234567", Unassigned},
		"+33 0 00 00 00 00":   {"+33000000000", Unassigned},
		"49 151 12350109":     {adaE164, Assumed},
		"4915112350109.0":     {adaE164, Assumed},
		"5511987654321":       {"+5511987654321", Assumed},
		"tel:00 49 123456789": {"+49123456789", Unassigned},
	} {
		n, err := Read(text, "")
		if err != nil || n != want || n.Doubt() == "" {
			t.Errorf("%q: %+v %v %q", text, n, err, n.Doubt())
		}
		if got, err := Confirmed(text, "", ""); got != "" || ReasonOf(err) != Unconfirmed || err.Error() != n.Doubt() {
			t.Errorf("%q without a confirmation: %q %v", text, got, err)
		}
		if got, err := Confirmed(text, "", "+49123456780"); got != "" || ReasonOf(err) != Unconfirmed {
			t.Errorf("%q with another one confirmed: %q %v", text, got, err)
		}
		if got, err := Confirmed(text, "", want.E164); got != want.E164 || err != nil {
			t.Errorf("%q confirmed: %q %v", text, got, err)
		}
	}
	if n, err := Own("+1 555 123 4567", ""); n != "+15551234567" || err != nil {
		t.Errorf("a number from Meta: %q %v", n, err)
	}
	if _, err := Own("+49 123 456789", ""); ReasonOf(err) != Unconfirmed {
		t.Errorf("a sender's number: %v", err)
	}
}

// The decimal digits of every script are recognized.
func TestDigitsOfEveryScript(t *testing.T) {
	names, seen := strings.Fields("ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE"), 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.Is(unicode.Nd, r) {
			continue
		}
		for value, name := range names {
			if strings.HasSuffix(runenames.Name(r), "DIGIT "+name) {
				if seen++; clean(string(r)) != string(rune('0'+value)) {
					t.Errorf("%U %s: %q", r, runenames.Name(r), clean(string(r)))
				}
			}
		}
	}
	if seen < 600 {
		t.Errorf("%d digits", seen)
	}
}

// Invisible characters, spaces and dashes change nothing, at any position.
func TestGapsChangeNothing(t *testing.T) {
	var gaps []string
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.Cf, unicode.Zs, unicode.Pd, unicode.Variation_Selector) {
			gaps = append(gaps, string(r))
		}
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for _, n := range []struct{ text, home, want string }{
		{adaE164, "", adaE164}, {"015112350109", "DE", adaE164}, {"4915112350109", "DE", adaE164}, {"+14155238886", "", "+14155238886"},
		{"+4915112350109.0", "", adaE164}, {"4155238886", "US", "+14155238886"}, {"+390669812345", "", "+390669812345"},
	} {
		for _, gap := range gaps {
			var b strings.Builder
			for i, c := range n.text {
				if i > 0 && c != '.' && n.text[i-1] != '.' && r.IntN(2) == 0 {
					b.WriteString(gap)
				}
				b.WriteRune(c)
			}
			if got, err := Read(b.String(), n.home); err != nil || got.E164 != n.want {
				t.Fatalf("%+q: %s %v", b.String(), got.E164, err)
			}
		}
	}
}

func TestFragment(t *testing.T) {
	for text, want := range map[string]string{
		"0151 23": "015123", "+49 (0) 151": "+49151", "\u202a+49\u00a0151\u202c": "+49151", "٤٩١٥١": "49151", "tel:+49151": "+49151",
		"https://wa.me/49151123": "+49151123", "4915112350109.0": "4915112350109", "12": "12", "Tel. 0151 23": "015123",
		"2026-12-01": "", "Ada": "", "Ada 12": "", "M 12": "", "": "", "12:30": "", "+": "",
	} {
		if got, ok := Fragment(text); got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q %v", text, got, ok)
		}
	}
}

// FuzzRead: a result is E.164, parses to itself, and its digits are in the text.
func FuzzRead(f *testing.F) {
	for _, w := range written {
		f.Add(w.text, w.home)
	}
	f.Fuzz(func(t *testing.T, text, home string) {
		n, err := Read(text, home)
		if err != nil {
			if ReasonOf(err) == "" || err.Error() == "" || n != (Number{}) {
				t.Fatalf("%q at %q: %+v %v", text, home, n, err)
			}
			return
		}
		if !e164.MatchString(n.E164) || (n.Verdict == Valid) != (n.Doubt() == "") {
			t.Fatalf("%q at %q: %+v", text, home, n)
		}
		again, err := Read(n.E164, "")
		if err != nil || again.E164 != n.E164 || n.Verdict != Assumed && again.Verdict != n.Verdict {
			t.Fatalf("%q at %q: %s comes back as %+v %v", text, home, n.E164, again, err)
		}
		if strings.ContainsAny(text, "%") || strings.Contains(strings.ToLower(text), "context") {
			return // digits that are written in another way, or are behind the number
		}
		if home == "AR" || home == "MX" || strings.HasPrefix(n.E164, "+54") || strings.HasPrefix(n.E164, "+52") {
			return // 15 in national format is 9 from abroad
		}
		if !inOrder(n.E164[1:], glue(clean(text))) && !madeAtHome(n.E164, home, glue(clean(text))) {
			t.Fatalf("%q at %q has not the digits of %s", text, home, n.E164)
		}
	})
}

// inOrder reports whether whole contains all of part, in its order.
func inOrder(part, whole string) bool {
	for _, r := range whole {
		if part != "" && rune(part[0]) == r {
			part = part[1:]
		}
	}
	return part == ""
}

func madeAtHome(e164, home, digits string) bool {
	for code := 1; code <= 3; code++ {
		if home != "" && inOrder(e164[1+code:], digits) {
			return true
		}
	}
	return false
}
