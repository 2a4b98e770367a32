package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/simulator"
)

// The same changes as an inbound message makes, in one transaction, as plain SQL: the message, its receipt, the
// conversation, the contact. The schema's triggers and indexes run in both.
const inboundScript = `\set v random(1, 1000)
\set n random(1, 1000000000000)
BEGIN;
SELECT id, contact_id FROM conversations WHERE id = :v FOR UPDATE;
INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, created_at)
	SELECT id, sender_id, 'inbound', 'text', 'message', 'received', 'SMb' || md5(:n::text), now() FROM conversations WHERE id = :v;
INSERT INTO webhook_receipts (kind, verdict, message_sid, effect, form, person) VALUES ('message', 'accepted', 'SMb' || md5(:n::text), 'Message stored', repeat('x', 300), '+49152' || :v);
UPDATE conversations SET last_inbound_at = now(), window_closes_at = now() + interval '1 day', last_message_at = now(), last_line = 'message', unread_count = unread_count + 1, version = version + 1, updated_at = now() WHERE id = :v;
UPDATE contacts SET last_seen_at = now(), window_closes_at = now() + interval '1 day' WHERE id = :v;
COMMIT;
`

// The same for a status callback.
const statusScript = `\set m random(1, 20000)
\set n random(1, 1000000000000)
BEGIN;
SELECT id, status FROM messages WHERE twilio_sid = 'SM' || lpad(:m::text, 32, '0') FOR UPDATE;
INSERT INTO status_events (message_sid, status, message_id, received_at) SELECT twilio_sid, 'b' || :n, id, now() FROM messages WHERE twilio_sid = 'SM' || lpad(:m::text, 32, '0');
UPDATE messages SET status = 'delivered', delivered_at = now() WHERE twilio_sid = 'SM' || lpad(:m::text, 32, '0');
INSERT INTO webhook_receipts (kind, verdict, message_sid, effect, form, person) VALUES ('status', 'accepted', 'SM' || lpad(:m::text, 32, '0'), 'Status delivered', repeat('x', 300), '+49152' || :m);
COMMIT;
`

const intakeClients, intakeSeconds = 16, 8

// BenchmarkIntake measures webhooks a second, signed and answered, against pgbench that makes the same changes with as
// many clients, in the same run and with PostgreSQL's durable settings on.
func BenchmarkIntake(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = intakeClients
	debug.SetGCPercent(400) // the program's own setting
	b.Run("inbound", func(b *testing.B) {
		for b.Loop() {
			const people = 1000
			a := newApp(b)
			var sent sync.Map
			for i := range people { // every sender is known and has a conversation
				post(b, a, i, &sent)
			}
			intake(b, a, inboundScript, func(i int) { post(b, a, people+i, &sent) })
		}
	})
	b.Run("status", func(b *testing.B) {
		for b.Loop() {
			const messages = 20_000
			a := newApp(b)
			fillSent(b, a, messages)
			steps := []string{"sent", "delivered", "read"}
			intake(b, a, statusScript, func(i int) {
				sid := fmt.Sprintf("SM%032d", i%messages+1)
				signed(b, a, "/webhooks/twilio/status", url.Values{"MessageSid": {sid}, "MessageStatus": {steps[i/messages%3]}, "AccountSid": {account}, "To": {"whatsapp:+4915200012345"}, "From": {"whatsapp:" + simulator.BusinessPhone}})
			})
		}
	})
}

// intake calls send with as many clients as pgbench uses afterwards.
func intake(b *testing.B, a *app, script string, send func(i int)) {
	b.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var clients sync.WaitGroup
	next, end := 0, time.Now().Add(intakeSeconds*time.Second)
	for range intakeClients {
		clients.Go(func() {
			for time.Now().Before(end) {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				begin := time.Now()
				send(i)
				mu.Lock()
				took = append(took, time.Since(begin))
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	slices.Sort(took)
	rate := float64(len(took)) / intakeSeconds
	bare := pgbench(b, modelstest.PoolOf(a.Store).Config().ConnString(), script)
	b.ReportMetric(rate, "webhooks/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(bare, "pgbench/s")
	b.ReportMetric(rate/bare, "ratio")
}

// fillSent adds messages that Twilio has accepted.
func fillSent(b *testing.B, a *app, n int) {
	b.Helper()
	for _, q := range []string{
		fmt.Sprintf(`WITH c AS (INSERT INTO contacts (name, phone, country) SELECT 'Person ' || i, '+49152' || (10000000 + i), 'DE' FROM generate_series(1, %d) i RETURNING id)
			INSERT INTO conversations (contact_id, sender_id) SELECT c.id, (SELECT min(id) FROM senders) FROM c`, n),
		`INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, send_at, sending_at, created_at)
			SELECT id, sender_id, 'outbound', 'text', 'Hello', 'accepted', 'SM' || lpad(row_number() OVER (ORDER BY id)::text, 32, '0'), now(), now(), now() FROM conversations`,
		"VACUUM ANALYZE",
	} {
		if _, err := modelstest.PoolOf(a.Store).Exec(b.Context(), q); err != nil {
			b.Fatalf("%s: %v", q[:40], err)
		}
	}
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

func pgbench(b *testing.B, address, text string) float64 {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	program, err := exec.LookPath("pgbench")
	if err != nil && len(found) > 0 {
		program, err = found[len(found)-1], nil
	}
	if err != nil {
		b.Fatal("pgbench is missing; it comes with PostgreSQL's server")
	}
	script := filepath.Join(b.TempDir(), "intake.sql")
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	bare, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	q := bare.Query()
	q.Del("timezone") // pgx's syntax, which libpq does not know
	bare.RawQuery = q.Encode()
	out, err := exec.Command(program, "-n", "-M", "prepared", "-c", strconv.Itoa(intakeClients), "-j", "2", "-T", strconv.Itoa(intakeSeconds), "-f", script, bare.String()).CombinedOutput()
	if err != nil {
		b.Fatalf("pgbench: %v\n%s", err, out)
	}
	rate, err := strconv.ParseFloat(tps.FindStringSubmatch(string(out))[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return rate
}
