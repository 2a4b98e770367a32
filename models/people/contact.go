package people

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/senders"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// Contact is a person. Phone numbers and WhatsApp's user ids are addresses of the person.
type Contact struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	Name        string // what the team calls the person
	ProfileName string // the person's own name on WhatsApp
	Phone       *string
	Numbers     []string `gorm:"-"` // all of the person's numbers, only where they were read: see Reads.NumbersOf
	Language    string
	Country     string           // ISO 3166 of the number, "ZZ" where none is known, empty without a number
	TimeZone    string           // IANA name, empty unless somebody set it: see Zone
	Tags        models.IDs       `gorm:"type:bigint[];default:'{}'"`
	Fields      Fields           `gorm:"type:jsonb;serializer:json;default:'{}'"`
	Consent     whatsapp.Consent `gorm:"default:none"`
	// ConsentScope says from which senders an opt-in allows templates; OptedOutAt, with the scope sandbox, since when the
	// person is opted out everywhere else. See whatsapp.ConsentState.
	ConsentScope whatsapp.ConsentScope `gorm:"default:all"`
	ConsentAt    *time.Time
	OptedOutAt   *time.Time
	BlockedAt    *time.Time
	LastSeenAt   *time.Time
	// WindowClosesAt is the latest end of a session with any sender, for lists.
	WindowClosesAt *time.Time
	Gone           Gone
	MergedInto     *int64
	ImportID       *int64
	Version        int `gorm:"default:1"`
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Gone is why a contact no longer exists; empty for existing contacts.
type Gone string

// The reasons. The row stays, because its consent events do.
const (
	Merged Gone = "merged" // into another contact: see MergedInto
	Erased Gone = "erased" // on the person's own request
	Undone Gone = "undone" // with the import that brought it
)

// GoneReasons are all reasons why a contact no longer exists.
func GoneReasons() []Gone {
	return []Gone{Merged, Erased, Undone}
}

// Fields are a contact's custom fields by key: text, number (float64) or bool.
type Fields map[string]any

// BeforeCreate sets the country from the number.
func (c *Contact) BeforeCreate(*gorm.DB) error {
	if c.Phone != nil && c.Country == "" {
		c.Country = CountryOf(*c.Phone)
	}
	if c.Fields == nil {
		c.Fields = Fields{}
	}
	if c.Tags == nil {
		c.Tags = models.IDs{}
	}
	return nil
}

// CountryOf is the region of a number as contacts store it.
func CountryOf(phone string) string {
	if r := whatsapp.Country(phone); len(r) == 2 {
		return r
	}
	return "ZZ"
}

// Zone is the person's time zone: the one that was set, else a guess from the number. guess reports whether it is
// guessed.
func (c *Contact) Zone() (name string, guess bool) {
	if c.TimeZone != "" || c.Phone == nil {
		return c.TimeZone, false
	}
	return whatsapp.TimeZone(*c.Phone), true
}

// Title is what a contact is called in lists.
func (c *Contact) Title() string {
	switch {
	case c.Name != "":
		return plaintext.CleanName(c.Name) // files, forms and other programs bring names, too
	case c.ProfileName != "":
		return plaintext.CleanName(c.ProfileName)
	case c.Phone != nil:
		return whatsapp.ShowPhone(*c.Phone)
	case c.Gone == Erased:
		return "Erased person"
	}
	return "Unknown person"
}

// ConsentState is the state that follows from the contact's consent events.
func (c *Contact) ConsentState() whatsapp.ConsentState {
	s := whatsapp.ConsentState{Consent: c.Consent, Scope: c.ConsentScope, OptedOutAt: c.OptedOutAt}
	if c.ConsentAt != nil {
		s.At = *c.ConsentAt
	}
	return s
}

func (c *Contact) setConsentState(s whatsapp.ConsentState) {
	c.Consent, c.ConsentScope, c.ConsentAt, c.OptedOutAt = s.Consent, cmp.Or(
		s.Scope,
		whatsapp.ScopeAll,
	), &s.At, s.OptedOutAt
}

// ConsentFor is the general consent as it counts for a sender.
func (c *Contact) ConsentFor(s *senders.Sender) whatsapp.Consent {
	return c.ConsentState().For(s.Sandbox())
}

// OptedInTo reports whether the person is opted in to the sender: an opt-in for the Sandbox alone doesn't count for
// others.
func (c *Contact) OptedInTo(s *senders.Sender) bool { return c.ConsentFor(s) == whatsapp.OptedIn }

// ShownConsent is the general consent as lists show it: whatsapp.SandboxOnly for people opted in to the Sandbox alone.
func (c *Contact) ShownConsent() whatsapp.Consent { return c.ConsentState().For(false) }

// StaysOut reports whether the person opted out, of everything or of everything except the Sandbox: then only the
// person can opt in again.
func (c *Contact) StaysOut() bool { return c.Consent == whatsapp.OptedOut || c.OptedOutAt != nil }

// ContactByPublicID finds a contact, also one that is gone: old records still link to it.
func (r Reads) ContactByPublicID(ctx context.Context, id string) (*Contact, error) {
	var out Contact
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "contact")
}

// ContactByID finds a contact by its row id.
func (r Reads) ContactByID(ctx context.Context, id int64) (*Contact, error) {
	var out Contact
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "contact")
}

// ContactForUpdate finds and locks a contact by public id. One that is gone can't be changed.
func ContactForUpdate(tx *models.Tx, publicID string) (*Contact, error) {
	var out Contact
	return &out, models.Found(
		base.DB(tx).Clauses(base.ForUpdate).Where("public_id = ? AND gone = ''", publicID).Take(&out).Error,
		"contact",
	)
}

