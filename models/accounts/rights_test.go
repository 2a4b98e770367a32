package accounts_test

import (
	"testing"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/modelstest"
)

func exec(t *testing.T, s *models.Store, sql string, args ...any) {
	t.Helper()
	if _, err := modelstest.PoolOf(s).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// A session gives the rights of its user's role as long as it lasts and the user is not disabled, with the numbers that
// the role may see.
func TestRightsOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set   string
		token string
		want  *accounts.Rights
	}{
		"an agent":               {"", "token", &accounts.Rights{Role: models.Agent}},
		"an unknown token":       {"", "other", nil},
		"an ended session":       {"UPDATE sessions SET expires_at = now() - interval '1 second'", "token", nil},
		"a disabled user":        {"UPDATE users SET disabled_at = now()", "token", nil},
		"agents see masked ones": {masked, "token", &accounts.Rights{Role: models.Agent, Masked: true}},
		"operators see whole ones": {masked + "; UPDATE users SET role = 'operator'", "token",
			&accounts.Rights{Role: models.Operator}},
		"admins do in any case": {
			`INSERT INTO settings (key, value) VALUES ('privacy', '{"masked": ["admin", "agent"]}');
			UPDATE users SET role = 'admin'`, "token", &accounts.Rights{Role: models.Admin},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := modelstest.New(t)
			exec(t, s, `WITH u AS (
					INSERT INTO users (email, name, role, password_hash) VALUES ('ana@example.com', 'Ana', 'agent', 'x') RETURNING id)
				INSERT INTO sessions (token_hash, user_id, data, ip, user_agent, created_at, last_seen_at, expires_at)
				SELECT 'token', id, '', '', '', now(), now(), now() + interval '1 hour' FROM u`)
			exec(t, s, c.set)
			got, err := accounts.Read(s).RightsOf(t.Context(), []byte(c.token))
			if err != nil || (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
				t.Errorf("%+v, want %+v (%v)", got, c.want, err)
			}
			live, err := accounts.Read(s).SessionByToken(t.Context(), []byte(c.token))
			if ended := name == "an ended session" || name == "an unknown token"; err != nil || (live == nil) != ended {
				t.Errorf("the session: %+v, %v", live, err)
			}
		})
	}
}

const masked = `INSERT INTO settings (key, value) VALUES ('privacy', '{"masked": ["agent"]}')`

// A user ends their own sessions and nobody else's.
func TestRevokeSession(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	exec(t, s, `INSERT INTO users (id, email, name, role, password_hash) OVERRIDING SYSTEM VALUE VALUES
		(1, 'ana@example.com', 'Ana', 'agent', 'x'), (2, 'bea@example.com', 'Bea', 'agent', 'x')`)
	exec(
		t,
		s,
		`INSERT INTO sessions (token_hash, user_id, public_id, data, ip, user_agent, created_at, last_seen_at, expires_at)
		VALUES ('a', 1, 'ana0session', '', '', '', now(), now(), now() + interval '1 hour'),
			('b', 2, 'bea0session', '', '', '', now(), now(), now() + interval '1 hour')`,
	)
	err := accounts.RevokeSession(t.Context(), s, models.System("Test"), 1, "bea0session")
	if models.KindOf(err) != models.KindNotFound {
		t.Errorf("somebody else's session: %v", err)
	}
	if err := accounts.RevokeSession(t.Context(), s, models.System("Test"), 1, "ana0session"); err != nil {
		t.Error(err)
	}
	in := s.InTx(t.Context(), func(tx *models.Tx) error { return accounts.EndSessionsOf(tx, 1) })
	left, err := accounts.Read(s).SessionsOf(t.Context(), 2)
	if in != nil || err != nil || len(left) != 1 {
		t.Errorf("%d sessions of the other, %v %v", len(left), in, err)
	}
}

// Attempts count by account and by network, since a moment; a success forgets the account's own from that network.
func TestSignInTries(t *testing.T) {
	t.Parallel()
	s, _ := modelstest.New(t)
	try := func(email, network string) bool {
		t.Helper()
		id, err := accounts.CountSignInTry(t.Context(), s, accounts.SignInTry{
			Email:     email,
			Network:   network,
			ByAccount: 2,
			ByNetwork: 3,
			Since:     time.Now().Add(-time.Minute),
		})
		if err != nil {
			t.Fatal(err)
		}
		return id != 0
	}
	for i, c := range []struct {
		email, network string
		want           bool
	}{
		{"ana", "a", true}, {"ana", "a", true}, {"ana", "a", false}, {"bea", "a", true}, {"cleo", "a", false},
		{"ana", "b", true},
	} {
		if got := try(c.email, c.network); got != c.want {
			t.Errorf("attempt %d of %s from %s: %v", i+1, c.email, c.network, got)
		}
	}
	err := accounts.ForgetSignInTries(t.Context(), s, accounts.SignInTry{Email: "ana", Network: "a"})
	if err != nil || !try("cleo", "a") || !try("ana", "a") || try("dora", "a") {
		t.Errorf("a success does not forget the account's own attempts alone (%v)", err)
	}
	exec(t, s, "UPDATE signin_failures SET created_at = now() - interval '2 minutes'")
	if !try("dora", "a") {
		t.Error("attempts from before the moment count")
	}
}
