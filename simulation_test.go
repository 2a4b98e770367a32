package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/models/modelstest"
	"parley/services/config"
	"parley/services/demo"
)

// settings are the settings that a program is started with.
type settings map[string]string

func (s settings) with(pairs ...string) settings {
	out := settings{}
	for k, v := range s {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// started runs the program until visit returns, and returns its output.
func (s settings) started(t *testing.T, visit func(p program)) (said string, err error) {
	t.Helper()
	cfg, err := config.Load(func(k string) (string, bool) { v, ok := s[k]; return v, ok })
	if err != nil {
		return "", err
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var b strings.Builder
	err = serve(ctx, cfg, &b, tuning{ready: func(p program) {
		defer stop()
		if visit != nil {
			visit(p)
		}
	}})
	return b.String(), err
}

// request sends the program at p a request for a path with a given Host; a form makes it a POST.
func (p program) request(t *testing.T, host, path string, form url.Values) (status int, body string) {
	t.Helper()
	local := p.URL
	if _, port, ok := strings.Cut(strings.TrimPrefix(p.URL, "http://"), ":"); ok {
		local = "http://127.0.0.1:" + port
	}
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, local+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to the end
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func signsIn(t *testing.T, p program, email, password string) bool {
	t.Helper()
	status, _ := p.request(t, "", "/signin", url.Values{"email": {email}, "password": {password}})
	return status == http.StatusSeeOther
}

// A simulation that was not explicitly enabled is reachable only from its own machine, whatever Host a request names.
func TestSimulationStaysHere(t *testing.T) {
	quiet := settings{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(), "DATABASE_URL": modelstest.URL(t), "DEMO": "0"}
	for name, pairs := range map[string][]string{
		"a public address": {"PUBLIC_URL", "https://desk.example.com"},
		"all interfaces":   {"ADDR", "0.0.0.0:0"},
	} {
		if _, err := quiet.with(pairs...).started(t, nil); err == nil || !strings.Contains(err.Error(), "SIMULATOR=1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	paths := map[string]url.Values{
		"/signin":                      nil,
		"/simulator":                   nil,
		"/simulator/templates":         nil,
		"/simulator/phones":            {"name": {"Eve"}, "phone": {"+385912345678"}},
		"/simulator/clock":             {"by": {"1h"}},
		"/simulator/twilio/v1/Content": nil,
		"/":                            nil,
		"/webhooks/twilio/messages":    {"MessageSid": {"SM1"}},
	}
	_, err := quiet.started(t, func(p program) {
		for path, form := range paths {
			if status, body := p.request(t, "evil.example:8080", path, form); status != http.StatusNotFound ||
				strings.Contains(body, demo.Password) {
				t.Errorf("%s under a foreign name: %d", path, status)
			}
			if status, _ := p.request(t, "localhost:8080", path, form); status == http.StatusNotFound {
				t.Errorf("%s under its own name: %d", path, status)
			}
		}
		if status, _ := p.request(t, "evil.example", "/healthz", nil); status != http.StatusOK {
			t.Errorf("healthz: %d", status)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// A simulation that was enabled is reachable for everybody, and says that it is one.
	announced := quiet.with("SIMULATOR", "1", "PUBLIC_URL", "https://desk.example.com", "ADDR", freeAddress(t))
	_, err = announced.started(t, func(p program) {
		p.URL = "http://" + announced["ADDR"]
		for path, want := range map[string]int{"/signin": 200, "/simulator": 200, "/nowhere": 404, "/join/nowhere": 404} {
			status, body := p.request(t, "desk.example.com", path, nil)
			if status != want || !strings.Contains(body, "Simulation: ") {
				t.Errorf("%s: %d, and it does not say that it is a simulation", path, status)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// If others can reach the demo, its password is not the one in the source code, and only the operator is told it.
func TestPublicDemoHasAPasswordOfItsOwn(t *testing.T) {
	s := settings{"ADDR": freeAddress(t), "DATA_DIR": t.TempDir(), "DATABASE_URL": modelstest.URL(t)}
	said, err := s.started(t, func(p program) {
		if !signsIn(t, p, demo.Email, demo.Password) {
			t.Error("ada can't sign in at home")
		}
		if _, body := p.request(t, "", "/signin", nil); !strings.Contains(body, demo.Password) {
			t.Error("the sign-in page does not tell the demo's password at home")
		}
	})
	if err != nil || !strings.Contains(said, demo.Password) {
		t.Fatal(said, err)
	}
	public := s.with("SIMULATOR", "1", "PUBLIC_URL", "https://desk.example.com")
	said, err = public.started(t, func(p program) {
		p.URL = "http://" + s["ADDR"]
		secret, err := os.ReadFile(filepath.Join(s["DATA_DIR"], "demo.password"))
		if err != nil {
			t.Fatal(err)
		}
		if _, body := p.request(t, "desk.example.com", "/signin", nil); strings.Contains(body, demo.Password) ||
			strings.Contains(body, string(secret)) {
			t.Error("the sign-in page tells a password")
		}
		if signsIn(t, p, demo.Email, demo.Password) {
			t.Error("the password in the source opens a public demo")
		}
		if !signsIn(t, p, demo.Email, string(secret)) {
			t.Error("the operator can't sign in")
		}
	})
	if err != nil || strings.Contains(said, demo.Password) {
		t.Fatal(said, err)
	}
	for _, name := range []string{"simulator.token", "demo.password"} {
		info, err := os.Stat(filepath.Join(s["DATA_DIR"], name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

// A simulated database that is started with credentials sends none of the simulation's messages, admits none of its
// users and asks for an admin; and it can't be used with the simulator again.
func TestSimulationIsLeft(t *testing.T) {
	s := settings{"ADDR": "127.0.0.1:0", "DATA_DIR": t.TempDir(), "DATABASE_URL": modelstest.URL(t)}
	pool := modelstest.Pool(t, s["DATABASE_URL"])
	count := func(sql string) (n int) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := s.started(t, nil); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		// from a version that marked neither its users nor its database
		"UPDATE users SET demo = false",
		"DELETE FROM settings WHERE key = 'twilio_account'",
		"INSERT INTO api_keys (name, hash) VALUES ('till', '\\x00')",
		"UPDATE contacts SET consent = 'opted_in', consent_at = now()",
		"INSERT INTO contacts (name, phone, consent, consent_at) VALUES ('Imported', '+385911111111', 'opted_in', now())",
		`UPDATE messages SET status = 'queued', send_at = now() + interval '1 hour'
			WHERE id = (SELECT max(id) FROM messages WHERE direction = 'outbound')`,
		`INSERT INTO later_replies (conversation_id, author_id, body, send_at, token, created_at)
			SELECT v.id, u.id, 'later', now() + interval '1 hour', 'x', now() FROM conversations v, users u LIMIT 1`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(sql, err)
		}
	}
	people := count("SELECT count(*) FROM contacts WHERE name <> 'Imported'")
	twilio, twilioURL := outsideSimulator(t, "http://127.0.0.1:1")
	real := s.with("TWILIO_ACCOUNT_SID", testAccount, "TWILIO_AUTH_TOKEN", testToken, "TWILIO_BASE_URL", twilioURL)
	said, err := real.started(t, func(p program) {
		for _, email := range demo.Emails() {
			if signsIn(t, p, email, demo.Password) {
				t.Errorf("%s is let in", email)
			}
		}
		if _, body := p.request(t, "", "/signin", nil); strings.Contains(body, demo.Password) {
			t.Error("the sign-in page tells the demo's password")
		}
		if status, _ := p.request(t, "", "/simulator", nil); status != http.StatusNotFound {
			t.Errorf("the phones: %d", status)
		}
	})
	if err != nil || !strings.Contains(said, "parley user add") {
		t.Fatal(said, err)
	}
	for sql, want := range map[string]int{
		"SELECT count(*) FROM users WHERE disabled_at IS NULL":                                       0,
		"SELECT count(*) FROM sessions WHERE user_id IS NOT NULL":                                    0,
		"SELECT count(*) FROM api_keys WHERE revoked_at IS NULL":                                     0,
		"SELECT count(*) FROM messages WHERE status IN ('queued', 'sending', 'in_doubt')":            0,
		"SELECT count(*) FROM later_replies WHERE state IN ('waiting', 'ready')":                     0,
		"SELECT count(*) FROM conversations WHERE window_closes_at > now()":                          0,
		"SELECT count(*) FROM senders WHERE kind <> 'sandbox' AND state = 'online'":                  0,
		"SELECT count(*) FROM contacts WHERE consent = 'opted_in' AND name <> 'Imported'":            0,
		"SELECT count(*) FROM contacts WHERE consent = 'opted_in' AND name = 'Imported'":             1,
		"SELECT count(*) FROM consent_events WHERE kind = 'opted_out' AND proof LIKE '%simulation%'": people,
	} {
		if got := count(sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	if n := len(twilio.Messages("")); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	if _, err := s.started(t, nil); err == nil || !strings.Contains(err.Error(), "belongs to the Twilio account "+testAccount) {
		t.Errorf("the simulator on a real database: %v", err)
	}
	// A demo user can be enabled again only after an admin has given them a new password.
	if _, err := pool.Exec(t.Context(), "UPDATE users SET disabled_at = NULL"); err != nil {
		t.Fatal(err)
	}
	if _, err := real.started(t, func(p program) {
		if _, err := pool.Exec(t.Context(), "UPDATE users SET disabled_at = NULL"); err != nil {
			t.Fatal(err)
		}
		if signsIn(t, p, demo.Email, demo.Password) {
			t.Error("an enabled demo user is let in with the demo's password")
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// The simulator's token differs between data folders, and is permanent in each.
func TestSimulatorToken(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	first, err := keptSecret(one, "simulator.token")
	if err != nil || len(first) < 32 {
		t.Fatal(first, err)
	}
	again, err := keptSecret(one, "simulator.token")
	if err != nil || again != first {
		t.Errorf("%q, then %q (%v)", first, again, err)
	}
	if other, err := keptSecret(two, "simulator.token"); err != nil || other == first {
		t.Errorf("another folder's: %q (%v)", other, err)
	}
}
