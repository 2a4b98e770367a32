package inbox

import (
	"context"
	"strconv"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/internal/base"
)

// Heartbeat is how often an open page says that somebody is there; presentFor is how long that counts. The event stream
// sends a heartbeat as often; a page that got none for Silence reconnects.
const (
	Heartbeat  = 20 * time.Second
	Silence    = 5 * Heartbeat / 2
	presentFor = 50 * time.Second
	typingFor  = 8 * time.Second
)

// SeeUser notes that a user has a page open.
func SeeUser(ctx context.Context, s *models.Store, userID int64) error {
	return base.Read(ctx, s).
		Exec(`INSERT INTO user_presence (user_id, seen_at) VALUES (?, now())
			ON CONFLICT (user_id) DO UPDATE SET seen_at = now()`, userID).
		Error
}

var (
	presenceNews    = query("presence_news")
	presenceSave    = query("presence_save")
	presenceViewers = query("presence_viewers")
	nextAgent       = query("next_agent")
)

// SaveHeartbeat notes that a user looks at a conversation, and whether they type. A change is published to others.
func SaveHeartbeat(
	ctx context.Context,
	s *models.Store,
	c *conversations.Conversation,
	userID int64,
	typing bool,
) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		var news bool
		err := base.DB(tx).Raw(presenceNews, map[string]any{
			"conversation": c.ID,
			"user":         userID,
			"present":      seconds(presentFor),
			"typing":       seconds(typingFor),
			"now":          typing,
		}).Scan(&news).Error
		if err != nil {
			return err
		}
		err = base.DB(tx).Exec(presenceSave, map[string]any{"conversation": c.ID, "user": userID, "typing": typing}).Error
		if err != nil || !news {
			return err
		}
		tx.Publish(c.PeopleTopic())
		return nil
	})
}

// DropHeartbeat notes that a user has left a conversation.
func DropHeartbeat(ctx context.Context, s *models.Store, c *conversations.Conversation, userID int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish(c.PeopleTopic())
		return base.DB(tx).
			Exec("DELETE FROM conversation_presence WHERE conversation_id = ? AND user_id = ?", c.ID, userID).
			Error
	})
}

// Viewer is somebody else who has a conversation open.
type Viewer struct {
	Name   string
	Typing bool
}

// Viewers are the users who look at a conversation now, except userID.
func (r Reads) Viewers(ctx context.Context, conversationID, userID int64) ([]Viewer, error) {
	var out []Viewer
	err := r.read(ctx).Raw(presenceViewers, map[string]any{
		"conversation": conversationID,
		"user":         userID,
		"present":      seconds(presentFor),
		"typing":       seconds(typingFor),
	}).Scan(&out).Error
	return out, err
}

// NextAgent picks who gets the next conversation: of the users who are present and available and have fewer than limit
// open ones (0: no limit), the one whose last assignment is the longest ago. It is 0 if there is nobody.
func NextAgent(tx *models.Tx, limit int) (int64, error) {
	if err := base.LockKey(tx, "assign", "round-robin"); err != nil {
		return 0, err
	}
	var id int64
	err := base.DB(tx).Raw(nextAgent, map[string]any{"present": seconds(presentFor), "limit": limit}).Scan(&id).Error
	if err != nil || id == 0 {
		return 0, err
	}
	return id, accounts.NoteAssigned(tx, id)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) + " seconds" }
