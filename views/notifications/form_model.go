// Package notifications shows notifications: the list, the form, the dry run, and how each one's messages stand.
package notifications

import (
	"slices"
	"strconv"
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
)

// FormProps are what the form shows.
type FormProps struct {
	ID                string // of a notification that is being edited
	Version           int
	Token             string
	Name              string
	Senders           []senders.Sender
	Sender            *senders.Sender
	Templates         []templates.TemplateGroup
	Chosen            *templates.TemplateGroup
	AudienceKind      string // contacts, filter, list
	Segment           string // public id, SegmentEverybody, SegmentKept, or "" while nothing is chosen
	Kept              string // what notifications.SegmentKept stands for, empty if it is not offered
	KeptTags          []segments.KeptTag
	GoneTags          []segments.KeptTag // chosen, and deleted since
	Segments          []segments.Segment
	Tags              []people.Tag
	ChosenTags        []string
	Contacts          []people.Contact // the contacts to choose from
	Query             string
	Selected          []string
	SelectedContacts  []people.Contact // chosen, but not among those listed now
	List              string           // pasted
	ListName          string           // of the stored list
	ListRows          int
	ListCountry       string     // country of numbers without a country code
	Shown             *ListProps // the list whose columns are being chosen, nil without one
	Columns           []string
	Fields            []people.ContactField
	Values, Defaults  templates.Values
	From              map[string]string // by number: fixed, column, or field:KEY
	When, At          string
	AtWas             string         // the moment behind At, as it is stored
	Zone              *time.Location // of At
	LocalTime         bool
	QuietFrom         string
	QuietTo           string
	Speed             string
	ValidHours        string
	StopPercent       string
	UseCase           string
	Problems          map[string]string
	LooksPromotional  string
	Now               time.Time
	MoreContactsExist bool
}

// ListProps are a list whose columns are confirmed before it is used.
type ListProps struct {
	Name       string // of the file, empty for a pasted list
	Kept, Seen string // identifies the list, for the form to send back
	Titles     []string
	Rows       []imports.TableRow // the first ones
	Total      int
	Header     bool
	Column     int // of the numbers, -1 for none
	Country    string
	Good, Bad  int
	Problems   []imports.ListProblem
	Whole      bool // Good and Bad are of all rows
}

// Others are the columns that can fill placeholders.
func (p *ListProps) Others() []string {
	var out []string
	for n, t := range p.Titles {
		if n != p.Column {
			out = append(out, t)
		}
	}
	return out
}

// counted says how many numbers can be read.
func (p *ListProps) counted() string {
	of := "Of " + thousands(p.Total) + " rows"
	if !p.Whole {
		of = "Of the first " + thousands(p.Good+p.Bad) + " rows"
	}
	if p.Bad == 0 {
		return of + ", all numbers can be read."
	}
	return of + ", " + thousands(p.Bad) + " have no number that can be read."
}

// countries are the choices for numbers without a country code.
func countries() []components.Option {
	return append([]components.Option{{Label: "None: leave such numbers out"}}, components.Countries...)
}

func (p FormProps) action() string {
	if p.ID == "" {
		return "/notifications"
	}
	return "/notifications/" + p.ID
}

// Filled are the values known so far, for the preview.
func (p FormProps) filled() templates.Values {
	out := templates.Values{}
	for i, name := range p.Chosen.Names() {
		n := number(i)
		switch from := p.From[n]; {
		case from == "" || from == "fixed":
			out[n] = p.Values[n]
		case p.Defaults[n] != "":
			out[n] = p.Defaults[n]
		default:
			out[n] = p.Chosen.Main.Samples()[name]
		}
	}
	return out
}

func (p FormProps) selected(id string) bool { return slices.Contains(p.Selected, id) }

func (p FormProps) tagged(id string) bool { return slices.Contains(p.ChosenTags, id) }

func (p FormProps) senders() []components.Option {
	var out []components.Option
	for _, s := range p.Senders {
		name := s.Name + " · " + whatsapp.ShowPhone(s.Phone)
		if s.State != whatsapp.SenderOnline {
			name += " (offline)"
		}
		out = append(out, components.Option{Value: s.PublicID, Label: name})
	}
	return out
}

func (p FormProps) senderID() string {
	if p.Sender == nil {
		return ""
	}
	return p.Sender.PublicID
}

// KeepGoneTags keeps chosen tags that were deleted in the form until the user removes them: without them the
// notification would go to more people.
func (p *FormProps) KeepGoneTags() {
	for _, id := range p.ChosenTags {
		if slices.ContainsFunc(p.Tags, func(t people.Tag) bool { return t.PublicID == id }) {
			continue
		}
		gone := segments.KeptTag{ID: id, Name: "A tag"}
		if i := slices.IndexFunc(
			p.KeptTags,
			func(t segments.KeptTag) bool { return t.ID == id },
		); i >= 0 &&
			p.KeptTags[i].Name != "" {
			gone = p.KeptTags[i]
		}
		p.GoneTags = append(p.GoneTags, gone)
	}
}

func (p FormProps) segments() []components.Option {
	out := []components.Option{
		{Value: "", Label: "Choose whom this is for …"},
		{Value: notifications.SegmentEverybody, Label: "Everybody who is opted in"},
	}
	if p.Kept != "" {
		out = append(out, components.Option{Value: notifications.SegmentKept, Label: p.Kept})
	}
	for _, s := range p.Segments {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name})
	}
	return out
}

// sources are where a placeholder's value can come from.
func (p FormProps) sources() []components.Option {
	out := []components.Option{{Value: "fixed", Label: "This text for all"}}
	for _, k := range templates.ContactFields {
		out = append(out, components.Option{Value: "field:" + k, Label: "Field: " + fieldNames[k]})
	}
	for _, f := range p.Fields {
		out = append(out, components.Option{Value: "field:field:" + f.Key, Label: "Field: " + f.Label})
	}
	return append(out, components.Option{Value: "column", Label: "Column of the list"})
}

var useCases = []components.Option{
	{Value: "notification", Label: "Notification: an alert or a reminder"},
	{Value: "customer_care", Label: "Customer care"},
	{Value: "mixed", Label: "Both"},
}

// languages are the languages that people can get a template in.
func languages(g templates.TemplateGroup) string {
	if len(g.Versions) == 1 {
		return g.Main.Language
	}
	return g.Main.Language + " + " + strconv.Itoa(len(g.Versions)-1) + " more"
}

var fieldNames = map[string]string{
	"name":         "the contact's name",
	"first_name":   "the contact's first name",
	"profile_name": "the WhatsApp profile name",
	"phone":        "the contact's number",
}

// filledBy says what fills a placeholder if nothing is typed.
func filledBy(g *templates.TemplateGroup, name string) string {
	field, fallback := g.Filled(name)
	switch {
	case field != "" && fallback != "":
		return "Empty: " + fieldNames[field] + ", or “" + fallback + "”."
	case field != "":
		return "Empty: " + fieldNames[field] + "; who has none is left out."
	case fallback != "":
		return "Empty: “" + fallback + "”."
	}
	return ""
}

func invalid(problem string) string {
	if problem != "" {
		return "true"
	}
	return "false"
}

// unfillable says in the list of templates that a template can't be sent, and why.
func unfillable(g templates.TemplateGroup) string {
	if g.Main.Unfillable == "" {
		return ""
	}
	return ": can't be sent. " + g.Main.Unfillable
}
