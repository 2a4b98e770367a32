package conversations

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/senders"
	"parley/whatsapp"
)

// ConversationState is the state of a conversation.
type ConversationState string

// The states of a conversation.
const (
	ConversationOpen     ConversationState = "open"
	ConversationSnoozed  ConversationState = "snoozed"
	ConversationResolved ConversationState = "resolved"
)

// ConversationStates are all states of a conversation.
func ConversationStates() []ConversationState {
	return []ConversationState{ConversationOpen, ConversationSnoozed, ConversationResolved}
}

// Priority is how urgent a conversation is for the team.
type Priority int

// The priorities.
const (
	LowPriority    Priority = -1
	NormalPriority Priority = 0
	HighPriority   Priority = 1
	UrgentPriority Priority = 2
)

// Priorities lists all of them, most urgent first.
func Priorities() []Priority {
	return []Priority{UrgentPriority, HighPriority, NormalPriority, LowPriority}
}

// Name is the word on the screen.
func (p Priority) Name() string {
	names := map[Priority]string{UrgentPriority: "Urgent", HighPriority: "High", LowPriority: "Low", 0: "Normal"}
	return names[min(max(p, -1), 2)]
}

// Conversation is all messages between one contact and one sender.
type Conversation struct {
	ID              int64
	PublicID        string `gorm:"default:new_public_id()"`
	ContactID       int64
	Contact         *people.Contact
	SenderID        int64
	Sender          *senders.Sender
	AddressID       *int64            // the address that replies go to: the one that the latest inbound message came from
	State           ConversationState `gorm:"default:open"`
	AssigneeID      *int64
	Assignee        *accounts.User
	LastInboundAt   *time.Time
	WindowClosesAt  *time.Time // of that address
	WaitingSince    *time.Time
	UnreadCount     int
	LastMessageAt   *time.Time
	LastLine        string
	LastDirection   whatsapp.Direction
	FailedCount     int
	SandboxJoinedAt *time.Time
	Priority        Priority
	Labels          models.IDs `gorm:"type:bigint[]"`
	SnoozedUntil    *time.Time // empty while snoozed: until the person writes
	WindowBeganAt   *time.Time `gorm:"column:session_began_at"` // since when the session has been open without a gap
	OpenedAt        *time.Time // since when the conversation has been open
	RespondBy       *time.Time // when the first reply is due, empty after it or without a target
	ResolveBy       *time.Time
	RespondedAt     *time.Time // the first reply since OpenedAt
	AwaySentAt      *time.Time
	NudgedAt        *time.Time
	OverdueToldAt   *time.Time
	RatingAskedAt   *time.Time
	Version         int `gorm:"default:1"`
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Topic is the live event of the conversation.
func (c *Conversation) Topic() string { return "conversation-" + c.PublicID }

// RowTopic is the live event of the conversation's row in the inbox.
func (c *Conversation) RowTopic() string { return RowTopic + c.PublicID }

// RowTopic is the prefix of the events about a row; the conversation's public id follows.
const RowTopic = "row-"

// WindowOpen reports whether a free-form message may be sent at now, to the address that replies go to.
func (c *Conversation) WindowOpen(now time.Time) bool { return c.Recipient().WindowOpen(now) }

// Joined reports whether the conversation's sender may write to an address: the Sandbox only to people who joined it in
// the last three days, any other sender to everybody.
func (c *Conversation) Joined(to Recipient, now time.Time) bool {
	return !c.Sender.Sandbox() || to.SandboxJoinedAt != nil && now.Sub(*to.SandboxJoinedAt) < whatsapp.SandboxMembership
}

// ConversationByPublicID finds a conversation with its contact, sender and assignee.
func (r Reads) ConversationByPublicID(ctx context.Context, id string) (*Conversation, error) {
	var out Conversation
	err := r.read(ctx).
		Joins("Contact").
		Joins("Sender").
		Joins("Assignee").
		Where("conversations.public_id = ?", id).
		Take(&out).
		Error
	return &out, models.Found(err, "conversation")
}

// ConversationAt is the conversation between an address and a sender, nil if there is none.
func (r Reads) ConversationAt(ctx context.Context, a whatsapp.Address, senderID int64) (*Conversation, error) {
	var ids []string
	err := r.read(ctx).
		Raw(`SELECT v.public_id FROM contact_addresses x JOIN conversations v ON v.contact_id = x.contact_id
			WHERE x.match = ? AND v.sender_id = ? LIMIT 1`, a.Match(), senderID).
		Scan(&ids).
		Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return r.ConversationByPublicID(ctx, ids[0])
}

// ConversationsOf are a contact's conversations, latest first.
func (r Reads) ConversationsOf(ctx context.Context, contactID int64) ([]Conversation, error) {
	var out []Conversation
	err := r.read(ctx).
		Joins("Sender").
		Where("contact_id = ?", contactID).
		Order("last_message_at DESC NULLS LAST").
		Find(&out).
		Error
	return out, err
}

// ConversationForUpdate finds and locks a conversation, and reads its contact and sender.
func ConversationForUpdate(tx *models.Tx, publicID string) (*Conversation, error) {
	var out Conversation
	if err := base.Lock(tx, &out, publicID); err != nil {
		return nil, models.Found(err, "conversation")
	}
	return &out, fillConversation(tx, &out)
}

func fillConversation(tx *models.Tx, c *Conversation) error {
	c.Contact, c.Sender = &people.Contact{}, &senders.Sender{}
	if err := base.DB(tx).Take(c.Contact, c.ContactID).Error; err != nil {
		return err
	}
	return base.DB(tx).Take(c.Sender, c.SenderID).Error
}

// ConversationWith finds and locks the conversation of a contact and a sender, or makes it.
func ConversationWith(tx *models.Tx, contact *people.Contact, sender *senders.Sender) (*Conversation, error) {
	c := &Conversation{ContactID: contact.ID, SenderID: sender.ID, Labels: models.IDs{}, CreatedAt: tx.Now()}
	err := base.DB(tx).Omit("Contact", "Sender", "Assignee").Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "contact_id"}, {Name: "sender_id"}}, DoNothing: true}).Create(c).Error
	if err != nil {
		return nil, err
	}
	*c = Conversation{}
	if err := base.DB(tx).Clauses(base.ForUpdate).
		Where("contact_id = ? AND sender_id = ?", contact.ID, sender.ID).
		Take(c).
		Error; err != nil {
		return nil, err
	}
	c.Contact, c.Sender = contact, sender
	return c, nil
}

