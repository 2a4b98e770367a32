package conversations

import (
	"context"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

var (
	addressHeld         = query("address_held")
	addressUnanswerable = query("address_unanswerable")
)

// Recipient is an address of a conversation's contact, with its session and its Sandbox membership at the sender.
type Recipient struct {
	AddressID       *int64 // nil: the contact has no address, or it is not known which one
	WindowClosesAt  *time.Time
	SandboxJoinedAt *time.Time
}

// WindowOpen reports whether a free-form message may be sent to it at now.
func (r Recipient) WindowOpen(now time.Time) bool {
	return r.AddressID != nil && r.WindowClosesAt != nil && now.Before(*r.WindowClosesAt)
}

// Recipient is the address that replies go to: the one that the latest inbound message came from.
func (c *Conversation) Recipient() Recipient {
	return Recipient{AddressID: c.AddressID, WindowClosesAt: c.WindowClosesAt, SandboxJoinedAt: c.SandboxJoinedAt}
}

// RecipientIn is one of the contact's addresses, by row id, with its window in a conversation.
func RecipientIn(tx *models.Tx, c *Conversation, addressID int64) (Recipient, error) {
	return recipientIn(base.DB(tx), c, addressID)
}

func recipientIn(db *gorm.DB, c *Conversation, addressID int64) (Recipient, error) {
	if c.AddressID != nil && *c.AddressID == addressID {
		return c.Recipient(), nil
	}
	var out Recipient
	err := db.Raw(addressHeld, map[string]any{"address": addressID, "conversation": c.ID}).Scan(&out).Error
	return out, err
}

// Unanswerable is the address that a conversation's replies go to if nothing can be sent to it, empty if something can.
// elsewhere reports whether the contact has another address that templates go to.
func Unanswerable(tx *models.Tx, c *Conversation) (address string, elsewhere bool, err error) {
	return unanswerable(base.DB(tx), c)
}

// Unanswerable is the address that a conversation's replies go to if nothing can be sent to it, empty if something can.
func (r Reads) Unanswerable(ctx context.Context, c *Conversation) (address string, elsewhere bool, err error) {
	return unanswerable(r.read(ctx), c)
}

func unanswerable(db *gorm.DB, c *Conversation) (address string, elsewhere bool, err error) {
	if c.AddressID == nil {
		return "", false, nil
	}
	var row struct {
		Address   string
		Elsewhere bool
	}
	err = db.Raw(addressUnanswerable, map[string]any{"address": *c.AddressID}).Scan(&row).Error
	return row.Address, row.Elsewhere, err
}

// RecipientOf is the address that a conversation's template goes to: the one that wrote last, if messages can be sent
// to it, else the contact's chosen number.
func RecipientOf(tx *models.Tx, c *Conversation) (Recipient, error) {
	if c.AddressID != nil {
		if _, elsewhere, err := Unanswerable(tx, c); err != nil || !elsewhere {
			return c.Recipient(), err
		}
	}
	id, err := people.ChosenAddress(tx, c.ContactID)
	if err != nil || id == nil {
		return Recipient{}, err
	}
	return RecipientIn(tx, c, *id)
}

// RecipientAt is one of the contact's addresses, however it is written. An address that the contact doesn't have is a
// conflict.
func RecipientAt(tx *models.Tx, c *Conversation, a whatsapp.Address) (Recipient, error) {
	return recipientAt(base.DB(tx), c, a)
}

// RecipientAt is one of the contact's addresses, however it is written. An address that the contact doesn't have is a
// conflict.
func (r Reads) RecipientAt(ctx context.Context, c *Conversation, a whatsapp.Address) (Recipient, error) {
	return recipientAt(r.read(ctx), c, a)
}

func recipientAt(db *gorm.DB, c *Conversation, a whatsapp.Address) (Recipient, error) {
	var ids []int64
	sql := "SELECT id FROM contact_addresses WHERE match = ? AND contact_id = ?"
	if err := db.Raw(sql, a.Match(), c.ContactID).Scan(&ids).Error; err != nil {
		return Recipient{}, err
	}
	if len(ids) == 0 {
		return Recipient{}, models.Conflict("contact.number_gone")
	}
	return recipientIn(db, c, ids[0])
}
