package people

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// ConsentEvent is one opt-in or opt-out. The database refuses to change or delete it, and chains each
// to the one before it for the same contact.
type ConsentEvent struct {
	ID         int64
	ContactID  int64
	Kind       whatsapp.Consent // opted_in, opted_out, or none: an earlier event is withdrawn
	Source     whatsapp.ConsentSource
	Scope      whatsapp.ConsentScope // empty: all senders
	Proof      string
	Wording    string // what the person was shown
	ActorID    *int64
	Actor      *accounts.User
	ReceiptID  *int64
	TopicID    *int64 // nil: everything
	Topic      *Topic
	FileID     *int64
	File       *ContactFile
	ImportID   *int64
	ErasedAt   *time.Time
	OccurredAt time.Time
	RecordedAt time.Time `gorm:"default:now()"`
	PrevHash   []byte    `gorm:"->"`
	Hash       []byte    `gorm:"->"`
}

var (
	setTopicConsent    = query("consent_topic_set")
	consentProblems    = query("consent_problems")
	consentChainBroken = query("consent_chain_broken")
	contactFamily      = query("contact_family")
	optOutEvents       = query("opt_out_events")
	optOutAudit        = query("opt_out_audit")
	optOutTell         = query("opt_out_tell")
)

// CountsFor is the scope that counts: people who joined the Sandbox before events had a scope agreed to the Sandbox
// only.
func (e *ConsentEvent) CountsFor() whatsapp.ConsentScope {
	if e.Kind == whatsapp.OptedIn && e.Source == whatsapp.SourceSandboxJoin {
		return whatsapp.ScopeSandbox
	}
	return cmp.Or(e.Scope, whatsapp.ScopeAll)
}

// ShownKind is what happened as lists show it: whatsapp.SandboxOnly for an opt-in to the Sandbox alone.
func (e *ConsentEvent) ShownKind() whatsapp.Consent {
	if e.CountsFor() == whatsapp.ScopeSandbox {
		return whatsapp.SandboxOnly
	}
	return e.Kind
}

// RecordConsent writes a consent event and makes it the contact's consent, in general or with the event's topic, in one
// transaction. c must be locked; it is updated. Joining the Sandbox does not end an opt-out and is not recorded after
// one.
func RecordConsent(tx *models.Tx, a models.Actor, c *Contact, e ConsentEvent) error {
	if e.Source == whatsapp.SourceSandboxJoin && c.Consent == whatsapp.OptedOut {
		return nil
	}
	e.ContactID, e.ActorID, e.Scope = c.ID, a.ID, e.CountsFor()
	if e.OccurredAt.IsZero() {
		e.OccurredAt = tx.Now()
	}
	if err := base.DB(tx).Omit("Actor", "Topic", "File").Create(&e).Error; err != nil {
		return err
	}
	about, err := stands(tx, c, &e)
	if err != nil {
		return err
	}
	word := map[whatsapp.Consent]string{
		whatsapp.OptedIn:     "opted in",
		whatsapp.OptedOut:    "opted out",
		whatsapp.ConsentNone: "has no opt-in any more",
	}[e.Kind]
	if e.Scope == whatsapp.ScopeSandbox {
		about = " to the Sandbox only"
	}
	tx.Publish("contacts", "contact-"+c.PublicID, "home")
	return models.Audit(
		tx,
		a,
		"consent."+string(e.Kind),
		models.About("contact", c.PublicID).With(map[string]any{"source": e.Source}),
		c.Title()+" "+word+about,
	)
}

// stands makes an event the contact's consent, in general or for a topic, and returns what it is about.
func stands(tx *models.Tx, c *Contact, e *ConsentEvent) (about string, err error) {
	if e.TopicID == nil {
		c.setConsentState(c.ConsentState().After(e.Kind, e.Scope, e.OccurredAt))
		return "", base.DB(tx).Model(&Contact{}).Where("id = ?", c.ID).Updates(map[string]any{
			"consent":       c.Consent,
			"consent_scope": c.ConsentScope,
			"consent_at":    c.ConsentAt,
			"opted_out_at":  c.OptedOutAt,
		}).Error
	}
	err = base.DB(tx).Exec(setTopicConsent, map[string]any{
		"contact": c.ID,
		"topic":   *e.TopicID,
		"consent": e.Kind,
		"at":      e.OccurredAt,
	}).Error
	if err == nil {
		err = base.DB(tx).Raw("SELECT ' to ' || name FROM topics WHERE id = ?", *e.TopicID).Scan(&about).Error
	}
	return about, err
}