// SaveConversation stores the conversation's own columns and publishes the change to every page that shows it.
func SaveConversation(tx *models.Tx, c *Conversation) error {
	c.Version++
	c.UpdatedAt = tx.Now()
	if err := base.DB(tx).Omit("Contact", "Sender", "Assignee").Save(c).Error; err != nil {
		return err
	}
	tx.Publish(c.Topic(), c.RowTopic(), "home")
	return nil
}

// ReadConversation notes that a user has read a conversation up to now, and marks the mentions of them in it as seen.
func ReadConversation(ctx context.Context, s *models.Store, c *Conversation, userID int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		res := base.DB(tx).Exec("UPDATE conversations SET unread_count = 0 WHERE id = ? AND unread_count > 0", c.ID)
		if res.Error != nil {
			return res.Error
		}
		seen := base.DB(tx).Exec(
			"UPDATE mentions SET seen_at = ? WHERE user_id = ? AND conversation_id = ? AND seen_at IS NULL",
			tx.Now(),
			userID,
			c.ID,
		)
		if seen.Error != nil || res.RowsAffected+seen.RowsAffected == 0 {
			return seen.Error
		}
		tx.Publish(c.RowTopic(), "home")
		return nil
	})
}

// UnreadConversation marks it as unread again.
func UnreadConversation(tx *models.Tx, c *Conversation) error {
	if c.UnreadCount > 0 {
		return nil
	}
	tx.Publish(c.RowTopic())
	return base.DB(tx).Exec("UPDATE conversations SET unread_count = 1 WHERE id = ?", c.ID).Error
}

// ConversationByIDForUpdate finds and locks a conversation by its row id.
func ConversationByIDForUpdate(tx *models.Tx, id int64) (*Conversation, error) {
	var out Conversation
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&out, id).Error; err != nil {
		return nil, models.Found(err, "conversation")
	}
	return &out, fillConversation(tx, &out)
}

// PeopleTopic is the live event of who looks at the conversation.
func (c *Conversation) PeopleTopic() string { return "people-" + c.PublicID }