// ContactAt finds the contact at an address, or creates one; made reports whether it did.
func ContactAt(tx *models.Tx, a whatsapp.Address, profileName string) (c *Contact, made bool, err error) {
	if err := base.LockKey(tx, "address", a.Match()); err != nil {
		return nil, false, err
	}
	c = &Contact{}
	err = base.DB(tx).Clauses(base.ForUpdate).
		Where("id = (SELECT contact_id FROM contact_addresses WHERE match = ?)", a.Match()).
		Take(c).
		Error
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
	if err := base.DB(tx).Create(c).Error; err != nil {
		return nil, false, err
	}
	if err := AddAddress(tx, c.ID, a); err != nil {
		return c, true, err
	}
	return c, true, KeepOptedOut(tx, c, a)
}

// AddAddress gives a contact an address.
func AddAddress(tx *models.Tx, contactID int64, a whatsapp.Address) error {
	kind, text := "phone", a.Phone
	switch {
	case a.Other != "":
		kind, text = "other", a.Other
	case a.Phone == "":
		kind, text = "whatsapp_id", a.ID
	}
	return base.DB(tx).Exec(
		"INSERT INTO contact_addresses (contact_id, kind, address, match) VALUES (?, ?, ?, ?)",
		contactID,
		kind,
		text,
		a.Match(),
	).Error
}

// AddContact makes a contact with a phone number that nobody has yet.
func AddContact(tx *models.Tx, a models.Actor, c *Contact) error {
	addr := whatsapp.Address{Phone: *c.Phone}
	if err := base.LockKey(tx, "address", addr.Match()); err != nil {
		return err
	}
	var n int64
	if err := base.DB(tx).Table("contact_addresses").Where("match = ?", addr.Match()).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return models.Invalid("phone", "contact.number_taken")
	}
	if err := base.DB(tx).Create(c).Error; err != nil {
		return err
	}
	if err := AddAddress(tx, c.ID, addr); err != nil {
		return err
	}
	if err := KeepOptedOut(tx, c, addr); err != nil {
		return err
	}
	tx.Publish("contacts")
	return models.Audit(tx, a, "contact.added", models.About("contact", c.PublicID), c.Title()+" was added")
}

// SetProfileName stores a person's own name on WhatsApp.
func SetProfileName(tx *models.Tx, contactID int64, name string) error {
	return base.DB(tx).Model(&Contact{}).Where("id = ?", contactID).Update("profile_name", name).Error
}

// SaveContact stores a contact's edited profile. version is the one that the form was opened with.
func SaveContact(tx *models.Tx, a models.Actor, c *Contact, version int) error {
	if c.Version != version {
		return models.ErrStale("contact")
	}
	c.Version++
	c.UpdatedAt = tx.Now()
	if err := base.DB(tx).Save(c).Error; err != nil {
		return err
	}
	tx.Publish("contacts", "contact-"+c.PublicID, "inbox")
	return models.Audit(tx, a, "contact.changed", models.About("contact", c.PublicID), c.Title()+" was changed")
}

// ContactByIDForUpdate finds and locks a contact by its row id.
func ContactByIDForUpdate(tx *models.Tx, id int64) (*Contact, error) {
	var out Contact
	return &out, models.Found(base.DB(tx).Clauses(base.ForUpdate).Take(&out, id).Error, "contact")
}

// ContactsNotIn finds contacts by public id, except those that are in rows already.
func (r Reads) ContactsNotIn(ctx context.Context, ids []string, rows []Contact) ([]Contact, error) {
	there := map[string]bool{}
	for _, row := range rows {
		there[row.PublicID] = true
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
	err := r.read(ctx).Where("public_id IN ? AND gone = ''", missing).Order("id").Find(&out).Error
	return out, err
}

// FillCountries sets the country of contacts that were stored before contacts had one, a few thousand at a time.
func FillCountries(ctx context.Context, s *models.Store) error {
	for range 100 {
		var rows []struct {
			ID    int64
			Phone string
		}
		err := base.Read(ctx, s).
			Raw(`SELECT id, phone FROM contacts WHERE country = '' AND phone IS NOT NULL AND gone = ''
				ORDER BY id DESC LIMIT 2000`).
			Scan(&rows).
			Error
		if err != nil || len(rows) == 0 {
			return err
		}
		ids, countries := make([]int64, len(rows)), make([]string, len(rows))
		for i, r := range rows {
			ids[i], countries[i] = r.ID, CountryOf(r.Phone)
		}
		_, err = base.Pool(s).Exec(ctx, `UPDATE contacts c SET country = x.country
			FROM unnest($1::bigint[], $2::text[]) AS x (id, country) WHERE c.id = x.id`, ids, countries)
		if err != nil {
			return err
		}
	}
	return nil
}

func firstWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

// Field is what a contact has in one of ContactFields, empty if nothing.
func (c *Contact) Field(name string) string {
	if key, ok := strings.CutPrefix(name, "field:"); ok {
		return (&ContactField{}).Show(c.Fields[key])
	}
	switch name {
	case "name":
		if c.Name != "" {
			return plaintext.CleanName(c.Name)
		}
		return plaintext.CleanName(c.ProfileName)
	case "first_name":
		return firstWord(c.Field("name"))
	case "profile_name":
		return plaintext.CleanName(c.ProfileName)
	case "phone":
		if c.Phone != nil {
			return whatsapp.ShowPhone(*c.Phone)
		}
	}
	return ""
}
