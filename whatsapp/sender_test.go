package whatsapp

import "testing"

func TestTier(t *testing.T) {
	for words, want := range map[string]int{"250 Customers/24hr": 250, "1K Customers/24hr": 1000, "10K Customers/24hr": 10_000, "100K Customers/24hr": 100_000, "2.5k": 2500, "1M Customers/24hr": 1_000_000,
		"TIER_1K": 1000, "Unlimited Customers/24hr": 0, "": 0, "soon": 0} {
		if got := Tier(words); got != want {
			t.Errorf("%q: %d, want %d", words, got, want)
		}
	}
}
