// Package models has the rows, all queries, and the rules that need stored state, a package an area. It contains no
// HTTP and no calls to Twilio. Each area may import those to its left: accounts, senders, people, templates,
// conversations, inbox, notifications, onboarding, privacy. This package has what all of them share: the store, errors,
// the audit, settings, alerts, checks, uploads and leases.
package models

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"parley/models/internal/base"
)

// What services hold of the database: they pass a transaction on to the areas and can do nothing else with it.
type (
	Store = base.Store
	Tx    = base.Tx
	IDs   = base.IDs
	Texts = base.Texts
)

// The channels of PostgreSQL on which instances tell each other what changed, and that the outbox has work.
const (
	LiveChannel   = base.LiveChannel
	OutboxChannel = base.OutboxChannel
)

// Open makes a store on pool. now is the clock of all rules about messages and sessions.
func Open(pool *pgxpool.Pool, now func() time.Time) (*Store, error) { return base.Open(pool, now) }

// Retry runs fn again, at most twice, when the database ended its transaction to resolve a deadlock: see base.Retry.
func Retry(fn func() error) error { return base.Retry(fn) }
