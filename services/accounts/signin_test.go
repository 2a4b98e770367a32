package accounts_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	accountservice "parley/services/accounts"
)

const password = "blue kettle mountain"

func withAda(t *testing.T) *accountservice.Service {
	t.Helper()
	store, err := models.Open(modelstest.Pool(t, modelstest.URL(t)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := accountservice.New(store)
	_, err = s.Add(t.Context(), models.System("test"), accountservice.NewUser{
		Email:    "ada@example.com",
		Name:     "Ada Adler",
		Role:     models.Admin,
		Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// guesses are wrong passwords: the account of each, and the address that it comes from.
type guesses struct{ email, from func(int) string }

// atOnce makes n guesses in parallel and returns how many of them were compared with a password.
func (g guesses) atOnce(t *testing.T, s *accountservice.Service, n int) (compared int) {
	t.Helper()
	kinds := make([]models.Kind, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			_, err := s.SignIn(t.Context(), g.email(i), fmt.Sprint("guess number ", i), g.from(i))
			kinds[i] = models.KindOf(err)
		})
	}
	wg.Wait()
	for _, k := range kinds {
		switch k {
		case models.KindInvalid:
			compared++
		case models.KindTooMany:
		default:
			t.Errorf("a guess ended with %v", k)
		}
	}
	return compared
}

func always(s string) func(int) string { return func(int) string { return s } }

// anybody is a different account each time.
func anybody(i int) string { return fmt.Sprintf("user%d@example.com", i) }

func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	anyCase := []string{"ada@example.com", "ADA@example.com", " Ada@Example.com "}
	for name, c := range map[string]struct {
		guesses
		want int
	}{
		"one account":                   {guesses{always("ada@example.com"), always("203.0.113.9")}, accountservice.TriesByAccount},
		"any accounts from one address": {guesses{anybody, always("203.0.113.9")}, accountservice.TriesByNetwork},
		"one account in any case": {
			guesses{func(i int) string { return anyCase[i%3] }, always("203.0.113.9")},
			accountservice.TriesByAccount,
		},
		"one customer's IPv6 network": {
			guesses{
				email: always("ada@example.com"),
				from:  func(i int) string { return fmt.Sprintf("2001:db8:0:%x::%x", i%256, i+1) },
			},
			accountservice.TriesByAccount,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withAda(t)
			if got := c.atOnce(t, s, 120); got != c.want {
				t.Errorf("%d of 120 guesses were compared, want %d", got, c.want)
			}
			if _, err := s.SignIn(t.Context(), "ada@example.com", password, c.from(0)); models.KindOf(err) != models.KindTooMany {
				t.Errorf("the right password from the same network: %v", err)
			}
			if u, err := s.SignIn(t.Context(), "ada@example.com", password, "198.51.100.7"); err != nil || u.Name != "Ada Adler" {
				t.Errorf("ada is locked out from elsewhere: %v", err)
			}
		})
	}
}

// A correct password resets the count of wrong ones before it, only for its own account.
func TestRightTryForgets(t *testing.T) {
	t.Parallel()
	s := withAda(t)
	for range 3 {
		ada := guesses{always("ada@example.com"), always("203.0.113.9")}
		if n := ada.atOnce(t, s, accountservice.TriesByAccount-1); n != accountservice.TriesByAccount-1 {
			t.Fatalf("%d guesses were compared", n)
		}
		if _, err := s.SignIn(t.Context(), "ada@example.com", password, "203.0.113.9"); err != nil {
			t.Fatal(err)
		}
	}
	others := guesses{anybody, always("203.0.113.9")}
	if n := others.atOnce(t, s, 120); n != accountservice.TriesByNetwork {
		t.Errorf("%d guesses at others were compared", n)
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.9":         "203.0.113.9",
		"::ffff:203.0.113.9":  "203.0.113.9",
		"2001:db8:1:2ff::7":   "2001:db8:1:200::/56",
		"fe80::1%eth0":        "fe80::/56",
		"":                    "",
		"no address whatever": "no address whatever",
	} {
		if got := accountservice.Network(in); got != want {
			t.Errorf("Network(%q) = %q, want %q", in, got, want)
		}
	}
}
