package whatsapp

import (
	"slices"
	"testing"
)

func TestVariants(t *testing.T) {
	for in, want := range map[string][]string{
		"+4915123456789":  {"+4915123456789"},
		"+525512345678":   {"+525512345678", "+5215512345678"},
		"+5215512345678":  {"+5215512345678", "+525512345678"},
		"+541123456789":   {"+541123456789", "+5491123456789"},
		"+5511987654321":  {"+5511987654321", "+551187654321"},
		"+551187654321":   {"+551187654321", "+5511987654321"},
		"+14155238886":    {"+14155238886"},
		"+5215512345678 ": {"+5215512345678 "},
	} {
		var got []string
		for _, a := range (Address{Phone: in}).Variants() {
			got = append(got, a.Phone)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
	}
	if got := (Address{ID: "BR.15025763946ab5843"}).Variants(); len(got) != 1 || got[0].ID == "" {
		t.Errorf("a user id: %v", got)
	}
}

func TestReaches(t *testing.T) {
	for _, c := range []struct {
		to, listed    string
		same, certain bool
	}{
		{"whatsapp:+4915123456789", "whatsapp:+4915123456789", true, true},
		{"whatsapp:+4915123456789", "whatsapp:+4915123456780", false, true},
		{"whatsapp:+525512345678", "whatsapp:+5215512345678", true, true},
		{"whatsapp:+5511987654321", "whatsapp:+551187654321", true, true},
		{"whatsapp:BR.15025763946ab5843", "whatsapp:BR.15025763946ab5843", true, true},
		{"whatsapp:BR.15025763946ab5843", "whatsapp:BR", false, true},
		{"whatsapp:US.ENT.11815799212886844830", "whatsapp:US.ENT.11815799212886844830", true, true},
		{"whatsapp:US.ENT.11815799212886844830", "whatsapp:US.11815799212886844830", false, true},
		{"whatsapp:+4915123456789", "whatsapp:+491512345XXXX", true, false},
		{"whatsapp:+525512345678", "whatsapp:+521551234XXXX", true, false},
		{"whatsapp:+4915123456789", "whatsapp:+49151234XXXX", false, true},
		{"whatsapp:+4915123456789", "", false, true},
		{"whatsapp:BR.15025763946ab5843", "whatsapp:+491512345XXXX", false, true},
	} {
		a, err := ParseAddress(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if same, certain := a.Reaches(c.listed); same != c.same || certain != c.certain {
			t.Errorf("%s listed as %q: %v %v", c.to, c.listed, same, certain)
		}
	}
}
