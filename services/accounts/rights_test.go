package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/accounts"
	accountservice "parley/services/accounts"
	"parley/services/servicetest"
)

func codeOf(err error) string {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return ""
	}
	return e.Field + ": " + e.Code
}

// What a new user needs, each at its limit.
func TestNewUsers(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := accountservice.New(w.Store)
	for name, c := range map[string]struct {
		change func(*accountservice.NewUser)
		want   string
	}{
		"all is right": {func(*accountservice.NewUser) {}, ""},
		"an e-mail with a name": {func(u *accountservice.NewUser) { u.Email = "B <b@example.com>" },
			"email: form.not_an_email"},
		"an e-mail at its limit": {func(u *accountservice.NewUser) { u.Email = email(200) }, ""},
		"beyond it":              {func(u *accountservice.NewUser) { u.Email = email(201) }, "email: form.not_an_email"},
		"an e-mail that is taken": {func(u *accountservice.NewUser) { u.Email = "ADA@example.com" },
			"email: user.email_taken"},
		"no name": {func(u *accountservice.NewUser) { u.Name = " " }, "name: form.name_length"},
		"a name at its limit": {func(u *accountservice.NewUser) { u.Name, u.Email = strings.Repeat("ä", 100), email(50) },
			""},
		"a name beyond it": {func(u *accountservice.NewUser) { u.Name = strings.Repeat("ä", 101) },
			"name: form.name_length"},
		"no role":          {func(u *accountservice.NewUser) { u.Role = "" }, "role: user.role_unknown"},
		"an unknown role":  {func(u *accountservice.NewUser) { u.Role = "owner" }, "role: user.role_unknown"},
		"a short password": {func(u *accountservice.NewUser) { u.Password = "h7Kp2mQ9x" }, "password: password.too_short"},
	} {
		u := accountservice.NewUser{Email: "bea@example.com", Name: "Bea", Role: models.Agent, Password: password}
		c.change(&u)
		if _, err := s.Add(t.Context(), w.Actor("Ada"), u); codeOf(err) != c.want || err != nil && c.want == "" {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func email(n int) string {
	const end = "@example.com"
	return strings.Repeat("b", n-len(end)) + end
}

// session signs a user of the world in and returns the session's token hash.
func session(w *servicetest.World, name string) []byte {
	hash := []byte("token of " + name)
	w.Exec(`INSERT INTO sessions (token_hash, user_id, data, ip, user_agent, created_at, last_seen_at, expires_at)
		SELECT $2, id, '', '', '', now(), now(), now() + interval '1 hour' FROM users WHERE name = $1`, name, hash)
	return hash
}

// The last admin who can sign in can neither be disabled nor lose the role.
func TestLastAdmin(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	s := accountservice.New(w.Store)
	id := func(name string) string { return w.Text("SELECT public_id FROM users WHERE name = $1", name) }
	set := func(name string, role models.Role) string {
		return codeOf(s.SetRole(t.Context(), w.Actor("Ada"), id(name), role))
	}
	disable := func(name string, off bool) string {
		return codeOf(s.SetDisabled(t.Context(), w.Actor("Ada"), id(name), off))
	}
	for _, step := range []struct{ what, got, want string }{
		{"the only admin is disabled", disable("Ada", true), ": user.last_admin"},
		{"the only admin becomes an operator", set("Ada", models.Operator), ": user.last_admin"},
		{"the only admin stays one", set("Ada", models.Admin), ""},
		{"an unknown role", set("Ana", "owner"), "role: user.role_unknown"},
		{"a second admin", set("Otto", models.Admin), ""},
		{"the second is disabled", disable("Otto", true), ""},
		{"a disabled one does not count", set("Ada", models.Agent), ": user.last_admin"},
		{"a disabled one may lose the role", set("Otto", models.Operator), ""},
		{"and be enabled again", disable("Otto", false), ""},
		{"an agent is disabled", disable("Ana", true), ""},
	} {
		if step.got != step.want {
			t.Errorf("%s: %q, want %q", step.what, step.got, step.want)
		}
	}
	if got := w.Text("SELECT role FROM users WHERE name = 'Ada'"); got != "admin" {
		t.Errorf("ada is %s", got)
	}
}

// A new password ends all sessions of its user and nobody else's; a disabled user has no session and no chat.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]func(*accountservice.Service, *servicetest.World, string) error{
		"a new password": func(s *accountservice.Service, w *servicetest.World, id string) error {
			return s.SetPassword(t.Context(), w.Actor("Ada"), id, password)
		},
		"disabled": func(s *accountservice.Service, w *servicetest.World, id string) error {
			return s.SetDisabled(t.Context(), w.Actor("Ada"), id, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := servicetest.New(t)
			s := accountservice.New(w.Store)
			w.Contact("Noor", "+4915112350109")
			w.Exec("UPDATE conversations SET assignee_id = $1", *w.Actor("Ana").ID)
			ana, otto := session(w, "Ana"), session(w, "Otto")
			rights := accounts.Read(w.Store)
			if r, err := rights.RightsOf(t.Context(), ana); err != nil || r == nil || r.Role != models.Agent {
				t.Fatalf("before: %+v, %v", r, err)
			}
			if err := c(s, w, w.Text("SELECT public_id FROM users WHERE name = 'Ana'")); err != nil {
				t.Fatal(err)
			}
			if r, err := rights.RightsOf(t.Context(), ana); err != nil || r != nil {
				t.Errorf("the session goes on: %+v, %v", r, err)
			}
			if r, err := rights.RightsOf(t.Context(), otto); err != nil || r == nil {
				t.Errorf("another user's session has ended: %v", err)
			}
			kept := w.Number("SELECT count(*) FROM conversations WHERE assignee_id IS NOT NULL") == 1
			if kept == (name == "disabled") {
				t.Errorf("the chat stays with ana: %v", kept)
			}
		})
	}
}

// Who may not sign in whatever the password: disabled users, and the demo's users beside a real business.
func TestWhoMaySignIn(t *testing.T) {
	t.Parallel()
	s := withAda(t)
	in := func(email, word string) string {
		_, err := s.SignIn(t.Context(), email, word, "203.0.113.9")
		return codeOf(err)
	}
	err := s.AddDemo(t.Context(), models.System("test"), accountservice.NewUser{
		Email:    "demo@example.com",
		Name:     "Demo",
		Role:     models.Agent,
		Password: "demo",
	})
	if err != nil {
		t.Fatal(err)
	}
	const wrong = "password: signin.wrong_password"
	if got := in("ADA@example.com ", password); got != "" {
		t.Errorf("the right password: %s", got)
	}
	if got := in("ada@example.com", password+"x"); got != wrong {
		t.Errorf("a wrong password: %q", got)
	}
	if got := in("nobody@example.com", password); got != wrong {
		t.Errorf("no such user: %q", got)
	}
	if got := in("nobody@example.com", "no such user"); got != wrong {
		t.Errorf("the password of nobody: %q", got)
	}
	if got := in("demo@example.com", "demo"); got != wrong {
		t.Errorf("a demo's user beside a real business: %q", got)
	}
	s.DemoUsers = true
	if got := in("demo@example.com", "demo"); got != "" {
		t.Errorf("a demo's user in the simulation: %q", got)
	}
}

// Attempts count for 15 minutes.
func TestTriesCountForAWhile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age  time.Duration
		want string
	}{
		"younger": {accountservice.TriesWindow - time.Minute, "password: signin.too_many_tries"},
		"older":   {accountservice.TriesWindow + time.Minute, "password: signin.wrong_password"},
	} {
		w := servicetest.New(t)
		for range accountservice.TriesByAccount {
			w.Exec(
				"INSERT INTO signin_failures (email, ip, created_at) VALUES ('nobody@example.com', '203.0.113.9', $1)",
				time.Now().Add(-c.age),
			)
		}
		_, err := accountservice.New(w.Store).SignIn(t.Context(), "nobody@example.com", "wrong", "203.0.113.9")
		if got := codeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if accountservice.TriesByAccount != 8 || accountservice.TriesByNetwork != 40 ||
		accountservice.TriesWindow != 15*time.Minute {
		t.Error("the limits changed: 8 by account, 40 by network, in 15 minutes")
	}
}
