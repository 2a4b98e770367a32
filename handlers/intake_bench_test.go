package handlers_test

import (
	"net/http"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The same rows as an inbound message leaves, in one transaction, without a program around them: the message, its
// receipt, the conversation, the contact. The schema's own triggers and indexes work in both.
const intakeScript = `\set v random(1, 1000)
\set n random(1, 1000000000000)
BEGIN;
SELECT id, contact_id FROM conversations WHERE id = :v FOR UPDATE;
INSERT INTO messages (conversation_id, sender_id, direction, kind, body, status, twilio_sid, created_at)
	SELECT id, sender_id, 'inbound', 'text', 'message', 'received', 'SMb' || md5(:n::text), now() FROM conversations WHERE id = :v;
INSERT INTO webhook_receipts (kind, verdict, message_sid, effect, form) VALUES ('message', 'accepted', 'SMb' || md5(:n::text), 'Message stored', repeat('x', 300));
UPDATE conversations SET last_inbound_at = now() WHERE id = :v;
UPDATE contacts SET updated_at = now() WHERE id = :v;
COMMIT;
`

// BenchmarkIntake measures inbound webhooks a second, signed and answered, against pgbench that writes the same rows with
// as many clients, in the same run and with PostgreSQL's durable settings on.
func BenchmarkIntake(b *testing.B) {
	const clients, people, seconds = 16, 1000, 8
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = clients
	for b.Loop() {
		a := newApp(b)
		var sent sync.Map
		for i := range people { // everybody is known and has a conversation
			post(b, a, i, &sent)
		}
		var mu sync.Mutex
		var took []time.Duration
		var posts sync.WaitGroup
		next, end := people, time.Now().Add(seconds*time.Second)
		for range clients {
			posts.Go(func() {
				for time.Now().Before(end) {
					mu.Lock()
					i := next
					next++
					mu.Unlock()
					begin := time.Now()
					post(b, a, i, &sent)
					mu.Lock()
					took = append(took, time.Since(begin))
					mu.Unlock()
				}
			})
		}
		posts.Wait()
		slices.Sort(took)
		rate := float64(len(took)) / seconds
		bare := pgbench(b, a.Store.Pool().Config().ConnString(), clients, seconds)
		b.ReportMetric(rate, "webhooks/s")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(bare, "pgbench/s")
		b.ReportMetric(rate/bare, "ratio")
	}
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

func pgbench(b *testing.B, url string, clients, seconds int) float64 {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	program, err := exec.LookPath("pgbench")
	if err != nil && len(found) > 0 {
		program, err = found[len(found)-1], nil
	}
	if err != nil {
		b.Fatal("pgbench is missing; it comes with PostgreSQL's server")
	}
	script := filepath.Join(b.TempDir(), "intake.sql")
	if err := os.WriteFile(script, []byte(intakeScript), 0o600); err != nil {
		b.Fatal(err)
	}
	bare, err := neturl.Parse(url)
	if err != nil {
		b.Fatal(err)
	}
	q := bare.Query()
	q.Del("timezone") // pgx's, not libpq's
	bare.RawQuery = q.Encode()
	out, err := exec.Command(program, "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(seconds), "-f", script, bare.String()).CombinedOutput()
	if err != nil {
		b.Fatalf("pgbench: %v\n%s", err, out)
	}
	rate, err := strconv.ParseFloat(tps.FindStringSubmatch(string(out))[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return rate
}
