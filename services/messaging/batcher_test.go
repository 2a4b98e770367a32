package messaging

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/modelstest"
)

var errGated = errors.New("refused at the gate")

// gated is a batcher whose transactions store a receipt for each request, and then wait at a gate.
type gated struct {
	t *testing.T
	*batcher[string]
	store *models.Store
	begun chan string   // the first of each transaction
	gate  chan error    // lets one transaction go on, or fail
	open  chan struct{} // closed: the gate stays open
	lost  chan string
}

func newGated(t *testing.T) *gated {
	t.Helper()
	store, _ := modelstest.New(t)
	g := &gated{
		t:     t,
		store: store,
		begun: make(chan string, 100),
		gate:  make(chan error),
		open:  make(chan struct{}),
		lost:  make(chan string, 100),
	}
	g.batcher = &batcher[string]{
		store:       store,
		concurrency: 1,
		maxBatch:    8,
		longest:     time.Minute,
		batch: func(tx *models.Tx, list []string) ([]int, error) {
			return nil, g.pass(tx, list)
		},
		single: func(tx *models.Tx, what string) error { return g.pass(tx, []string{what}) },
		lost:   func(_ context.Context, what string, _ error) { g.lost <- what },
	}
	return g
}

func (g *gated) pass(tx *models.Tx, list []string) error {
	for _, what := range list {
		r := receipts.WebhookReceipt{
			Kind:       receipts.StatusReceipt,
			Verdict:    receipts.VerdictAccepted,
			RequestID:  what,
			ReceivedAt: tx.Now(),
		}
		if err := receipts.AddReceipt(tx, &r); err != nil {
			return err
		}
	}
	g.begun <- list[0]
	select {
	case err := <-g.gate:
		return err
	case <-g.open:
		return nil
	}
}

// request makes a request in the background.
func (g *gated) request(ctx context.Context, what string) <-chan error {
	done := make(chan error, 1)
	go func() { done <- g.do(ctx, what) }()
	return done
}

// isWaiting waits until n requests wait for a transaction.
func (g *gated) isWaiting(n int) {
	g.t.Helper()
	modelstest.Eventually(g.t, fmt.Sprint(n, " requests wait"), func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.waiting) == n
	})
}

// stored reports whether a request was committed.
func (g *gated) stored(what string) bool {
	g.t.Helper()
	var n int
	err := modelstest.PoolOf(g.store).
		QueryRow(context.Background(), "SELECT count(*) FROM webhook_receipts WHERE request_id = $1", what).
		Scan(&n)
	if err != nil || n > 1 {
		g.t.Fatalf("%s is stored %d times, %v", what, n, err)
	}
	return n == 1
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: nothing came", what)
	}
	panic("not reached")
}

// A request that waits for a transaction and whose caller hangs up gets its error at once, and is not begun any more.
func TestLeavingBeforeTheTransaction(t *testing.T) {
	t.Parallel()
	g := newGated(t)
	first := g.request(context.Background(), "first")
	receive(t, g.begun, "first")
	ctx, hangUp := context.WithCancel(context.Background())
	second := g.request(ctx, "second")
	g.isWaiting(1)
	hangUp()
	if err := receive(t, second, "second"); !errors.Is(err, context.Canceled) || errors.Is(err, errUnderWay) {
		t.Errorf("the second: %v", err)
	}
	close(g.open)
	if err := receive(t, first, "first"); err != nil || !g.stored("first") {
		t.Errorf("the first: %v", err)
	}
	if err := g.do(context.Background(), "third"); err != nil || !g.stored("third") || g.stored("second") {
		t.Errorf("the third: %v; second stored: %v", err, g.stored("second"))
	}
	if err := g.do(ctx, "late"); !errors.Is(err, context.Canceled) || g.stored("late") {
		t.Errorf("a request whose caller has hung up before: %v", err)
	}
}

