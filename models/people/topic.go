package people

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/senders"
	"parley/whatsapp"
)

// Topic is a kind of message that consent is kept for besides the general one: invoices, appointments.
type Topic struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Name       string
	ArchivedAt *time.Time
	CreatedAt  time.Time `gorm:"default:now()"`
}

// Topics are the topics in use, by name.
func (r Reads) Topics(ctx context.Context) ([]Topic, error) {
	var out []Topic
	err := r.read(ctx).Where("archived_at IS NULL").Order("lower(name)").Find(&out).Error
	return out, err
}

// TopicByPublicID finds a topic in use.
func (r Reads) TopicByPublicID(ctx context.Context, id string) (*Topic, error) {
	var out Topic
	return &out, models.Found(r.read(ctx).Where("public_id = ? AND archived_at IS NULL", id).Take(&out).Error, "topic")
}

// AddTopic makes a topic.
func AddTopic(tx *models.Tx, a models.Actor, name string) (*Topic, error) {
	t := &Topic{Name: name}
	if err := base.DB(tx).Create(t).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return nil, models.Invalid("name", "topic.name_taken")
		}
		return nil, err
	}
	tx.Publish("topics")
	return t, models.Audit(tx, a, "topic.added", models.About("topic", t.PublicID), "Topic "+name+" was added")
}

// ArchiveTopic takes a topic out of use: it can't be chosen any more. Its consent events stay, and templates and opt-in
// pages of the topic keep it, so that nobody who opted out of it gets more than before.
func ArchiveTopic(tx *models.Tx, a models.Actor, publicID string) error {
	var t Topic
	if err := models.Found(
		base.DB(tx).Clauses(base.ForUpdate).Where("public_id = ? AND archived_at IS NULL", publicID).Take(&t).Error,
		"topic",
	); err != nil {
		return err
	}
	now := tx.Now()
	t.ArchivedAt = &now
	if err := base.DB(tx).Save(&t).Error; err != nil {
		return err
	}
	tx.Publish("topics")
	return models.Audit(tx, a, "topic.archived", models.About("topic", t.PublicID), "Topic "+t.Name+" was archived")
}

// TopicConsent is a contact's consent for a topic.
type TopicConsent struct {
	Topic
	Consent   whatsapp.Consent
	ConsentAt *time.Time
}

var topicConsents = query("topic_consents")

// TopicConsents are a contact's consents for each topic towards the business's own senders, with the general consent
// taken into account.
func (r Reads) TopicConsents(ctx context.Context, contactID int64) ([]TopicConsent, error) {
	var out []TopicConsent
	err := r.read(ctx).
		Raw(topicConsents, map[string]any{
			"contact": contactID,
			"consent": ConsentSQL(gorm.Expr("t.id"), gorm.Expr("false")),
		}).
		Scan(&out).
		Error
	return out, err
}

// ConsentTo sets each contact's Consent, in memory, to the one that counts for a topic from a sender, or for messages
// without a topic if topicID is nil: whatsapp.SandboxOnly if it is for the Sandbox and the sender is another one.
func ConsentTo(tx *models.Tx, topicID *int64, s *senders.Sender, contacts []Contact) error {
	for i := range contacts {
		contacts[i].Consent = contacts[i].ConsentFor(s)
	}
	if topicID == nil || len(contacts) == 0 {
		return nil
	}
	ids := make([]int64, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	var rows []struct {
		ID      int64
		Consent whatsapp.Consent
	}
	sandbox := gorm.Expr("false")
	if s.Sandbox() {
		sandbox = gorm.Expr("true")
	}
	err := base.DB(tx).Raw("SELECT c.id, @consent AS consent FROM contacts c WHERE c.id IN @ids", map[string]any{
		"consent": ConsentSQL(gorm.Expr("CAST(? AS bigint)", *topicID), sandbox),
		"ids":     ids,
	}).Scan(&rows).Error
	byID := map[int64]whatsapp.Consent{}
	for _, r := range rows {
		byID[r.ID] = r.Consent
	}
	for i := range contacts {
		contacts[i].Consent = byID[contacts[i].ID]
	}
	return err
}
