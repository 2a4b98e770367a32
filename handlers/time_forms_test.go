package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"parley/models"
	"parley/models/modelstest"
)

// timeInputs are the fields with which a browser lets people choose a time.
const timeInputs = "input[type=datetime-local], input[type=date], input[type=time], input[type=month], input[type=week]"

// timeForms are all forms of the program that show a time, by action and fields. Zoned forms mean moments: they store
// their zone and name it. The others mean a day or a local time that is the same everywhere.
var timeForms = map[string]struct{ zoned, acts bool }{
	"/notifications quiet_from quiet_to send_at":            {zoned: true, acts: true},
	"/notifications/:id quiet_from quiet_to send_at":        {zoned: true},
	"/notifications/:id/repeat at":                          {zoned: true, acts: true},
	"/notifications/:id/resume resume_at":                   {zoned: true, acts: true},
	"/notifications/settings prices_of quiet_from quiet_to": {},
	"/conversations/:id/replies at_time":                    {zoned: true, acts: true},
	"/conversations/change snooze":                          {zoned: true, acts: true},
	"/access/:id/move happened_on remind_on":                {zoned: true},
	"/contacts/:id field-born":                              {},
	"/search since until":                                   {zoned: true, acts: true}, // stores nothing
}

var publicID = regexp.MustCompile(`/[0-9a-f]{16}(/|$)`)

// formKey identifies a form by its action and its time fields.
func formKey(form *goquery.Selection) string {
	action, _ := form.Attr("action")
	action, _, _ = strings.Cut(action, "?")
	key := []string{publicID.ReplaceAllString(action, "/:id$1")}
	for _, in := range form.Find(timeInputs).EachIter() {
		name, _ := in.Attr("name")
		key = append(key, name)
	}
	slices.Sort(key[1:])
	return strings.Join(key, " ")
}

// unchanged is what a browser sends when a user opens a form and presses its first save button without a change.
func unchanged(form *goquery.Selection) url.Values {
	out := url.Values{}
	for _, in := range form.Find("input[name], select[name], textarea[name]").EachIter() {
		name, _ := in.Attr("name")
		value, _ := in.Attr("value")
		kind, _ := in.Attr("type")
		_, off := in.Attr("disabled")
		_, checked := in.Attr("checked")
		switch {
		case off || kind == "file" || (kind == "checkbox" || kind == "radio") && !checked:
			continue
		case in.Is("select"):
			o := in.Find("option[selected]")
			if o.Length() == 0 {
				o = in.Find("option").First()
			}
			value, _ = o.Last().Attr("value")
		case in.Is("textarea"):
			value = in.Text()
		}
		out.Add(name, value)
	}
	if b := form.Find("button[name]:not([formaction])").First(); b.Length() > 0 {
		name, _ := b.Attr("name")
		value, _ := b.Attr("value")
		out.Add(name, value)
	}
	return out
}

// stored is everything that a form could change, except the times of the last change and check, and the number of
// recorded changes.
func (a *app) stored() string {
	a.t.Helper()
	var out string
	err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), `SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT 'notification ' || (to_jsonb(n) - '{updated_at,checked_at}'::text[])::text AS x FROM notifications n
		UNION ALL SELECT 'access ' || (to_jsonb(r) - '{updated_at}'::text[])::text FROM access_requests r
		UNION ALL SELECT 'contact ' || (to_jsonb(c) - '{updated_at,version}'::text[])::text FROM contacts c
		UNION ALL SELECT 'conversation ' || id || ' ' || state || ' ' || coalesce(snoozed_until::text, '') FROM conversations
		UNION ALL SELECT 'later ' || to_jsonb(l)::text FROM later_replies l
		UNION ALL SELECT 'schedule ' || to_jsonb(s)::text FROM schedules s
		UNION ALL SELECT 'setting ' || key || ' ' || value::text FROM settings
		UNION ALL SELECT 'user ' || id || ' ' || preferences::text FROM users
		UNION ALL SELECT 'audit ' || count(*) FROM audit_events WHERE subject_type IN ('notification', 'access_request', 'contact')) x`).Scan(&out)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "\n was " + x[i] + "\n is  " + y[i]
		}
	}
	return fmt.Sprintf("%d rows, then %d", len(x), len(y))
}

