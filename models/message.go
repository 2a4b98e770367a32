package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"parley/services/whatsapp"
)

// Priorities of outbound messages: lower leaves first.
const (
	PriorityReply        = 0
	PriorityTemplate     = 10
	PriorityNotification = 50
)

// Message is one inbound or outbound message, or an internal note.
type Message struct {
	ID             int64
	PublicID       string `gorm:"default:new_public_id()"`
	ConversationID int64
	SenderID       int64
	Direction      string // inbound, outbound, note
	Kind           string // text, media, location, template, contacts, interactive, other
	Body           string // as the person sees it: a template's is filled in
	Latitude       *float64
	Longitude      *float64
	Label          string
	AuthorID       *int64
	Author         *User
	VersionID      *int64
	Version        *TemplateVersion
	SessionOnly    bool    // a content that needs no approval, because a session is open
	ContentSid     *string // the content at Twilio, where it is not the version's own
	Variables      Values  `gorm:"type:jsonb;serializer:json"`
	NotificationID *int64
	TwilioSid      *string
	ReplyToSid     string
	Status         whatsapp.Status
	ErrorCode      int
	ErrorMessage   string
	Priority       int
	SendAt         *time.Time
	Attempts       int
	ClaimedBy      string
	SendingAt      *time.Time
	Lookups        int
	Token          *string
	Hint           Hint
	ErasedAt       *time.Time
	CreatedAt      time.Time
	SentAt         *time.Time
	DeliveredAt    *time.Time
	ReadAt         *time.Time
	FailedAt       *time.Time
	Media          []MediaFile
}

// Hint is what an agent should look at in a message.
type Hint string

// The hints: a message may be an opt-out, and what somebody decided about it.
const (
	HintOptOut    Hint = "opt_out"
	HintRecorded  Hint = "recorded"
	HintDismissed Hint = "dismissed"
)

// Values are placeholders' values by number: {"1": "Tuesday"}.
type Values map[string]string

// JSON is the values as Twilio's ContentVariables.
func (v Values) JSON() string {
	b, err := json.Marshal(map[string]string(v))
	if err != nil || v == nil {
		return "{}"
	}
	return string(b)
}

// MediaFile is a file that came or goes with a message. File is empty until it has been fetched.
type MediaFile struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	MessageID   int64
	Position    int
	ContentType string
	SourceURL   string
	File        string
	Size        int64
	Error       string
	AccessKey   string
	CreatedAt   time.Time
}

// Thread is a conversation's messages, oldest first: the last n before the message with id before,
// or the very last ones if before is 0.
func (s *Store) Thread(ctx context.Context, conversationID, before int64, n int) ([]Message, error) {
	q := s.read(ctx).Joins("Author").Joins("Version").Preload("Media").Where("messages.conversation_id = ?", conversationID)
	if before > 0 {
		q = q.Where("messages.id < ?", before)
	}
	var out []Message
	err := q.Order("messages.id DESC").Limit(n).Find(&out).Error
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out, err
}

// AddMessage writes a message. A message whose token or sid is already there is not written again:
// the result is false then, and m holds the one that is there.
func (tx *Tx) AddMessage(m *Message) (bool, error) {
	if m.CreatedAt.IsZero() {
		m.CreatedAt = tx.now
	}
	if m.Kind == "" {
		m.Kind = "text"
	}
	if m.Variables == nil {
		m.Variables = Values{}
	}
	res := tx.Omit("Author", "Version").Clauses(clause.OnConflict{DoNothing: true}).Create(m)
	if res.Error != nil {
		return false, fmt.Errorf("add message: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		return true, nil
	}
	token, sid := m.Token, m.TwilioSid
	*m = Message{}
	q := tx.Where("twilio_sid = ?", sid)
	if token != nil {
		q = tx.Where("token = ?", token)
	}
	return false, q.Take(m).Error
}

// QueueMessage writes an outbound message into the queue and brings the conversation up to date.
// It returns false if the form with this token was taken already.
func (tx *Tx) QueueMessage(c *Conversation, m *Message) (bool, error) {
	m.ConversationID, m.SenderID, m.Direction, m.Status = c.ID, c.SenderID, "outbound", whatsapp.Queued
	if m.SendAt == nil {
		m.SendAt = &tx.now
	}
	added, err := tx.AddMessage(m)
	if err != nil || !added {
		return added, err
	}
	c.LastMessageAt, c.LastLine, c.LastDirection = &m.CreatedAt, LineOf(m), "outbound"
	c.WaitingSince, c.UnreadCount = nil, 0
	if m.NotificationID == nil && c.State != ConversationOpen {
		c.State = ConversationOpen
	}
	return true, errors.Join(tx.SaveConversation(c), tx.wakeDispatchers())
}

// LineOf is a message in one short line, for lists.
func LineOf(m *Message) string {
	switch {
	case m.Body != "":
		return whatsapp.Plain(m.Body, 120)
	case m.Kind == "media":
		return "📎 File"
	case m.Kind == "location":
		return "📍 " + whatsapp.Plain("Location "+m.Label, 60)
	case m.Kind == "contacts":
		return "👤 Contact card"
	}
	return "Message"
}

// MessageForUpdate finds and locks a message.
func (tx *Tx) MessageForUpdate(publicID string) (*Message, error) {
	var out Message
	return &out, found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&out).Error, "message")
}

// MediaByPublicID finds a file.
func (s *Store) MediaByPublicID(ctx context.Context, id string) (*MediaFile, error) {
	var out MediaFile
	return &out, found(s.read(ctx).Where("public_id = ?", id).Take(&out).Error, "file")
}

// MediaByID finds a file by its row id.
func (s *Store) MediaByID(ctx context.Context, id int64) (*MediaFile, error) {
	var out MediaFile
	return &out, found(s.read(ctx).Take(&out, id).Error, "file")
}

// SaveMedia stores what is known of a file and shows it on the pages of its conversation.
func (s *Store) SaveMedia(ctx context.Context, f *MediaFile) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var topic string
		err := tx.Raw(`SELECT 'conversation-' || v.public_id FROM conversations v JOIN messages m ON m.conversation_id = v.id WHERE m.id = ?`, f.MessageID).Scan(&topic).Error
		return errors.Join(err, tx.Save(f).Error, tx.Tell(topic))
	})
}

// CopyMedia gives a message the outgoing files of another one.
func (tx *Tx) CopyMedia(from, to int64) error {
	return tx.Exec(`INSERT INTO media_files (message_id, position, content_type, file, size, access_key)
		SELECT ?, position, content_type, file, size, access_key FROM media_files WHERE message_id = ?`, to, from).Error
}

// SetHint keeps what somebody decided about a message.
func (tx *Tx) SetHint(m *Message) error {
	return tx.Model(&Message{}).Where("id = ?", m.ID).Update("hint", m.Hint).Error
}
