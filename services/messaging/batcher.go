package messaging

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"parley/models"
)

// batcher lets those who come at the same time share a transaction: its begin, its end and what it tells are paid for
// once. Nobody waits for company: who comes alone goes alone, and others gather while transactions are under way.
type batcher[T any] struct {
	store       *models.Store
	concurrency int // transactions at once
	maxBatch    int // in one transaction: few enough that nobody waits long for the rest
	// batch does a list, and returns which of them need a transaction of their own. It locks in an order that does not
	// depend on the list's, so that no two wait for each other.
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

// do does one thing, alone or with others. When it returns nil, it is committed.
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

// flush works until nobody waits.
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

// runBatch does a list in one transaction. What can't be done with others, or all if that fails, is done each by
// itself: none suffers for another.
func (t *batcher[T]) runBatch(list []*batchRequest[T]) {
	left := list
	if len(list) > 1 {
		left = t.runTogether(list)
	}
	for _, w := range left {
		w.done <- t.inTx(w.ctx, func(tx *models.Tx) error { return t.single(tx, w.what) })
	}
}

// runTogether returns those that are still to be done.
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

// inTx is the store's, with deadlocks tried again; a panic is the error of one and not the end of the program.
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
