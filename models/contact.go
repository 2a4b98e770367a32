package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/services/whatsapp"
)

// Contact is a person. Phone numbers and WhatsApp's user ids are addresses of the person.
type Contact struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	Name        string // what the team calls the person
	ProfileName string // what the person calls themself on WhatsApp
	Phone       *string
	Language    string
	Consent     whatsapp.Consent `gorm:"default:none"`
	ConsentAt   *time.Time
	BlockedAt   *time.Time
	LastSeenAt  *time.Time
	Version     int `gorm:"default:1"`
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Title is what a contact is called in lists.
func (c *Contact) Title() string {
	switch {
	case c.Name != "":
		return c.Name
	case c.ProfileName != "":
		return c.ProfileName
	case c.Phone != nil:
		return whatsapp.ShowPhone(*c.Phone)
	}
	return "Unknown person"
}

// ContactByPublicID finds a contact.
func (s *Store) ContactByPublicID(ctx context.Context, id string) (*Contact, error) {
	var out Contact
	return &out, found(s.read(ctx).Where("public_id = ?", id).Take(&out).Error, "contact")
}

// ContactForUpdate finds and locks a contact by public id.
func (tx *Tx) ContactForUpdate(publicID string) (*Contact, error) {
	var out Contact
	return &out, found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&out).Error, "contact")
}

// ContactAt finds the person at an address, or makes one. made reports the latter.
func (tx *Tx) ContactAt(a whatsapp.Address, profileName string) (c *Contact, made bool, err error) {
	if err := tx.lockKey("address", a.Match()); err != nil {
		return nil, false, err
	}
	c = &Contact{}
	err = tx.Clauses(forUpdate).Where("id = (SELECT contact_id FROM contact_addresses WHERE match = ?)", a.Match()).Take(c).Error
	if err == nil {
		return c, false, nil
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, err
	}
	c = &Contact{ProfileName: profileName}
	if a.Phone != "" {
		c.Phone = &a.Phone
	}
	if err := tx.Create(c).Error; err != nil {
		return nil, false, err
	}
	return c, true, tx.addAddress(c.ID, a)
}

func (tx *Tx) addAddress(contactID int64, a whatsapp.Address) error {
	kind, text := "phone", a.Phone
	if a.Phone == "" {
		kind, text = "whatsapp_id", a.ID
	}
	return tx.Exec("INSERT INTO contact_addresses (contact_id, kind, address, match) VALUES (?, ?, ?, ?)", contactID, kind, text, a.Match()).Error
}

// AddContact makes a contact with a phone number that nobody has yet.
func (tx *Tx) AddContact(a Actor, c *Contact) error {
	addr := whatsapp.Address{Phone: *c.Phone}
	if err := tx.lockKey("address", addr.Match()); err != nil {
		return err
	}
	var n int64
	if err := tx.Table("contact_addresses").Where("match = ?", addr.Match()).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return Invalid("phone", "There is already a contact with this number.")
	}
	if err := tx.Create(c).Error; err != nil {
		return err
	}
	return errors.Join(tx.addAddress(c.ID, addr),
		tx.Audit(a, "contact.added", "contact", c.PublicID, c.Title()+" was added", nil),
		tx.Tell("contacts"))
}

// SaveContact stores a contact's edited profile. version is the one that the form was opened with.
func (tx *Tx) SaveContact(a Actor, c *Contact, version int) error {
	if c.Version != version {
		return ErrStale("contact")
	}
	c.Version++
	c.UpdatedAt = time.Now()
	if err := tx.Save(c).Error; err != nil {
		return err
	}
	return errors.Join(tx.Audit(a, "contact.changed", "contact", c.PublicID, c.Title()+" was changed", nil),
		tx.Tell("contacts", "contact-"+c.PublicID, "inbox"))
}

// ContactFilter narrows the contact list. After is the id of the last row seen, 0 for the first page.
type ContactFilter struct {
	Query   string
	Consent whatsapp.Consent
	Session string // "open": only with an open session
	After   int64
	Limit   int
}

// ContactRow is a contact as lists show it.
type ContactRow struct {
	Contact
	WindowClosesAt *time.Time // the latest open session with any sender
}

// Contacts lists contacts, newest first.
func (s *Store) Contacts(ctx context.Context, f ContactFilter) ([]ContactRow, error) {
	q := s.read(ctx).Table("contacts c").Select(`c.*, (SELECT max(v.window_closes_at) FROM conversations v
		WHERE v.contact_id = c.id AND v.window_closes_at > ?) AS window_closes_at`, s.Now())
	if like := searchPattern(f.Query); like != "" {
		q = q.Where("lower(c.name || ' ' || c.profile_name || ' ' || coalesce(c.phone, '')) LIKE ?", like)
	}
	if f.Consent != "" {
		q = q.Where("c.consent = ?", f.Consent)
	}
	if f.Session == "open" {
		q = q.Where("EXISTS (SELECT 1 FROM conversations v WHERE v.contact_id = c.id AND v.window_closes_at > ?)", s.Now())
	}
	if f.After > 0 {
		q = q.Where("c.id < ?", f.After)
	}
	var out []ContactRow
	return out, q.Order("c.id DESC").Limit(f.Limit).Scan(&out).Error
}

// searchPattern turns what a person typed into a LIKE pattern: numbers match without their spaces.
func searchPattern(q string) string {
	q = strings.ToLower(strings.TrimSpace(q))
	if q == "" {
		return ""
	}
	if strings.Trim(q, "+0123456789 -()./") == "" {
		q = strings.Map(func(r rune) rune {
			if r == '+' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, q)
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// ContactByIDForUpdate finds and locks a contact by its row id.
func (tx *Tx) ContactByIDForUpdate(id int64) (*Contact, error) {
	var out Contact
	return &out, found(tx.Clauses(forUpdate).Take(&out, id).Error, "contact")
}

// ContactsNotIn finds contacts by public id, less those that are in rows already.
func (s *Store) ContactsNotIn(ctx context.Context, ids []string, rows []ContactRow) ([]Contact, error) {
	there := map[string]bool{}
	for _, r := range rows {
		there[r.PublicID] = true
	}
	var missing []string
	for _, id := range ids {
		if !there[id] {
			missing = append(missing, id)
		}
	}
	var out []Contact
	if len(missing) == 0 {
		return out, nil
	}
	return out, s.read(ctx).Where("public_id IN ?", missing).Order("id").Find(&out).Error
}
