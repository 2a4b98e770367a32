package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// Refusal is why Parley itself did not send a message when it was due.
type Refusal string

// Outgoing is a claimed message with the data for the call to Twilio.
type Outgoing struct {
	ID          int64
	PublicID    string
	From        string // E.164
	ContactID   int64
	Body        string
	Kind        whatsapp.MessageKind
	ContentSid  *string
	ContentType whatsapp.ContentType // of a template, empty for a reply
	VersionID   *int64
	Variables   templates.Values `gorm:"serializer:json"`
	// Placeholders are the version's, for their names at Twilio
	Placeholders []templates.Placeholder `gorm:"serializer:json"`
	Attempts     int
	SendingAt    time.Time
	CreatedAt    time.Time
	Lookups      int
	Latitude     *float64
	Longitude    *float64
	Label        string
	Refusal      Refusal
	MediaKey     string // public id and access key of the file, "id/key", empty if none
	AddressKind  whatsapp.AddressKind
	Address      string // what the message was written for
	ValidUntil   *time.Time
}

// Valid reports whether a message's validity has not ended. It is false for a message without one, which expires by its
// age.
func (o *Outgoing) Valid(now time.Time) bool { return o.ValidUntil != nil && now.Before(*o.ValidUntil) }

// To is the recipient's address.
func (o *Outgoing) To() whatsapp.Address { return people.AddressOf(o.AddressKind, o.Address) }

// ContentVariables are the values as Twilio expects them: by its own names where these are not numbers.
func (o *Outgoing) ContentVariables() string {
	keys := (&templates.TemplateVersion{Placeholders: o.Placeholders}).Keys()
	out := templates.Values{}
	for n, v := range o.Variables {
		if k := keys[n]; k != "" {
			n = k
		}
		out[n] = v
	}
	return out.JSON()
}

var (
	claimOutgoing      = query("outbox_claim")
	claimOutgoingKnown = query("outbox_claim_known")
	countRefused       = query("outbox_refused")
	settleTaken        = query("outbox_settle")
	sendersDue         = query("outbox_senders_due")
)

// topicConsent is consent with the topic of a message's template, where the claim reads it.
var topicConsent = people.ConsentSQL(gorm.Expr("p.topic_id"), gorm.Expr("s.kind = 'sandbox'"))

// Claim says which messages of a sender are claimed, and by which process.
type Claim struct {
	SenderID int64
	Owner    string
	N        int
	// Full says that the sender has reached WhatsApp's limit of different people for today
	Full bool
}

// ClaimOutgoing marks up to N due messages of a sender as sending and commits before it returns them. Messages that may
// not be sent any more are refused in the same statement and returned with Refusal set. With Full, only messages to
// people who were written to already, or within a session, are claimed.
func ClaimOutgoing(ctx context.Context, s *models.Store, c Claim) ([]Outgoing, error) {
	// Planning would take a third of the claim's time, and the plan is always the same.
	sql, plan := claimOutgoing, "force_generic_plan"
	if c.Full {
		sql, plan = claimOutgoingKnown, "force_custom_plan"
	}
	var out []Outgoing
	err := s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.DB(tx).Exec("SET LOCAL plan_cache_mode = " + plan).Error; err != nil {
			return err
		}
		err := base.DB(tx).Raw(sql, map[string]any{
			"now":           tx.Now(),
			"sender":        c.SenderID,
			"owner":         c.Owner,
			"limit":         gorm.Expr(strconv.Itoa(claimSize(c.N))),
			"topic_consent": topicConsent,
			"joined_after":  tx.Now().Add(-whatsapp.SandboxMembership),
			"counted_after": tx.Now().Add(-whatsapp.TierPeriod),
		}).Find(&out).Error
		if err != nil {
			return err
		}
		return publishRefused(tx, out)
	})
	return out, err
}

// claimSize rounds down, so that there are few different statements to keep prepared.
func claimSize(n int) int {
	for _, size := range []int{500, 250, 100, 50, 25, 10, 5, 2} {
		if n >= size {
			return size
		}
	}
	return 1
}

