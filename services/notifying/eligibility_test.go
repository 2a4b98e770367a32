package notifying

import (
	"testing"
	"time"

	"parley/models/notifications"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// person is a row of somebody who gets everything, and the world around it, for a case to change.
type person struct {
	row notifications.EligibilityRow
	e   eligibility
}

var checkedAt = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func eligible() *person {
	phone, address := "+4915112350109", int64(7)
	template := &templates.Template{Name: "visit", Category: whatsapp.Utility}
	v := templates.TemplateVersion{
		Template:     template,
		Language:     "en",
		Body:         "Hello {{Name}}",
		ContentType:  whatsapp.TypeText,
		Placeholders: []templates.Placeholder{{Name: "Name"}},
	}
	return &person{
		row: notifications.EligibilityRow{
			Contact: &people.Contact{
				ID:           1,
				Name:         "Noor",
				Phone:        &phone,
				Consent:      whatsapp.OptedIn,
				ConsentScope: whatsapp.ScopeAll,
			},
			AddressID: &address,
		},
		e: eligibility{
			n: &notifications.Notification{
				ValidHours: 24,
				Fills:      notifications.Fills{"1": {From: "field", Value: "name"}},
			},
			sender: &senders.Sender{Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline},
			group:  &templates.TemplateGroup{Main: v, Versions: []templates.TemplateVersion{v}},
		},
	}
}

// version is the template's only one, and what the group is known by.
func (p *person) version(change func(*templates.TemplateVersion)) {
	change(&p.e.group.Main)
	change(&p.e.group.Versions[0])
}

func (p *person) sandbox() { p.e.sender.Kind = whatsapp.SandboxSender }

func (p *person) topic(consent whatsapp.Consent) {
	p.e.group.Main.Template.TopicID, p.row.TopicConsent = new(int64(3)), string(consent)
}

func (p *person) code() {
	p.version(func(v *templates.TemplateVersion) { v.Category = whatsapp.Authentication })
}

func ago(d time.Duration) *time.Time { return new(checkedAt.Add(-d)) }

// Every reason for which somebody is left out, and its neighbours that leave nobody out.
func TestExclusions(t *testing.T) {
	t.Parallel()
	gone := func(text string) func(*person) { return func(p *person) { p.row.Contact.Gone = people.Gone(text) } }
	consent := func(c whatsapp.Consent) func(*person) { return func(p *person) { p.row.Contact.Consent = c } }
	for name, c := range map[string]struct {
		change func(*person)
		want   whatsapp.Exclusion
	}{
		"somebody who opted in": {func(*person) {}, ""},
		"a number that can't be read": {func(p *person) {
			p.row.Invalid, p.row.Contact = true, nil
		}, whatsapp.ExcludedBadNumber},
		"a number of nobody":        {func(p *person) { p.row.Contact = nil }, whatsapp.ExcludedUnknown},
		"a second time on the list": {func(p *person) { p.row.Duplicate = true }, whatsapp.ExcludedDuplicate},
		"somebody who was erased":   {gone("erased"), whatsapp.ExcludedUnknown},
		"somebody who was merged":   {gone("merged"), whatsapp.ExcludedUnknown},
		"somebody who is blocked":   {func(p *person) { p.row.Contact.BlockedAt = ago(0) }, whatsapp.ExcludedBlocked},
		"nothing is known":          {consent(""), whatsapp.ExcludedNotOptedIn},
		"opted out":                 {consent(whatsapp.OptedOut), whatsapp.ExcludedOptedOut},
		"opted in to the Sandbox alone": {func(p *person) {
			p.row.Contact.ConsentScope = whatsapp.ScopeSandbox
		}, whatsapp.ExcludedSandboxOnly},
		"opted in to the topic":       {func(p *person) { p.topic(whatsapp.OptedIn) }, ""},
		"opted in, out of the topic":  {func(p *person) { p.topic(whatsapp.OptedOut) }, whatsapp.ExcludedOptedOut},
		"opted in, not to the topic":  {func(p *person) { p.topic("") }, whatsapp.ExcludedNotOptedIn},
		"to the topic in the Sandbox": {func(p *person) { p.topic(whatsapp.SandboxOnly) }, whatsapp.ExcludedSandboxOnly},
		"without a number":            {func(p *person) { p.row.AddressID = nil }, whatsapp.ExcludedNoNumber},
		"never joined the Sandbox":    {(*person).sandbox, whatsapp.ExcludedNotJoined},
		"joined the Sandbox just within its time": {func(p *person) {
			p.sandbox()
			p.row.SandboxJoinedAt = ago(whatsapp.SandboxMembership - time.Second)
		}, ""},
		"whose membership in the Sandbox ends now": {func(p *person) {
			p.sandbox()
			p.row.SandboxJoinedAt = ago(whatsapp.SandboxMembership)
		}, whatsapp.ExcludedNotJoined},
		"a value is missing":    {func(p *person) { p.row.Contact.Name = "" }, whatsapp.ExcludedNoValue},
		"a value is not needed": {func(p *person) { p.e.n.Fills["1"] = notifications.Fill{From: "fixed", Value: "you"} }, ""},
		"a version can't be filled": {func(p *person) {
			p.version(func(v *templates.TemplateVersion) { v.Unfillable = "why" })
		}, whatsapp.ExcludedUnfillable},
		"within the validity": {func(p *person) { p.e.n.ValidUntil = ago(-time.Second) }, ""},
		"after the validity":  {func(p *person) { p.e.n.ValidUntil = ago(0) }, whatsapp.ExcludedExpired},
		"consent comes before the cap": {func(p *person) {
			p.e.rules.PerDay, p.row.NotifiedToday = 1, 1
			p.row.Contact.Consent = whatsapp.OptedOut
		}, whatsapp.ExcludedOptedOut},
		"blocked comes before consent": {func(p *person) {
			p.row.Contact.BlockedAt, p.row.Contact.Consent = ago(0), whatsapp.OptedOut
		}, whatsapp.ExcludedBlocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := eligible()
			c.change(p)
			if got := p.e.exclusionOf(p.row, checkedAt); got != c.want {
				t.Errorf("left out for %q, want %q", got, c.want)
			}
		})
	}
}

