package inbox

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/internal/base"
)

// ScheduledReplyState is how far a scheduled reply has come.
type ScheduledReplyState string

// The states of a scheduled reply. Ready means that the person wrote, and that its author decides whether it still
// fits.
const (
	ReplyWaiting  ScheduledReplyState = "waiting"
	ReplyReady    ScheduledReplyState = "ready"
	ReplySent     ScheduledReplyState = "sent"
	ReplyCanceled ScheduledReplyState = "canceled"
	ReplyRefused  ScheduledReplyState = "refused"
)

// ScheduledReplyStates are all states of a scheduled reply.
func ScheduledReplyStates() []ScheduledReplyState {
	return []ScheduledReplyState{ReplyWaiting, ReplyReady, ReplySent, ReplyCanceled, ReplyRefused}
}

// ScheduledReply is a reply that waits: for a time, or (SendAt nil) until the person writes and its author confirms it.
type ScheduledReply struct {
	ID             int64
	PublicID       string `gorm:"default:new_public_id()"`
	ConversationID int64
	AuthorID       int64
	Author         *accounts.User
	Body           string
	QuoteSid       string
	SendAt         *time.Time
	State          ScheduledReplyState `gorm:"default:waiting"`
	Problem        string              // why it was refused when its time came
	Token          string
	MessageID      *int64
	CreatedAt      time.Time
}

// TableName names the table.
func (ScheduledReply) TableName() string { return "later_replies" }

// ScheduledReplies are those of a conversation that are not sent yet, in the order in which they leave.
func (r Reads) ScheduledReplies(ctx context.Context, conversationID int64) ([]ScheduledReply, error) {
	var out []ScheduledReply
	err := r.read(ctx).
		Joins("Author").
		Where("conversation_id = ? AND state IN ('waiting', 'ready', 'refused')", conversationID).
		Order("send_at NULLS FIRST, later_replies.id").
		Limit(50).
		Find(&out).
		Error
	return out, err
}

// DueScheduledReplies are the ids of replies whose time has come, at most n.
func (r Reads) DueScheduledReplies(ctx context.Context, n int) ([]string, error) {
	var out []string
	err := r.read(ctx).
		Raw(`SELECT public_id FROM later_replies
			WHERE state = 'waiting' AND send_at <= ? ORDER BY send_at, id LIMIT ?`, r.store.Now(), n).
		Scan(&out).
		Error
	return out, err
}

// KeptBefore is the scheduled reply that was made from the form with this token in a conversation, nil if there is
// none.
func KeptBefore(tx *models.Tx, conversationID int64, token string) (*ScheduledReply, error) {
	var out []ScheduledReply
	err := base.DB(tx).Where("conversation_id = ? AND token = ?", conversationID, token).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// AddScheduledReply stores a reply for later. For a token that was used before the result is false, and l is set to the
// stored reply.
func AddScheduledReply(tx *models.Tx, c *conversations.Conversation, l *ScheduledReply) (added bool, err error) {
	l.ConversationID, l.CreatedAt, l.State = c.ID, tx.Now(), ReplyWaiting
	once := clause.OnConflict{Columns: []clause.Column{{Name: "token"}}, DoNothing: true}
	res := base.DB(tx).Omit("Author").Clauses(once).Create(l)
	if res.Error != nil {
		return false, fmt.Errorf("add later reply: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		tx.Publish(c.Topic())
		return true, nil
	}
	token := l.Token
	*l = ScheduledReply{}
	return false, base.DB(tx).Where("token = ?", token).Take(l).Error
}

// ScheduledReplyForUpdate finds and locks a reply with its author, and its conversation.
func ScheduledReplyForUpdate(tx *models.Tx, publicID string) (*ScheduledReply, *conversations.Conversation, error) {
	var convID int64
	if err := base.DB(tx).Raw("SELECT conversation_id FROM later_replies WHERE public_id = ?", publicID).
		Scan(&convID).
		Error; err != nil {
		return nil, nil, err
	}
	c, err := conversations.ConversationByIDForUpdate(
		tx,
		convID,
	) // the conversation first, the lock order of all transactions
	if err != nil {
		return nil, nil, err
	}
	var l ScheduledReply
	if err := base.Lock(tx, &l, publicID); err != nil {
		return nil, nil, models.Found(err, "reply")
	}
	l.Author = &accounts.User{}
	return &l, c, base.DB(tx).Take(l.Author, l.AuthorID).Error
}

var holdScheduledReplies = query("scheduled_replies_hold")

// HoldScheduledRepliesOf holds an author's waiting replies until somebody decides about each. It returns how many there
// are.
func HoldScheduledRepliesOf(tx *models.Tx, authorID int64, problem string) (int, error) {
	var topics []string
	err := base.DB(tx).
		Raw(holdScheduledReplies, map[string]any{"author": authorID, "problem": problem}).
		Scan(&topics).
		Error
	tx.Publish(topics...)
	return len(topics), err
}

// SaveScheduledReply stores a scheduled reply and publishes the change.
func SaveScheduledReply(tx *models.Tx, c *conversations.Conversation, l *ScheduledReply) error {
	tx.Publish(c.Topic(), c.RowTopic())
	return base.DB(tx).Omit("Author").Save(l).Error
}
