package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"
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
	Author         *User
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
func (s *Store) ScheduledReplies(ctx context.Context, conversationID int64) ([]ScheduledReply, error) {
	var out []ScheduledReply
	err := s.read(ctx).
		Joins("Author").
		Where("conversation_id = ? AND state IN ('waiting', 'ready', 'refused')", conversationID).
		Order("send_at NULLS FIRST, later_replies.id").
		Limit(50).
		Find(&out).
		Error
	return out, err
}

// DueScheduledReplies are the ids of replies whose time has come, at most n.
func (s *Store) DueScheduledReplies(ctx context.Context, n int) ([]string, error) {
	var out []string
	err := s.read(ctx).
		Raw(`SELECT public_id FROM later_replies
			WHERE state = 'waiting' AND send_at <= ? ORDER BY send_at, id LIMIT ?`, s.Now(), n).
		Scan(&out).
		Error
	return out, err
}

// KeptBefore is the scheduled reply that was made from the form with this token in a conversation, nil if there is
// none.
func (tx *Tx) KeptBefore(conversationID int64, token string) (*ScheduledReply, error) {
	var out []ScheduledReply
	err := tx.Where("conversation_id = ? AND token = ?", conversationID, token).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// AddScheduledReply stores a reply for later. For a token that was used before the result is false, and l is set to the
// stored reply.
func (tx *Tx) AddScheduledReply(c *Conversation, l *ScheduledReply) (added bool, err error) {
	l.ConversationID, l.CreatedAt, l.State = c.ID, tx.now, ReplyWaiting
	once := clause.OnConflict{Columns: []clause.Column{{Name: "token"}}, DoNothing: true}
	res := tx.Omit("Author").Clauses(once).Create(l)
	if res.Error != nil {
		return false, fmt.Errorf("add later reply: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		return true, tx.Publish(c.Topic())
	}
	token := l.Token
	*l = ScheduledReply{}
	return false, tx.Where("token = ?", token).Take(l).Error
}

// ScheduledReplyForUpdate finds and locks a reply with its author, and its conversation.
func (tx *Tx) ScheduledReplyForUpdate(publicID string) (*ScheduledReply, *Conversation, error) {
	var convID int64
	if err := tx.Raw("SELECT conversation_id FROM later_replies WHERE public_id = ?", publicID).
		Scan(&convID).
		Error; err != nil {
		return nil, nil, err
	}
	c, err := tx.ConversationByIDForUpdate(convID) // the conversation first, the lock order of all transactions
	if err != nil {
		return nil, nil, err
	}
	var l ScheduledReply
	if err := tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&l).Error; err != nil {
		return nil, nil, found(err, "reply")
	}
	l.Author = &User{}
	return &l, c, tx.Take(l.Author, l.AuthorID).Error
}

var holdScheduledReplies = query("scheduled_replies_hold")

// HoldScheduledRepliesOf holds an author's waiting replies until somebody decides about each. It returns how many there
// are.
func (tx *Tx) HoldScheduledRepliesOf(authorID int64, problem string) (int, error) {
	var topics []string
	err := tx.Raw(holdScheduledReplies, map[string]any{"author": authorID, "problem": problem}).Scan(&topics).Error
	return len(topics), errors.Join(err, tx.Publish(topics...))
}

// SaveScheduledReply stores a scheduled reply and publishes the change.
func (tx *Tx) SaveScheduledReply(c *Conversation, l *ScheduledReply) error {
	return errors.Join(tx.Omit("Author").Save(l).Error, tx.Publish(c.Topic(), c.RowTopic()))
}
