package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/inbox"
	"parley/models/modelstest"
	accountservice "parley/services/accounts"
	"parley/services/config"
	"parley/services/messaging"
	"parley/simulator"
	"parley/whatsapp"
)

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testToken   = "token0for0tests0"
)

// TestMain runs the program itself in a child process that a test may kill.
func TestMain(m *testing.M) {
	if os.Getenv("PARLEY_TEST_CHILD") != "" {
		cfg, err := config.Load(os.LookupEnv)
		if err == nil {
			err = serve(context.Background(), cfg, os.Stdout, tuning{twilioWait: 2 * time.Second, dispatch: messaging.DispatchOptions{
				Poll: 20 * time.Millisecond, LookupAfter: 100 * time.Millisecond, LookupUntil: 1500 * time.Millisecond}})
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// kill -9 at any moment loses no accepted message and sends none twice. The simulator runs in this process and
// survives; the program is killed many times while customers write and agents reply.
func TestKillAtAnyMoment(t *testing.T) {
	rounds := 3
	if torture != "" {
		rounds = 25
	}
	addr := freeAddress(t)
	sim, twilioURL := outsideSimulator(t, "http://"+addr)
	url := modelstest.URL(t)
	store, err := models.Open(modelstest.Pool(t, url), sim.Now)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	msgs, people := messaging.New(store, log), accountservice.New(store)
	sender := accountservice.Sender{Name: "Clinic", Phone: simulator.BusinessPhone, State: whatsapp.SenderOnline, Rate: "500"}
	if err := people.SaveSender(t.Context(), models.System("test"), sender); err != nil {
		t.Fatal(err)
	}
	env := append(childEnv(addr, url, twilioURL), "ADDR="+addr, "DATA_DIR="+t.TempDir())

	phones := []string{"+491511111111", "+491512222222", "+491513333333", "+491514444444"}
	conversations := map[string]string{}
	child := startChild(t, env, addr)
	for _, p := range phones {
		sim.AddCustomer(p, "Person "+p)
		sim.Write(p, simulator.BusinessPhone, simulator.Outgoing{Body: "first"})
		conversations[p] = waitConversation(t, store, p)
	}
	wantIn, wantOut := map[string]bool{}, map[string]bool{}
	for round := range rounds {
		for i := range 6 {
			p := phones[rand.N(len(phones))]
			in, out := fmt.Sprintf("in %d.%d", round, i), fmt.Sprintf("out %d.%d", round, i)
			sim.Write(p, simulator.BusinessPhone, simulator.Outgoing{Body: in})
			wantIn[in] = true
			if err := msgs.Reply(t.Context(), models.System("test"), conversations[p], messaging.ReplyForm{Text: out, Token: out}); err != nil {
				t.Fatal(err)
			}
			wantOut[out] = true
			if round%5 == 4 && i == 3 {
				sim.SetFaults(simulator.Faults{CutOff: 1})
			}
			time.Sleep(rand.N(15 * time.Millisecond))
		}
		time.Sleep(rand.N(120 * time.Millisecond))
		if err := child.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		child = startChild(t, env, addr)
	}
	waitSettled(t, store, len(wantIn)+len(phones), len(wantOut))
	stopChild(t, child)

	seen := map[string]int{}
	for _, m := range sim.Messages("") {
		if !m.Inbound {
			seen[m.Body]++
		}
	}
	for out := range wantOut {
		if seen[out] != 1 {
			t.Errorf("%q reached Twilio %d times", out, seen[out])
		}
	}
	var twice int
	err = modelstest.PoolOf(store).QueryRow(t.Context(), "SELECT count(*) - count(DISTINCT body) FROM messages WHERE direction = 'inbound' AND body LIKE 'in %'").Scan(&twice)
	if err != nil || twice != 0 {
		t.Errorf("%d inbound messages are stored twice (%v)", twice, err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only its port was wanted
	return l.Addr().String()
}

// outsideSimulator is a Twilio that outlives the program.
func outsideSimulator(t *testing.T, parley string) (*simulator.Simulator, string) {
	t.Helper()
	e := echo.New()
	srv := httptest.NewServer(e)
	sim, err := simulator.New(simulator.Options{AccountSID: testAccount, AuthToken: testToken, WebhookBase: parley, MediaBase: srv.URL,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), StepDelay: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	sim.Register(e)
	t.Cleanup(func() { sim.Close(); srv.Close() })
	base := sim.BaseURL(srv.URL)
	return sim, base
}

// childEnv makes this binary act as the program itself, with a public address, a database and a Twilio of the test.
func childEnv(public, databaseURL, twilioURL string) []string {
	return append(os.Environ(), "PARLEY_TEST_CHILD=1", "PUBLIC_URL=http://"+public, "DATABASE_URL="+databaseURL, "SESSION_SECRET="+strings.Repeat("s", 32),
		"TWILIO_ACCOUNT_SID="+testAccount, "TWILIO_AUTH_TOKEN="+testToken, "TWILIO_BASE_URL="+twilioURL)
}

func startChild(t *testing.T, env []string, addr string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Dir = env, t.TempDir()
	log := &strings.Builder{}
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return cmd
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("the program never listened:\n%s", log)
	return nil
}

// stopChild terminates the program.
func stopChild(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

func waitConversation(t *testing.T, store *models.Store, phone string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		rows, _, err := inbox.Read(store).Inbox(t.Context(), inbox.InboxFilter{View: inbox.ViewAll, Query: phone, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 1 {
			return rows[0].PublicID
		}
	}
	t.Fatal("no conversation")
	return ""
}

// waitSettled waits until all inbound messages are stored and all outbound messages are delivered.
func waitSettled(t *testing.T, store *models.Store, in, out int) {
	t.Helper()
	var gotIn, gotOut, open int
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		err := modelstest.PoolOf(store).QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE direction = 'inbound'), count(*) FILTER (WHERE status = 'delivered'),
			count(*) FILTER (WHERE status IN ('queued', 'sending', 'in_doubt', 'accepted', 'sent')) FROM messages`).Scan(&gotIn, &gotOut, &open)
		if err != nil {
			t.Fatal(err)
		}
		if gotIn >= in && gotOut >= out && open == 0 {
			return
		}
	}
	t.Errorf("stored %d of %d inbound, delivered %d of %d outbound, %d still open", gotIn, in, gotOut, out, open)
}

func TestCommandLine(t *testing.T) {
	env := func(string) (string, bool) { return "", false }
	say := func(args ...string) (string, error) {
		var b strings.Builder
		err := run(t.Context(), args, env, terminal{in: strings.NewReader(""), out: &b})
		return b.String(), err
	}
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"migrate", "-h"}, {"demo", "--help"}} {
		if out, err := say(args...); err != nil || !strings.Contains(out, "Usage: parley") {
			t.Errorf("%v: %q %v", args, out, err)
		}
	}
	if out, err := say("user", "--help"); err != nil || !strings.Contains(out, "passwd") {
		t.Errorf("user --help: %q %v", out, err)
	}
	if out, err := say("version"); err != nil || !strings.HasPrefix(out, "parley ") {
		t.Errorf("version: %q %v", out, err)
	}
	if _, err := say("dance"); err == nil || !strings.Contains(err.Error(), "dance") {
		t.Error(err)
	}
}

// parley user works with DATABASE_URL, and explains a refusal in a sentence.
func TestUserCommand(t *testing.T) {
	url := modelstest.URL(t)
	dir := t.TempDir()
	say := func(password string, args ...string) (string, error) {
		env := map[string]string{"DATABASE_URL": url, "DATA_DIR": dir}
		var b strings.Builder
		lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
		in := strings.NewReader(password + "\n")
		err := run(t.Context(), append([]string{"user"}, args...), lookup, terminal{in: in, out: &b})
		return b.String(), err
	}
	if out, err := say("long enough password", "add", "Eve@Example.com", "--name", "Eve", "--role", "admin"); err != nil || !strings.Contains(out, "was added") {
		t.Fatalf("%q %v", out, err)
	}
	if _, err := say("short", "add", "x@example.com"); err == nil || !strings.Contains(err.Error(), "at least 10") {
		t.Error(err)
	}
	if _, err := say("long enough password", "add", "eve@example.com"); err == nil || !strings.Contains(err.Error(), "already a user") {
		t.Error(err)
	}
	if _, err := say("", "disable", "eve@example.com"); err == nil || !strings.Contains(err.Error(), "only admin") {
		t.Error(err)
	}
	if out, err := say("another long password", "passwd", "eve@example.com"); err != nil || !strings.Contains(out, "changed") {
		t.Errorf("%q %v", out, err)
	}
	if out, err := say("", "list"); err != nil || !strings.Contains(out, "eve@example.com") {
		t.Errorf("%q %v", out, err)
	}
	if _, err := say("", "passwd", "nobody@example.com"); err == nil || !strings.Contains(err.Error(), "no user") {
		t.Error(err)
	}
}

// The whole program with a private database: it becomes ready, is seeded, stops cleanly, and starts quickly the second
// time.
func TestServeWithPrivateDatabase(t *testing.T) {
	dir := t.TempDir()
	start := func() time.Duration {
		env := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": dir}
		cfg, err := config.Load(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		began, took := time.Now(), time.Duration(0)
		if err := serve(ctx, cfg, io.Discard, tuning{ready: func(p program) {
			took = time.Since(began)
			stop()
		}}); err != nil {
			t.Fatal(err)
		}
		return took
	}
	t.Logf("first start %v, second %v", start(), start())
	if _, err := os.Stat(dir + "/postgres/data/postmaster.pid"); err == nil {
		t.Error("the server was not stopped")
	}
}

// parley consent verify confirms an intact ledger, and names every error in another.
func TestConsentVerify(t *testing.T) {
	url := modelstest.URL(t)
	dir := t.TempDir()
	verify := func(args ...string) (string, error) {
		env := map[string]string{"DATABASE_URL": url, "DATA_DIR": dir}
		var b strings.Builder
		lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
		none := strings.NewReader("")
		err := run(t.Context(), append([]string{"consent"}, args...), lookup, terminal{in: none, out: &b})
		return b.String(), err
	}
	pool := modelstest.Pool(t, url)
	exec := func(sql string) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`WITH c AS (INSERT INTO contacts (name, consent, consent_at) VALUES ('Noor', 'opted_in', now()) RETURNING id)
		INSERT INTO consent_events (contact_id, kind, source, proof, occurred_at) SELECT id, 'opted_in', 'paper', 'form 7', now() FROM c`)
	if out, err := verify("verify"); err != nil || !strings.Contains(out, "1 consent events, every one as it was recorded") {
		t.Errorf("%q %v", out, err)
	}
	exec("ALTER TABLE consent_events DISABLE TRIGGER refuse_consent_change")
	exec("UPDATE consent_events SET proof = 'form 8'")
	if out, err := verify("verify"); err == nil || !strings.Contains(out, "its content is not what was recorded") || !strings.Contains(err.Error(), "tampered with") {
		t.Errorf("%q %v", out, err)
	}
	if _, err := verify("polish"); err == nil {
		t.Error("an unknown word")
	}
}
