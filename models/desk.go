package models

import (
	"context"

	"parley/services/whatsapp"
)

// Desk is how the inbox works by itself. Its zero value is everything off.
type Desk struct {
	Hours    whatsapp.Hours `json:"hours"`     // business hours
	Away     Rule           `json:"away"`      // told outside of business hours, once a session
	Greeting Rule           `json:"greeting"`  // told when a person begins a conversation
	Nudge    Rule           `json:"nudge"`     // told before a session closes that we have answered, once a session
	Rating   Rule           `json:"rating"`    // asked after the chat
	NudgeMin int            `json:"nudge_min"` // minutes before the session closes

	Assign      bool `json:"assign"`       // by round robin among those present
	AssignLimit int  `json:"assign_limit"` // open conversations of one person; 0: no limit
	ResolveDays int  `json:"resolve_days"` // resolve what nobody wrote in for so long; 0: never
	RespondMin  int  `json:"respond_min"`  // target for the first reply, in minutes of business hours; 0: none
	ResolveHrs  int  `json:"resolve_hrs"`  // target for the resolution, in hours of business hours; 0: none

	OnlyAssignee bool `json:"only_assignee"` // only the assignee answers
	Typing       bool `json:"typing"`        // the person sees that somebody types
	AlertMin     int  `json:"alert_min"`     // tell the assignee so many minutes before a session closes unanswered; 0: never
	// the rating question at Twilio, made anew when its text changes
	RatingSid  string `json:"rating_sid,omitempty"`
	RatingText string `json:"rating_text,omitempty"`
}

// Rule is an automatic message.
type Rule struct {
	On   bool   `json:"on"`
	Text string `json:"text"`
}

// Says is the rule's text, empty while it is off.
func (r Rule) Says() string {
	if r.On {
		return r.Text
	}
	return ""
}

func defaultDesk() Desk {
	return Desk{Hours: whatsapp.DefaultHours(), NudgeMin: 60,
		Away:     Rule{Text: "Thanks for your message. We are closed right now and will answer when we open again."},
		Greeting: Rule{Text: "Hello, thanks for writing to us. Somebody will answer you shortly."},
		Nudge:    Rule{Text: "Is there anything else we can help you with? We can answer freely here for a little while longer."},
		Rating:   Rule{Text: "How did we do?"}}
}

// Desk are the settings in force.
func (s *Store) Desk(ctx context.Context) (Desk, error) {
	d := defaultDesk()
	return d, setting(s.read(ctx), "desk", &d)
}

// Desk are the same within a transaction.
func (tx *Tx) Desk() (Desk, error) {
	d := defaultDesk()
	return d, setting(tx.DB, "desk", &d)
}

// SaveDesk puts other settings in force.
func (tx *Tx) SaveDesk(a Actor, d Desk) error {
	return tx.saveSetting(a, "desk", d, "The inbox's automation was changed")
}

// ReceiptDays is for how many days the webhook inspector keeps deliveries that were taken.
func (s *Store) ReceiptDays(ctx context.Context) (int, error) {
	days := 90
	return days, setting(s.read(ctx), "receipt_days", &days)
}

// SaveReceiptDays changes it.
func (tx *Tx) SaveReceiptDays(a Actor, days int) error {
	return tx.saveSetting(a, "receipt_days", days, "The webhook inspector keeps deliveries for "+itoa(days)+" days")
}
