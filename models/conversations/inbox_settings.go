package conversations

import (
	"context"

	"parley/models"
	"parley/models/internal/base"
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

// DefaultInboxSettings are those of a new installation.
func DefaultInboxSettings() InboxSettings {
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
func (r Reads) InboxSettings(ctx context.Context) (InboxSettings, error) {
	d := DefaultInboxSettings()
	err := models.Setting(r.read(ctx), "desk", &d)
	return d, err
}

// InboxSettingsForUpdate are the same for a transaction that changes them: another one waits until it has ended.
func InboxSettingsForUpdate(tx *models.Tx) (InboxSettings, error) {
	if err := base.LockKey(tx, "setting", "desk"); err != nil {
		return InboxSettings{}, err
	}
	return CurrentInboxSettings(tx)
}

// CurrentInboxSettings are the current settings as a transaction sees them. They are not locked.
func CurrentInboxSettings(tx *models.Tx) (InboxSettings, error) {
	d := DefaultInboxSettings()
	err := models.Setting(base.DB(tx), "desk", &d)
	return d, err
}

// SaveInboxSettings stores new settings.
func SaveInboxSettings(tx *models.Tx, a models.Actor, d InboxSettings) error {
	return models.SaveSetting(tx, a, "desk", d, "The inbox's automation was changed")
}
