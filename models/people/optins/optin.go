package optins

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/senders"
	"parley/whatsapp"
)

// OptinSource is a place where people opt in: a public page with a form, a link and a QR code to WhatsApp, and
// a way for the business's own form.
type OptinSource struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Slug       string // in the page's address
	Name       string // for the team
	Business   string // the business that people opt in to, as the page names it
	Headline   string
	Wording    string // what people agree to; it is stored with each opt-in
	Color      string
	Keyword    string // what is sent from the phone to opt in
	Reply      string // the answer to the keyword, empty for none
	SenderID   int64
	Sender     *senders.Sender
	TopicID    *int64
	Topic      *people.Topic
	TagID      *int64
	Tag        *people.Tag
	Confirm    bool   // the form alone is not an opt-in; the keyword from the person's own phone is
	APIKeyHash []byte `gorm:"column:api_key_hash"`
	ClosedAt   *time.Time
	Version    int       `gorm:"default:1"`
	CreatedAt  time.Time `gorm:"default:now()"`
	UpdatedAt  time.Time `gorm:"default:now()"`
}

// OptinColors are the colours that a page can have.
var OptinColors = []string{"green", "blue", "violet", "rose", "amber", "slate"}

// OptinRequest is a submitted form that waits for the keyword.
type OptinRequest struct {
	ID          int64
	SourceID    int64
	Match       string
	Phone       string
	Name        string
	Language    string
	IP          string `gorm:"column:ip"`
	UserAgent   string
	Wording     string
	CreatedAt   time.Time `gorm:"default:now()"`
	ConfirmedAt *time.Time
}

// OptinSourceRow is a source with its results.
type OptinSourceRow struct {
	OptinSource
	Waiting int64 // forms without their keyword
}

// OptinSources are all sources, those that are open first.
func (r Reads) OptinSources(ctx context.Context) ([]OptinSourceRow, error) {
	var list []OptinSource
	err := r.read(ctx).
		Joins("Sender").
		Joins("Topic").
		Joins("Tag").
		Order("closed_at IS NOT NULL, lower(optin_sources.name), optin_sources.id").
		Find(&list).
		Error
	if err != nil {
		return nil, err
	}
	var waiting []struct{ SourceID, N int64 }
	if err := r.read(ctx).
		Raw("SELECT source_id, count(*) AS n FROM optin_requests WHERE confirmed_at IS NULL GROUP BY source_id").
		Scan(&waiting).
		Error; err != nil {
		return nil, err
	}
	byID := map[int64]int64{}
	for _, w := range waiting {
		byID[w.SourceID] = w.N
	}
	out := make([]OptinSourceRow, len(list))
	for i, o := range list {
		out[i] = OptinSourceRow{OptinSource: o, Waiting: byID[o.ID]}
	}
	return out, nil
}

func (r Reads) optinSource(ctx context.Context, where string, arg any) (*OptinSource, error) {
	var out OptinSource
	return &out, models.Found(
		r.read(ctx).Joins("Sender").Joins("Topic").Joins("Tag").Where(where, arg).Take(&out).Error,
		"optin",
	)
}

// OptinBySlug finds an open page.
func (r Reads) OptinBySlug(ctx context.Context, slug string) (*OptinSource, error) {
	return r.optinSource(ctx, "optin_sources.closed_at IS NULL AND optin_sources.slug = ?", slug)
}

// OptinByPublicID finds a source.
func (r Reads) OptinByPublicID(ctx context.Context, id string) (*OptinSource, error) {
	return r.optinSource(ctx, "optin_sources.public_id = ?", id)
}

// OptinByKey finds the source that an API key belongs to, open or closed: people opt out of a closed one, too.
func (r Reads) OptinByKey(ctx context.Context, key string) (*OptinSource, error) {
	h := sha256.Sum256([]byte(key))
	return r.optinSource(ctx, "optin_sources.api_key_hash = ?", h[:])
}