// inZone sets the browser's time zone.
func (v *visitor) inZone(name string) *visitor {
	at, err := url.Parse(v.app.URL)
	if err != nil {
		v.app.t.Fatal(err)
	}
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "zone", Value: url.QueryEscape(name), Path: "/"}})
	return v
}

// timed is a program with data for every form that shows a time.
type timed struct {
	*app
	otto, ada                                   *visitor
	planned, draft, waiting, paused, over, done string // pages of notifications
	access, contact, chat                       string
}

func newTimed(t *testing.T) *timed {
	t.Helper()
	a := newApp(t)
	x := &timed{app: a, otto: a.as("otto"), ada: a.as("ada")}
	c := a.joined("+4915123456789", "Noor", "Hello")
	x.chat = "/inbox/" + c.PublicID
	x.ada.post("/settings/fields", url.Values{"label": {"Born"}, "kind": {"date"}})
	x.contact = "/contacts/" + c.Contact.PublicID
	a.exec(`UPDATE contacts SET fields = '{"born": "1990-03-29"}' WHERE id = $1`, c.Contact.ID)
	x.access = x.ada.post("/access", url.Values{"legal_name": {"Harbor"}, "phone": {"+49 30 22334455"}}).Header.Get("Location")
	v := a.approvedTemplate(x.otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(2)
	make := func(token string, start bool, state string) string {
		f := with(a.base(v, token), "audience", "filter", "value-1", "you", "when", "later", "send_at", a.Store.Now().UTC().AddDate(0, 0, 5).Format("2006-01-02T15:04"), "zone", "UTC",
			"quiet_from", "21:30", "quiet_to", "07:15", "speed", "0.5")
		page := a.checked(x.otto, f)
		if start {
			x.otto.post(page+"/start", nil)
			a.eventually(state, func() bool { return a.state(x.otto, page) == state })
		}
		return page
	}
	x.draft = make("draft", false, "")
	x.planned, x.paused, x.over, x.done = make("planned", true, "scheduled"), make("paused", true, "scheduled"), make("over", true, "scheduled"), make("done", true, "scheduled")
	x.ada.post("/notifications/settings", url.Values{"per_day": {"0"}, "min_hours": {"0"}, "approve_above": {"1"}, "prices": {"* UTILITY 0.01"}, "prices_of": {"2026-10-01"}, "currency": {"EUR"}})
	x.waiting = make("waiting", true, "awaiting")
	a.exec("UPDATE notifications SET state = 'paused' WHERE token = 'paused'")
	a.exec("UPDATE notifications SET state = 'paused', valid_until = $1 WHERE token = 'over'", a.Store.Now().Add(-time.Hour))
	a.exec("UPDATE notifications SET state = 'finished' WHERE token = 'done'")
	return x
}

// at shifts every stored moment of the forms.
func (x *timed) at(moment time.Time, local bool) {
	x.exec("UPDATE notifications SET send_at = $1, local_time = $2 AND token <> 'planned' WHERE token IN ('planned', 'draft', 'waiting')", moment, local)
	x.exec("UPDATE access_requests SET remind_at = $1, next_action = 'Ask Twilio'", moment)
}

// pages are the addresses of all pages, with every id that exists.
func (x *timed) pages() []string {
	ids := map[string][]string{"/inbox/:id": {x.chat}, "/contacts/:id": {x.contact}, "/access/:id": {x.access},
		"/conversations/:id": {strings.Replace(x.chat, "/inbox/", "/conversations/", 1)},
		"/notifications/:id": {x.planned, x.draft, x.waiting, x.paused, x.over, x.done}}
	var out []string
	for _, r := range routesOf(x.app) {
		if r.Method != http.MethodGet || r.Path == "/events" || r.Path == "/signin" {
			continue
		}
		if !strings.Contains(r.Path, ":") {
			out = append(out, r.Path)
		}
		for prefix, pages := range ids {
			if rest, ok := strings.CutPrefix(r.Path, prefix); ok && !strings.Contains(rest, ":") {
				for _, p := range pages {
					out = append(out, p+rest)
				}
			}
		}
	}
	return append(out, x.chat+"?mode=later", x.chat+"?mode=note", "/search?q=x&since=2026-03-01")
}

// A form that shows a time must be in the list above, and each of the list must be found; forms that mean a moment
// store their zone and name it.
func TestEveryFormWithATimeIsKnown(t *testing.T) {
	t.Parallel()
	x := newTimed(t)
	x.ada.inZone("America/St_Johns")
	found := map[string]bool{}
	for _, page := range x.pages() {
		doc := x.ada.get(page).Doc()
		if n := doc.Find(timeInputs).Not("form *").Length(); n > 0 {
			t.Errorf("%s shows %d times outside of a form", page, n)
		}
		for _, form := range doc.Find("form").Has(timeInputs).EachIter() {
			key := formKey(form)
			known, ok := timeForms[key]
			if !ok {
				t.Errorf("%s has a form with a time that this test does not know: %s", page, key)
			}
			found[key] = true
			zone, _ := form.Find("input[type=hidden][name=zone]").Attr("value")
			if known.zoned && zone != "America/St_Johns" {
				t.Errorf("%s: %s keeps the zone %q", page, key, zone)
			}
			around := form.Text() + form.Parent().Text() // the menu around a small form names the zone for both
			if known.zoned && !strings.Contains(around, "America/St_Johns") {
				t.Errorf("%s: %s does not name its zone", page, key)
			}
		}
	}
	for key := range timeForms {
		if !found[key] {
			t.Errorf("no page has the form %s", key)
		}
	}
}

// around are moments before, at and after each clock change of a zone within the year, and one in a few days.
func around(zone *time.Location, now time.Time) []time.Time {
	out := []time.Time{now.AddDate(0, 0, 4).Truncate(time.Second)}
	for at := now.AddDate(0, 0, 2).Truncate(time.Hour); at.Before(now.AddDate(0, 0, 350)); at = at.Add(30 * time.Minute) {
		_, before := at.Add(-time.Second).In(zone).Zone()
		if _, after := at.In(zone).Zone(); before != after {
			out = append(out, at.Add(-5*time.Hour), at.Add(-29*time.Minute-13*time.Second), at.Add(31*time.Minute+7*time.Second), at.Add(5*time.Hour))
		}
	}
	return out
}

// A form that is opened and saved without a change, in any zone and on either side of a clock change, changes nothing,
// even if the browser moves to another zone in between.
func TestSavingWithoutAChangeChangesNothing(t *testing.T) {
	t.Parallel()
	x := newTimed(t)
	saved := 0
	save := func(v *visitor, page, zone, next string) {
		for _, form := range v.inZone(zone).get(page).Doc().Find("form[method=post]").EachIter() {
			action, _ := form.Attr("action")
			known := timeForms[formKey(form)]
			settings := action == "/settings/inbox" || action == "/account/preferences"
			if form.Has(timeInputs).Length() == 0 && !settings || known.acts {
				continue
			}
			fields := unchanged(form)
			if page == x.access {
				fields.Set("to", "draft") // stays a draft: only a note is recorded
			}
			before := x.stored()
			r := v.inZone(next).post(action, fields)
			if r.Status != http.StatusSeeOther {
				t.Errorf("%s in %s: %d %s", page, zone, r.Status, r.Text())
			}
			if strings.HasPrefix(page, x.draft) {
				x.eventually("the dry run", func() bool { return x.state(v, x.draft) == "checked" })
			}
			if after := x.stored(); after != before {
				t.Errorf("%s in %s, sent from %s, changed: %s", page, zone, next, firstDifference(before, after))
			}
			saved++
		}
	}
	const berlin = "Europe/Berlin"
	for _, page := range []string{"/settings/inbox", "/account"} { // what was never saved is kept as it is by default
		for _, form := range x.ada.get(page).Doc().Find("form[action='/settings/inbox'], form[action='/account/preferences']").EachIter() {
			action, _ := form.Attr("action")
			x.ada.post(action, unchanged(form))
		}
	}
	for _, name := range []string{"UTC", "America/St_Johns", berlin, "Pacific/Auckland"} {
		zone, _ := models.LoadZone(name)
		for _, moment := range around(zone, x.Store.Now()) {
			x.at(moment, moment.Minute() == 31)
			save(x.otto, x.planned+"/edit", name, name)
			save(x.otto, x.waiting+"/edit", name, "Asia/Kathmandu")
			save(x.ada, x.access, name, name)
		}
		x.at(x.Store.Now().AddDate(0, 0, 3), false)
		save(x.otto, x.draft+"/edit", name, berlin)
		for _, page := range []string{x.contact, "/notifications/settings", "/settings/inbox", "/account"} {
			save(x.ada, page, name, name)
		}
	}
	if saved < 60 {
		t.Errorf("only %d forms were saved", saved)
	}
}

// Times are shown in the account's zone, else the browser's, else the business's, else UTC. Input is parsed in the
// form's zone, and a time that a clock change skips is refused.
func TestTimesAreReadInTheZoneOfTheForm(t *testing.T) {
	t.Parallel()
	x := newTimed(t)
	shown := func() string {
		zone, _ := x.ada.get("/notifications/new").Doc().Find("[name=zone]").Attr("value")
		return zone
	}
	steps := []struct {
		want string
		do   func()
	}{
		{"UTC", func() {}},
		{"Asia/Tokyo", func() {
			x.ada.post("/settings/inbox", with(unchanged(x.ada.get("/settings/inbox").Doc().Find("form[action='/settings/inbox']")), "zone", "Asia/Tokyo"))
		}},
		{"Europe/Berlin", func() { x.ada.inZone("Europe/Berlin") }},
		{"America/St_Johns", func() { x.ada.post("/account/preferences", url.Values{"time_zone": {"America/St_Johns"}}) }},
		{"America/St_Johns", func() { x.ada.inZone("Mars/Olympus") }},
	}
	for _, s := range steps {
		if s.do(); shown() != s.want {
			t.Errorf("the form is in %s, want %s", shown(), s.want)
		}
	}
	if r := x.ada.post("/account/preferences", url.Values{"time_zone": {"Mars"}}); r.Status != 422 || r.Problem("time_zone") == "" || !strings.Contains(r.Body, `value="Mars"`) {
		t.Errorf("a zone that is none: %d", r.Status)
	}
	// A scheduled reply and a snooze, typed in Auckland, where it is already the next day.
	chat := strings.Replace(x.chat, "/inbox/", "/conversations/", 1)
	auckland, _ := models.LoadZone("Pacific/Auckland")
	at := x.Store.Now().In(auckland).AddDate(0, 0, 2)
	local, want := at.Format("2006-01-02T15:04"), at.Truncate(time.Minute)
	x.ada.inZone("UTC")
	if r := x.ada.post(chat+"/scheduled-replies", url.Values{"body": {"Later"}, "token": {"l"}, "at_time": {local}, "zone": {"Pacific/Auckland"}}); r.Status != http.StatusSeeOther {
		t.Fatalf("later: %d %s", r.Status, r.Text())
	}
	x.ada.post("/conversations/change", url.Values{"conversation": {strings.TrimPrefix(x.chat, "/inbox/")}, "snooze": {local}, "zone": {"Pacific/Auckland"}})
	for what, sql := range map[string]string{"reply": "SELECT send_at FROM later_replies", "snooze": "SELECT snoozed_until FROM conversations WHERE snoozed_until IS NOT NULL"} {
		var got time.Time
		if err := modelstest.PoolOf(x.Store).QueryRow(t.Context(), sql).Scan(&got); err != nil || !got.Equal(want) {
			t.Errorf("%s at %s (%v), want %s", what, got, err, want)
		}
	}
	// The hour that the clock change skips.
	berlin, _ := models.LoadZone("Europe/Berlin")
	spring := around(berlin, x.Store.Now())
	for _, change := range spring[1:] {
		_, before := change.In(berlin).Zone()
		if _, after := change.Add(6 * time.Hour).In(berlin).Zone(); after <= before {
			continue
		}
		gapText := change.Add(5*time.Hour).In(berlin).Format(time.DateOnly) + "T02:30" // clocks go from 02:00 to 03:00
		form := with(unchanged(x.otto.get(x.draft+"/edit").Doc().Find("#notification-form")), "send_at", gapText, "zone", "Europe/Berlin")
		if r := x.otto.post(x.draft, form); r.Status != 422 || !strings.Contains(r.Problem("send_at"), "does not exist in Europe/Berlin") || !strings.Contains(r.Body, gapText) {
			t.Errorf("%s: %d %q", gapText, r.Status, r.Problem("send_at"))
		}
		if r := x.ada.post(chat+"/scheduled-replies", url.Values{"body": {"Later"}, "token": {"g"}, "at_time": {gapText}, "zone": {"Europe/Berlin"}}); r.Status != 422 || !strings.Contains(r.Text(), "does not exist in Europe/Berlin") || !strings.Contains(r.Body, gapText) {
			t.Errorf("a reply at %s: %d", gapText, r.Status)
		}
		return
	}
	t.Error("clocks never go forward")
}
