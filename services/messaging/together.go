package messaging

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"parley/models"
)

// together lets those who come at the same time share a transaction: its begin, its end and what it tells are paid for
// once. Nobody waits for company: who comes alone goes alone, and others gather while transactions are under way.
type together[T any] struct {
	store *models.Store
	lanes int // transactions at once
	most  int // in one transaction: few enough that nobody waits long for the rest
	// several does a list, and returns which of them need a transaction of their own. It locks in an order that does not
	// depend on the list's, so that no two wait for each other.
	several func(tx *models.Tx, list []T) (alone []int, err error)
	one     func(tx *models.Tx, what T) error

	mu      sync.Mutex
	waiting []*wish[T]
	busy    int
}

type wish[T any] struct {
	ctx  context.Context
	what T
	done chan error
}

// run does one thing, alone or with others. When it returns nil, it is committed.
func (t *together[T]) run(ctx context.Context, what T) error {
	w := &wish[T]{ctx: context.WithoutCancel(ctx), what: what, done: make(chan error, 1)}
	t.mu.Lock()
	t.waiting = append(t.waiting, w)
	lead := t.busy < t.lanes
	if lead {
		t.busy++
	}
	t.mu.Unlock()
	if lead {
		go t.lead()
	}
	return <-w.done
}

// lead works until nobody waits.
func (t *together[T]) lead() {
	for {
		t.mu.Lock()
		n := min(len(t.waiting), t.most)
		list := slices.Clone(t.waiting[:n])
		t.waiting = slices.Delete(t.waiting, 0, n)
		if n == 0 {
			t.busy--
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		t.serve(list)
	}
}

// serve does a list in one transaction. What can't be done with others, or all if that fails, is done each by itself: none
// suffers for another.
func (t *together[T]) serve(list []*wish[T]) {
	left := list
	if len(list) > 1 {
		left = t.share(list)
	}
	for _, w := range left {
		w.done <- t.inTx(w.ctx, func(tx *models.Tx) error { return t.one(tx, w.what) })
	}
}

// share returns those that are still to be done.
func (t *together[T]) share(list []*wish[T]) []*wish[T] {
	what := make([]T, len(list))
	for i, w := range list {
		what[i] = w.what
	}
	var alone []int
	err := t.inTx(list[0].ctx, func(tx *models.Tx) error {
		var err error
		alone, err = t.several(tx, what)
		return err
	})
	if err != nil {
		return list
	}
	var left []*wish[T]
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
func (t *together[T]) inTx(ctx context.Context, fn func(*models.Tx) error) error {
	return models.Retry(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return t.store.InTx(ctx, fn)
	})
}
