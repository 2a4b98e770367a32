package outbox

import (
	"context"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// Pending is a message that Twilio may have accepted without our knowing: its outcome is unknown, or its call is under
// way.
type Pending struct {
	Outgoing
	Status whatsapp.Status
}

var (
	pendingWith    = query("outbox_pending_with")
	outcomeUnknown = query("outbox_outcome_unknown")
)

// PendingWith are all pending messages of the conversation that a message belongs to, in the order of their calls. Any
// of them may be the one that Twilio lists.
func (r Reads) PendingWith(ctx context.Context, messageID int64) ([]Pending, error) {
	var out []Pending
	err := r.read(ctx).Raw(pendingWith, map[string]any{"message": messageID}).Scan(&out).Error
	return out, err
}

// WithUnknownOutcome are a sender's messages to look up at Twilio: those with the fewest lookups first, then the oldest
// call, so that messages that can't be settled don't hold up others.
func (r Reads) WithUnknownOutcome(ctx context.Context, senderID int64, n int) ([]Outgoing, error) {
	var out []Outgoing
	err := r.read(ctx).Raw(outcomeUnknown, map[string]any{"sender": senderID, "n": n}).Scan(&out).Error
	return out, err
}

// CountLookups notes that messages were looked up and their outcome is still unknown.
func CountLookups(ctx context.Context, s *models.Store, ids []int64) error {
	const add = "UPDATE messages SET lookups = lookups + 1 WHERE id = ANY(?) AND status = 'in_doubt'"
	return base.Read(ctx, s).Exec(add, models.IDs(ids).Text()).Error
}

// KnownSids are the sids that belong to a message, or did before it was sent again.
func (r Reads) KnownSids(ctx context.Context, sids []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(sids) == 0 {
		return out, nil
	}
	var rows []string
	err := r.read(ctx).Raw(`SELECT twilio_sid FROM messages WHERE twilio_sid IN ?
		UNION ALL SELECT twilio_sid FROM message_attempts WHERE twilio_sid IN ?`, sids, sids).Scan(&rows).Error
	for _, row := range rows {
		out[row] = true
	}
	return out, err
}
