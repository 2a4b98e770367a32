package messaging_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/messaging"
	"parley/services/twilio"
)

const benchAccount = "AC0123456789abcdef0123456789abcdef"

// sink is a bare stand-in for Twilio's message endpoint.
func sink(b *testing.B) (*httptest.Server, *atomic.Int64) {
	b.Helper()
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"sid":"SM%032x","status":"queued","from":"whatsapp:+15550100200","to":"whatsapp:+4915110000000","body":"","num_segments":"1","num_media":"0","direction":"outbound-api","error_code":null}`, n.Add(1))
	}))
	b.Cleanup(srv.Close)
	return srv, &n
}

// bare posts the same forms in a plain loop over the same number of connections, which is the ceiling. It returns calls
// per second.
func bare(b *testing.B, base string, n, connections int) float64 {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	form := url.Values{"From": {"whatsapp:+15550100200"}, "To": {"whatsapp:+4915110000000"}, "ContentSid": {"HX" + strings.Repeat("0", 32)}, "ContentVariables": {`{"1":"Noor"}`}, "StatusCallback": {"https://desk.example.com/webhooks/twilio/status?m=0123456789abcdef"}}.Encode()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	begin := time.Now()
	for range connections {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				req, err := http.NewRequest(http.MethodPost, base+"/2010-04-01/Accounts/"+benchAccount+"/Messages.json", strings.NewReader(form))
				if err != nil {
					b.Error(err)
					return
				}
				req.SetBasicAuth(benchAccount, "token")
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				res, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(begin).Seconds()
}

// BenchmarkDispatch measures messages per second from the queue to a minimal server, settled, compared with a plain
// loop that posts the same forms over the same number of connections in the same run. PostgreSQL's durable settings are
// on.
func BenchmarkDispatch(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if os.Getenv("PARLEY_BENCH_MILLION") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) { dispatchBench(b, size) })
	}
}

func dispatchBench(b *testing.B, size int) {
	const connections = 32
	debug.SetGCPercent(400) // the program's own setting
	srv, taken := sink(b)
	pool := modelstest.Pool(b, modelstest.URL(b))
	store, err := models.Open(pool, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	client, err := twilio.New(twilio.Credentials{AccountSID: benchAccount, Username: benchAccount, Password: "token"}, twilio.Options{BaseURL: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	fillQueue(b, store, size)
	for range b.N {
		if _, err := pool.Exec(b.Context(), "UPDATE messages SET status = 'queued', twilio_sid = NULL, claimed_by = '', attempts = 0"); err != nil {
			b.Fatal(err)
		}
		if _, err := pool.Exec(b.Context(), "VACUUM ANALYZE messages"); err != nil {
			b.Fatal(err)
		}
		ceiling := bare(b, srv.URL, 50_000, connections)
		var before, during runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		d := messaging.NewDispatcher(store, client, slog.New(slog.DiscardHandler), messaging.DispatchOptions{
			Owner:       "bench",
			PublicURL:   "https://desk.example.com",
			Concurrency: connections,
		})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		begun, begin := taken.Load(), time.Now()
		go func() { d.Run(ctx); close(done) }()
		for taken.Load() < begun+int64(size) {
			time.Sleep(10 * time.Millisecond)
		}
		for left := 1; left > 0; { // the last of them are being settled
			time.Sleep(20 * time.Millisecond)
			if err := pool.QueryRow(b.Context(), "SELECT (SELECT count(*) FROM (SELECT 1 FROM messages WHERE status = 'queued' LIMIT 1) x) + (SELECT count(*) FROM (SELECT 1 FROM messages WHERE status IN ('sending', 'in_doubt') LIMIT 1) x)").Scan(&left); err != nil {
				b.Fatal(err)
			}
		}
		took := time.Since(begin)
		runtime.ReadMemStats(&during)
		cancel()
		<-done
		ceiling = (ceiling + bare(b, srv.URL, 50_000, connections)) / 2 // before and after, because the machine's speed varies
		rate := float64(size) / took.Seconds()
		b.ReportMetric(rate, "msg/s")
		b.ReportMetric(ceiling, "bare/s")
		b.ReportMetric(rate/ceiling, "ratio")
		b.ReportMetric(float64(int64(during.HeapInuse)-int64(before.HeapInuse))/(1<<20), "MB-more")
	}
}

// fillQueue creates a running notification with n messages in the queue.
func fillQueue(b testing.TB, store *models.Store, n int) {
	b.Helper()
	for _, q := range []string{
		"ALTER TABLE senders DROP CONSTRAINT senders_messages_per_second_check",
		"INSERT INTO senders (name, phone, kind, messages_per_second) VALUES ('Clinic', '+15550100200', 'business', 1000000)",
		"INSERT INTO templates (name, category) VALUES ('visit_near', 'UTILITY')",
		`INSERT INTO template_versions (template_id, language, number, body, placeholders, state, content_sid, content_type, category) SELECT id, 'en', 1, 'Hello {{Name}}, your visit is near.', '[{"name": "Name", "sample": "Noor"}]', 'approved', 'HX00000000000000000000000000000001', 'twilio/text', 'UTILITY' FROM templates WHERE name = 'visit_near'`,
		"INSERT INTO notifications (version_id, sender_id, use_case, state, token) SELECT v.id, s.id, 'notification', 'running', 'bench' FROM template_versions v, senders s WHERE v.content_sid = 'HX00000000000000000000000000000001'",
		fmt.Sprintf(`WITH c AS (INSERT INTO contacts (name, phone, country, consent, consent_at) SELECT 'Person ' || i, '+4915' || (100000000 + i), 'DE', 'opted_in', now() FROM generate_series(1, %d) i RETURNING id, phone),
			a AS (INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM c)
			INSERT INTO conversations (contact_id, sender_id, state) SELECT c.id, s.id, 'resolved' FROM c, senders s WHERE s.phone = '+15550100200'`, n),
		`INSERT INTO messages (conversation_id, sender_id, address_id, direction, kind, body, version_id, variables, notification_id, status, priority, send_at, created_at)
			SELECT v.id, v.sender_id, a.id, 'outbound', 'template', 'Hello Person, your visit is near.', n.version_id, '{"1": "Person"}', n.id, 'queued', 30, now(), now() FROM conversations v JOIN contact_addresses a ON a.contact_id = v.contact_id, notifications n WHERE n.token = 'bench'`,
		"VACUUM ANALYZE",
	} {
		if _, err := modelstest.PoolOf(store).Exec(b.Context(), q); err != nil {
			b.Fatalf("%s: %v", q[:40], err)
		}
	}
}
