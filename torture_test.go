package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/senders"
	accountservice "parley/services/accounts"
	"parley/services/notifying"
	"parley/simulator"
	"parley/whatsapp"
)

// torment is the size of a run: small in make test, short in make deep, long in make soak.
type torment struct {
	people, kills        int
	timeOut, fail        int           // percent: accepted without an answer, failing after they were accepted
	outage               time.Duration // how long Twilio is unreachable
	instances            int
	notification         int64 // what is checked
	duplicates, disorder bool
}

// torture is the size of the tests that kill the program: "" in make test, "short" in make deep, "long" in make soak.
var torture = os.Getenv("PARLEY_TORTURE")

func tormentOf() torment {
	x := torment{
		people:     100,
		kills:      2,
		timeOut:    2,
		fail:       5,
		outage:     2 * time.Second,
		instances:  2,
		duplicates: true,
		disorder:   true,
	}
	switch torture {
	case "short":
		x.people, x.kills = 400, 6
	case "long":
		x.people, x.kills, x.outage = 10_000, 100, 10*time.Minute
	}
	if n, err := strconv.Atoi(os.Getenv("PARLEY_TORTURE_PEOPLE")); err == nil {
		x.people = n
	}
	if d, err := time.ParseDuration(os.Getenv("PARLEY_TORTURE_OUTAGE")); err == nil {
		x.outage = d
	}
	return x
}

// A notification survives kill -9 at any moment, two instances at once, calls that Twilio accepts without an answer,
// failures, callbacks that are repeated and out of order, an outage of Twilio, and terminated database sessions: each
// recipient has exactly one accepted message at Twilio that did not fail, or is shown as failed or in doubt.
func TestNotificationSurvives(t *testing.T) {
	x := tormentOf()
	addr, second := freeAddress(t), freeAddress(t)
	sim, twilioURL := outsideSimulator(t, "http://"+addr)
	url := modelstest.URL(t)
	pool := modelstest.Pool(t, url)
	store, err := models.Open(pool, sim.Now)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	version := tormented(t, store, sim, x.people)
	env := childEnv(addr, url, twilioURL)
	addresses := []string{addr, second}[:x.instances]
	children := map[string]interface{ stop() }{}
	folders := map[string]string{addr: t.TempDir(), second: t.TempDir()}
	begin := func(a string) {
		cmd := startChild(t, append(env, "ADDR="+a, "DATA_DIR="+folders[a]), a)
		children[a] = stopper(func() { _ = cmd.Process.Signal(syscall.SIGKILL); _ = cmd.Wait() })
	}
	for _, a := range addresses {
		begin(a)
	}
	sim.SetFaults(
		simulator.Faults{
			TimeOutPercent:      x.timeOut,
			FailPercent:         x.fail,
			FailCode:            63024,
			DuplicateCallbacks:  x.duplicates,
			OutOfOrderCallbacks: x.disorder,
		},
	)
	service := notifying.New(store, log)
	id := sendToAll(t, store, service, version)

	progress := func() notifications.Progress {
		p, err := notifications.Read(store).ProgressOf(t.Context(), id)
		if err != nil && !lost(err) {
			t.Fatal(err)
		}
		return p
	}
	for k := range x.kills {
		before := progress().Settled
		for deadline := time.Now().Add(20 * time.Second); progress().Settled < min(x.people, before+x.people/(x.kills+1)/2) && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(rand.N(60 * time.Millisecond))
		a := addresses[k%len(addresses)]
		children[a].stop()
		switch k {
		case x.kills / 2: // Twilio is unreachable
			sim.SetGone(true)
			begin(a)
			time.Sleep(x.outage)
			sim.SetGone(false)
			continue
		case x.kills / 3: // PostgreSQL terminates every session, as a restart does
			_, _ = pool.Exec(
				t.Context(),
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
			)
		}
		begin(a)
	}
	sim.SetFaults(simulator.Faults{})
	wait := 90 * time.Second
	if torture == "long" {
		wait = 20 * time.Minute
	}
	for deadline := time.Now().Add(wait); progress().Settled < x.people && time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(time.Second) // the last callbacks
	for _, c := range children {
		c.stop()
	}
	x.notification = id
	judge(t, store, sim, x)
}

type stopper func()

func (s stopper) stop() { s() }

func lost(err error) bool {
	return strings.Contains(err.Error(), "terminat") || strings.Contains(err.Error(), "EOF") ||
		strings.Contains(err.Error(), "closed") ||
		strings.Contains(err.Error(), "57P01")
}

