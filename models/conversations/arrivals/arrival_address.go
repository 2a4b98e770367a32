package arrivals

import (
	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/whatsapp"
)

var (
	addressWindowKeep      = query("address_window_keep")
	addressWindowOvertaken = query("address_window_overtaken")
	addressesAt            = query("addresses_at")
)

// HeardFrom notes on a locked conversation, which is saved later, that the person wrote from the arrival's address:
// replies go there from now on. The state of the previous address is stored. A message that was received late, after
// newer ones, changes only the 24 hours of its own address.
func HeardFrom(tx *models.Tx, a *Arrival) error {
	c := a.Conversation
	if a.Overtaken() {
		return base.DB(tx).Exec(addressWindowOvertaken, map[string]any{
			"address":      a.AddressID,
			"conversation": c.ID,
			"closes":       whatsapp.WindowCloses(a.At),
		}).Error
	}
	if c.AddressID != nil && *c.AddressID == a.AddressID {
		return nil
	}
	next, err := conversations.RecipientIn(tx, c, a.AddressID)
	if err != nil {
		return err
	}
	if c.AddressID != nil {
		err = base.DB(tx).Exec(addressWindowKeep, map[string]any{
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
func Link(tx *models.Tx, a *Arrival) error {
	if a.link == nil || a.Overtaken() {
		return nil
	}
	err := base.DB(tx).Exec(`UPDATE contact_addresses SET number_id = CASE WHEN id = @id THEN CAST(@number AS bigint) END
		WHERE id = @id OR number_id = @number`, map[string]any{"id": a.link.ID, "number": a.AddressID}).Error
	if err != nil || a.link.Before == "" || a.Contact.Phone == nil || *a.Contact.Phone != a.link.Before {
		return err
	}
	return people.MoveNumber(tx, models.System("WhatsApp"), a.Contact, a.link.Number)
}

// place reads the ids of an arrival's addresses, for a person who writes for the first time or from another address.
func place(tx *models.Tx, a *Arrival, from whatsapp.Address, userID string) error {
	var rows []struct {
		ID, NumberID           int64
		Match, Address, Number string
	}
	matches := []string{from.Match(), whatsapp.Address{ID: userID}.Match()}
	err := base.DB(tx).Raw(addressesAt, map[string]any{"matches": matches}).Scan(&rows).Error
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

// link is a user id that came with a number for the first time.
type link struct {
	ID             int64  // of the user id's address
	Number, Before string // the number that it comes with now, and the one before, empty if there was none
}
