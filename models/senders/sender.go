package senders

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// forChange locks a row but lets others add rows that refer to it: every message refers to its sender.
var forChange = clause.Locking{Strength: "NO KEY UPDATE"}

// Sender is a WhatsApp number that messages are sent from.
type Sender struct {
	ID                int64
	PublicID          string `gorm:"default:new_public_id()"`
	Name              string
	Phone             string
	Kind              whatsapp.SenderKind
	State             whatsapp.SenderState
	JoinWords         string // the Sandbox's two words
	IsDefault         bool
	MessagesPerSecond float64 `gorm:"default:80"`
	Countries         string  // the default sender for contacts of these: DE AT CH
	TwilioSid         *string // XE…; nil until Twilio knows the sender
	TwilioStatus      string  // Twilio's status; TwilioAsked until Twilio has answered
	WabaID            string
	CodeMethod        string  `gorm:"default:sms"` // how the number receives its code: sms or voice
	Profile           Profile `gorm:"type:jsonb;serializer:json;default:'{}'"`
	ProfileSentAt     *time.Time
	CallbackURL       string          // where Twilio sends this sender's messages
	Quality           string          // Twilio's rating: HIGH, MEDIUM, LOW
	MessagingLimit    string          // as Twilio writes it: 10K Customers/24hr
	Tier              int             // different people in 24 hours; 0: not known, or no limit
	OfflineReasons    []OfflineReason `gorm:"type:jsonb;serializer:json;default:'[]'"`
	Problem           string          // Twilio's latest refusal
	CheckedAt         *time.Time
	TierToldAt        *time.Time
	SlowedAt          *time.Time // when WhatsApp last reported that the sender is too fast
	Version           int        `gorm:"default:1"`
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// BeforeSave keeps the column of reasons, which is never NULL: a nil slice would be stored as that.
func (s *Sender) BeforeSave(*gorm.DB) error {
	if s.OfflineReasons == nil {
		s.OfflineReasons = []OfflineReason{}
	}
	return nil
}

// TwilioAsked is a sender's status after Twilio was asked to register it, until Twilio answers.
const TwilioAsked = "ASKED"

// Profile is what people see of a sender. Limits: Twilio, WhatsApp Senders API.
type Profile struct {
	Name        string `json:"name,omitempty"`    // the display name
	About       string `json:"about,omitempty"`   // at most 139 characters
	Address     string `json:"address,omitempty"` // at most 256
	Description string `json:"description,omitempty"`
	LogoURL     string `json:"logo_url,omitempty"`
	Website     string `json:"website,omitempty"`
	Email       string `json:"email,omitempty"`
	Vertical    string `json:"vertical,omitempty"`
}

// OfflineReason is why Twilio says that a sender is offline.
type OfflineReason struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// For reports whether the sender is the default one for a country, two letters.
func (s *Sender) For(country string) bool {
	return country != "" && slices.Contains(strings.Fields(s.Countries), country)
}

// Live reports whether the sender can send messages: it is switched on here, and online at Twilio as far as known.
func (s *Sender) Live() bool { return s.State == whatsapp.SenderOnline }

// PickSender is the sender for a contact of a country: the one for the country, else the default one, else any that is
// online. Senders come as Reads.Senders gives them. Nil if there is none.
func PickSender(list []Sender, country string) *Sender {
	for _, fits := range []func(*Sender) bool{
		func(s *Sender) bool { return s.Live() && s.For(country) },
		func(s *Sender) bool { return s.Live() && s.IsDefault },
		(*Sender).Live,
	} {
		for i := range list {
			if fits(&list[i]) {
				return &list[i]
			}
		}
	}
	return nil
}

// Sandbox reports whether this is Twilio's shared Sandbox.
func (s *Sender) Sandbox() bool { return s.Kind == whatsapp.SandboxSender }

// SandboxPhone is the number that all accounts' Sandboxes share.
const SandboxPhone = "+14155238886"

// SandboxRate is the Sandbox's pace: one message in three seconds.
const SandboxRate = 1.0 / 3

// Senders are all senders, the default one first.
func (r Reads) Senders(ctx context.Context) ([]Sender, error) {
	var out []Sender
	err := r.read(ctx).Order("is_default DESC, lower(name), id").Find(&out).Error
	return out, err
}

// SenderByPublicID finds a sender.
func (r Reads) SenderByPublicID(ctx context.Context, id string) (*Sender, error) {
	var out Sender
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "sender")
}

// UnknownSender is the name of the sender of messages whose webhook does not say which number they came to.
const UnknownSender = "Unknown number"

// SenderByPhone finds the sender with a number, or makes one: a signed webhook for a number that
// Parley does not know yet still comes from the account, and its message must not be lost. Without a number it is
// UnknownSender, from which nothing can be sent.
func SenderByPhone(tx *models.Tx, phone string) (*Sender, error) {
	var out Sender
	err := base.DB(tx).Where("phone = ?", phone).Take(&out).Error
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return &out, err
	}
	out = Sender{Name: phone, Phone: phone, Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline}
	summary := "A message came to " + phone + ", which was not listed as a sender yet"
	switch phone {
	case SandboxPhone:
		out.Name, out.Kind, out.MessagesPerSecond = "Twilio Sandbox", whatsapp.SandboxSender, SandboxRate
	case "":
		out.Name, out.State = UnknownSender, whatsapp.SenderOffline
		summary = "A message came whose webhook does not say to which number"
	}
	if err := base.DB(tx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "phone"}}, DoNothing: true}).
		Create(&out).
		Error; err != nil {
		return nil, err
	}
	if out.ID == 0 {
		return &out, base.DB(tx).Where("phone = ?", phone).Take(&out).Error
	}
	return &out, models.Audit(tx, models.System("webhook"), "sender.found", models.About("sender", out.PublicID), summary)
}

// SaveSender stores a sender, new or not. version is the one that the form was opened with, 0 for a new one.
func SaveSender(tx *models.Tx, a models.Actor, in *Sender, version int) error {
	action, summary := "sender.changed", "Sender "+in.Name+" was changed"
	if in.ID == 0 {
		action, summary = "sender.added", "Sender "+in.Name+" ("+in.Phone+") was added"
	} else if in.Version != version {
		return models.ErrStale("sender")
	}
	if in.IsDefault {
		err := base.DB(tx).Model(&Sender{}).Where("is_default AND id <> ?", in.ID).Update("is_default", false).Error
		if err != nil {
			return err
		}
	}
	in.Version = version + 1
	in.UpdatedAt = tx.Now()
	if err := base.DB(tx).Save(in).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("phone", "sender.number_taken")
		}
		return err
	}
	tx.Publish("senders", "shell")
	return models.Audit(tx, a, action, models.About("sender", in.PublicID), summary)
}

// SenderForUpdate finds and locks a sender.
func SenderForUpdate(tx *models.Tx, publicID string) (*Sender, error) {
	var out Sender
	return &out, models.Found(base.DB(tx).Clauses(forChange).Where("public_id = ?", publicID).Take(&out).Error, "sender")
}
