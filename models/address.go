package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/whatsapp"
)

// ContactAddress is one way to reach a contact.
type ContactAddress struct {
	ID        int64
	ContactID int64
	Kind      whatsapp.AddressKind
	Address   string
	NumberID  *int64 // of a user id: the number that last came with it in one webhook
	CreatedAt time.Time
}

// To is the address as messages are sent to it.
func (a *ContactAddress) To() whatsapp.Address { return addressOf(a.Kind, a.Address) }

func addressOf(kind whatsapp.AddressKind, text string) whatsapp.Address {
	switch kind {
	case whatsapp.PhoneAddress:
		return whatsapp.Address{Phone: text}
	case whatsapp.OtherAddress:
		return whatsapp.Address{Other: text}
	default: // whatsapp.UserIDAddress, or no address
		return whatsapp.Address{ID: strings.TrimPrefix(text, "whatsapp:")}
	}
}

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

var (
	addressHeld            = query("address_held")
	addressChosen          = query("address_chosen")
	addressUnanswerable    = query("address_unanswerable")
	addressWindowKeep      = query("address_window_keep")
	addressWindowOvertaken = query("address_window_overtaken")
	addressesAt            = query("addresses_at")
)

func recipient(db *gorm.DB, c *Conversation, addressID int64) (Recipient, error) {
	if c.AddressID != nil && *c.AddressID == addressID {
		return c.Recipient(), nil
	}
	var out Recipient
	err := db.Raw(addressHeld, map[string]any{"address": addressID, "conversation": c.ID}).Scan(&out).Error
	return out, err
}

// Unanswerable is the address that a conversation's replies go to if nothing can be sent to it, empty if something can.
// elsewhere reports whether the contact has another address that templates go to.
func (tx *Tx) Unanswerable(c *Conversation) (address string, elsewhere bool, err error) {
	return unanswerable(tx.DB, c)
}

// Unanswerable is the address that a conversation's replies go to if nothing can be sent to it, empty if something can.
func (s *Store) Unanswerable(ctx context.Context, c *Conversation) (address string, elsewhere bool, err error) {
	return unanswerable(s.read(ctx), c)
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
func (tx *Tx) RecipientOf(c *Conversation) (Recipient, error) {
	if c.AddressID != nil {
		if _, elsewhere, err := tx.Unanswerable(c); err != nil || !elsewhere {
			return c.Recipient(), err
		}
	}
	id, err := tx.chosenAddress(c.ContactID)
	if err != nil || id == nil {
		return Recipient{}, err
	}
	return recipient(tx.DB, c, *id)
}

// RecipientAt is one of the contact's addresses, however it is written. An address that the contact doesn't have is a
// conflict.
func (tx *Tx) RecipientAt(c *Conversation, a whatsapp.Address) (Recipient, error) {
	return recipientAt(tx.DB, c, a)
}

// RecipientAt is one of the contact's addresses, however it is written. An address that the contact doesn't have is a
// conflict.
func (s *Store) RecipientAt(ctx context.Context, c *Conversation, a whatsapp.Address) (Recipient, error) {
	return recipientAt(s.read(ctx), c, a)
}

func recipientAt(db *gorm.DB, c *Conversation, a whatsapp.Address) (Recipient, error) {
	var ids []int64
	sql := "SELECT id FROM contact_addresses WHERE match = ? AND contact_id = ?"
	if err := db.Raw(sql, a.Match(), c.ContactID).Scan(&ids).Error; err != nil {
		return Recipient{}, err
	}
	if len(ids) == 0 {
		return Recipient{}, Conflict("contact.number_gone")
	}
	return recipient(db, c, ids[0])
}

func (tx *Tx) chosenAddress(contactID int64) (*int64, error) {
	var ids []int64
	err := tx.Raw(addressChosen, map[string]any{"contact": contactID}).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return &ids[0], nil
}

// AddressesOf are a contact's addresses, the oldest first.
func (s *Store) AddressesOf(ctx context.Context, contactID int64) ([]ContactAddress, error) {
	var out []ContactAddress
	err := s.read(ctx).Where("contact_id = ?", contactID).Order("id").Find(&out).Error
	return out, err
}

// ChooseNumber makes one of a locked contact's numbers the one that templates go to and that lists show. addressID is
// the address's row id; one that is not a number of this contact is refused (field number).
func (tx *Tx) ChooseNumber(a Actor, c *Contact, addressID int64) error {
	var list []ContactAddress
	err := tx.Where("id = ? AND contact_id = ? AND kind = ?", addressID, c.ID, whatsapp.PhoneAddress).Find(&list).Error
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return Invalid("number", "contact.number_missing")
	}
	return tx.moveNumber(a, c, list[0].Address)
}

