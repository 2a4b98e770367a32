// Package onboarding shows the requests for production access: the form, the review, the state of each, and the
// submission.
package onboarding

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"parley/models/onboarding"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/policy"
)

// ListProps are what the list shows.
type ListProps struct {
	List    []onboarding.AccessRequest
	Times   []onboarding.StepTime
	MayEdit bool
	Now     time.Time
}

// Item is one finding of the readiness review.
type Item struct{ Field, Text string }

// Sample is a template that a request includes, or can include.
type Sample struct {
	Version            templates.TemplateVersion
	Clean, Promotional bool
	Finding            string
}

// Step is what was typed into the form of the next step.
type Step struct{ Note, NextAction, CaseNumber, HappenedOn, RemindOn string }

// DetailProps are what a request's page shows.
type DetailProps struct {
	Request                   *onboarding.AccessRequest
	BasedOn                   *onboarding.AccessRequest
	Sender                    *senders.Sender // with the request's number, nil if there is none
	Timeline                  []onboarding.AccessEvent
	Files                     []onboarding.AccessFile
	Samples                   []Sample
	Score                     int
	Blockers, Advice, Good    []Item
	MayEdit, MaySeeSubmission bool
	SimulatorURL              string
	SubmissionJSON            string // for handing it in at the simulated Twilio
	Submission                SubmissionProps
	Typed                     Step
	Zone                      *time.Location // time zone of the days in the form
	RemindWas                 string         // the moment behind Typed.RemindOn, as it is stored
	Problems                  map[string]string
	Now                       time.Time
}

// SubmissionProps are what the printed submission shows besides the request.
type SubmissionProps struct {
	Links   []string
	Samples []SubmissionSample
}

// SubmissionSample is a template in the printed submission.
type SubmissionSample struct {
	Name, Language, Body, Filled string
	Category                     whatsapp.Category
}

func (p DetailProps) url(rest string) string { return "/access/" + p.Request.PublicID + rest }

func (p DetailProps) evidence() []onboarding.AccessFile {
	return slices.DeleteFunc(slices.Clone(p.Files), func(f onboarding.AccessFile) bool { return f.EventID != nil })
}

// took is how long step i of the timeline lasted, or has lasted so far; only steps count, not notes.
func (p DetailProps) took(i int) string {
	if !p.Timeline[i].Step() {
		return ""
	}
	end, last := p.Now, true
	for _, e := range p.Timeline[i+1:] {
		if e.Step() {
			end, last = e.HappenedAt, false
			break
		}
	}
	if last && onboarding.AccessState(p.Timeline[i].ToState) == onboarding.AccessLive {
		return ""
	}
	d := Duration(end.Sub(p.Timeline[i].HappenedAt))
	if last {
		return d + " so far"
	}
	return d
}

// Duration formats a duration in words.
func Duration(d time.Duration) string {
	plural := func(n int, word string) string {
		if n == 1 {
			return "1 " + word
		}
		return strconv.Itoa(n) + " " + word + "s"
	}
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour")
	}
	return plural(int(d.Hours()/24), "day")
}

// nextSteps are the steps that the page offers, the next one in order first.
func (p DetailProps) nextSteps() []onboarding.AccessState { return p.Request.State.Next() }

func (p DetailProps) blocked(s onboarding.AccessState) bool {
	return (s == onboarding.AccessReady || s == onboarding.AccessSubmitted) && len(p.Blockers) > 0
}

// FormProps are what the form shows.
type FormProps struct {
	Request      onboarding.AccessRequest
	Volume       string
	Candidates   []Sample
	Unclean      int // templates with findings of the lint
	NameFindings []string
	Drawn        string // the result of drawing from the records
	Problems     map[string]string
}

func (p FormProps) action() string {
	if p.Request.PublicID == "" {
		return "/access"
	}
	return "/access/" + p.Request.PublicID
}

// SavedProps are the result of autosave.
type SavedProps struct {
	ID           string
	Version      int
	OK           bool
	Problems     map[string]string
	NameFindings []string
}

func (p SavedProps) problems() []string {
	var out []string
	for _, f := range formFields {
		if text := p.Problems[f[0]]; text != "" {
			out = append(out, f[1]+": "+text)
		}
	}
	if p.Problems[""] != "" {
		out = append(out, p.Problems[""])
	}
	return out
}

var formFields = [][2]string{
	{"legal_name", "Legal name"},
	{"display_name", "Display name"},
	{"website", "Website"},
	{"country", "Country"},
	{"address", "Address"},
	{"vertical", "Line of business"},
	{
		"contact_name",
		"Contact person",
	},
	{"contact_email", "E-mail"},
	{"contact_phone", "Telephone"},
	{"account_sid", "Account SID"},
	{"facebook_business_id", "Business Manager ID"},
	{"phone", "Phone number"},
	{
		"phone_code",
		"Code",
	},
	{"phone_free", "Other WhatsApp account"},
	{"use_case", "Use case"},
	{"monthly_volume", "Messages a month"},
	{"optin_description", "Opt-in"},
	{"optin_links", "Links"},
	{"samples", "Samples"},
}

