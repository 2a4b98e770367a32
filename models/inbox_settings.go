package models

import (
	"context"

	"parley/whatsapp"
)

// InboxSettings are the inbox's business hours, automatic messages and targets. The zero value turns everything off.
type InboxSettings struct {
	Hours    whatsapp.Hours `json:"hours"`     // business hours
	Away     Rule           `json:"away"`      // sent outside of business hours, once a session
	Greeting Rule           `json:"greeting"`  // sent when a person begins a conversation
	Nudge    Rule           `json:"nudge"`     // sent before an answered session closes, once a session
	Rating   Rule           `json:"rating"`    // asked after the chat
	NudgeMin int            `json:"nudge_min"` // minutes before the session closes

	Assign      bool `json:"assign"`       // by round robin among those present
	AssignLimit int  `json:"assign_limit"` // open conversations of one person; 0: no limit
	ResolveDays int  `json:"resolve_days"` // resolve conversations without a message for so long; 0: never
	RespondMin  int  `json:"respond_min"`  // target for the first reply, in minutes of business hours; 0: none
	ResolveHrs  int  `json:"resolve_hrs"`  // target for the resolution, in hours of business hours; 0: none

	OnlyAssignee bool `json:"only_assignee"` // only the assignee replies
	Typing       bool `json:"typing"`        // the person sees that somebody types
	// AlertMin is how many minutes before a session closes unanswered the assignee is told; 0: never
	AlertMin int `json:"alert_min"`
	// the rating question at Twilio, made again when its text changes
	RatingSid  string `json:"rating_sid,omitempty"`
	RatingText string `json:"rating_text,omitempty"`
}

// Rule is an automatic message.
type Rule struct {
	On   bool   `json:"on"`
	Text string `json:"text"`
}

// Says is the rule's text, empty if the rule is off.
func (r Rule) Says() string {
	if r.On {
		return r.Text
	}
	return ""
}

func defaultInboxSettings() InboxSettings {
	return InboxSettings{
		Hours:    whatsapp.DefaultHours(),
		NudgeMin: 60,
		Away:     Rule{Text: "Thanks for your message. We are closed right now and will answer when we open again."},
		Greeting: Rule{Text: "Hello, thanks for writing to us. Somebody will answer you shortly."},
		Nudge: Rule{
			Text: "Is there anything else we can help you with? We can answer freely here for a little while longer.",
		},
		Rating: Rule{Text: "How did we do?"},
	}
}

// InboxSettings are the current settings.
func (s *Store) InboxSettings(ctx context.Context) (InboxSettings, error) {
	d := defaultInboxSettings()
	err := setting(s.read(ctx), "desk", &d)
	return d, err
}

// InboxSettings are the same within a transaction.
func (tx *Tx) InboxSettings() (InboxSettings, error) {
	d := defaultInboxSettings()
	err := setting(tx.DB, "desk", &d)
	return d, err
}

// SaveInboxSettings stores new settings.
func (tx *Tx) SaveInboxSettings(a Actor, d InboxSettings) error {
	return tx.saveSetting(a, "desk", d, "The inbox's automation was changed")
}

// ReceiptDays is for how many days the webhook inspector keeps accepted deliveries.
func (s *Store) ReceiptDays(ctx context.Context) (int, error) {
	days := 90
	err := setting(s.read(ctx), "receipt_days", &days)
	return days, err
}

// SaveReceiptDays changes it.
func (tx *Tx) SaveReceiptDays(a Actor, days int) error {
	return tx.saveSetting(a, "receipt_days", days, "The webhook inspector keeps deliveries for "+itoa(days)+" days")
}

// NotifyRules are the rules for all notifications. The quiet hours apply to messages of other programs; a notification
// has its own, which these are the default of.
type NotifyRules struct {
	PerDay       int     `json:"per_day"`    // notifications that one contact gets in 24 hours, 0: any number
	MinHours     int     `json:"min_hours"`  // hours between two to one contact, 0: none
	QuietFrom    *int    `json:"quiet_from"` // minutes after midnight, where the contact is; nil: no quiet hours
	QuietTo      *int    `json:"quiet_to"`
	ApproveAbove int     `json:"approve_above"` // more people than this need a second person's approval, 0: never
	Prices       []Price `json:"prices"`
	PricesOf     string  `json:"prices_of"` // the day of the price table
	Currency     string  `json:"currency"`
}

// Price is what a message costs in a country and category; an empty country is any other.
type Price struct {
	Country  string            `json:"country"`
	Category whatsapp.Category `json:"category"` // or TwilioFee
	Amount   float64           `json:"amount"`
}

// TwilioFee is used in place of a category for Twilio's fee for each message.
const TwilioFee whatsapp.Category = "TWILIO"

// DefaultNotifyRules apply until somebody sets others. The prices are examples to be checked and edited: Twilio's fee
// for each message, and Meta's for utility templates by country, as published in 2025.
func DefaultNotifyRules() NotifyRules {
	return NotifyRules{
		ApproveAbove: 1000,
		Currency:     "USD",
		PricesOf:     "2025-07-01",
		Prices: []Price{
			{"", TwilioFee, 0.005},
			{"", whatsapp.Utility, 0.0077},
			{"", whatsapp.Authentication, 0.0077},
			{"US", whatsapp.Utility, 0.0034},
			{"DE", whatsapp.Utility, 0.0456},
			{"GB", whatsapp.Utility, 0.0183},
			{"BR", whatsapp.Utility, 0.0068},
			{"IN", whatsapp.Utility, 0.0012},
			{"MX", whatsapp.Utility, 0.0085},
			{"ES", whatsapp.Utility, 0.0166},
			{"FR", whatsapp.Utility, 0.0248},
			{"IT", whatsapp.Utility, 0.0248},
			{"AE", whatsapp.Utility, 0.0131},
		},
	}
}

// PriceOf is what one message costs: Twilio's fee and Meta's.
func (r NotifyRules) PriceOf(country string, category whatsapp.Category) float64 {
	twilio, meta, other := 0.0, -1.0, 0.0
	for _, p := range r.Prices {
		switch {
		case p.Category == TwilioFee:
			twilio = p.Amount
		case p.Category == category && p.Country == country:
			meta = p.Amount
		case p.Category == category && p.Country == "":
			other = p.Amount
		}
	}
	if meta < 0 {
		meta = other
	}
	return twilio + meta
}

// NotifyRules are the current rules.
func (s *Store) NotifyRules(ctx context.Context) (NotifyRules, error) {
	r := DefaultNotifyRules()
	err := setting(s.read(ctx), "notify", &r)
	return r, err
}

// SaveNotifyRules stores new rules.
func (tx *Tx) SaveNotifyRules(a Actor, r NotifyRules) error {
	return tx.saveSetting(a, "notify", r, "The rules for notifications were changed")
}
