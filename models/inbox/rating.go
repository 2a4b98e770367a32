package inbox

import (
	"context"
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
)

// Rating is how a person found a chat: 3 good, 2 middling, 1 bad; empty until they answer.
type Rating struct {
	ID             int64
	ConversationID int64
	UserID         *int64
	AskedID        int64
	Score          *int
	AskedAt        time.Time
	AnsweredAt     *time.Time
}

// AddRating records that a person was asked for a rating.
func AddRating(tx *models.Tx, r *Rating) error { return base.DB(tx).Create(r).Error }

// Rate stores a person's answer, given at at, to the rating question that was sent as sid. It is false if that message
// was not a rating question. A second tap changes the answer.
func Rate(tx *models.Tx, c *conversations.Conversation, sid string, score int, at time.Time) (bool, error) {
	if sid == "" || score < 1 || score > 3 {
		return false, nil
	}
	res := base.DB(tx).Exec(`UPDATE ratings SET score = ?, answered_at = ?
		WHERE conversation_id = ? AND asked_id = (SELECT id FROM messages WHERE twilio_sid = ?)`, score, at, c.ID, sid)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	e := conversations.ConversationEvent{
		ConversationID: c.ID,
		Kind:           conversations.EventRated,
		Summary:        "rated the chat: " + scoreName(score),
		CreatedAt:      tx.Now(),
	}
	tx.Publish(c.Topic())
	return true, conversations.AddEvent(tx, &e)
}

// scoreName is the word for a score.
func scoreName(score int) string { return map[int]string{1: "bad", 2: "middling", 3: "good"}[score] }

// AgentReport are the results of one user's chats in a period.
type AgentReport struct {
	Name            string
	Replies         int // first replies
	MedianSeconds   float64
	InTime, Late    int // against the target, where there was one
	Good, Mid, Bad  int
	Asked, Resolved int
}

var agentReports = query("agent_reports")

// AgentReports are the inbox's results since a moment: by user, and in total in the last row.
func (r Reads) AgentReports(ctx context.Context, since time.Time) ([]AgentReport, error) {
	var out []AgentReport
	err := r.read(ctx).Raw(agentReports, map[string]any{"since": since}).Scan(&out).Error
	return out, err
}
