package policy

import (
	"strings"
	"testing"
)

func TestDisplayName(t *testing.T) {
	b := Business{LegalName: "Harbor Clinic GmbH", Website: "https://www.harbor-clinic.example.com/en", ContactName: "Ada Adler"}
	for name, want := range map[string]string{
		"Harbor Clinic":           "",
		"Harbor":                  "",
		"Clinic at the Harbor":    "",
		"عيادة الميناء Harbor":    "",
		"Hafenklinik – Harbor":    "",
		"HC":                      "at least 3",
		strings.Repeat("Ha", 40):  "at most 75",
		"Harbor WhatsApp":         "WhatsApp",
		"Harbor Whats App":        "WhatsApp",
		"Facebook Harbor":         "Facebook",
		"harbor-clinic.com":       "web address",
		"www.harbor":              "web address",
		"https://harbor":          "web address",
		"Best Harbor Clinic":      "superlatives",
		"Harbor, the No. 1":       "superlatives",
		"Harbor Clinic 🏥":         "emoji",
		"Harbor ★ Clinic":         "emoji",
		"Harbor Clinic!!!":        "odd symbols",
		"Clinic":                  "general word",
		"Customer Service":        "general word",
		"support":                 "general word",
		"HARBOR CLINIC":           "capitals",
		"Ada Adler":               "person's name",
		"Northwind":               "visible relation",
		"12345":                   "letters",
		"Laptop Repair at Harbor": "", // “top” inside a word is not a superlative
		"IKEA":                    "visible relation",
	} {
		var texts []string
		for _, f := range DisplayName(name, b) {
			texts = append(texts, f.Text)
		}
		got := strings.Join(texts, " ")
		if want == "" && got != "" || want != "" && !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if f := DisplayName("NORTHWIND", Business{LegalName: "NORTHWIND Trading Inc"}); len(f) > 0 {
		t.Errorf("a brand that is written so: %v", f)
	}
	if f := DisplayName("Northwind", b); len(f) != 1 || f[0].Blocks {
		t.Errorf("a name without a visible relation is worth a look, no more: %v", f)
	}
	if f := DisplayName("Northwind", Business{}); len(f) > 0 {
		t.Errorf("nothing to hold it against: %v", f)
	}
	if f := DisplayName("", b); len(f) > 0 {
		t.Errorf("no name yet: %v", f)
	}
}

func TestVerticals(t *testing.T) {
	for _, v := range append([]string{""}, Verticals...) {
		if p := VerticalProblem(v); p != "" {
			t.Errorf("%q: %s", v, p)
		}
	}
	if len(Verticals) != 17 {
		t.Errorf("%d verticals", len(Verticals))
	}
	for v, want := range map[string]string{"Online Gambling": "Gambling", "Adult": "Adult", "Alcohol": "Alcohol", "Vape shop": "Tobacco", "OTC Drugs": "not eligible", "Weapons": "Weapons",
		"Live animals": "animals", "Payday loans": "payday", "Bitcoin exchange": "currency", "Matrimony Service": "matrimony", "Dating": "Dating", "Counterfeit goods": "illegal", "Space travel": "from the list"} {
		if p := VerticalProblem(v); !strings.Contains(p, want) {
			t.Errorf("%q: %q, want %q", v, p, want)
		}
	}
	for _, n := range NotEligibleList() {
		if n.Why == "" {
			t.Errorf("%s: no reason", n.Name)
		}
	}
}

func TestUseCase(t *testing.T) {
	for v, want := range map[string]string{"": "", "customer_care": "", "notifications": "", "mixed": "", "promotion": "never", "marketing": "never", "spam": "Choose"} {
		if p := UseCaseProblem(v); want == "" && p != "" || !strings.Contains(p, want) {
			t.Errorf("%q: %q", v, p)
		}
	}
}

func TestBusinessID(t *testing.T) {
	for id, good := range map[string]bool{"": true, "123456789012345": true, "12345678901234567": true, "12345678901234": false, "123456789012345678": false, "12345678901234a": false, "１２３４５６７８９０１２３４５": false, "123 456 789 012 345": false} {
		if (BusinessIDProblem(id) == "") != good {
			t.Errorf("%q: %q", id, BusinessIDProblem(id))
		}
	}
}