// BulkOptOut opts out the contacts that are not opted out yet. Each gets its own event and audit entry; events and
// entries take one statement each for any number of contacts. The contacts must be locked. It returns how many were
// opted out.
func BulkOptOut(
	tx *models.Tx,
	a models.Actor,
	contactIDs []int64,
	source whatsapp.ConsentSource,
	proof string,
) (int64, error) {
	args := map[string]any{
		"ids":     contactIDs,
		"actor":   a.ID,
		"name":    a.Name,
		"request": a.RequestID,
		"source":  source,
		"proof":   proof,
		"now":     tx.Now(),
		"live":    models.LiveChannel,
	}
	var ids []int64
	err := base.DB(tx).Raw(optOutEvents, args).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	args["ids"] = ids
	for _, q := range []string{
		`UPDATE contacts SET consent = 'opted_out', consent_scope = 'all', consent_at = @now, opted_out_at = NULL
			WHERE id IN @ids`,
		optOutAudit, optOutTell,
	} {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
			return 0, err
		}
	}
	tx.Publish("contacts", "home")
	return int64(len(ids)), nil
}

// Family is a contact and those that were merged into it, by row id.
func Family(tx *models.Tx, contactID int64) (ids []int64, err error) {
	err = base.DB(tx).Raw(contactFamily, map[string]any{"contact": contactID}).Scan(&ids).Error
	return ids, err
}

// ConsentHistory is the events of a contact and of those that were merged into it, latest first.
func (r Reads) ConsentHistory(ctx context.Context, contactID int64) ([]ConsentEvent, error) {
	var ids []int64
	if err := r.read(ctx).Raw(contactFamily, map[string]any{"contact": contactID}).Scan(&ids).Error; err != nil {
		return nil, err
	}
	var out []ConsentEvent
	err := r.read(ctx).
		Joins("Actor").
		Joins("Topic").
		Joins("File").
		Where("consent_events.contact_id IN ?", ids).
		Order("consent_events.id DESC").
		Find(&out).
		Error
	return out, err
}

// ConsentProblem is an inconsistency in the consent ledger that only a change from outside the program can cause.
type ConsentProblem struct {
	EventID         int64 // 0 where the problem is the contact's consent as a whole
	ContactPublicID string
	What            string
}

// VerifyConsent checks the whole ledger: each event's text, hash and link to the one before, and whether each contact's
// consent state is what the events say, in general and for each topic, which finds events removed from the end. It
// returns how many events there are.
func (r Reads) VerifyConsent(ctx context.Context) (events int64, problems []ConsentProblem, err error) {
	if err := r.read(ctx).Model(&ConsentEvent{}).Count(&events).Error; err != nil {
		return 0, nil, err
	}
	err = r.read(ctx).Raw(consentProblems).Scan(&problems).Error
	return events, problems, err
}

// ConsentChain are the events of a contact and of those that were merged into it, oldest first, with those whose
// text, hash or link is wrong.
func (r Reads) ConsentChain(
	ctx context.Context,
	contactID int64,
) (events []ConsentEvent, broken map[int64]bool, err error) {
	if events, err = r.ConsentHistory(ctx, contactID); err != nil {
		return nil, nil, err
	}
	slices.Reverse(events)
	var ids []int64
	err = r.read(ctx).Raw(consentChainBroken, map[string]any{"contact": contactID}).Scan(&ids).Error
	broken = map[int64]bool{}
	for _, id := range ids {
		broken[id] = true
	}
	return events, broken, err
}

var consentToTopic = query("shared/consent_to_topic")

// ConsentSQL is the consent of the contact c of a statement for a topic, towards the Sandbox or another sender: topic
// and sandbox are values, or expressions over what else the statement reads.
func ConsentSQL(topic, sandbox any) clause.Expression {
	return clause.NamedExpr{SQL: consentToTopic, Vars: []any{map[string]any{"topic": topic, "sandbox": sandbox}}}
}
