package conversations

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations/mediafiles"
	"parley/models/internal/base"
	"parley/models/templates"
	"parley/whatsapp"
)

// Priorities of outbound messages: lower leaves first.
const (
	PriorityReply        = 0
	PriorityTemplate     = 10
	PriorityNotification = 50
)

// RuleAPI is the Message.Rule of messages that another program sent through the API.
const RuleAPI = "api"

// Message is one inbound or outbound message, or an internal note.
type Message struct {
	ID             int64
	PublicID       string `gorm:"default:new_public_id()"`
	ConversationID int64
	SenderID       int64
	AddressID      *int64             // the contact's address that it came from, or was written for
	Direction      whatsapp.Direction // inbound, outbound, note
	Kind           whatsapp.MessageKind
	Body           string // as the person sees it: a template's is filled in
	Latitude       *float64
	Longitude      *float64
	Label          string
	AuthorID       *int64
	Author         *accounts.User
	VersionID      *int64
	Version        *templates.TemplateVersion
	SessionOnly    bool             // a content that needs no approval, because it is sent in an open session only
	ContentSid     *string          // the content at Twilio, where it is not the version's own
	Variables      templates.Values `gorm:"type:jsonb;serializer:json"`
	NotificationID *int64
	TwilioSid      *string
	ReplyToSid     string
	Status         whatsapp.Status
	ErrorCode      int
	ErrorMessage   string
	Priority       int
	SendAt         *time.Time
	// ValidUntil is until when it may be sent, or tried again after it failed. nil: no end, and it is not tried again.
	ValidUntil  *time.Time
	Attempts    int
	ClaimedBy   string
	SendingAt   *time.Time
	Lookups     int
	Token       *string
	Hint        Hint
	Details     Details `gorm:"type:jsonb;serializer:json"`
	Rule        string  // the automation that wrote it, empty for a user
	ErasedAt    *time.Time
	CreatedAt   time.Time
	SentAt      *time.Time
	DeliveredAt *time.Time
	ReadAt      *time.Time
	FailedAt    *time.Time
	Media       []mediafiles.MediaFile
}

// Hint says that an agent should look at a message, or that one did.
type Hint string

// The hints: a message may be an opt-out, and what somebody decided about it.
const (
	HintOptOut    Hint = "opt_out"
	HintRecorded  Hint = "recorded"
	HintDismissed Hint = "dismissed"
)

// Hints are all hints.
func Hints() []Hint {
	return []Hint{HintOptOut, HintRecorded, HintDismissed}
}

var keepReaction = query("message_reaction")

// React stores a person's reaction to a message. It replaces an earlier one (at); an empty one removes it.
func React(tx *models.Tx, c *Conversation, sid, emoji string, at time.Time) error {
	if emoji == "" {
		err := base.DB(tx).Exec(
			"DELETE FROM reactions WHERE conversation_id = ? AND message_sid = ? AND created_at <= ?",
			c.ID,
			sid,
			at,
		).Error
		tx.Publish(c.Topic())
		return err
	}
	tx.Publish(c.Topic())
	return base.DB(tx).Exec(keepReaction, map[string]any{
		"conversation": c.ID,
		"sid":          sid,
		"emoji":        emoji,
		"at":           at,
	}).Error
}

