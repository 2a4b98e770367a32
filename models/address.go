package models

import (
	"context"
	"errors"
	"strings"
	"time"

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

var addressChosen = query("address_chosen")

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
	)
}

// ContactAtMatch is the contact with an address, nil if there is none, and the address's row id.
func (tx *Tx) ContactAtMatch(match string) (*Contact, int64, error) {
	var out []struct {
		Contact
		AddressID int64
	}
	err := tx.Raw(`SELECT c.*, a.id AS address_id FROM contact_addresses a JOIN contacts c ON c.id = a.contact_id
		WHERE a.match = ? AND c.gone = '' LIMIT 1`, match).
		Scan(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, 0, err
	}
	return &out[0].Contact, out[0].AddressID, nil
}
