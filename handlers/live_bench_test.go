package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/services/twilio"
	"parley/simulator"
)

// From the webhook to every open inbox: 200 pages listen while 50 messages a second arrive for 20 seconds. The results
// are the time from the first byte of the webhook's request to the row's arrival at each page, and the CPU cores used
// by the program, its PostgreSQL and the 200 readers together.
func BenchmarkLive(b *testing.B) {
	const pages, rate, seconds = 200, 50, 20
	for b.Loop() {
		a := newApp(b)
		sent := sync.Map{} // the message's text, and when it was sent
		var mu sync.Mutex
		var took []time.Duration
		var readers sync.WaitGroup
		heard := func(text string) {
			if at, ok := sent.Load(text); ok {
				mu.Lock()
				took = append(took, time.Since(at.(time.Time)))
				mu.Unlock()
			}
		}
		var bodies []*http.Response
		for i := range pages {
			v := a.as([]string{"ada", "otto", "ana"}[i%3])
			req, err := http.NewRequest(http.MethodGet, a.URL+"/events?topics=shell,inbox&list=view%3Dall", nil)
			if err != nil {
				b.Fatal(err)
			}
			res, err := v.client.Do(req)
			if err != nil || res.StatusCode != http.StatusOK {
				b.Fatalf("%v %v", err, res)
			}
			bodies = append(bodies, res)
			readers.Go(func() { readRows(res, heard) })
		}
		time.Sleep(300 * time.Millisecond)
		cpu, began := spent(), time.Now()
		var posts sync.WaitGroup
		for i := range rate * seconds {
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / rate)))
			posts.Go(func() { post(b, a, i, &sent) })
		}
		posts.Wait()
		time.Sleep(500 * time.Millisecond)
		cores := (spent() - cpu).Seconds() / time.Since(began).Seconds()
		for _, r := range bodies {
			_ = r.Body.Close()
		}
		readers.Wait()
		slices.Sort(took)
		if len(took) < pages*rate*seconds*99/100 {
			b.Errorf("only %d of %d rows arrived", len(took), pages*rate*seconds)
		}
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(cores, "cores")
	}
}

// post sends a signed webhook, as Twilio does.
func post(b *testing.B, a *app, i int, sent *sync.Map) {
	text := fmt.Sprintf("message-%06d.", i)
	form := url.Values{"MessageSid": {fmt.Sprintf("SM%032x", i+1)}, "AccountSid": {account}, "From": {fmt.Sprintf("whatsapp:+4915200%05d", i%1000)}, "To": {"whatsapp:" + simulator.BusinessPhone},
		"Body": {text}, "NumMedia": {"0"}, "ProfileName": {"Person " + strconv.Itoa(i%1000)}, "MessageType": {"text"}}
	sent.Store(text, time.Now())
	signed(b, a, "/webhooks/twilio/messages", form)
}

// signed posts a webhook with Twilio's signature.
func signed(b *testing.B, a *app, path string, form url.Values) {
	req, err := http.NewRequest(http.MethodPost, a.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", twilio.Signature(token, a.URL+path, form))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b.Errorf("webhook: %d", res.StatusCode)
	}
}

// readRows reads a page's stream and reports which messages' rows arrived.
func readRows(res *http.Response, heard func(string)) {
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "data: {") {
			continue
		}
		seen := map[string]bool{}
		for rest := line; ; {
			_, after, ok := strings.Cut(rest, "message-")
			if !ok || len(after) < 7 {
				break
			}
			if text := "message-" + after[:7]; !seen[text] {
				seen[text] = true
				heard(text)
			}
			rest = after
		}
	}
}

// spent is the CPU time of this process and of all PostgreSQL processes.
func spent() time.Duration {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		panic(err)
	}
	sum := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(raw), "(postgres)") {
			continue
		}
		_, rest, _ := strings.Cut(string(raw), ") ")
		f := strings.Fields(rest)
		user, _ := strconv.Atoi(f[11])
		system, _ := strconv.Atoi(f[12])
		sum += time.Duration(user+system) * 10 * time.Millisecond // 100 ticks a second
	}
	return sum
}
