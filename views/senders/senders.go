package senders

import (
	"math"
	"strconv"
	"strings"
	"time"

	"parley/models/senders"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/policy"
)

// SendersProps are what the senders' page shows.
type SendersProps struct {
	Senders   []senders.Sender
	Reached   map[int64]int // different people in 24 hours
	Edit      SenderForm    // the form for a new sender, or what was refused
	PublicURL string
}

// SenderForm is what a sender's form holds.
type SenderForm struct {
	ID, Name, Phone, JoinWords, Rate, Countries string
	Kind                                        whatsapp.SenderKind
	State                                       whatsapp.SenderState
	PhoneConfirmed                              string // the value of the confirmation tick below a number to check
	Default                                     bool
	Version                                     int
	Problems                                    map[string]string
}

var stateOptions = []components.Option{
	{Value: string(whatsapp.SenderOnline), Label: "Online"},
	{Value: string(whatsapp.SenderOffline), Label: "Offline: nothing is sent"},
}

// FormOf is a sender as its form shows it.
func FormOf(s senders.Sender) SenderForm {
	return SenderForm{
		ID:        s.PublicID,
		Name:      s.Name,
		Phone:     s.Phone,
		Kind:      s.Kind,
		State:     s.State,
		JoinWords: s.JoinWords,
		Countries: s.Countries,
		Rate:      strconv.FormatFloat(s.MessagesPerSecond, 'g', 4, 64),
		Default:   s.IsDefault,
		Version:   s.Version,
	}
}

// SenderProps are what one sender's page shows.
type SenderProps struct {
	Sender                 senders.Sender
	Form                   *SenderForm
	Profile                *senders.Profile
	Code                   string // what was typed
	Events                 []senders.SenderEvent
	Reached                int
	CallbackURL, StatusURL string
	SimulatorURL           string
	Problems               map[string]string
	Now                    time.Time
}

// RegisterProps are what the form for a new number shows.
type RegisterProps struct {
	Phone, WabaID, CodeMethod, Request string
	PhoneConfirmed                     string // the value of the confirmation tick below a number to check
	Profile                            senders.Profile
	Problems                           map[string]string
}

// MoveItem is one check before a move.
type MoveItem struct{ Level, Text, Href, Fix string }

// MoveProps are what the page of a move shows.
type MoveProps struct {
	From, To *senders.Sender
	Items    []MoveItem
	Blocked  bool
}

func (p MoveProps) toSandbox() bool { return p.To.Sandbox() }

func senderAction(f SenderForm) string {
	if f.ID == "" {
		return "/settings/senders"
	}
	return "/settings/senders/" + f.ID
}

func submitLabel(f SenderForm) string {
	if f.ID == "" {
		return "Add sender"
	}
	return "Save"
}

func qualityTone(q string) whatsapp.Tone {
	switch strings.ToUpper(q) {
	case "HIGH", "GREEN":
		return whatsapp.ToneGood
	case "MEDIUM", "YELLOW":
		return whatsapp.ToneWarn
	case "LOW", "RED":
		return whatsapp.ToneBad
	}
	return ""
}

func qualityName(q string) string {
	if q == "" {
		return "Not rated yet"
	}
	return strings.ToUpper(q[:1]) + strings.ToLower(q[1:])
}

func limitName(s senders.Sender) string {
	switch {
	case s.MessagingLimit == "":
		return "Not known"
	case s.Tier == 0:
		return "No limit"
	}
	return thousands(s.Tier) + " people in 24 hours"
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// meter is the used part of a sender's limit, in percent.
func meter(reached, tier int) string {
	if tier == 0 {
		return "0"
	}
	return strconv.Itoa(int(math.Min(100, math.Ceil(float64(reached)*100/float64(tier)))))
}

func near(reached, tier int) bool { return tier > 0 && reached*5 >= tier*4 }

func eventText(e senders.SenderEvent) string {
	what := map[string]string{"status": "State", "quality": "Quality", "limit": "Limit"}[e.What]
	if e.Before == "" {
		return what + ": " + e.After
	}
	return what + ": " + e.Before + " → " + e.After
}

func verticalOptions(value string) []components.Option {
	out := []components.Option{{Value: "", Label: "None"}}
	found := value == ""
	for _, v := range policy.Verticals {
		out = append(out, components.Option{Value: v, Label: v})
		found = found || v == value
	}
	if !found {
		out = append(out, components.Option{Value: value, Label: value})
	}
	return out
}

func registering(s senders.Sender) bool {
	switch s.TwilioStatus {
	case senders.TwilioAsked, "CREATING", "VERIFYING":
		return true
	}
	return false
}