// A request that is under way when its caller hangs up is committed as a whole, or lost is told.
func TestLeavingDuringTheTransaction(t *testing.T) {
	t.Parallel()
	for _, result := range []error{nil, errGated} {
		g := newGated(t)
		ctx, hangUp := context.WithCancel(context.Background())
		first := g.request(ctx, "first")
		receive(t, g.begun, "first")
		hangUp()
		if err := receive(t, first, "first"); !errors.Is(err, errUnderWay) || !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
		g.gate <- result
		if result != nil {
			receive(t, g.lost, "the loss")
		}
		close(g.open)
		if err := g.do(context.Background(), "second"); err != nil { // the first has ended before
			t.Fatal(err)
		}
		if g.stored("first") != (result == nil) || len(g.lost) != 0 {
			t.Errorf("after %v: stored %v, lost another %d times", result, g.stored("first"), len(g.lost))
		}
	}
}

// The caller of one of many requests in a transaction hangs up: all of them are committed.
func TestLeavingOthers(t *testing.T) {
	t.Parallel()
	g := newGated(t)
	receive(t, func() <-chan string { g.request(context.Background(), "first"); return g.begun }(), "first")
	var ctxs []context.Context
	var done []<-chan error
	var stop []context.CancelFunc
	for i := range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		ctxs, stop = append(ctxs, ctx), append(stop, cancel)
		done = append(done, g.request(ctxs[i], fmt.Sprint("of many ", i)))
		g.isWaiting(i + 1)
	}
	g.gate <- nil
	receive(t, g.begun, "the many")
	stop[0]() // the transaction has its context
	if err := receive(t, done[0], "who hung up"); !errors.Is(err, errUnderWay) {
		t.Errorf("who hung up: %v", err)
	}
	close(g.open)
	for i := 1; i < 3; i++ {
		if err := receive(t, done[i], "the others"); err != nil {
			t.Errorf("another one: %v", err)
		}
	}
	for i := range 3 {
		if !g.stored(fmt.Sprint("of many ", i)) {
			t.Errorf("%d is not stored", i)
		}
		stop[i]()
	}
}

// Waiting ends, also for a caller without a deadline, and a transaction that hangs takes no place for ever.
func TestWaitingIsBounded(t *testing.T) {
	t.Parallel()
	g := newGated(t)
	g.longest = 300 * time.Millisecond
	close(g.open)
	conn, err := modelstest.PoolOf(g.store).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE webhook_receipts IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	first, second := g.request(context.Background(), "first"), g.request(context.Background(), "second")
	for what, from := range map[string]<-chan error{"first": first, "second": second} {
		if err := receive(t, from, what); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := g.do(context.Background(), "third"); err != nil || !g.stored("third") {
		t.Errorf("after that: %v", err)
	}
}

// Whenever callers hang up: what do returned is true, and nothing is lost without a word.
func TestHangingUpAnyTime(t *testing.T) {
	t.Parallel()
	g := newGated(t)
	close(g.open)
	g.begun = make(chan string, 10_000)
	g.concurrency = 3
	const n = 300
	results := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(40_000))*time.Microsecond)
			defer cancel()
			results[i] = g.do(ctx, fmt.Sprint("n", i))
		})
	}
	wg.Wait()
	g.isWaiting(0)
	modelstest.Eventually(t, "no transaction is under way", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.busy == 0
	})
	counts := map[string]int{}
	for i, err := range results {
		stored := g.stored(fmt.Sprint("n", i))
		switch {
		case err == nil && !stored:
			t.Errorf("%d was said to be committed", i)
		case errors.Is(err, errUnderWay):
			counts["under way"]++
			if !stored {
				t.Errorf("%d was under way, and neither committed nor lost", i)
			}
		case err != nil && stored:
			t.Errorf("%d was committed in spite of %v", i, err)
		case err == nil:
			counts["committed"]++
		default:
			counts["not begun"]++
		}
	}
	t.Log(counts)
}
