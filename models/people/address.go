package people

import (
	"context"
	"strings"
	"time"

	"parley/models"
	"parley/models/internal/base"
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
func (a *ContactAddress) To() whatsapp.Address { return AddressOf(a.Kind, a.Address) }

// AddressOf is a stored address for a call to Twilio.
func AddressOf(kind whatsapp.AddressKind, text string) whatsapp.Address {
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

// ChosenAddress is the address that templates to a contact go to, by row id, nil if it has none.
func ChosenAddress(tx *models.Tx, contactID int64) (*int64, error) {
	var ids []int64
	err := base.DB(tx).Raw(addressChosen, map[string]any{"contact": contactID}).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return &ids[0], nil
}

// AddressesOf are a contact's addresses, the oldest first.
func (r Reads) AddressesOf(ctx context.Context, contactID int64) ([]ContactAddress, error) {
	var out []ContactAddress
	err := r.read(ctx).Where("contact_id = ?", contactID).Order("id").Find(&out).Error
	return out, err
}

// ChooseNumber makes one of a locked contact's numbers the one that templates go to and that lists show. addressID is
// the address's row id; one that is not a number of this contact is refused (field number).
func ChooseNumber(tx *models.Tx, a models.Actor, c *Contact, addressID int64) error {
	var list []ContactAddress
	err := base.DB(tx).
		Where("id = ? AND contact_id = ? AND kind = ?", addressID, c.ID, whatsapp.PhoneAddress).
		Find(&list).
		Error
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return models.Invalid("number", "contact.number_missing")
	}
	return MoveNumber(tx, a, c, list[0].Address)
}

// MoveNumber changes a contact's chosen number to another one of its own.
func MoveNumber(tx *models.Tx, a models.Actor, c *Contact, phone string) error {
	if c.Phone != nil && *c.Phone == phone {
		return nil
	}
	changes := map[string]any{"before": c.Phone, "after": phone}
	c.Phone, c.Country, c.UpdatedAt = &phone, CountryOf(phone), tx.Now()
	if err := base.DB(tx).Model(c).Select("phone", "country", "updated_at").Updates(c).Error; err != nil {
		return err
	}
	tx.Publish("contacts", "inbox", "contact-"+c.PublicID)
	return models.Audit(
		tx,
		a,
		"contact.number",
		models.About("contact", c.PublicID).With(changes),
		"Templates to "+c.Title()+" go to another number now",
	)
}

// ContactAtMatch is the contact with an address, nil if there is none, and the address's row id.
func ContactAtMatch(tx *models.Tx, match string) (*Contact, int64, error) {
	var out []struct {
		Contact
		AddressID int64
	}
	err := base.DB(tx).Raw(`SELECT c.*, a.id AS address_id FROM contact_addresses a JOIN contacts c ON c.id = a.contact_id
		WHERE a.match = ? AND c.gone = '' LIMIT 1`, match).
		Scan(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, 0, err
	}
	return &out[0].Contact, out[0].AddressID, nil
}
