package models

import (
	"context"
	"time"
)

// atOnce is how many conversations a rule handles in one run; the next run comes a few seconds later.
const atOnce = 200

func (s *Store) due(ctx context.Context, sql string, args ...any) ([]string, error) {
	var out []string
	err := s.read(ctx).
		Raw("SELECT public_id FROM conversations WHERE "+sql+" LIMIT ?", append(args, atOnce)...).
		Scan(&out).
		Error
	return out, err
}

// ToWake are snoozed conversations whose time has come.
func (s *Store) ToWake(ctx context.Context) ([]string, error) {
	return s.due(ctx, "state = 'snoozed' AND snoozed_until <= ? ORDER BY snoozed_until", s.Now())
}

// ToAssign are unassigned conversations in which a person waits, the session that closes first on top.
func (s *Store) ToAssign(ctx context.Context) ([]string, error) {
	return s.due(ctx, `state = 'open' AND waiting_since IS NOT NULL AND assignee_id IS NULL AND window_closes_at > ?
		ORDER BY window_closes_at`, s.Now())
}

// ToNudge are answered conversations whose session closes before a moment and that were not nudged in that session.
func (s *Store) ToNudge(ctx context.Context, before time.Time) ([]string, error) {
	return s.due(ctx, `state = 'open' AND waiting_since IS NULL AND last_direction = 'outbound'
		AND window_closes_at > ? AND window_closes_at <= ?
		AND (nudged_at IS NULL OR nudged_at < session_began_at) ORDER BY window_closes_at`, s.Now(), before)
}

// Idle are open conversations in which nobody waits and nobody has written since a moment.
func (s *Store) Idle(ctx context.Context, since time.Time) ([]string, error) {
	return s.due(ctx, "state = 'open' AND waiting_since IS NULL AND last_message_at < ? ORDER BY last_message_at", since)
}

// Overdue are conversations whose first reply is late and, with closing, those whose session closes before a moment
// while a person waits. Those that somebody was alerted to already are left out.
func (s *Store) Overdue(ctx context.Context, before time.Time, closing bool) ([]string, error) {
	ids, err := s.due(
		ctx,
		"respond_by <= ? AND overdue_told_at IS NULL AND state = 'open' AND waiting_since IS NOT NULL ORDER BY respond_by",
		s.Now(),
	)
	if err != nil || !closing {
		return ids, err
	}
	more, err := s.due(ctx, `state = 'open' AND waiting_since IS NOT NULL AND overdue_told_at IS NULL
		AND window_closes_at > ? AND window_closes_at <= ? ORDER BY window_closes_at`, s.Now(), before)
	return append(ids, more...), err
}
