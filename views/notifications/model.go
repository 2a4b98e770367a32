// Package notifications shows notifications: the list, the form, the dry run, and how each one's messages stand.
package notifications

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/services/importing"
	"parley/services/notifying"
	"parley/services/whatsapp"
	"parley/services/whatsapp/phone"
	"parley/views/components"
)

// FormProps are what the form shows.
type FormProps struct {
	ID                string // of a notification that is edited
	Version           int
	Token             string
	Name              string
	Senders           []models.Sender
	Sender            *models.Sender
	Templates         []models.TemplateGroup
	Chosen            *models.TemplateGroup
	AudienceKind      string // contacts, filter, list
	Segment           string // public id, SegmentEverybody, SegmentKept, or "" while nothing is chosen
	Kept              string // what SegmentKept stands for, empty where it is not offered
	KeptTags          []models.KeptTag
	GoneTags          []models.KeptTag // chosen, and deleted since
	Segments          []models.Segment
	Tags              []models.Tag
	ChosenTags        []string
	Contacts          []models.Contact // those to choose from
	Query             string
	Selected          []string
	SelectedContacts  []models.Contact // chosen, but not in the list at the moment
	List              string           // pasted
	ListName          string           // of the list that is kept
	ListRows          int
	ListCountry       string     // of numbers without their own
	Shown             *ListProps // the list whose columns are looked at, nil without one
	Columns           []string
	Fields            []models.ContactField
	Values, Defaults  models.Values
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

// ListProps are a list whose columns are looked at before anything is made of it.
type ListProps struct {
	Name       string // of the file, empty for a pasted list
	Kept, Seen string // which list this is, for the form to send back
	Titles     []string
	Rows       []importing.TableRow // the first ones
	Total      int
	Header     bool
	Column     int // of the numbers, -1 for none
	Country    string
	Good, Bad  int
	Problems   []notifying.ListProblem
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

// countries are the choices for numbers without their own country.
func countries() []components.Option {
	return append([]components.Option{{Label: "None: leave such numbers out"}}, components.Countries...)
}

func (p FormProps) action() string {
	if p.ID == "" {
		return "/notifications"
	}
	return "/notifications/" + p.ID
}

// Filled are the values as far as they are fixed, for the preview.
func (p FormProps) filled() models.Values {
	out := models.Values{}
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
		if s.State != "online" {
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

// What the form's segment says besides the public id of one.
const (
	SegmentEverybody = "everybody" // everybody who is opted in
	SegmentKept      = "kept"      // the one that the notification has, as it was when it was chosen
)

// KeepGoneTags keeps chosen tags that were deleted in the form, until somebody takes them out: without them the
// notification would go to more people.
func (p *FormProps) KeepGoneTags() {
	for _, id := range p.ChosenTags {
		if slices.ContainsFunc(p.Tags, func(t models.Tag) bool { return t.PublicID == id }) {
			continue
		}
		gone := models.KeptTag{ID: id, Name: "A tag"}
		if i := slices.IndexFunc(p.KeptTags, func(t models.KeptTag) bool { return t.ID == id }); i >= 0 && p.KeptTags[i].Name != "" {
			gone = p.KeptTags[i]
		}
		p.GoneTags = append(p.GoneTags, gone)
	}
}

func (p FormProps) segments() []components.Option {
	out := []components.Option{
		{Value: "", Label: "Choose whom this is for …"},
		{Value: SegmentEverybody, Label: "Everybody who is opted in"},
	}
	if p.Kept != "" {
		out = append(out, components.Option{Value: SegmentKept, Label: p.Kept})
	}
	for _, s := range p.Segments {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name})
	}
	return out
}

// sources are where a placeholder's value may come from.
func (p FormProps) sources() []components.Option {
	out := []components.Option{{Value: "fixed", Label: "This text for all"}}
	for _, k := range models.ContactFields {
		out = append(out, components.Option{Value: "field:" + k, Label: "Field: " + fieldNames[k]})
	}
	for _, f := range p.Fields {
		out = append(out, components.Option{Value: "field:field:" + f.Key, Label: "Field: " + f.Label})
	}
	return append(out, components.Option{Value: "column", Label: "Column of the list"})
}

var useCases = []components.Option{{Value: "notification", Label: "Notification: an alert or a reminder"}, {Value: "customer_care", Label: "Customer care"}, {Value: "mixed", Label: "Both"}}

var stateWords = map[models.NotificationState]struct{ Text, Tone string }{
	models.NotificationChecking: {"Being checked", "info"}, models.NotificationChecked: {"Checked", ""}, models.NotificationAwaiting: {"Waits for approval", "warn"}, models.NotificationScheduled: {"Scheduled", "info"},
	models.NotificationPreparing: {"Being prepared", "info"}, models.NotificationRunning: {"Running", "info"}, models.NotificationPaused: {"Paused", "warn"}, models.NotificationCanceled: {"Canceled", ""}, models.NotificationFinished: {"Finished", "good"},
	models.NotificationExpired: {"Expired", "bad"},
}

// reachedNobody reports whether a notification came to its end without a message for anybody.
func reachedNobody(n models.NotificationRow) bool {
	return n.State == models.NotificationFinished && n.Reached() == 0
}

func state(n models.NotificationRow) (text, tone string) {
	w := stateWords[n.State]
	if reachedNobody(n) {
		return "Reached nobody", "bad"
	}
	return w.Text, w.Tone
}

// exclusion is why somebody was left out, in words, with what can be done about it.
var exclusions = []struct{ Key, Text, Do string }{
	{"unfillable", "Parley can't fill the template in their language", "The template's page says why: choose another template, or make a new version in that language."},
	{"sandbox_only", "Joined the Sandbox only: no consent for this sender", "Record an opt-in with its proof, or let them use an opt-in page."},
	{"not_opted_in", "Not opted in", "Record their opt-in with its proof, or let them use an opt-in page."}, {"opted_out", "Opted out", "They come back by writing START."}, {"blocked", "Blocked", "Unblock the contact first."},
	{"not_joined", "Have not joined the Sandbox", "They send the join words again."}, {"no_value", "A placeholder has no value", "Give it a default, or fill the contact's field."}, {"bad_number", "The number is not valid", "Correct it in the list."},
	{"unknown", "No contact has this number", "Import the list with the proof of consent first."}, {"duplicate", "Twice in the list", "Nothing: they get it once."}, {"cap_today", "Reached the limit for today", "Send it tomorrow."},
	{"cap_recent", "Got a notification a short time ago", "Wait, or change the rules."}, {"no_number", "No number", ""},
	{"expired", "Its time ends before it could be sent", "Let it be tried for longer, or shorten the quiet hours."},
}

// KnownReason reports whether key is a reason for leaving somebody out.
func KnownReason(key string) bool {
	return slices.ContainsFunc(exclusions, func(e struct{ Key, Text, Do string }) bool { return e.Key == key })
}

// ExclusionText is why somebody was left out, in words.
func ExclusionText(key string) string {
	for _, e := range exclusions {
		if e.Key == key {
			return e.Text
		}
	}
	return key
}

func titleOf(ctx context.Context, r models.RecipientRow) string {
	if r.ContactPublicID == "" {
		return components.Cell(ctx, r.Address)
	}
	c := models.Contact{Name: r.Name, ProfileName: r.ProfileName}
	if r.Phone != "" {
		c.Phone = &r.Phone
	}
	return components.NameOf(ctx, &c)
}

func itoa(n int) string { return strconv.Itoa(n) }

func number(i int) string { return strconv.Itoa(i + 1) }

func label(name string) string {
	if len(name) < 3 {
		return "Placeholder " + name
	}
	return name
}

// languages are the languages that people can get a template in.
func languages(g models.TemplateGroup) string {
	if len(g.Versions) == 1 {
		return g.Main.Language
	}
	return g.Main.Language + " + " + strconv.Itoa(len(g.Versions)-1) + " more"
}

var fieldNames = map[string]string{"name": "the contact's name", "first_name": "the contact's first name", "profile_name": "the WhatsApp profile name", "phone": "the contact's number"}

// filledBy says what fills a placeholder where nothing is typed.
func filledBy(g *models.TemplateGroup, name string) string {
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

// percent is n of total.
func percent(n, total int) string {
	if total == 0 {
		return "0"
	}
	return strconv.Itoa(n * 100 / total)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// OneProps are what a notification's page shows.
type OneProps struct {
	Row            models.NotificationRow
	Audience       string
	AudienceNote   string // what became of its segment
	Recipients     []models.RecipientRow
	Filter         models.RecipientFilter
	Address        url.Values        // the filter in the page's address
	Gone           []components.Gone // what it names and there is not
	Next           int64
	Failures       []Failure
	Doubt, Unknown int
	Left           int // not in the queue yet
	Estimate       *Estimate
	Schedule       *models.Schedule
	BasedOn        *models.NotificationRow
	NeedsApproval  bool          // by a second person, still
	MayApprove     bool          // the reader is one
	Approvers      []models.User // who may be the one
	Zone           *time.Location
	MaySend        bool
	SenderRate     float64
	Typed          url.Values // into a form that was refused
	Problems       map[string]string
	Now            time.Time
}

func (p OneProps) repeatRefused() bool {
	return p.Problems["days"]+p.Problems["dates"]+p.Problems["weeks"]+p.Problems["at"]+p.Problems["zone"] != ""
}

func (p OneProps) repeatTime() string {
	if p.Typed.Has("at") {
		return p.Typed.Get("at")
	}
	return "09:00"
}

// Failure is a kind of failure with what to do about it.
type Failure struct {
	models.FailureCount
	Advice whatsapp.Advice
}

// Estimate is what a dry run shows besides the counts.
type Estimate struct {
	Previews []Preview
	Duration time.Duration
	Headroom int
	Days     int
	Cost     string
	PricesOf string
}

// Preview is the message as one real person will see it.
type Preview struct {
	Contact  models.Contact
	Language string
	Content  *whatsapp.Content
	At       time.Time
}

func (p OneProps) url(rest string) string { return "/notifications/" + p.Row.PublicID + rest }

// ended reports whether nothing more will leave.
func (p OneProps) ended() bool {
	switch p.Row.State {
	case models.NotificationFinished, models.NotificationCanceled, models.NotificationExpired:
		return true
	}
	return false
}

// done is how far it has come, in percent: of those who get it, while it runs the ones who are settled, and in the end the
// ones whom it reached.
func (p OneProps) done() string {
	if p.ended() {
		return percent(p.Row.Reached(), max(p.Row.Allowed, p.Row.Queued))
	}
	return percent(p.Row.Settled, p.Row.Allowed)
}

// renewing reports whether going on takes a new time.
func (p OneProps) renewing() bool {
	return p.Row.State == models.NotificationPaused && p.Row.Over(p.Now)
}

// whoApproves says who may approve what waits, for everybody else.
func (p OneProps) whoApproves() string {
	if len(p.Approvers) == 0 {
		return "A second person has to approve it, and there is none: it takes an operator or admin who did not write, edit or start it. An admin can add one under Settings, or raise the limit under Rules and API."
	}
	var names []string
	for _, u := range p.Approvers {
		names = append(names, u.Name)
	}
	const most = 5
	if n := len(names); n > most {
		names = append(names[:most], strconv.Itoa(n-most)+" more")
	}
	last := len(names) - 1
	text := names[last]
	if last > 0 {
		text = strings.Join(names[:last], ", ") + " or " + text
	}
	return "A second person has to approve it: " + text + ". Whoever wrote, edited or started it can't."
}

// pace is how fast it goes and how long it still takes, in words.
func (p OneProps) pace() string {
	n := p.Row
	if n.State != models.NotificationRunning || n.StartedAt == nil || n.Settled == 0 {
		return ""
	}
	took := p.Now.Sub(*n.StartedAt).Seconds()
	if took < 1 {
		return ""
	}
	rate := float64(n.Settled) / took
	return fmt.Sprintf("%.1f a second · %s left", rate, Duration(time.Duration(float64(n.Allowed-n.Settled)/rate*float64(time.Second))))
}

// Duration says in words how long something takes.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under a second"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days"
}

// filters are the ways of looking at the recipients.
var filters = []struct{ Key, Label string }{{"", "All"}, {"left", "Not queued yet"}, {"waiting", "Waiting"}, {"sent", "Sent"}, {"delivered", "Delivered"}, {"read", "Read"}, {"unread", "Not read"}, {"replied", "Replied"}, {"unreplied", "Not replied"},
	{"failed", "Failed"}, {"in_doubt", "In doubt"}, {"unknown", "Unknown"}, {"canceled", "Canceled"}, {"excluded", "Left out"}}

// KnownFilter reports whether a state is one to filter by.
func KnownFilter(s string) bool {
	return slices.ContainsFunc(filters, func(f struct{ Key, Label string }) bool { return f.Key == s })
}

func (p OneProps) settledOrRunning() bool {
	switch p.Row.State {
	case models.NotificationRunning, models.NotificationPaused, models.NotificationFinished, models.NotificationCanceled, models.NotificationExpired:
		return true
	}
	return p.Row.StartedAt != nil
}

var dayNames = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// ScheduleText says in plain words when a notification is repeated.
func ScheduleText(s *models.Schedule) string {
	days := weekdays(s.Rhythm)
	if s.Dates != 0 {
		days = monthdays(s.Rhythm)
	}
	return fmt.Sprintf("%s at %02d:%02d (%s)", days, s.Minute/60, s.Minute%60, s.Zone)
}

func weekdays(r models.Rhythm) string {
	var names []string
	for i, name := range dayNames {
		if r.Days&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	on := strings.Join(names, ", ")
	switch r.Days {
	case 127:
		on = "every day"
	case 31:
		on = "from Monday to Friday"
	case 96:
		on = "on Saturday and Sunday"
	default:
		if r.Weeks > 1 {
			on = "on " + on
		} else {
			on = "every " + on
		}
	}
	if r.Weeks > 1 {
		return "Every " + ordinals[r.Weeks] + " week " + on
	}
	return strings.ToUpper(on[:1]) + on[1:]
}

var ordinals = []string{"", "", "second", "third", "fourth"}

func monthdays(r models.Rhythm) string {
	var days []string
	for _, n := range r.DatesOf() {
		suffix := "th"
		if n/10 != 1 && n%10 >= 1 && n%10 <= 3 {
			suffix = []string{"", "st", "nd", "rd"}[n%10]
		}
		days = append(days, itoa(n)+suffix)
	}
	if r.Dates&models.LastDay != 0 {
		days = append(days, "last day")
	}
	text := days[0]
	for i, d := range days[1:] {
		if i == len(days)-2 {
			text += " and " + d
		} else {
			text += ", " + d
		}
	}
	return "On the " + text + " of each month"
}

// AudienceText says whom a notification is for.
func AudienceText(a models.Audience) string {
	switch {
	case a.Kind == "list" && a.Name != "":
		return "The list “" + a.Name + "”, " + thousands(a.Rows) + " rows" + numbersFrom(a)
	case a.Kind == "list":
		return "A list of " + thousands(a.Rows) + " rows" + numbersFrom(a)
	case a.Kind == "contacts" && a.Name != "":
		return a.Name
	case a.Kind == "contacts" && len(a.Contacts) == 1:
		return "One contact"
	case a.Kind == "contacts":
		return thousands(len(a.Contacts)) + " contacts"
	}
	whom := "Everybody who is opted in"
	if a.Segment != nil {
		whom = "Segment “" + a.Segment.Name + "”"
	}
	for _, t := range a.Tags {
		whom += ", tag " + t.Name
	}
	return whom
}

// numbersFrom says which column of a list has the numbers, where there are others.
func numbersFrom(a models.Audience) string {
	if a.Number == "" || len(a.Columns) == 0 {
		return ""
	}
	return ", numbers from the column “" + a.Number + "”"
}

// badNumber is why the number of a list's row can't be read, and where it stands.
func (p OneProps) badNumber(r models.RecipientRow) string { return BadNumber(p.Row.Audience, r) }

// BadNumber is why the number of a list's row can't be read, and where it stands; empty for a number that can be.
func BadNumber(a models.Audience, r models.RecipientRow) string {
	if r.Excluded != notifying.BadNumber {
		return ""
	}
	_, err := phone.Read(r.Address, a.Country)
	if err == nil {
		return ""
	}
	if r.Line == 0 {
		return err.Error()
	}
	return "Line " + itoa(r.Line) + ": " + err.Error()
}

func statusOf(r models.RecipientRow) whatsapp.Status { return whatsapp.Status(r.Status) }

func adviceOf(r models.RecipientRow) whatsapp.Advice {
	return whatsapp.Explain(r.ErrorCode, r.ErrorMessage)
}

// latest is when something happened to a recipient's message last.
func latest(r models.RecipientRow) *time.Time {
	for _, t := range []*time.Time{r.RepliedAt, r.ReadAt, r.DeliveredAt, r.FailedAt, r.SentAt, r.SendingAt} {
		if t != nil {
			return t
		}
	}
	return nil
}

func invalid(problem string) string {
	if problem != "" {
		return "true"
	}
	return "false"
}

// newHours is for how long a notification is tried that goes on at a new time.
func (p OneProps) newHours() string {
	if p.Typed.Has("valid_hours") {
		return p.Typed.Get("valid_hours")
	}
	return itoa(p.Row.ValidHours)
}

// unreached is what became of those whom a notification was for, in words.
func unreached(n models.NotificationRow) string {
	var parts []string
	for _, x := range []struct {
		n    int
		text string
	}{{n.Failed, "failed"}, {n.Refused, "stopped before they left"}, {n.LeftOut(), "left out"}} {
		if x.n > 0 {
			parts = append(parts, thousands(x.n)+" "+x.text)
		}
	}
	if len(parts) == 0 {
		return "nobody was in its audience any more."
	}
	return strings.Join(parts, ", ") + ". The reasons stand below."
}

// unfillable says in the list of templates that one can't be sent, and why.
func unfillable(g models.TemplateGroup) string {
	if g.Main.Unfillable == "" {
		return ""
	}
	return ": can't be sent. " + g.Main.Unfillable
}
