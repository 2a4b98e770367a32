package accounts

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
)

func opened(t *testing.T) (*Service, *models.Store) {
	t.Helper()
	store, err := models.Open(modelstest.Pool(t, modelstest.URL(t)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return New(store), store
}

// Users that an earlier version's demo created are recognized by their address and password, even if the demo
// continues.
func TestDemoUsersOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	s, store := opened(t)
	s.DemoUsers = true
	by, source := models.System("test"), DemoSource{Emails: []string{"ada@example.com", "otto@example.com"}, Password: "parley-demo"}
	for email, password := range map[string]string{
		"ada@example.com":  source.Password,
		"otto@example.com": "one of their own",
		"ana@example.com":  source.Password, // not a demo user's address
	} {
		if err := s.AddDemo(t.Context(), by, NewUser{Email: email, Name: email, Role: models.Agent, Password: password}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := modelstest.PoolOf(store).Exec(t.Context(), "UPDATE users SET demo = false"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.SetDemoPassword(t.Context(), by, source, "a secret of this place"); err != nil {
			t.Fatal(err)
		}
	}
	for email, password := range map[string]string{
		"ada@example.com":  "a secret of this place",
		"otto@example.com": "one of their own",
		"ana@example.com":  source.Password,
	} {
		u, err := s.SignIn(t.Context(), email, password, "203.0.113.9")
		if err != nil || u.Demo != (email == "ada@example.com") {
			t.Errorf("%s: %+v %v", email, u, err)
		}
	}
}
