package models

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"parley/models/internal/base"
)

// Leases make this instance the only one that dispatches for a sender. They are advisory locks of one connection, so
// the database releases them as soon as this process dies.
type Leases struct {
	store *Store
	mu    sync.Mutex
	conn  *pgx.Conn
	held  map[int64]bool
}

// leaseClass keeps these locks apart from other advisory locks.
const leaseClass = 7305

// NewLeases makes an empty set. Close it to release all of them.
func NewLeases(s *Store) *Leases { return &Leases{store: s, held: map[int64]bool{}} }

// Take tries to get or keep the lease of a sender. fresh reports whether it was not held before.
func (l *Leases) Take(ctx context.Context, senderID int64) (held, fresh bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil && (l.conn.IsClosed() || l.conn.Ping(ctx) != nil) {
		_ = l.drop(ctx) // the connection is gone anyway
	}
	if l.held[senderID] {
		return true, false, nil
	}
	if l.conn == nil {
		if l.conn, err = pgx.ConnectConfig(ctx, base.Pool(l.store).Config().ConnConfig); err != nil {
			l.conn = nil
			return false, false, err
		}
	}
	err = l.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", leaseClass, int32(senderID)).Scan(&held)
	if held {
		l.held[senderID] = true
	}
	return held, held, err
}

// Close releases all leases.
func (l *Leases) Close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drop(ctx)
}

func (l *Leases) drop(ctx context.Context) error {
	if l.conn == nil {
		return nil
	}
	err := l.conn.Close(ctx)
	l.conn, l.held = nil, map[int64]bool{}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
