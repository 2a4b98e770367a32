package inbox

import (
	"context"
	"time"
)

// atOnce is how many conversations a rule handles in one run; the next run comes a few seconds later.
const atOnce = 200

func (r Reads) due(ctx context.Context, sql string, args ...any) ([]string, error) {
	var out []string
	err := r.read(ctx).
		Raw("SELECT public_id FROM conversations WHERE "+sql+" LIMIT ?", append(args, atOnce)...).
		Scan(&out).
		Error
	return out, err
}

// ToWake are snoozed conversations whose time has come.
func (r Reads) ToWake(ctx context.Context) ([]string, error) {
	return r.due(ctx, "state = 'snoozed' AND snoozed_until <= ? ORDER BY snoozed_until", r.store.Now())
}

// ToAssign are unassigned conversations in which a person waits, the session that closes first on top.
func (r Reads) ToAssign(ctx context.Context) ([]string, error) {
	return r.due(ctx, `state = 'open' AND waiting_since IS NOT NULL AND assignee_id IS NULL AND window_closes_at > ?
		ORDER BY window_closes_at`, r.store.Now())
}

// ToNudge are answered conversations whose session closes before a moment and that were not nudged in that session.
func (r Reads) ToNudge(ctx context.Context, before time.Time) ([]string, error) {
	return r.due(ctx, `state = 'open' AND waiting_since IS NULL AND last_direction = 'outbound'
		AND window_closes_at > ? AND window_closes_at <= ?
		AND (nudged_at IS NULL OR nudged_at < session_began_at) ORDER BY window_closes_at`, r.store.Now(), before)
}

// Idle are open conversations in which nobody waits and nobody has written since a moment.
func (r Reads) Idle(ctx context.Context, since time.Time) ([]string, error) {
	return r.due(ctx, "state = 'open' AND waiting_since IS NULL AND last_message_at < ? ORDER BY last_message_at", since)
}

// Overdue are conversations whose first reply is late and, with closing, those whose session closes before a moment
// while a person waits. Those that somebody was alerted to already are left out.
func (r Reads) Overdue(ctx context.Context, before time.Time, closing bool) ([]string, error) {
	ids, err := r.due(
		ctx,
		"respond_by <= ? AND overdue_told_at IS NULL AND state = 'open' AND waiting_since IS NOT NULL ORDER BY respond_by",
		r.store.Now(),
	)
	if err != nil || !closing {
		return ids, err
	}
	more, err := r.due(ctx, `state = 'open' AND waiting_since IS NOT NULL AND overdue_told_at IS NULL
		AND window_closes_at > ? AND window_closes_at <= ? ORDER BY window_closes_at`, r.store.Now(), before)
	return append(ids, more...), err
}
