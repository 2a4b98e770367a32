package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/handlers/web"
	"parley/models/people"
)

// planted is one of everything that lists show, and the lists that contain it.
type planted struct {
	a            *app
	ada          *visitor
	conversation string
	notification string
	contact      int64
}

func plant(t *testing.T) planted {
	a := newApp(t)
	otto := a.as("otto")
	c := a.joined(noor, "Noor", "Hello there")
	if r := otto.post("/conversations/"+c.PublicID+"/replies", reply("Hello yourself")); r.Status != http.StatusSeeOther {
		t.Fatalf("reply: %d %s", r.Status, r.Text())
	}
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(3)
	page := a.checked(otto, with(a.base(v, "planted"), "audience", "filter", "value-1", "you"))
	return planted{a: a, ada: a.as("ada"), conversation: c.PublicID, notification: page, contact: c.ContactID}
}

// rowsOf is how many planted rows a list shows.
func rowsOf(route string, r answer) int {
	d := r.Doc()
	switch route {
	case "contacts.count":
		if strings.HasPrefix(strings.TrimSpace(d.Text()), "0 ") {
			return 0
		}
		return 1
	case "contacts.export", "reports.messages.csv", "notification.export":
		return strings.Count(r.Body, "\n") - 1
	case "reports.messages":
		return d.Find("#main tbody tr").Length()
	}
	return d.Find("[data-testid=contact-row], [data-testid=row], [data-testid=hit], [data-testid=contact-hit]," +
		"[data-testid=report], [data-testid=template-row], [data-testid=template-card], [data-testid=recipient]," +
		"[data-testid=receipt]").Length()
}

// A filter value that does not exist or can't be read matches nothing, never everything. Every filter of every list is
// tested with such values.
func TestUnknownNarrowsToNothing(t *testing.T) {
	t.Parallel()
	p := plant(t)
	// other parameters that the list needs to have rows, by route
	with := map[string]string{"search": "q=Hello", "reports.messages": "by=sender", "reports.messages.csv": "by=sender"}
	walked := 0
	for _, route := range routesOf(p.a) {
		filters, _ := web.FilterNames(route.Name)
		if len(filters) == 0 {
			continue
		}
		walked++
		path := route.Path
		switch {
		case strings.HasPrefix(path, "/notifications/:id"):
			path = strings.Replace(path, "/notifications/:id", p.notification, 1)
		case strings.Contains(path, ":id"):
			path = strings.Replace(path, ":id", p.conversation, 1)
		}
		q, err := url.ParseQuery(with[route.Name])
		if err != nil {
			t.Fatal(err)
		}
		if n := rowsOf(route.Name, p.ada.get(path+"?"+q.Encode())); n == 0 {
			t.Errorf("%s shows nothing without a filter: the walk would prove nothing", path)
		}
		for _, name := range filters {
			for _, value := range []string{"0123456789abcdef", "nope", "-", "%", "2020-13-45", "opted_in'", strings.Repeat("no", 300)} {
				asked := url.Values{}
				for k, v := range q {
					asked[k] = v
				}
				asked.Set(name, value)
				r := p.ada.get(path + "?" + asked.Encode())
				if n := rowsOf(route.Name, r); n > 0 || r.Status >= 500 {
					t.Errorf("%s?%s=%.20s: %d rows, status %d", path, name, value, n, r.Status)
				}
			}
		}
	}
	if walked < 12 {
		t.Errorf("walked only %d lists", walked)
	}
}

