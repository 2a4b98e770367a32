package arrivals

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"parley/models"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/models/internal/base"
	"parley/models/people"
	"parley/models/senders"
	"parley/whatsapp"
	"parley/whatsapp/intent"
)

// Arrival is what an inbound message is handled with: its sender, contact and conversation, the latter two locked, and
// the settings that decide what follows.
type Arrival struct {
	Sender       *senders.Sender
	Contact      *people.Contact
	New          bool // the contact
	Conversation *conversations.Conversation
	Keywords     intent.Keywords
	Desk         conversations.InboxSettings
	ReceiptID    int64 // of the delivery's receipt, once it is stored
	Notified     bool  // the message may be a reply to the last template sent to the person
	HasPages     bool  // the sender has opt-in pages, whose words count
	AddressID    int64 // of the address that wrote
	link         *link
	// At is when the message was first received. It is long ago for a message that is handled later: see Late.
	At   time.Time
	Late bool
}

// Overtaken reports whether the message is handled late and the person has written in the conversation since.
func (a *Arrival) Overtaken() bool {
	last := a.Conversation.LastInboundAt
	return a.Late && last != nil && !a.At.After(*last)
}

// arrived is one row with all of it. Nearly every message comes from a known person and takes one round trip.
type arrived struct {
	Sender         senders.Sender             `gorm:"embedded;embeddedPrefix:s_"`
	Contact        people.Contact             `gorm:"embedded;embeddedPrefix:c_"`
	Conversation   conversations.Conversation `gorm:"embedded;embeddedPrefix:v_"`
	Keywords, Desk *string
	Notified       bool
	HasPages       bool
	AddressID      int64
	Alias          bool // the user id came with this number last
}

var (
	arrival         = query("arrival")
	arrivalSettings = query("arrival_settings")
	messageArrived  = query("message_arrived")
)

// The columns of arrival.
var (
	arrivedSender       = gorm.Expr(columnsOf[senders.Sender]("s"))
	arrivedContact      = gorm.Expr(columnsOf[people.Contact]("c"))
	arrivedConversation = gorm.Expr(columnsOf[conversations.Conversation]("v"))
)

// columnsOf lists a table's columns under names that begin with its alias.
func columnsOf[T any](alias string) string {
	parsed, err := schema.Parse(new(T), &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // the models are our own: any test would show the error
	}
	var out []string
	for _, name := range parsed.DBNames {
		out = append(out, alias+"."+name+" AS "+alias+"_"+name)
	}
	return strings.Join(out, ", ")
}

// Arrive finds, or makes, the sender, the contact and the conversation of an inbound message. userID is WhatsApp's own
// name for the person, empty if there is none.
func Arrive(tx *models.Tx, phone string, from whatsapp.Address, profileName, userID string) (*Arrival, error) {
	var rows []arrived
	err := base.DB(tx).Raw(arrival, map[string]any{
		"sender_columns":       arrivedSender,
		"contact_columns":      arrivedContact,
		"conversation_columns": arrivedConversation,
		"phone":                phone,
		"match":                from.Match(),
		"alias":                whatsapp.Address{ID: userID}.Match(),
		"since":                tx.Now().Add(-AnswerWithin),
	}).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	w := writer{from: from, profileName: profileName, userID: userID}
	if len(rows) == 0 || rows[0].Contact.Gone != "" || w.named() && !rows[0].Alias {
		return arriveUnknown(tx, phone, w)
	}
	r := &rows[0]
	r.Conversation.Contact, r.Conversation.Sender = &r.Contact, &r.Sender
	a := &Arrival{
		Sender:       &r.Sender,
		Contact:      &r.Contact,
		Conversation: &r.Conversation,
		Notified:     r.Notified,
		HasPages:     r.HasPages,
		AddressID:    r.AddressID,
	}
	if err := a.decide(r); err != nil {
		return nil, err
	}
	return a, nil
}

// writer is the person who wrote an inbound message, as the webhook names them.
type writer struct {
	from                whatsapp.Address
	profileName, userID string
}

// named reports whether the webhook has a number and, beside it, WhatsApp's own name for the person.
func (w writer) named() bool { return w.userID != "" && w.from.Phone != "" }