func (p FormProps) verticals() []components.Option {
	out := []components.Option{{Value: "", Label: "Choose …"}}
	for _, v := range policy.Verticals {
		out = append(out, components.Option{Value: v, Label: v})
	}
	return withTyped(out, p.Request.Vertical)
}

func (p FormProps) countries() []components.Option {
	return withTyped(
		append([]components.Option{{Value: "", Label: "Choose …"}}, components.Countries...),
		p.Request.Country,
	)
}

func (p FormProps) useCases() []components.Option {
	out := []components.Option{{Value: "", Label: "Choose …"}}
	for _, u := range policy.UseCases {
		out = append(out, components.Option{Value: u.Value, Label: u.Label})
	}
	return withTyped(out, p.Request.UseCase)
}

// withTyped keeps a typed value that is not among the choices, so that it is not lost.
func withTyped(options []components.Option, value string) []components.Option {
	if slices.ContainsFunc(options, func(o components.Option) bool { return o.Value == value }) {
		return options
	}
	return append(options, components.Option{Value: value, Label: value})
}

func (p FormProps) chosen(s Sample) bool { return slices.Contains(p.Request.Samples, s.Version.ID) }

var codeOptions = []components.Option{
	{Value: "", Label: "Choose …"},
	{Value: "sms", Label: "Yes, by SMS"},
	{Value: "voice", Label: "Yes, by a voice call"},
	{Value: "no", Label: "No"},
}

var freeOptions = []components.Option{
	{Value: "", Label: "Choose …"},
	{Value: "yes", Label: "No, it is free"},
	{Value: "no", Label: "Yes, it is in use"},
}

// action is the label of the button that moves a request from one state to another.
func action(from, to onboarding.AccessState) string {
	if from == onboarding.AccessRejected && to == onboarding.AccessInReview {
		return "Appeal was handed in"
	}
	return actions[to]
}

var actions = map[onboarding.AccessState]string{
	onboarding.AccessReady:      "Mark as ready",
	onboarding.AccessDraft:      "Fix it: back to draft",
	onboarding.AccessSubmitted:  "It was submitted",
	onboarding.AccessInReview:   "WhatsApp reviews it",
	onboarding.AccessMoreInfo:   "More information was asked",
	onboarding.AccessApproved:   "It was approved",
	onboarding.AccessRejected:   "It was rejected",
	onboarding.AccessRegistered: "The number is registered",
	onboarding.AccessLive:       "We are live",
}

var advice = map[onboarding.AccessState]string{
	onboarding.AccessDraft: "Fill in what is missing and fix what the review names, then mark the request as ready.",
	onboarding.AccessReady: "Hand it in at Twilio: in the Console under Messaging, Senders, WhatsApp senders. Copy the " +
		"answers from the submission, or attach it. Then note here that it was submitted.",
	onboarding.AccessSubmitted: "Twilio passes it to WhatsApp. A review takes one to two weeks; set a reminder for then.",
	onboarding.AccessInReview:  "WhatsApp reviews the business and the display name. Nothing to do but wait.",
	onboarding.AccessMoreInfo: "Edit the request so that it answers what was asked, and note that it was " +
		"submitted again.",
	onboarding.AccessApproved: "Register the number: Twilio sends it a code by SMS or voice.",
	onboarding.AccessRejected: "Read the reason and fix what it names: go back to the draft, begin a new request, or " +
		"appeal if WhatsApp is wrong.",
	onboarding.AccessRegistered: "Move to production, then send a first template. The request becomes live by itself " +
		"when it arrives.",
	onboarding.AccessLive: "Done. Keep the quality high: it raises the number of people you may write to a day.",
}

func next(s onboarding.AccessState) string { return advice[s] }

func useCase(s string) string {
	switch s {
	case "customer_care":
		return "Customer care"
	case "notifications":
		return "Notifications"
	case "mixed":
		return "Customer care and notifications"
	}
	return ""
}

func codeWord(s string) string {
	return map[string]string{"sms": "By SMS", "voice": "By a voice call", "no": "Not at all"}[s]
}

func freeWord(s string) string {
	return map[string]string{"yes": "In no other WhatsApp account", "no": "In use in another WhatsApp account"}[s]
}

func volume(n int) string {
	if n == 0 {
		return ""
	}
	return components.Int(n)
}

func shownPhone(p string) string {
	if p == "" {
		return ""
	}
	return whatsapp.ShowPhone(p)
}

func scoreTone(p DetailProps) string {
	switch {
	case len(p.Blockers) > 0:
		return "text-destructive"
	case len(p.Advice) > 0:
		return "text-warning"
	}
	return "text-success"
}

func scoreWord(p DetailProps) string {
	switch n := len(p.Blockers); {
	case n == 1:
		return "One thing keeps it here"
	case n > 1:
		return fmt.Sprintf("%d things keep it here", n)
	case len(p.Advice) > 0:
		return "Complete, with advice"
	}
	return "Complete"
}

func country(code string) string {
	if code == "" {
		return ""
	}
	return locale.CountryName(code)
}
