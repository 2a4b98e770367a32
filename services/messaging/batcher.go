package messaging

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"parley/models"
)

// batcher lets requests that come at the same time share a transaction, with one begin, commit and notification. No
// request waits for others: one that comes alone is handled alone, and others gather while transactions are under way.
type batcher[T any] struct {
	store       *models.Store
	concurrency int // transactions at once
	maxBatch    int // in one transaction: few enough that no request waits long for the others
	// batch handles a list, and returns which requests need a transaction of their own. It locks in an order that does not
	// depend on the list's, so that two batches can't deadlock.
	batch  func(tx *models.Tx, list []T) (alone []int, err error)
	single func(tx *models.Tx, what T) error

	mu      sync.Mutex
	waiting []*batchRequest[T]
	busy    int
}

type batchRequest[T any] struct {
	ctx  context.Context
	what T
	done chan error
}

// do handles one request, alone or with others. When it returns nil, the request is committed.
func (t *batcher[T]) do(ctx context.Context, what T) error {
	w := &batchRequest[T]{ctx: context.WithoutCancel(ctx), what: what, done: make(chan error, 1)}
	t.mu.Lock()
	t.waiting = append(t.waiting, w)
	lead := t.busy < t.concurrency
	if lead {
		t.busy++
	}
	t.mu.Unlock()
	if lead {
		go t.flush()
	}
	return <-w.done
}

// flush works until no request waits.
func (t *batcher[T]) flush() {
	for {
		t.mu.Lock()
		n := min(len(t.waiting), t.maxBatch)
		list := slices.Clone(t.waiting[:n])
		t.waiting = slices.Delete(t.waiting, 0, n)
		if n == 0 {
			t.busy--
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		t.runBatch(list)
	}
}

// runBatch handles a list in one transaction. Requests that need their own transaction, or all of them if that fails,
// are then handled one by one, so that no request fails because of another.
func (t *batcher[T]) runBatch(list []*batchRequest[T]) {
	left := list
	if len(list) > 1 {
		left = t.runTogether(list)
	}
	for _, w := range left {
		w.done <- t.inTx(w.ctx, func(tx *models.Tx) error { return t.single(tx, w.what) })
	}
}

// runTogether returns the requests that are still to be handled.
func (t *batcher[T]) runTogether(list []*batchRequest[T]) []*batchRequest[T] {
	what := make([]T, len(list))
	for i, w := range list {
		what[i] = w.what
	}
	var alone []int
	err := t.inTx(list[0].ctx, func(tx *models.Tx) error {
		var err error
		alone, err = t.batch(tx, what)
		return err
	})
	if err != nil {
		return list
	}
	var left []*batchRequest[T]
	for i, w := range list {
		if slices.Contains(alone, i) {
			left = append(left, w)
		} else {
			w.done <- nil
		}
	}
	return left
}

// inTx is the store's InTx with retries after deadlocks; a panic becomes an error instead of ending the program.
func (t *batcher[T]) inTx(ctx context.Context, fn func(*models.Tx) error) error {
	return models.Retry(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return t.store.InTx(ctx, fn)
	})
}
