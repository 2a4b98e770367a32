package templates

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// EditorProps are what the editor shows. ID is empty for a new template.
type EditorProps struct {
	ID, TemplateID  string
	Name, Language  string
	Category        whatsapp.Category
	Content         whatsapp.Content
	Samples         map[string]string
	Fields          map[string]string
	Defaults        map[string]string
	Version, Number int
	NameFixed       bool
	RejectionReason string // of the previous version
	Rejections      []templates.Rejection
	Problems        map[string]string
	Findings        []lint.Finding
	AskWarnings     bool // submitting needs the user's confirmation despite warnings
	Languages       []string
	Senders         []senders.Sender
	Phone           string // the user's own number
	Custom          []people.ContactField
}

func (p EditorProps) placeholders() []string { return p.Content.Names() }

// filled is the content with its samples.
func (p EditorProps) filled() *whatsapp.Content {
	values := map[string]string{}
	for i, n := range p.Content.Names() {
		if s := strings.TrimSpace(p.Samples[n]); s != "" {
			values[strconv.Itoa(i+1)] = s
		}
	}
	c := p.Content
	if c.Type == whatsapp.TypeAuthentication {
		c.Body = whatsapp.AuthenticationText(p.Language, &c)
		if values["1"] == "" {
			values["1"] = "123456"
		}
	}
	return c.Filled(values)
}

func (p EditorProps) blank() bool {
	c := p.Content
	return strings.TrimSpace(c.Body) == "" && c.Type != whatsapp.TypeAuthentication && c.Type != whatsapp.TypeLocation &&
		c.Media == "" &&
		c.Header == ""
}

// field is the contact field that fills a placeholder: as chosen, or guessed from its name.
func (p EditorProps) field(name string) string {
	if f, ok := p.Fields[name]; ok {
		return f
	}
	for _, f := range p.Custom {
		if strings.EqualFold(f.Label, name) || f.Key == name {
			return "field:" + f.Key
		}
	}
	return GuessField(name)
}

var guesses = map[string]string{
	"name":          "name",
	"full name":     "name",
	"customer":      "name",
	"customer name": "name",
	"nombre":        "first_name",
	"nome":          "first_name",
	"prénom":        "first_name",
	"vorname":       "first_name",
	"first name":    "first_name",
	"firstname":     "first_name",
	"phone":         "phone",
	"phone number":  "phone",
}

// GuessField is the contact field that a placeholder's name suggests, empty if none.
func GuessField(name string) string {
	return guesses[strings.ToLower(strings.ReplaceAll(name, "_", " "))]
}

var fieldNames = map[string]string{
	"name":         "Contact's name",
	"first_name":   "Contact's first name",
	"profile_name": "WhatsApp profile name",
	"phone":        "Phone number",
}

func (p EditorProps) fieldOptions() []components.Option {
	out := []components.Option{{Value: "", Label: "Typed when sending"}}
	for _, f := range templates.ContactFields {
		out = append(out, components.Option{Value: f, Label: fieldNames[f]})
	}
	for _, f := range p.Custom {
		out = append(out, components.Option{Value: "field:" + f.Key, Label: f.Label})
	}
	return out
}

// insertion is a placeholder that the menu offers.
type insertion struct{ Label, Name string }

// insertions are the common placeholders, and those named like contact fields.
func (p EditorProps) insertions() []insertion {
	out := slices.Clone(insertions)
	for _, f := range p.Custom {
		out = append(out, insertion{f.Label, f.Label})
	}
	return out
}

var insertions = []insertion{
	{"Contact's name", "Name"},
	{"First name", "First name"},
	{"Phone number", "Phone number"},
	{"Date", "Date"},
	{"Time", "Time"},
	{"Order number", "Order"},
	{"Amount", "Amount"},
	{"Place", "Place"},
}

func typeOptions() []components.Option {
	var out []components.Option
	for _, t := range whatsapp.ContentTypes() {
		label := components.TypeName(t)
		if t.SessionOnly() {
			label += " (open sessions only)"
		}
		out = append(out, components.Option{Value: string(t), Label: label})
	}
	return out
}

func actionOptions(t whatsapp.ContentType) []components.Option {
	var out []components.Option
	for _, a := range t.ActionTypes() {
		out = append(out, components.Option{Value: a, Label: components.ActionName(a)})
	}
	return out
}

func maxActions(t whatsapp.ContentType) int {
	switch t {
	case whatsapp.TypeCallToAction:
		return 4
	case whatsapp.TypeCarousel:
		return whatsapp.MaxCardActions
	default:
		return whatsapp.MaxQuickReplies
	}
}

// errors are the findings that block submitting.
func (p EditorProps) errors() int {
	n := 0
	for _, f := range p.Findings {
		if f.Severity == lint.Error {
			n++
		}
	}
	return n
}

// fieldText is the text that a finding's positions refer to.
func (p EditorProps) fieldText(field string) string {
	if field == "name" {
		return p.Name
	}
	for _, part := range p.Content.Parts() {
		if part.Field == field {
			return *part.Text
		}
	}
	return ""
}

// inputOf is the form field that a finding is about.
func inputOf(field string) string {
	if n, ok := strings.CutPrefix(field, "sample:"); ok {
		return "sample-" + n
	}
	return field
}

// utf16At converts a byte offset into an offset in UTF-16 units, which JavaScript uses.
func utf16At(s string, at int) string {
	return strconv.Itoa(len(utf16.Encode([]rune(s[:min(max(at, 0), len(s))]))))
}

// piece is a part of the text, marked or not.
type piece struct {
	Text, Severity, Title string
}

// marked splits the body where findings mark it. If two overlap, the first one is used.
func (p EditorProps) marked(field string) []piece {
	text := p.fieldText(field)
	var out []piece
	for pos := 0; pos < len(text); {
		var next *lint.Finding
		for i, f := range p.Findings {
			if f.Field == field && f.End > f.Start && f.Start >= pos && f.End <= len(text) &&
				(next == nil || f.Start < next.Start) {
				next = &p.Findings[i]
			}
		}
		if next == nil {
			return append(out, piece{Text: text[pos:]})
		}
		if next.Start > pos {
			out = append(out, piece{Text: text[pos:next.Start]})
		}
		out = append(out, piece{text[next.Start:next.End], string(next.Severity), next.Message})
		pos = next.End
	}
	return out
}

func source(f lint.Finding) string {
	title, _ := f.Source()
	return title
}

func sourceURL(f lint.Finding) string {
	_, address := f.Source()
	return address
}

func escape(s string) string { return url.QueryEscape(s) }

func senderOptions(list []senders.Sender) []components.Option {
	var out []components.Option
	for _, s := range list {
		if s.State == whatsapp.SenderOnline {
			out = append(out, components.Option{Value: s.PublicID, Label: s.Name + " · " + whatsapp.ShowPhone(s.Phone)})
		}
	}
	return out
}

// labelOf names the part that a finding is about, if it is not the text itself.
func (p EditorProps) labelOf(field string) string {
	if field == "body" {
		return ""
	}
	for _, part := range p.Content.Parts() {
		if part.Field == field {
			return part.Label
		}
	}
	if card, ok := strings.CutPrefix(field, "card-"); ok {
		n, _, _ := strings.Cut(card, "-")
		return "Card " + n
	}
	return ""
}

func (p EditorProps) submitLabel() string {
	switch {
	case p.AskWarnings:
		return "Submit anyway"
	case p.Content.Type.SessionOnly():
		return "Make it ready"
	}
	return "Submit for approval"
}
