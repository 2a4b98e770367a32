package people

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/models/people"
	"parley/models/people/segments"
	"parley/views/components"
	"parley/whatsapp"
)

// unknownWords say which condition can't be applied, and why.
func unknownWords(condition string) string {
	name, value, _ := strings.Cut(condition, "=")
	word := map[string]string{
		"q":        "search: it is too long",
		"seen":     "time of being seen last",
		"nottag":   "tag",
		"blocked":  "choice of blocked contacts",
		"language": "language",
		"country":  "country",
	}[name]
	if word == "" {
		word = name
	}
	if r := []rune(value); len(r) > 30 {
		value = string(r[:30]) + "…"
	}
	return "No such " + word + ": " + value
}

// narrowsToNothing reports whether a condition names something that is gone or makes no sense.
func (p ListProps) narrowsToNothing() bool {
	return slices.ContainsFunc(p.chips(), func(c chip) bool { return strings.Contains(c.Label, "No such ") })
}

// ListProps are what the list shows.
type ListProps struct {
	components.Words
	Filter   segments.ContactFilter
	Segment  *segments.Segment
	Segments []segments.Segment
	Page     segments.ContactPage
	Columns  []Column
	MayEdit  bool
	Me       int64
	Now      time.Time
}

// Column is a column of the list besides the name.
type Column struct {
	Name, Label string
	Field       *people.ContactField
	Shown       bool
}

var usualColumns = []string{"phone", "consent", "session", "tags", "seen"}

// AllColumns are the columns to choose from.
func AllColumns(fields []people.ContactField) []Column {
	out := []Column{
		{Name: "phone", Label: "Number"},
		{Name: "consent", Label: "Consent"},
		{Name: "session", Label: "Session"},
		{Name: "tags", Label: "Tags"},
		{Name: "language", Label: "Language"},
		{
			Name:  "country",
			Label: "Country",
		},
		{Name: "zone", Label: "Time zone"},
		{Name: "seen", Label: "Last seen"},
		{Name: "added", Label: "Added"},
	}
	for i := range fields {
		out = append(out, Column{Name: "field:" + fields[i].Key, Label: fields[i].Label, Field: &fields[i]})
	}
	return out
}

// ColumnsOf are all columns, with the user's choice marked, or the default columns if nothing was chosen.
func ColumnsOf(chosen []string, fields []people.ContactField) []Column {
	if len(chosen) == 0 {
		chosen = usualColumns
	}
	out := AllColumns(fields)
	for i := range out {
		out[i].Shown = slices.Contains(chosen, out[i].Name)
	}
	return out
}

// query is the list's address without what was seen.
func (p ListProps) query() url.Values {
	v := p.Filter.URL()
	if p.Segment != nil {
		if p.Filter.Within == nil {
			v = url.Values{}
		}
		v.Set("segment", p.Segment.PublicID)
	}
	return v
}

func address(v url.Values) string {
	if len(v) == 0 {
		return "/contacts"
	}
	return "/contacts?" + v.Encode()
}

func (p ListProps) url() string { return address(p.query()) }

// here is the address of this very page of the list.
func (p ListProps) here() string {
	if p.Filter.After == 0 {
		return p.url()
	}
	return p.after(p.Filter.After)
}

func (p ListProps) after(id int64) string {
	v := p.query()
	v.Set("after", components.Int(id))
	return address(v)
}

func (p ListProps) countURL() string { return "/contacts/count?" + p.query().Encode() }

// with is the list's address with another filter.
func with(f segments.ContactFilter) string { return address(f.URL()) }

// withinSegment is the list's address with another filter within the same segment.
func (p ListProps) withinSegment(f segments.ContactFilter) string {
	v := f.URL()
	if p.Segment != nil && f.Within != nil {
		v.Set("segment", p.Segment.PublicID)
	}
	return address(v)
}

// quick are the built-in tabs, which stand before the segments.
func (p ListProps) quick() []chip {
	f := func(label string, f segments.ContactFilter) chip {
		f.Query = p.Filter.Query
		return chip{label, with(f), p.Segment == nil && p.Filter.Same(f)}
	}
	return []chip{
		f("Everybody", segments.ContactFilter{}),
		f("Opted in", segments.ContactFilter{Consent: whatsapp.OptedIn}),
		f("Opted out", segments.ContactFilter{Consent: whatsapp.OptedOut}),
		f(
			"No opt-in",
			segments.ContactFilter{Consent: whatsapp.ConsentNone},
		),
		f("Session open", segments.ContactFilter{Session: "open"}),
	}
}

func (p ListProps) filtered() bool { return !p.Filter.Empty() }

func countText(n int64, exact bool) string {
	if exact {
		return components.Grouped(n)
	}
	// An estimated number is shown as an estimate.
	step := int64(1)
	for s := n; s >= 100; s /= 10 {
		step *= 10
	}
	return "about " + components.Grouped((n+step/2)/step*step)
}

// group writes a number with thin groups of three digits.

// fieldValue is the value of a contact's custom field, masked for the reader where necessary.
func fieldValue(ctx context.Context, c *people.Contact, f *people.ContactField) string {
	return components.AboutContact(ctx, c, f.Show(c.Fields[f.Key]))
}

// number is a contact's number, masked for the reader where necessary.
func number(ctx context.Context, c *people.Contact) string { return components.Phone(ctx, c.Phone) }

var seenOptions = []components.Option{
	{Label: "Any time"},
	{Value: "1", Label: "Within a day"},
	{Value: "7", Label: "Within 7 days"},
	{Value: "30", Label: "Within 30 days"},
	{Value: "90", Label: "Within 90 days"},
	{
		Value: "-30",
		Label: "Not for 30 days",
	},
	{Value: "-90", Label: "Not for 90 days"},
	{Value: "-365", Label: "Not for a year"},
	{Value: "never", Label: "Never"},
}

var sessionOptions = []components.Option{
	{Label: "Open or closed"},
	{Value: "open", Label: "Open"},
	{Value: "1", Label: "Ends within 1 h"},
	{Value: "4", Label: "Ends within 4 h"},
	{Value: "12", Label: "Ends within 12 h"},
	{Value: "closed", Label: "Closed"},
}

var consentOptions = []components.Option{
	{Label: "Anyone"},
	{Value: "opted_in", Label: "Opted in"},
	{
		Value: "opted_in_all",
		Label: "Opted in, all senders",
	},
	{Value: "opted_in_sandbox", Label: "Opted in, Sandbox only"},
	{Value: "opted_out", Label: "Opted out"},
	{Value: "none", Label: "Never said"},
}

func opOptions() []components.Option {
	var out []components.Option
	for _, o := range segments.FieldOps {
		out = append(out, components.Option{Value: o[0], Label: o[1]})
	}
	return out
}

func languageOptions(first string) []components.Option {
	out := slices.Clone(Languages)
	out[0].Label = first
	return out
}

func countTitle(exact bool) string {
	if exact {
		return "Counted"
	}
	return "An estimate: more than 10,000 are not counted one by one"
}

func peopleCount(n int64) string {
	if n == 1 {
		return "contact"
	}
	return "contacts"
}

func zoneOf(c *people.Contact) string {
	name, guess := c.Zone()
	if name != "" && guess {
		return name + " (guess)"
	}
	return name
}

// counted is the number of contacts if the page shows all of them.
func (p ListProps) counted() (int64, bool) {
	return int64(len(p.Page.Rows)), p.Filter.After == 0 && p.Page.Next == 0 && !p.Page.Partial
}