// publishRefused counts refusals on their conversations and publishes them, in two statements for any number.
func publishRefused(tx *models.Tx, list []Outgoing) error {
	var ids []int64
	for _, o := range list {
		if o.Refusal != "" {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var topics []string
	err := base.DB(tx).Raw(countRefused, map[string]any{"ids": models.IDs(ids).Text()}).Scan(&topics).Error
	tx.Publish(topics...)
	tx.Publish("home")
	return err
}

// DueSenders are the ids of online senders that have something to send now.
func (r Reads) DueSenders(ctx context.Context) ([]senders.Sender, error) {
	var out []senders.Sender
	err := r.read(ctx).Raw(sendersDue, map[string]any{"now": r.store.Now()}).Scan(&out).Error
	return out, err
}

// Taken is a message that Twilio accepted, with the sid that it gave.
type Taken struct {
	ID  int64  `json:"id"`
	Sid string `json:"sid"`
}

// SettleTaken records the messages that Twilio accepted, in one statement, and applies the statuses that came earlier.
// A message that its own callback has settled meanwhile is left unchanged, and so is one whose sid was given to another
// message with the same text.
func SettleTaken(ctx context.Context, s *models.Store, list []Taken) error {
	slices.SortFunc(list, func(a, b Taken) int { return cmp.Compare(a.ID, b.ID) }) // callbacks lock in the same order
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		var rows []struct {
			ID    int64
			Sid   string
			Topic string
			Early bool
		}
		err := base.DB(tx).Raw(settleTaken, map[string]any{"list": string(b)}).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			tx.Publish(r.Topic)
			if !r.Early {
				continue
			}
			if err := conversations.ApplyEarly(tx, r.ID, r.Sid); err != nil {
				return err
			}
		}
		return nil
	})
}

// FailOutgoing records Twilio's refusal of a message that this owner claimed.
func FailOutgoing(tx *models.Tx, id int64, code int, text string) error {
	var m conversations.Message
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || m.Status != whatsapp.Sending {
		return nil
	}
	return conversations.SetStatus(
		tx,
		&m,
		conversations.StatusChange{To: whatsapp.Failed, Code: code, Text: text, At: tx.Now()},
	)
}

// RequeueOutgoing puts a message back into the queue that Twilio certainly did not accept.
func RequeueOutgoing(tx *models.Tx, id int64, at time.Time) error {
	var m conversations.Message
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || (m.Status != whatsapp.Sending && m.Status != whatsapp.OutcomeUnknown) {
		return nil
	}
	m.Status, m.SendAt, m.ClaimedBy = whatsapp.Queued, &at, ""
	if err := base.DB(tx).Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return conversations.PublishMessage(tx, &m)
}

// MarkOutcomeUnknown marks a message whose call ended without an answer.
func MarkOutcomeUnknown(tx *models.Tx, id int64) error {
	var m conversations.Message
	if err := base.DB(tx).Clauses(base.ForUpdate).Take(&m, id).Error; err != nil {
		return err
	}
	if m.TwilioSid != nil || m.Status != whatsapp.Sending {
		return nil
	}
	m.Status = whatsapp.OutcomeUnknown
	if err := base.DB(tx).Omit("Author", "Media", "Version").Save(&m).Error; err != nil {
		return err
	}
	return conversations.PublishMessage(tx, &m)
}

// MarkOrphansUnknown marks a sender's messages that are sending but not among inFlight: the process that claimed them
// died or lost track of them. Call it only while holding the sender's lease.
func MarkOrphansUnknown(ctx context.Context, s *models.Store, senderID int64, inFlight []int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		var rows []conversations.Message
		err := base.DB(tx).
			Raw(`UPDATE messages SET status = 'in_doubt' WHERE sender_id = ? AND status = 'sending' AND NOT id = ANY(?)
			RETURNING conversation_id, notification_id`, senderID, models.IDs(inFlight).Text()).
			Scan(&rows).
			Error
		if err != nil {
			return err
		}
		for i := range rows {
			if err := conversations.PublishMessage(tx, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
