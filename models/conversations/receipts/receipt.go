package receipts

import (
	"context"
	"regexp"
	"strings"
	"time"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people/segments"
)

// ReceiptKind is the kind of a delivery from Twilio.
type ReceiptKind string

// The kinds of deliveries. A test comes from the console, to check that the address can be reached.
const (
	MessageReceipt ReceiptKind = "message"
	StatusReceipt  ReceiptKind = "status"
	TestReceipt    ReceiptKind = "test"
)

// ReceiptKinds are all kinds of deliveries.
func ReceiptKinds() []ReceiptKind { return []ReceiptKind{MessageReceipt, StatusReceipt, TestReceipt} }

// Verdict is the result of a delivery from Twilio.
type Verdict string

// The verdicts. Failed means that the delivery was stored and could not be applied: Twilio, or a user, sends it again.
const (
	VerdictAccepted     Verdict = "accepted"
	VerdictRepeated     Verdict = "repeated"
	VerdictBadSignature Verdict = "bad_signature"
	VerdictMalformed    Verdict = "malformed"
	VerdictFailed       Verdict = "failed"
)

// Verdicts are all verdicts.
func Verdicts() []Verdict {
	return []Verdict{VerdictAccepted, VerdictRepeated, VerdictBadSignature, VerdictMalformed, VerdictFailed}
}

// WebhookReceipt is one delivery from Twilio and its result.
type WebhookReceipt struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	Kind       ReceiptKind
	Verdict    Verdict
	MessageSid string
	Effect     string
	Form       string // of deliveries from before RawBody was kept; see Raw
	RawBody    []byte // the body as it came; empty unless the signature was right
	RequestID  string
	ReceivedAt time.Time    `gorm:"default:now()"`
	TokenNo    int          // which of our tokens signed it, counted from 1; 0 for none
	OutOfOrder bool         // a status that came after a later one
	Person     string       // the person's address in it
	Also       models.Texts `gorm:"type:text[];->:false;<-:create"` // their other addresses in it
	ReplayOf   *int64
	ReplayedBy *int64
}

// Raw is the body as it came, empty if it is not stored, or not any more.
func (r *WebhookReceipt) Raw() []byte {
	if len(r.RawBody) > 0 {
		return r.RawBody
	}
	return []byte(r.Form)
}

// LogReceipt stores a verdict in its own transaction, for deliveries that are refused.
func LogReceipt(ctx context.Context, s *models.Store, r *WebhookReceipt) error {
	return base.Read(ctx, s).Create(r).Error
}

// AddReceipt stores the receipt of a delivery together with what it changed.
func AddReceipt(tx *models.Tx, r *WebhookReceipt) error { return base.DB(tx).Create(r).Error }

// AddReceipts stores many receipts.
func AddReceipts(tx *models.Tx, list []WebhookReceipt) error {
	if len(list) == 0 {
		return nil
	}
	return base.DB(tx).Create(&list).Error
}

// ReceiptFilter narrows the webhook inspector. Search is a message's sid, or a number.
type ReceiptFilter struct {
	Verdict, Kind, Search string
	Nothing               bool  // it names a verdict or a kind that does not exist
	Before                int64 // id of the last one seen, 0 for the first page
	Limit                 int
}

// Receipts are the latest deliveries, without their bodies.
func (r Reads) Receipts(ctx context.Context, f ReceiptFilter) ([]WebhookReceipt, error) {
	if f.Nothing {
		return nil, nil
	}
	q := r.read(ctx).Omit("form", "raw_body").Order("id DESC").Limit(f.Limit)
	switch f.Verdict {
	case "":
	case "out_of_order":
		q = q.Where("out_of_order")
	default:
		q = q.Where("verdict = ?", f.Verdict)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	switch search := strings.TrimSpace(f.Search); {
	case search == "":
	case sidLike.MatchString(search):
		q = q.Where("message_sid = ?", search)
	default:
		person, is := segments.WholeNumber(search)
		if !is {
			person = search // WhatsApp's id of a person
		}
		q = q.Where("person = ?", person)
	}
	if f.Before > 0 {
		q = q.Where("id < ?", f.Before)
	}
	var out []WebhookReceipt
	err := q.Find(&out).Error
	return out, err
}

var sidLike = regexp.MustCompile(`^[A-Za-z]{2}[0-9a-fA-F]{4,40}$`)

// ReceiptByPublicID finds a delivery.
func (r Reads) ReceiptByPublicID(ctx context.Context, id string) (*WebhookReceipt, error) {
	var out WebhookReceipt
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "delivery")
}

// ReceiptByID finds a delivery by its row id.
func (r Reads) ReceiptByID(ctx context.Context, id int64) (*WebhookReceipt, error) {
	var out WebhookReceipt
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "delivery")
}

// Replays are the later deliveries that repeat one by hand, without their bodies.
func (r Reads) Replays(ctx context.Context, id int64) ([]WebhookReceipt, error) {
	var out []WebhookReceipt
	err := r.read(ctx).Omit("form", "raw_body").Where("replay_of = ?", id).Order("id").Find(&out).Error
	return out, err
}

// ConversationOfSid is the public id of the conversation that holds a message, empty if none does.
func (r Reads) ConversationOfSid(ctx context.Context, sid string) (string, error) {
	var id string
	err := r.read(ctx).
		Raw(`SELECT v.public_id FROM messages m JOIN conversations v ON v.id = m.conversation_id
			WHERE m.twilio_sid = ?`, sid).
		Scan(&id).
		Error
	return id, err
}