// A list that is empty because its address names something that no longer exists says so, and links to the list without
// that condition.
func TestGoneIsSaid(t *testing.T) {
	t.Parallel()
	p := plant(t)
	for path, want := range map[string]string{
		"/contacts?tag=nope":                         "No such tag",
		"/contacts?nottag=nope":                      "No such tag",
		"/contacts?segment=nope":                     "No such segment",
		"/contacts?topic=nope":                       "No such topic",
		"/contacts?country=nope":                     "No such country",
		"/contacts?field=nope:empty:":                "No such field",
		"/inbox?label=nope":                          "No such label",
		"/inbox?assignee=nope&view=all":              "No such person",
		"/inbox?view=nope":                           "No such view",
		"/inbox/" + p.conversation + "?sender=nope":  "No such sender",
		"/search?q=Hello&by=nope":                    "No such person",
		"/search?q=Hello&in=nope":                    "No such chat",
		"/reports?days=nope":                         "No such period",
		"/reports/messages?by=sender&sender=nope":    "No such sender",
		"/templates?category=nope":                   "No such category",
		"/templates?view=board&state=nope":           "No such state",
		p.notification + "?state=nope":               "No such state",
		p.notification + "?state=excluded&code=nope": "No such code",
		"/settings/webhooks?verdict=nope":            "No such verdict",
	} {
		d := p.ada.get(path).Doc()
		chip := d.Find("[data-testid=gone] li, [data-testid=chips] li").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.Contains(s.Text(), want)
		})
		href, ok := chip.Find("a").Attr("href")
		if !ok {
			t.Errorf("%s does not say %q", path, want)
			continue
		}
		if again := p.ada.get(href); again.Status != 200 || strings.Contains(again.Text(), want) {
			t.Errorf("%s: without it, %s still says it (%d)", path, href, again.Status)
		}
	}
}

// fieldsOf are the fields that an unchanged form sends, without its buttons.
func fieldsOf(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("[name]").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value, _ := s.Attr("value")
		kind, _ := s.Attr("type")
		_, checked := s.Attr("checked")
		_, disabled := s.Attr("disabled")
		switch {
		case disabled, goquery.NodeName(s) == "button", (kind == "checkbox" || kind == "radio") && !checked, kind == "file":
		case goquery.NodeName(s) == "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			value, _ = chosen.Last().Attr("value")
			out.Add(name, value)
		case goquery.NodeName(s) == "textarea":
			out.Add(name, s.Text())
		default:
			out.Add(name, value)
		}
	})
	return out
}

// An element that refreshes itself requests the page's own address and sends no fields, so that neither the filter nor
// the position in the list is lost. (htmx sends a form's fields with the form's own GET, and with hx-include.)
func TestLiveListsKeepTheirFilter(t *testing.T) {
	t.Parallel()
	p := plant(t)
	p.a.exec("INSERT INTO tags (name) VALUES ('Spring')")
	p.a.exec("UPDATE contacts SET tags = '{1}' WHERE id <> $1", p.contact)
	tags, err := people.Read(p.a.Store).Tags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{
		"/contacts?tag=" + tags[0].PublicID, "/contacts?q=Person&after=99999", "/contacts?tag=nope",
		"/templates?category=UTILITY&q=visit", "/templates?state=approved&view=list", "/templates?state=nope",
		"/notifications?before=99999", p.notification + "?state=left", p.notification + "?state=failed&code=nope",
		"/inbox/" + p.conversation + "?label=nope", "/inbox?q=Noor",
	}
	for _, r := range routesOf(p.a) {
		if r.Method == http.MethodGet && !strings.Contains(r.Path, ":") && r.Path != "/events" {
			pages = append(pages, r.Path)
		}
	}
	live := 0
	for _, page := range pages {
		at, err := url.Parse(page)
		if err != nil {
			t.Fatal(err)
		}
		d := p.ada.get(page).Doc()
		narrowed := namesAt(p.a, at.Path)
		d.Find("[hx-get]").Each(func(_ int, s *goquery.Selection) {
			get, _ := s.Attr("hx-get")
			trigger, _ := s.Attr("hx-trigger")
			include, included := s.Attr("hx-include")
			to, err := url.Parse(get)
			if err != nil {
				t.Errorf("%s: %q is no address", page, get)
				return
			}
			what := fmt.Sprintf("%s: <%s hx-get=%q>", page, goquery.NodeName(s), get)
			own := to.Path == at.Path
			switch {
			case strings.Contains(trigger, "from:body"):
				live++
				if goquery.NodeName(s) == "form" || s.Is("input, select, textarea, fieldset") {
					t.Errorf("%s sends its fields along", what)
				}
				if included {
					for name := range fieldsOf(d.Find(include)) {
						if slices.Contains(narrowed, name) {
							t.Errorf("%s sends %s along", what, name)
						}
					}
				}
			case own && included:
				// A search while typing: the form beside it has the other filters.
				to.RawQuery = fieldsOf(s.Closest("form")).Encode()
			default:
				return
			}
			if !own {
				return
			}
			for name := range at.Query() {
				typed, _ := s.Attr("name")
				cursor := included && (name == "after" || name == "before")
				if got := to.Query().Get(name); got != at.Query().Get(name) && name != typed && !cursor && !usual(name, at.Query().Get(name)) {
					t.Errorf("%s asks for %s=%q", what, name, got)
				}
			}
		})
	}
	if live < 20 {
		t.Errorf("only %d live parts were looked at", live)
	}
}

