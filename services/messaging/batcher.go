package messaging

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"parley/models"
)

// batcher lets requests that come at the same time share a transaction, with one begin, commit and notification. No
// request waits for others: one that comes alone is handled alone, and others gather while transactions are under way.
type batcher[T any] struct {
	store       *models.Store
	concurrency int // transactions at once
	maxBatch    int // in one transaction: few enough that no request waits long for the others
	// longest is how long a request waits, whatever its context says, and how long a transaction may take.
	longest time.Duration
	// batch handles a list, and returns which requests need a transaction of their own. It locks in an order that does not
	// depend on the list's, so that two batches can't deadlock.
	batch  func(tx *models.Tx, list []T) (alone []int, err error)
	single func(tx *models.Tx, what T) error
	// lost is told of a request that failed after do had returned errUnderWay for it.
	lost func(ctx context.Context, what T, err error)

	mu      sync.Mutex
	waiting []*batchRequest[T]
	busy    int
}

type batchRequest[T any] struct {
	ctx  context.Context
	what T
	done chan error // takes one without a reader

	// These are behind the batcher's lock.
	begun bool // a transaction has it
	ended bool // done has its result
	left  bool // nobody waits for its result
}

// errUnderWay says that a request was begun, and nobody knows yet whether it will be committed.
var errUnderWay = errors.New("its outcome is not known yet")

// do handles one request, alone or with others. When it returns nil, the request is committed; with errUnderWay it will
// be, or lost is told; with any other error it is not and never will be. It returns when ctx ends, or after longest.
func (t *batcher[T]) do(ctx context.Context, what T) error {
	ctx, cancel := context.WithTimeout(ctx, t.longest)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &batchRequest[T]{ctx: ctx, what: what, done: make(chan error, 1)}
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
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return t.leave(w)
	}
}

// leave stops waiting for a request whose context has ended. One that was not begun is not handled any more.
func (t *batcher[T]) leave(w *batchRequest[T]) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case w.ended:
		return <-w.done
	case w.begun:
		w.left = true
		return fmt.Errorf("%w: %w", errUnderWay, w.ctx.Err())
	}
	t.waiting = slices.DeleteFunc(t.waiting, func(o *batchRequest[T]) bool { return o == w })
	return w.ctx.Err()
}

// end passes on the result of a request.
func (t *batcher[T]) end(w *batchRequest[T], err error) {
	t.mu.Lock()
	w.ended = true
	left := w.left
	t.mu.Unlock()
	w.done <- err
	if left && err != nil {
		go t.lost(context.WithoutCancel(w.ctx), w.what, err)
	}
}

// gone reports whether nobody waits for a request any more.
func (t *batcher[T]) gone(w *batchRequest[T]) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return w.left
}

// flush works until no request waits.
func (t *batcher[T]) flush() {
	for {
		list := t.next()
		if list == nil {
			return
		}
		t.runBatch(list)
	}
}

// next begins the requests that have waited longest, none if no request waits: then the caller must end.
func (t *batcher[T]) next() []*batchRequest[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), t.maxBatch)
	if n == 0 {
		t.busy--
		return nil
	}
	list := slices.Clone(t.waiting[:n])
	t.waiting = slices.Delete(t.waiting, 0, n)
	for _, w := range list {
		w.begun = true
	}
	return list
}

// runBatch handles a list in one transaction. Requests that need their own transaction, or all of them if that fails,
// are then handled one by one, so that no request fails because of another. Those that nobody waits for any more are
// not tried again.
func (t *batcher[T]) runBatch(list []*batchRequest[T]) {
	left := list
	if len(list) > 1 {
		left = t.runTogether(list)
	}
	for _, w := range left {
		if t.gone(w) {
			t.end(w, w.ctx.Err())
			continue
		}
		t.end(w, t.inTx(w.ctx, func(tx *models.Tx) error { return t.single(tx, w.what) }))
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
			t.end(w, nil)
		}
	}
	return left
}

// inTx is the store's InTx with retries after deadlocks; a panic becomes an error instead of ending the program. It
// doesn't end with the request, which may be one of many: half of a transaction is never left.
func (t *batcher[T]) inTx(ctx context.Context, fn func(*models.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.longest)
	defer cancel()
	return models.Retry(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return t.store.InTx(ctx, fn)
	})
}