// moveNumber changes a contact's chosen number to another one of its own.
func (tx *Tx) moveNumber(a Actor, c *Contact, phone string) error {
	if c.Phone != nil && *c.Phone == phone {
		return nil
	}
	changes := map[string]any{"before": c.Phone, "after": phone}
	c.Phone, c.Country, c.UpdatedAt = &phone, CountryOf(phone), time.Now()
	return errors.Join(
		tx.Model(c).Select("phone", "country", "updated_at").Updates(c).Error,
		tx.Audit(
			a,
			"contact.number",
			About("contact", c.PublicID).With(changes),
			"Templates to "+c.Title()+" go to another number now",
		),
		tx.Publish("contacts", "inbox", "contact-"+c.PublicID),
		tx.publishConversationsOf(c.ID),
	)
}

// HeardFrom notes on a locked conversation, which is saved later, that the person wrote from the arrival's address:
// replies go there from now on. The state of the previous address is stored. A message that was received late, after
// newer ones, changes only the 24 hours of its own address.
func (tx *Tx) HeardFrom(a *Arrival) error {
	c := a.Conversation
	if a.Overtaken() {
		return tx.Exec(addressWindowOvertaken, map[string]any{
			"address":      a.AddressID,
			"conversation": c.ID,
			"closes":       whatsapp.WindowCloses(a.At),
		}).Error
	}
	if c.AddressID != nil && *c.AddressID == a.AddressID {
		return nil
	}
	next, err := recipient(tx.DB, c, a.AddressID)
	if err != nil {
		return err
	}
	if c.AddressID != nil {
		err = tx.Exec(addressWindowKeep, map[string]any{
			"conversation": c.ID,
			"closes":       c.WindowClosesAt,
			"joined":       c.SandboxJoinedAt,
			"old":          *c.AddressID,
		}).Error
	}
	c.AddressID, c.SandboxJoinedAt = &a.AddressID, next.SandboxJoinedAt
	return err
}

// Link notes that the arrival's number and user id came in one webhook, if that is new: from now on they share their
// session and Sandbox membership. If the user id came with another number before, that number no longer belongs to the
// person; if it was the chosen one, the new number is chosen instead.
func (tx *Tx) Link(a *Arrival) error {
	if a.link == nil || a.Overtaken() {
		return nil
	}
	err := tx.Exec(`UPDATE contact_addresses SET number_id = CASE WHEN id = @id THEN CAST(@number AS bigint) END
		WHERE id = @id OR number_id = @number`, map[string]any{"id": a.link.ID, "number": a.AddressID}).Error
	if err != nil || a.link.Before == "" || a.Contact.Phone == nil || *a.Contact.Phone != a.link.Before {
		return err
	}
	return tx.moveNumber(System("WhatsApp"), a.Contact, a.link.Number)
}

// link is a user id that came with a number for the first time.
type link struct {
	ID             int64  // of the user id's address
	Number, Before string // the number that it comes with now, and the one before, empty if there was none
}

// place reads the ids of an arrival's addresses, for a person who writes for the first time or from another address.
func (tx *Tx) place(a *Arrival, from whatsapp.Address, userID string) error {
	var rows []struct {
		ID, NumberID           int64
		Match, Address, Number string
	}
	matches := []string{from.Match(), whatsapp.Address{ID: userID}.Match()}
	err := tx.Raw(addressesAt, map[string]any{"matches": matches}).Scan(&rows).Error
	number := ""
	for _, r := range rows {
		if r.Match == from.Match() {
			a.AddressID, number = r.ID, r.Address
		}
	}
	for _, r := range rows {
		if r.ID != a.AddressID && r.NumberID != a.AddressID {
			a.link = &link{ID: r.ID, Number: number, Before: r.Number}
		}
	}
	return err
}
