// Package access shows the requests for production access: the form, and where each stands.
package access

import (
	"strconv"
	"time"

	"parley/models"
	"parley/views/components"
)

// CheckItem is one line of the readiness check.
type CheckItem struct {
	Text string
	OK   bool
}

// OneProps are what a request's page shows.
type OneProps struct {
	Request  *models.AccessRequest
	Timeline []models.AccessEvent
	Check    []CheckItem
	MayEdit  bool
	Problem  string
	Note     string
	Now      time.Time
}

func (p OneProps) complete() bool {
	for _, c := range p.Check {
		if !c.OK {
			return false
		}
	}
	return true
}

func (p OneProps) done() int {
	n := 0
	for _, c := range p.Check {
		if c.OK {
			n++
		}
	}
	return n
}

// FormProps are what the form shows.
type FormProps struct {
	Request   models.AccessRequest
	Volume    string
	Verticals []string
	Problems  map[string]string
}

func (p FormProps) action() string {
	if p.Request.PublicID == "" {
		return "/access"
	}
	return "/access/" + p.Request.PublicID
}

func (p FormProps) verticals() []components.Option {
	out := []components.Option{{Value: "", Label: "Choose …"}}
	for _, v := range p.Verticals {
		out = append(out, components.Option{Value: v, Label: v})
	}
	return out
}

var names = map[models.AccessState]string{models.AccessDraft: "Draft", models.AccessReady: "Ready", models.AccessSubmitted: "Submitted",
	models.AccessInReview: "In review", models.AccessMoreInfo: "More information asked", models.AccessApproved: "Approved",
	models.AccessRejected: "Rejected", models.AccessRegistered: "Number registered", models.AccessLive: "Live"}

// StateName says in words where a request stands.
func StateName(s models.AccessState) string { return names[s] }

// Tone is the colour of a state.
func Tone(s models.AccessState) string {
	switch s {
	case models.AccessApproved, models.AccessRegistered, models.AccessLive:
		return "good"
	case models.AccessRejected:
		return "bad"
	case models.AccessMoreInfo:
		return "warn"
	case models.AccessDraft:
		return ""
	}
	return "info"
}

var actions = map[models.AccessState]string{models.AccessReady: "Mark as ready", models.AccessDraft: "Back to draft", models.AccessSubmitted: "Submitted to Twilio",
	models.AccessInReview: "WhatsApp reviews it", models.AccessMoreInfo: "More information was asked", models.AccessApproved: "It was approved",
	models.AccessRejected: "It was rejected", models.AccessRegistered: "The number is registered", models.AccessLive: "We are live"}

var advice = map[models.AccessState]string{
	models.AccessDraft:      "Fill in what is missing, then mark the request as ready.",
	models.AccessReady:      "Hand it in: in Twilio's Console under Messaging, Senders, WhatsApp senders. Then note it here.",
	models.AccessSubmitted:  "Twilio passes it to WhatsApp. A review takes one to two weeks.",
	models.AccessInReview:   "WhatsApp reviews the business and the display name. Nothing to do but wait.",
	models.AccessMoreInfo:   "Answer what was asked, edit the request, and note that it was submitted again.",
	models.AccessApproved:   "Register the number in Twilio's Console; it receives a code by SMS or voice.",
	models.AccessRejected:   "Read the reason, mend what it names, and begin again from the draft.",
	models.AccessRegistered: "Add the number as a sender, point its webhooks here, and send a first template.",
	models.AccessLive:       "Done. Keep the quality high: it raises the number of people you may write to a day.",
}

func next(s models.AccessState) string { return advice[s] }

func itoa(n int) string { return strconv.Itoa(n) }