// arriveUnknown is for a person who writes for the first time, or from another of their addresses.
func arriveUnknown(tx *models.Tx, phone string, w writer) (*Arrival, error) {
	a := &Arrival{Notified: true}
	var err error
	if a.Sender, err = senders.SenderByPhone(tx, phone); err != nil {
		return nil, err
	}
	a.Contact, a.New, err = people.ContactAt(tx, w.from, w.profileName)
	userID := ""
	if err == nil && w.named() {
		userID = w.userID
		a.Contact, err = knownAs(tx, a.Contact, userID)
	}
	if err != nil {
		return nil, err
	}
	if err := place(tx, a, w.from, userID); err != nil {
		return nil, err
	}
	if a.Conversation, err = conversations.ConversationWith(tx, a.Contact, a.Sender); err != nil {
		return nil, err
	}
	var r arrived
	err = base.DB(tx).Raw(arrivalSettings, map[string]any{"sender": a.Sender.ID}).Scan(&r).Error
	a.HasPages = r.HasPages
	return a, errors.Join(err, a.decide(&r))
}

func (a *Arrival) decide(r *arrived) error {
	var err error
	a.Desk = conversations.DefaultInboxSettings()
	a.Keywords, err = decodedKeywords(r.Keywords)
	return errors.Join(err, models.DecodeSetting("desk", r.Desk, &a.Desk))
}

// lastKeywords caches the lists that were decoded last: they rarely change.
var lastKeywords atomic.Pointer[struct {
	text string
	k    intent.Keywords
}]

// decodedKeywords are shared: callers must not change them.
func decodedKeywords(text *string) (intent.Keywords, error) {
	key := ""
	if text != nil {
		key = *text
	}
	if last := lastKeywords.Load(); last != nil && last.text == key {
		return last.k, nil
	}
	k := intent.DefaultKeywords()
	if err := models.DecodeSetting("keywords", text, &k); err != nil {
		return k, err
	}
	lastKeywords.Store(&struct {
		text string
		k    intent.Keywords
	}{key, k})
	return k, nil
}

// Arrived stores an inbound message with its receipt and notes when its contact was last seen. If the session is open,
// replies that were scheduled until the person writes become ready: kept are their authors. added is false, and nothing
// was done, if the message is stored already.
func Arrived(
	tx *models.Tx,
	a *Arrival,
	m *conversations.Message,
	r *receipts.WebhookReceipt,
) (added bool, kept []int64, err error) {
	var rows []struct {
		MessageID, ReceiptID int64
		AuthorID             *int64
	}
	details, err := json.Marshal(m.Details)
	if err != nil {
		return false, nil, err
	}
	err = base.DB(tx).Raw(messageArrived,
		map[string]any{
			"conversation": m.ConversationID,
			"sender":       m.SenderID,
			"messageKind":  m.Kind,
			"body":         m.Body,
			"latitude":     m.Latitude,
			"longitude":    m.Longitude,
			"label":        m.Label,
			"reply":        m.ReplyToSid,
			"hint":         m.Hint,
			"details":      string(details),
			"address":      m.AddressID,
			"kind":         r.Kind,
			"verdict":      r.Verdict,
			"sid":          r.MessageSid,
			"effect":       r.Effect,
			"raw":          r.RawBody,
			"received":     r.ReceivedAt,
			"also":         r.Also.Text(),
			"request":      r.RequestID,
			"token":        r.TokenNo,
			"person":       r.Person,
			"of":           r.ReplayOf,
			"by":           r.ReplayedBy,
			"now":          a.At,
			"closes":       whatsapp.WindowCloses(a.At),
			"contact":      a.Contact.ID,
		}).
		Find(&rows).
		Error
	for _, row := range rows {
		m.ID, m.CreatedAt, a.ReceiptID = row.MessageID, a.At, row.ReceiptID
		if row.AuthorID != nil {
			kept = append(kept, *row.AuthorID)
		}
	}
	return len(rows) > 0, kept, err
}

// AnswerWithin is how long after a notification a message of its recipient counts as a reply to it.
const AnswerWithin = 72 * time.Hour
