package conversations

import (
	"slices"
	"strings"
)

// Details are what a message contains besides its text.
type Details struct {
	Contacts  []SharedContact `json:"contacts,omitempty"`
	Forwarded bool            `json:"forwarded,omitempty"`
	Voice     bool            `json:"voice,omitempty"`   // recorded in the browser
	Payload   string          `json:"payload,omitempty"` // of the button or list item that was tapped
	From      string          `json:"from,omitempty"`    // the advertisement or post that the person came from
	Address   string          `json:"address,omitempty"` // of a location
	Buttons   []string        `json:"buttons,omitempty"` // under a question of ours
	// the notification that a message answers: its public id and its template's name
	Notification     string `json:"notification,omitempty"`
	NotificationName string `json:"notification_name,omitempty"`
	// the fields of a form that the person filled in; the message's text holds them too, for the search
	Answers []Answer `json:"answers,omitempty"`
	Unread  []Unread `json:"unread,omitempty"` // the parts of the webhook that could not be read
}

// Answer is one field of a form that a person filled in.
type Answer struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// AnswersText is the answers as lines of text.
func AnswersText(list []Answer) string {
	var lines []string
	for _, a := range list {
		lines = append(lines, a.Label+": "+a.Value)
	}
	return strings.Join(lines, "\n")
}

// Unread is a part of an inbound message that could not be read.
type Unread struct {
	What      string `json:"what"` // as shown to users: location, file
	Parameter string `json:"parameter"`
	Reason    string `json:"reason"`
}

// Unreadable lists what could not be read, each thing once.
func (d Details) Unreadable() []string {
	var out []string
	for _, u := range d.Unread {
		if !slices.Contains(out, u.What) {
			out = append(out, u.What)
		}
	}
	return out
}

// SharedContact is a card that a person sent.
type SharedContact struct {
	Name   string   `json:"name"`
	Phones []string `json:"phones,omitempty"`
	Emails []string `json:"emails,omitempty"`
}