// LastByOther is the id and author of our latest message in a conversation that userID did not write.
func LastByOther(tx *models.Tx, conversationID int64, userID *int64) (*Message, error) {
	var out []Message
	err := base.DB(tx).Joins("Author").
		Where("messages.conversation_id = ? AND messages.direction = 'outbound'", conversationID).
		Where("messages.author_id <> ?", userID).
		Order("messages.id DESC").
		Limit(1).
		Find(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// TakenBefore is the message that was made from the form with this token in a conversation, nil if there is none.
func TakenBefore(tx *models.Tx, conversationID int64, token string) (*Message, error) {
	var out []Message
	err := base.DB(tx).Where("conversation_id = ? AND token = ?", conversationID, token).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// AddMessage writes a message. A message whose token or sid is stored already is not written again: then the result is
// false, and m is set to the stored one.
func AddMessage(tx *models.Tx, m *Message) (bool, error) {
	if m.CreatedAt.IsZero() {
		m.CreatedAt = tx.Now()
	}
	if m.Kind == "" {
		m.Kind = whatsapp.KindText
	}
	if m.Variables == nil {
		m.Variables = templates.Values{}
	}
	res := base.DB(tx).Omit("Author", "Version").Clauses(clause.OnConflict{DoNothing: true}).Create(m)
	if res.Error != nil {
		return false, fmt.Errorf("add message: %w", res.Error)
	}
	if res.RowsAffected > 0 {
		return true, nil
	}
	token, sid := m.Token, m.TwilioSid
	*m = Message{}
	q := base.DB(tx).Where("twilio_sid = ?", sid)
	if token != nil {
		q = base.DB(tx).Where("token = ?", token)
	}
	return false, q.Take(m).Error
}

// QueueMessage writes an outbound message into the queue and brings the conversation up to date. A message without an
// address gets the one that replies go to, else the contact's chosen number. It returns false if the form with this
// token was handled already.
func QueueMessage(tx *models.Tx, c *Conversation, m *Message) (bool, error) {
	m.ConversationID, m.SenderID, m.Direction, m.Status = c.ID, c.SenderID, whatsapp.Outbound, whatsapp.Queued
	if m.SendAt == nil {
		m.SendAt = new(tx.Now())
	}
	if m.AddressID == nil {
		to, err := RecipientOf(tx, c)
		if err != nil {
			return false, err
		}
		m.AddressID = to.AddressID
	}
	added, err := AddMessage(tx, m)
	if err != nil || !added {
		return added, err
	}
	c.LastMessageAt, c.LastLine, c.LastDirection = &m.CreatedAt, LineOf(m), whatsapp.Outbound
	if m.Rule != "" { // an automatic message doesn't end the wait for a person
		base.WakeDispatchers(tx)
		return true, SaveConversation(tx, c)
	}
	if err := answered(tx, c, m); err != nil {
		return true, err
	}
	c.WaitingSince, c.UnreadCount = nil, 0
	if m.NotificationID == nil && c.State != ConversationOpen {
		c.State, c.SnoozedUntil, c.OpenedAt = ConversationOpen, nil, new(tx.Now())
	}
	base.WakeDispatchers(tx)
	return true, SaveConversation(tx, c)
}

// answered notes a user's reply to a waiting contact: how long that took, and whether the target was met.
func answered(tx *models.Tx, c *Conversation, m *Message) error {
	if m.AuthorID == nil || m.NotificationID != nil || c.WaitingSince == nil || c.RespondedAt != nil {
		return nil
	}
	var inTime *bool
	if c.RespondBy != nil {
		in := !tx.Now().After(*c.RespondBy)
		inTime = &in
	}
	c.RespondedAt, c.RespondBy, c.OverdueToldAt = new(tx.Now()), nil, nil
	return base.DB(tx).Exec(`INSERT INTO responses (conversation_id, user_id, asked_at, answered_at, in_time)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, c.ID, m.AuthorID, c.WaitingSince, tx.Now(), inTime).Error
}

// LineOf is a message in one short line, for lists.
func LineOf(m *Message) string {
	switch {
	case m.Kind == whatsapp.KindReaction:
		return "Reacted with " + whatsapp.Plain(m.Body, 32)
	case m.Body != "":
		return whatsapp.Plain(m.Body, 120)
	case m.Kind == whatsapp.KindMedia && m.Details.Voice:
		return "🎤 Voice message"
	case m.Kind == whatsapp.KindMedia:
		return "📎 File"
	case m.Kind == whatsapp.KindLocation:
		return "📍 " + whatsapp.Plain("Location "+m.Label, 60)
	case m.Kind == whatsapp.KindContacts:
		return "👤 Contact card"
	case len(m.Details.Unread) > 0:
		return "Part of this message could not be read"
	}
	return "Message"
}

// MessageForUpdate finds and locks a message.
func MessageForUpdate(tx *models.Tx, publicID string) (*Message, error) {
	var out Message
	return &out, models.Found(base.Lock(tx, &out, publicID), "message")
}

// SetHint stores what somebody decided about a message.
func SetHint(tx *models.Tx, m *Message) error {
	return base.DB(tx).Model(&Message{}).Where("id = ?", m.ID).Update("hint", m.Hint).Error
}

// MessageByToken finds the message that was written with a token.
func MessageByToken(tx *models.Tx, token string) (*Message, error) {
	var out Message
	return &out, models.Found(base.DB(tx).Where("token = ?", token).Take(&out).Error, "message")
}