// How often one person may be notified. One-time codes don't count, because people wait for them.
func TestFrequencyCap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		perDay, today, minHours int
		last                    *time.Time
		code                    bool
		want                    whatsapp.Exclusion
	}{
		"no cap":                {today: 100, last: ago(time.Second)},
		"one below the cap":     {perDay: 3, today: 2},
		"at the cap":            {perDay: 3, today: 3, want: whatsapp.ExcludedCapToday},
		"over the cap":          {perDay: 3, today: 4, want: whatsapp.ExcludedCapToday},
		"the first one":         {perDay: 1, minHours: 4},
		"just too soon":         {minHours: 4, last: ago(4*time.Hour - time.Second), want: whatsapp.ExcludedCapRecent},
		"the hours have passed": {minHours: 4, last: ago(4 * time.Hour)},
		"a code at the cap":     {perDay: 1, today: 1, code: true},
		"a code soon after":     {minHours: 4, last: ago(time.Minute), code: true},
		"the day before the hour": {
			perDay:   1,
			today:    1,
			minHours: 4,
			last:     ago(0),
			want:     whatsapp.ExcludedCapToday,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := eligible()
			p.e.rules = notifications.NotifyRules{PerDay: c.perDay, MinHours: c.minHours}
			p.row.NotifiedToday, p.row.LastNotified = c.today, c.last
			if c.code {
				p.code()
			}
			if got := p.e.exclusionOf(p.row, checkedAt); got != c.want {
				t.Errorf("left out for %q, want %q", got, c.want)
			}
		})
	}
}

// Where a placeholder's value comes from.
func TestFills(t *testing.T) {
	t.Parallel()
	columns := map[string]string{"Day": " 3  May "}
	for name, c := range map[string]struct {
		fill     notifications.Fill
		want     string
		complete bool
	}{
		"fixed":                         {notifications.Fill{From: "fixed", Value: "you"}, "you", true},
		"an old one without a source":   {notifications.Fill{Value: "you"}, "you", true},
		"a field":                       {notifications.Fill{From: "field", Value: "name"}, "Noor Ada", true},
		"a column, its spaces joined":   {notifications.Fill{From: "column", Value: "Day"}, "3 May", true},
		"a column that is empty":        {notifications.Fill{From: "column", Value: "Hour"}, "", false},
		"the default of an empty one":   {notifications.Fill{From: "column", Value: "Hour", Default: "noon"}, "noon", true},
		"no default where one is known": {notifications.Fill{From: "column", Value: "Day", Default: "noon"}, "3 May", true},
	} {
		p := eligible()
		p.row.Contact.Name, p.row.Columns = "Noor  Ada", columns
		p.e.n.Fills["1"] = c.fill
		got, complete := values(p.e.n, p.e.group, &p.e.group.Main, p.row)
		if got["1"] != c.want || complete != c.complete {
			t.Errorf("%s: %q, complete %v", name, got["1"], complete)
		}
	}
}

// A message has what the person gets: in their language, filled, to their address.
func TestMessageOfAPerson(t *testing.T) {
	t.Parallel()
	p := eligible()
	german := p.e.group.Main
	german.ID, german.Language, german.Body = 12, "de", "Guten Tag {{Name}}"
	p.e.group.Main.ID, p.e.group.Versions[0].ID = 11, 11
	p.e.group.Versions = append(p.e.group.Versions, german)
	p.row.RecipientID = 5
	for language, want := range map[string]struct {
		version int64
		body    string
	}{"de": {12, "Guten Tag Noor"}, "en": {11, "Hello Noor"}, "": {11, "Hello Noor"}} {
		p.row.Contact.Language = language
		q := message(p.e.n, p.e.group, p.row, checkedAt)
		if q.Version != want.version || q.Body != want.body || q.Line != want.body || q.Variables["1"] != "Noor" {
			t.Errorf("in %q: %+v", language, q)
		}
		if q.Recipient != 5 || q.Contact != 1 || *q.Address != 7 || !q.SendAt.Equal(checkedAt) {
			t.Errorf("to whom: %+v", q)
		}
	}
}

// A list's number is found by its key; national ones need the list's country.
func TestMatchOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, home, want string }{
		{"+49 151 12350109", "", whatsapp.MatchPhone("+4915112350109")},
		{"0151 12350109", "DE", whatsapp.MatchPhone("+4915112350109")},
		{"0151 12350109", "", ""},
		{"twelve", "DE", ""},
	} {
		if got := matchOf(c.text, c.home); got != c.want {
			t.Errorf("%q in %q: %q", c.text, c.home, got)
		}
	}
}