// tormented creates the sender, the people with their phones, and an approved template that Twilio knows; it returns
// its version's id.
func tormented(t *testing.T, store *models.Store, sim *simulator.Simulator, people int) string {
	t.Helper()
	sender := accountservice.Sender{Name: "Clinic", Phone: simulator.BusinessPhone, State: whatsapp.SenderOnline, Rate: "400"}
	err := accountservice.New(store).SaveSender(t.Context(), models.System("test"), sender)
	if err != nil && models.KindOf(err) != models.KindInvalid {
		t.Fatal(err)
	}
	for _, o := range sim.Senders() {
		sim.MoveSender(o.Sid, "", "Unlimited Customers/24hr", "") // the daily limit has a test of its own
	}
	sid := "HX" + strings.Repeat("0", 31) + "7"
	sim.AddContent(
		&simulator.Content{
			Sid:          sid,
			FriendlyName: "visit_near",
			Language:     "en",
			Variables:    map[string]string{"1": "Noor"},
			Types:        map[string]map[string]any{"twilio/text": {"body": "Hello {{1}}, your visit is near."}},
			Approval:     &simulator.Approval{Name: "visit_near", Category: "UTILITY", Status: "approved"},
		},
	)
	for i := range people {
		sim.AddCustomer(fmt.Sprintf("+49151%08d", 10000000+i), fmt.Sprintf("Person %d", i))
	}
	var version string
	err = modelstest.PoolOf(store).
		QueryRow(t.Context(), `WITH t AS (INSERT INTO templates (name, category) VALUES ('visit_near', 'UTILITY') RETURNING id)
		INSERT INTO template_versions (template_id, language, number, body, placeholders, state, content_sid, content_type, category)
		SELECT id, 'en', 1, 'Hello {{Name}}, your visit is near.', '[{"name": "Name", "sample": "Noor", "field": "name"}]', 'approved', $1, 'twilio/text', 'UTILITY' FROM t RETURNING public_id`, sid).
		Scan(&version)
	if err != nil {
		t.Fatal(err)
	}
	_, err = modelstest.PoolOf(store).
		Exec(t.Context(), `WITH c AS (INSERT INTO contacts (name, phone, country, consent, consent_at) SELECT 'Person ' || i, '+49151' || (10000000 + i), 'DE', 'opted_in', now() FROM generate_series(0, $1) i RETURNING id, phone)
		INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM c`, people-1)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// sendToAll sends a notification to all contacts who are opted in; the program's own runner does the work.
func sendToAll(t *testing.T, store *models.Store, s *notifying.Service, version string) int64 {
	t.Helper()
	senders, err := senders.Read(store).Senders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rules := notifications.DefaultNotifyRules()
	rules.ApproveAbove = 0 // there is no second person in this test
	err = store.InTx(
		t.Context(),
		func(tx *models.Tx) error { return notifications.SaveNotifyRules(tx, models.System("test"), rules) },
	)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Save(t.Context(), models.System("test"), notifying.Request{
		VersionID:   version,
		SenderID:    senders[0].PublicID,
		Audience:    notifications.Audience{Kind: "filter"},
		Fills:       notifications.Fills{},
		UseCase:     "notification",
		Role:        models.Admin,
		Token:       "torture",
		ValidHours:  24,
		StopPercent: 100,
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		err := s.Start(t.Context(), models.System("test"), n.PublicID)
		if err == nil {
			break
		}
		if e, ok := errors.AsType[*models.Error](err); !ok || !strings.Contains(e.Message(), "dry run") ||
			time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	return n.ID
}

// judge counts messages at Twilio and in Parley, and writes the report if one is requested.
func judge(t *testing.T, store *models.Store, sim *simulator.Simulator, x torment) {
	t.Helper()
	good, failed := map[string]int{}, map[string]int{}
	for _, m := range sim.Messages("") {
		if m.ErrorCode == 0 {
			good[strings.TrimPrefix(m.To, "whatsapp:")]++
		} else {
			failed[strings.TrimPrefix(m.To, "whatsapp:")]++
		}
	}
	rows, err := notifications.Read(store).
		Recipients(t.Context(), x.notification, notifications.RecipientFilter{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range rows {
		total := good[r.Phone] + failed[r.Phone]
		count[r.Status]++
		switch {
		case good[r.Phone] > 1 || total > 1:
			t.Errorf("%s got it %d times", r.Phone, total)
			count["twice"]++
		case total == 0 && r.Status != "failed" && r.Status != "in_doubt" && r.Status != "refused":
			t.Errorf("%s got nothing and is shown as %q", r.Phone, r.Status)
			count["lost"]++
		case failed[r.Phone] == 1 && r.Status != "failed" && r.Status != "undelivered" && r.Status != "in_doubt" && r.Status != "accepted":
			t.Errorf("%s failed at Twilio and is shown as %q", r.Phone, r.Status)
		}
	}
	if len(rows) != x.people {
		t.Errorf("%d recipients, want %d", len(rows), x.people)
	}
	t.Logf(
		"%d people, %d kills, %d instances: %v; at Twilio %d arrived, %d failed",
		x.people,
		x.kills,
		x.instances,
		count,
		len(good),
		len(failed),
	)
	if dir := os.Getenv("PARLEY_TORTURE_REPORT"); dir != "" {
		text := fmt.Sprintf(
			"- %s: %d recipients, %d times kill -9 over %d instances, %d %% of the calls taken and never answered, %d %% failing afterwards, callbacks twice and out of order, Twilio gone for %s, all database sessions ended once. Doubles: %d. Losses: %d. Shown as: %s.\n",
			time.Now().
				UTC().
				Format("2006-01-02"),
			x.people,
			x.kills,
			x.instances,
			x.timeOut,
			x.fail,
			x.outage,
			count["twice"],
			count["lost"],
			shown(count),
		)
		f, err := os.OpenFile(
			filepath.Join(dir, "torture-runs.md"),
			os.O_APPEND|os.O_CREATE|os.O_WRONLY,
			0o644,
		) //nolint:gosec // a page of the docs
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // written below
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
}

// shown lists how often each state is shown.
func shown(count map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(count)) {
		out = append(out, fmt.Sprint(count[k], " ", k))
	}
	return strings.Join(out, ", ")
}