// usual reports whether a field only has the list's default value.
func usual(name, value string) bool { return name == "view" && (value == "board" || value == "all") }

// namesAt are the names of the filters of the list at a path.
func namesAt(a *app, path string) (out []string) {
	for _, r := range routesOf(a) {
		if r.Method == http.MethodGet && routeMatches(r.Path, path) {
			filters, _ := web.FilterNames(r.Name)
			out = append(out, filters...)
		}
	}
	return out
}

func routeMatches(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != have[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}

// Every parameter by which a page's own forms and links filter a list is in the table that TestUnknownNarrowsToNothing
// checks.
func TestEveryFilterIsWalked(t *testing.T) {
	t.Parallel()
	p := plant(t)
	p.ada.post("/inbox/filters", url.Values{"list": {"view=mine"}, "name": {"Mine"}})
	// parameters that open a form or a part of a page
	opens := map[string][]string{
		"/replies": {"edit"}, "/settings/macros": {"edit"}, "/settings/senders/register": {"request"}, "/contacts/:id": {"part", "merge"},
		"/contacts/imports/:id": {"part"}, "/templates/:id/compare": {"a", "b"}, "/nav": {"at"}, "/palette": {"q", "conversation"},
	}
	forms := []string{"/notifications/new", "/contacts/filter", "/conversations/:id/composer", "/conversations/:id/messages", "/media/:id"}
	pages := []string{"/inbox/" + p.conversation, p.notification, "/contacts?q=Person", "/templates?view=list&state=approved"}
	for _, r := range routesOf(p.a) {
		if r.Method == http.MethodGet && !strings.Contains(r.Path, ":") && r.Path != "/events" {
			pages = append(pages, r.Path)
		}
	}
	seen := map[string]bool{}
	look := func(page, path, name string) {
		for _, r := range routesOf(p.a) {
			if r.Method != http.MethodGet || !routeMatches(r.Path, path) || slices.Contains(forms, r.Path) {
				continue
			}
			if slices.Contains(opens[r.Path], name) {
				return
			}
			filters, others := web.FilterNames(r.Name)
			if slices.Contains(filters, name) || slices.Contains(others, name) {
				seen[r.Name+" "+name] = true
				return
			}
			if strings.Contains(r.Path, ":") {
				continue
			}
			t.Errorf("%s leads to %s?%s=, which no table names", page, path, name)
			return
		}
	}
	for _, page := range pages {
		d := p.ada.get(page).Doc()
		d.Find("form[method=get]").Each(func(_ int, s *goquery.Selection) {
			action, _ := s.Attr("action")
			for name := range fieldsOf(s) {
				look(page, action, name)
			}
		})
		d.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			href, _ := s.Attr("href")
			if to, err := url.Parse(href); err == nil && to.Host == "" && strings.HasPrefix(to.Path, "/") {
				for name := range to.Query() {
					look(page, to.Path, name)
				}
			}
		})
	}
	if len(seen) < 20 {
		t.Errorf("only %d parameters were found: %v", len(seen), seen)
	}
}