// OptinByKeyword finds the open page whose keyword is the whole message, in any case; nil if there is none.
func OptinByKeyword(tx *models.Tx, senderID int64, body string) (*OptinSource, error) {
	text := strings.ToLower(strings.Join(strings.Fields(body), " "))
	if text == "" || len(text) > 200 {
		return nil, nil
	}
	var out OptinSource
	err := base.DB(tx).Where("sender_id = ? AND closed_at IS NULL", senderID).
		Where("lower(keyword) = ?", strings.TrimRight(text, ".! ")).
		Take(&out).
		Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	return &out, err
}

// SaveOptinSource stores a source, new or not. version is the one that the form was opened with.
func SaveOptinSource(tx *models.Tx, a models.Actor, o *OptinSource, version int) error {
	word := "changed"
	if o.ID == 0 {
		word = "added"
	} else if o.Version != version {
		return models.ErrStale("optin")
	}
	o.Version, o.UpdatedAt = version+1, tx.Now()
	if err := base.DB(tx).Omit("Sender", "Topic", "Tag").Save(o).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("slug", "optin.slug_or_keyword_taken")
		}
		return err
	}
	tx.Publish("optins")
	return models.Audit(
		tx,
		a,
		"optin."+word,
		models.About("optin_source", o.PublicID).With(map[string]any{"wording": o.Wording}),
		"The opt-in page "+o.Name+" was "+word,
	)
}

// OptinForUpdate finds and locks a source.
func OptinForUpdate(tx *models.Tx, publicID string) (*OptinSource, error) {
	var out OptinSource
	return &out, models.Found(base.Lock(tx, &out, publicID), "optin")
}

var optinRequest = query("optin_request")

// RequestOptin stores a form until its keyword comes. A second form for the same number replaces the first.
func RequestOptin(tx *models.Tx, r *OptinRequest) error {
	return base.DB(tx).Exec(optinRequest, map[string]any{
		"source":     r.SourceID,
		"match":      r.Match,
		"phone":      r.Phone,
		"name":       r.Name,
		"language":   r.Language,
		"ip":         r.IP,
		"user_agent": r.UserAgent,
		"wording":    r.Wording,
		"now":        tx.Now(),
	}).Error
}

// ConfirmOptin confirms the form that waits for a contact's keyword, nil if there is none, and fills in the contact's
// missing values.
func ConfirmOptin(tx *models.Tx, o *OptinSource, c *people.Contact) (*OptinRequest, error) {
	if c.Phone == nil {
		return nil, nil
	}
	var r OptinRequest
	err := base.DB(tx).Clauses(base.ForUpdate).
		Where("source_id = ? AND match = ? AND confirmed_at IS NULL", o.ID, whatsapp.MatchPhone(*c.Phone)).
		Take(&r).
		Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := base.DB(tx).Model(&r).Update("confirmed_at", tx.Now()).Error; err != nil {
		return &r, err
	}
	return &r, fillIn(tx, c, r.Name, r.Language)
}

// fillIn gives a contact a name and a language if it has none.
func fillIn(tx *models.Tx, c *people.Contact, name, language string) error {
	changes := map[string]any{}
	if c.Name == "" && name != "" {
		c.Name, changes["name"] = name, name
	}
	if c.Language == "" && language != "" {
		c.Language, changes["language"] = language, language
	}
	if len(changes) == 0 {
		return nil
	}
	return base.DB(tx).Model(&people.Contact{}).Where("id = ?", c.ID).Updates(changes).Error
}

// OptinContact finds or makes the contact of a number that came through an opt-in page or the API. The contact
// is locked.
func OptinContact(tx *models.Tx, phone, name, language string) (*people.Contact, error) {
	c, made, err := people.ContactAt(tx, whatsapp.Address{Phone: phone}, "")
	if err != nil {
		return nil, err
	}
	if made {
		tx.Publish("contacts")
	}
	return c, fillIn(tx, c, name, language)
}

// TagContact gives a contact a tag, nil for none.
func TagContact(tx *models.Tx, c *people.Contact, tagID *int64) error {
	if tagID == nil {
		return nil
	}
	return base.DB(tx).Exec(
		"UPDATE contacts SET tags = array_append(tags, ?) WHERE id = ? AND NOT tags @> CAST(? AS bigint[])",
		*tagID,
		c.ID,
		models.IDs{*tagID}.Text(),
	).Error
}
