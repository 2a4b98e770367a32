package handlers_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/handlers/web"
	"parley/models"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/templates"
	"parley/simulator"
)

// hidden is the number that a user with masked numbers must not learn; other is one that shares most of its digits.
const (
	hidden      = "+4917683925741"
	hiddenShown = "+49 176 83925741"
	hiddenHome  = "0176 83925741"
	other       = "+4917683925748"
)

var (
	runOfDigits = regexp.MustCompile(`[0-9](?:[ \x{00a0}\x{202f}()./\-]{0,3}[0-9])*`)
	clockValues = regexp.MustCompile(`(?:data-(?:now|closes|due|key)|datetime)="[^"]*"`)
)

// hiddenIn finds six consecutive digits of the hidden number in a text, in any notation; empty if there are none.
func hiddenIn(text string) string {
	text = clockValues.ReplaceAllString(html.UnescapeString(text), "")
	text = strings.NewReplacer("%20", " ", "%2B", "+", "%28", "(", "%29", ")", `\u00a0`, " ").Replace(text)
	whole := strings.TrimPrefix(hidden, "+")
	for _, run := range runOfDigits.FindAllString(text, -1) {
		d := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, run)
		for i := 0; i+6 <= len(whole); i++ {
			if strings.Contains(d, whole[i:i+6]) {
				return run
			}
		}
	}
	return ""
}

func masking(roles ...string) url.Values {
	return url.Values{"message_months": {"0"}, "media_months": {"0"}, "masked": roles, "do": {"save"}}
}

// maskedWorld has the number of a person without a name in every place where Parley stores one.
type maskedWorld struct {
	*app
	chat, template string
	contact        *people.Contact
	imported       string // page of an import
	notified       string // page of a notification
	perRoute       int    // so many pages of a route are read
}

func (a *app) maskedWorld(ada, otto *visitor) *maskedWorld {
	a.t.Helper()
	w := &maskedWorld{app: a, perRoute: 15}
	must := func(r answer) {
		a.t.Helper()
		if r.Status >= 400 {
			a.t.Fatalf("%d %s", r.Status, r.Doc().Find("[role=alert]").Text())
		}
	}
	a.joined(hidden, "", "Hello from the Sandbox")
	a.Sim.Write(hidden, simulator.BusinessPhone, writes("Hello"))
	c := a.conversationWith(hidden, simulator.BusinessPhone)
	w.chat, w.contact = c.PublicID, c.Contact
	a.exec("UPDATE contacts SET name = '', profile_name = '' WHERE id = $1", c.ContactID)
	must(otto.post("/contacts/"+w.contact.PublicID+"/consent", url.Values{
		"kind": {"opted_in"}, "source": {"paper"}, "proof": {"Form of " + hiddenShown},
	}))
	v := a.approvedTemplate(otto, "call_back", "Hello, we call you at {{Number}} today about your next visit.", "Number", hiddenExample)
	a.exec(`UPDATE template_versions SET placeholders = jsonb_set(placeholders, '{0,field}', '"phone"') WHERE id = $1`, v.ID)
	w.template = v.PublicID
	must(otto.post("/conversations/"+w.chat+"/templates", url.Values{"template": {v.PublicID}, "value-1": {hiddenShown}, "token": {"masked-t"}}))
	must(ada.post("/replies", url.Values{"shortcut": {"number"}, "body": {"Is {{phone}} right?"}, "shared": {"1"}}))
	must(ada.post("/settings/macros", url.Values{"name": {"Call"}, "reply": {"We call {{phone}} now"}, "note": {"Called {{phone}}"}}))
	macros, err := inbox.Read(a.Store).Macros(a.t.Context())
	if err != nil || len(macros) != 1 {
		a.t.Fatal(macros, err)
	}
	must(otto.post("/conversations/"+w.chat+"/macro", url.Values{"macro": {macros[0].PublicID}, "token": {"masked-m"}}))
	must(ada.post("/conversations/"+w.chat+"/scheduled-replies", url.Values{"body": {"Tomorrow we call {{phone}}, that is " + hidden}, "at": {a.Store.Now().UTC().AddDate(0, 0, 2).Format("2006-01-02T15:04")}, "token": {"l"}}))
	for _, name := range []string{"ana", "otto"} {
		must(ada.post("/conversations/change", url.Values{"conversation": {w.chat}, "assign": {a.userID(name)}}))
	}
	must(ada.post("/conversations/"+w.chat+"/replies", with(reply("Your number is "+hiddenHome+", is it?"), "anyway", "1")))
	a.exec("UPDATE messages SET status = 'failed', error_code = 21211, error_message = $1 WHERE id = (SELECT max(id) FROM messages WHERE direction = 'outbound')",
		"The 'To' number whatsapp:"+hidden+" is not a valid phone number.")
	w.lists(ada, otto, must)
	w.aboutThem(ada, otto, must)
	return w
}

// aboutThem is text by the team about the person: in notes that mention a colleague, on the person's page, in a custom
// field.
func (w *maskedWorld) aboutThem(ada, otto *visitor, must func(answer)) {
	w.t.Helper()
	for _, name := range []string{"ana", "otto"} {
		must(ada.post("/conversations/"+w.chat+"/notes", url.Values{"body": {"@" + name + " call " + hiddenHome}, "token": {"n-" + name}}))
	}
	must(ada.post("/contacts/"+w.contact.PublicID+"/notes", url.Values{"note": {"Reach her at " + hiddenHome + " after six"}}))
	must(ada.post("/settings/fields", url.Values{"label": {"Second line"}, "kind": {"text"}}))
	w.exec(`UPDATE contacts SET fields = '{"second_line": "wa.me/4917683925741"}' WHERE id = $1`, w.contact.ID)
	for _, v := range []*visitor{otto, w.as("ana")} {
		must(v.post("/contacts/columns", url.Values{"column": {"phone", "field:second_line"}}))
	}
}

const hiddenExample = "+49 30 1234"

// lists are the places outside the conversation: imports, notifications, segments, a merged contact.
func (w *maskedWorld) lists(ada, otto *visitor, must func(answer)) {
	w.t.Helper()
	file := []byte("phone;name\n" + hidden + ";\n" + hiddenHome + ";\n" + strings.TrimPrefix(hidden, "+") + ";\n" + hidden + "99999;\n")
	ada.importing("waiting.csv", file)
	w.imported = ada.importing("numbers.csv", file)
	ada.dryRun(w.imported, nil)
	ada.segment("One person", "q="+url.QueryEscape(hidden), true)
	must(ada.post("/contacts", url.Values{"phone": {other}, "name": {""}}))
	must(ada.post("/contacts/"+w.contact.PublicID+"/merge", url.Values{"other": {w.contactAt(other).PublicID}}))
	version := w.versionByID(w.template)
	form := with(w.base(version, "masked"), "audience", "list", "value-1", "", "from-1", "field:phone",
		"list", "Number\n"+hidden+"\n+4917683925799\n"+hiddenHome+"9999999\n")
	w.notified = w.checked(otto, form)
}

func (w *maskedWorld) versionByID(publicID string) *templates.TemplateVersion {
	w.t.Helper()
	v, err := templates.Read(w.Store).VersionByPublicID(w.t.Context(), publicID)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// seeds are addresses without a link to them.
func (w *maskedWorld) seeds() []string {
	chat, contact := "/conversations/"+w.chat, "/contacts/"+w.contact.PublicID
	out := []string{
		"/inbox/" + w.chat, "/inbox?rows=1", "/bell", "/nav", "/banner", "/alerts", "/palette?q=17683", "/palette?q=call",
		"/search?q=call", "/search?q=Hello", "/search?q=number&in=" + w.chat, "/contacts?q=call", "/contacts/count", "/contacts/export",
		chat + "/messages", chat + "/people", chat + "/canned?q=", chat + "/composer?mode=template&template=" + w.template, chat + "/composer?mode=later",
		chat + "/templates?search=call", chat + "/preview?template=" + w.template + "&value-1=%7B%7Bphone%7D%7D", contact, contact + "?merge=o",
		contact + "/consent", contact + "/consent.json", w.imported, w.imported + "/refused.csv", w.notified, w.notified + "/edit",
		w.notified + "/recipients.csv", "/notifications/new?contact=" + w.contact.PublicID + "&template=" + w.template, "/notifications/new?choices=1",
		"/sandbox", "/inbox/" + w.chat + "?mode=template&template=" + w.template,
	}
	for _, part := range []string{"summary", "sessions", "addresses", "consent", "notes", "timeline"} {
		out = append(out, contact+"?part="+part)
	}
	return out
}

var links = regexp.MustCompile(`(?:href|hx-get|src|action)="(/[^"]*)"`)

// walk reads every page that a reader can reach from the seeds, and passes each to see. It returns the routes that it
// visited.
func (w *maskedWorld) walk(v *visitor, see func(path string, r answer)) map[string]bool {
	w.t.Helper()
	routes, queue, seen := map[string]bool{}, append([]string{"/"}, w.seeds()...), map[string]bool{}
	for _, r := range routesOf(w.app) {
		if r.Method == http.MethodGet && !strings.Contains(r.Path, ":") && r.Path != "/events" && r.Path != "/readyz" {
			queue = append(queue, r.Path)
		}
	}
	perRoute := map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		route := w.routeOf(path)
		if seen[path] || strings.HasPrefix(path, "/static") || strings.HasPrefix(path, "/simulator") || route == "/signout" ||
			perRoute[route] >= w.perRoute {
			continue
		}
		seen[path] = true
		perRoute[route]++
		r := v.get(path)
		if r.Status >= 500 {
			w.t.Errorf("%s: %d", path, r.Status)
		}
		if r.Status == http.StatusOK {
			routes[route] = true
		}
		see(path, r)
		if to := r.Header.Get("Location"); strings.HasPrefix(to, "/") {
			queue = append(queue, to)
		}
		for _, m := range links.FindAllStringSubmatch(r.Body, -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
	return routes
}

func (w *maskedWorld) routeOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	c := w.Echo.NewContext(nil, nil)
	w.Echo.Router().Find(http.MethodGet, path, c)
	return c.Path()
}

// A user with masked numbers never sees six consecutive digits of one, on any page, part, export or response; other
// users find it on the pages that should show it.
func TestMaskedNumbersOnEveryPage(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	w := a.maskedWorld(ada, otto)
	shown := map[string]bool{}
	w.walk(otto, func(path string, r answer) {
		if hiddenIn(r.Body) != "" {
			shown[a.routeKey(path)] = true
		}
	})
	for _, route := range []string{
		"/", "/inbox", "/inbox/:id", "/conversations/:id/messages", "/conversations/:id/canned", "/conversations/:id/composer",
		"/palette", "/search", "/contacts", "/contacts/export", "/contacts/:id", "/contacts/:id/consent", "/contacts/:id/consent.json",
		"/contacts/imports/:id", "/contacts/imports/:id/refused.csv", "/notifications/:id", "/notifications/:id/recipients.csv",
		"/notifications/new", "/alerts", "/sandbox", "/bell",
	} {
		if !shown[route] {
			t.Errorf("nobody sees the number on %s: the walk proves nothing there", route)
		}
	}
	done(t, ada.post("/settings/privacy", masking("agent", "operator")))
	for name, v := range map[string]*visitor{"otto": otto, "ana": a.as("ana")} {
		routes := w.walk(v, w.noLeak(name))
		for _, r := range routesOf(a) {
			role := models.Operator
			if name == "ana" {
				role = models.Agent
			}
			if r.Method == http.MethodGet && r.Role != web.Public && role.Can(r.Role) && !routes[r.Path] && !slices.Contains(notWalked, r.Path) {
				t.Errorf("%s never came to %s", name, r.Path)
			}
		}
	}
}

// noLeak reports every response to a reader that reveals the hidden number.
func (w *maskedWorld) noLeak(name string) func(path string, r answer) {
	return func(path string, r answer) {
		if leak := hiddenIn(r.Body + r.Header.Get("Location") + r.Header.Get("Content-Disposition")); leak != "" {
			i := strings.Index(r.Body, leak)
			w.t.Errorf("%s reads %q on %s: …%s…", name, leak, path, r.Body[max(0, i-120):min(len(r.Body), max(0, i)+60)])
		}
	}
}

// Texts keep the earlier number after a merge has added another one and that was chosen.
func TestMaskedNumbersOfBefore(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	w := a.maskedWorld(ada, otto)
	a.wrote(lena, "Lena", "Hello")
	const later = "+12025550143"
	done(t, ada.post("/contacts", url.Values{"phone": {later}, "name": {""}}))
	gone := a.contactAt(later)
	done(t, otto.post("/contacts/"+gone.PublicID+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "proof": {"As " + hiddenHome}}))
	done(t, ada.post("/contacts/"+w.contact.PublicID+"/merge", url.Values{"other": {gone.PublicID}}))
	address := a.number("SELECT id FROM contact_addresses WHERE address = $1", later)
	done(t, ada.post("/contacts/"+w.contact.PublicID+"/number", url.Values{"number": {strconv.Itoa(address)}}))
	if c := a.contactAt(later); c.Phone == nil || *c.Phone != later {
		t.Fatal("the other number is not chosen")
	}
	a.exec("UPDATE contacts SET name = $1 WHERE id = $2", "Lena at "+hiddenHome, w.contact.ID)
	done(t, ada.post("/settings/privacy", masking("agent", "operator")))
	for name, v := range map[string]*visitor{"otto": otto, "ana": a.as("ana")} {
		w.walk(v, w.noLeak(name))
		for _, path := range []string{
			"/contacts/" + gone.PublicID, "/contacts/" + gone.PublicID + "/consent",
			"/contacts/" + a.contactAt(lena).PublicID + "?merge=lena",
			"/palette?q=lena", "/search?q=lena", "/notifications/new?choices=1&audience=contacts&q=lena",
			"/notifications/new?audience=contacts&q=nobody&contact=" + w.contact.PublicID,
		} {
			w.noLeak(name)(path, v.get(path))
		}
	}
	s := otto.stream("topics=shell&list=view%3Dall", "")
	s.until(t, "event: resync")
	done(t, ada.post("/conversations/"+w.chat+"/replies", with(reply("Not "+hiddenHome+" any more"), "anyway", "1")))
	for _, line := range s.upTo(t, "any more") {
		if leak := hiddenIn(line); leak != "" {
			t.Errorf("the stream tells %q in %s", leak, line)
		}
	}
}

// Saving a profile from a page with masked numbers keeps the stored numbers.
func TestMaskedProfileIsSaved(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	w := a.maskedWorld(ada, otto)
	a.exec("UPDATE contacts SET name = $1 WHERE id = $2", hiddenHome, w.contact.ID)
	done(t, ada.post("/settings/privacy", masking("agent", "operator")))
	page := "/contacts/" + w.contact.PublicID
	r := otto.get(page)
	w.noLeak("otto")(page, r)
	form := fieldsOf(r.Doc().Find("#profile"))
	if form.Get("name") != "017• ••••••41" || form.Get("field-second_line") != "wa.me/491••••••••41" {
		t.Errorf("the form shows %q and %q", form.Get("name"), form.Get("field-second_line"))
	}
	done(t, otto.post(page, with(form, "language", "de")))
	c := a.contactAt(hidden)
	if c.Name != hiddenHome || c.Fields["second_line"] != "wa.me/4917683925741" || c.Language != "de" {
		t.Errorf("it is stored as %q, %v, %q", c.Name, c.Fields, c.Language)
	}
	form = fieldsOf(otto.get(page).Doc().Find("#profile"))
	done(t, otto.post(page, with(form, "field-second_line", form.Get("field-second_line")+" after six")))
	if c := a.contactAt(hidden); c.Fields["second_line"] != "wa.me/4917683925741 after six" {
		t.Errorf("with more after it, it is stored as %v", c.Fields)
	}
	done(t, otto.post(page, with(fieldsOf(otto.get(page).Doc().Find("#profile")), "name", "Lena", "field-second_line", "none")))
	if c := a.contactAt(hidden); c.Name != "Lena" || c.Fields["second_line"] != "none" {
		t.Errorf("a change is stored as %q, %v", c.Name, c.Fields)
	}
}

// notWalked are the routes for which this test has no data, and routes that serve files.
var notWalked = []string{
	"/events", "/media/:id", "/media/:id/thumb", "/uploads/:id", "/contacts/files/:id", "/access/files/:id", "/access/:id", "/access/:id/submission",
	"/access/:id/submission.json", "/contacts/filter", "/contacts/optins/:id", "/contacts/optins/:id/qr.svg", "/templates/:id/compare", "/versions/:id/edit",
	"/versions/:id/others", "/access/:id/pack", "/access/:id/pack.json",
}

func (a *app) routeKey(path string) string { return (&maskedWorld{app: a}).routeOf(path) }

// Refusals, pushed events and sent messages don't reveal a masked number either; a placeholder for the number is filled
// when the message is sent.
func TestMaskedNumbersInAnswers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	w := a.maskedWorld(ada, otto)
	done(t, ada.post("/settings/privacy", masking("agent", "operator")))
	s := otto.stream("topics=shell&list=view%3Dall", "")
	s.until(t, "event: resync")
	tell := func(what string, r answer) {
		t.Helper()
		if leak := hiddenIn(r.Body); leak != "" {
			t.Errorf("%s tells %q", what, leak)
		}
	}
	partly := func(path string, form url.Values) answer {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, a.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("HX-Request-Type", "partial")
		return otto.send(req)
	}
	chat := "/conversations/" + w.chat
	offer, _ := otto.get(chat + "/canned?q=number").Doc().Find("[data-offer]").Attr("data-offer")
	if offer != "Is {{phone}} right?" {
		t.Errorf("the canned reply offers %q", offer)
	}
	tell("a reply", partly(chat+"/replies", with(reply(offer), "anyway", "1")))
	page := otto.get("/inbox/" + w.chat + "?mode=template&template=" + w.template).Doc()
	if value, _ := page.Find("[name=value-1]").Attr("value"); value != templates.PhoneGap {
		t.Errorf("the template offers %q", value)
	}
	if text := page.Find("[data-testid=preview]").Text(); !strings.Contains(text, "+49 1•• ••••••41") {
		t.Errorf("the preview shows %q", text)
	}
	tell("a template", partly(chat+"/templates", url.Values{"template": {w.template}, "value-1": {templates.PhoneGap}, "token": {"gap-t"}}))
	got := strings.Join(a.got(hidden), "\n")
	a.eventually("both are there, filled", func() bool {
		got = strings.Join(a.got(hidden), "\n")
		return strings.Contains(got, "Is "+hiddenShown+" right?") && strings.Count(got, "we call you at "+hiddenShown) == 2
	})
	for _, line := range s.upTo(t, "we call you at") {
		if leak := hiddenIn(line); leak != "" {
			t.Errorf("the stream tells %q in %s", leak, line)
		}
	}
	a.exec("UPDATE contacts SET consent = 'opted_out' WHERE id = $1", w.contact.ID)
	a.Sim.MoveClock(30 * time.Hour)
	refusals := 0
	for path, form := range map[string]url.Values{
		chat + "/templates": {"template": {w.template}, "value-1": {"x"}, "token": {"no"}},
		chat + "/replies":   {"body": {"Too late"}, "token": {"late"}},
	} {
		for _, r := range []answer{partly(path, form), otto.post(path, form)} {
			tell(path, r)
			if strings.Contains(r.Body, "+49 1•• ••••••41 opted out") || strings.Contains(r.Body, "session with +49 1•• ••••••41") {
				refusals++
			}
		}
	}
	if refusals != 4 {
		t.Errorf("%d refusals name the person", refusals)
	}
	a.exec("UPDATE contacts SET name = $1 WHERE id = $2", "Lena at "+hiddenHome, w.contact.ID)
	r := partly(chat+"/replies", url.Values{"body": {"Too late"}, "token": {"late"}})
	if tell("a refusal that names a number", r); !strings.Contains(r.Body, "session with Lena at 017• ••••••41") {
		t.Error("the refusal does not name the person")
	}
	if r := partly("/messages/"+w.anyOutbound()+"/retry", nil); hiddenIn(r.Body) != "" {
		t.Error("a retry tells it")
	}
}

func (w *maskedWorld) anyOutbound() (id string) {
	w.t.Helper()
	err := modelstest.PoolOf(w.Store).QueryRow(w.t.Context(), "SELECT public_id FROM messages WHERE status = 'failed' LIMIT 1").Scan(&id)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// A masked number is found by all of its digits, and by no part of them, in every search for people.
func TestMaskedNumbersAreFoundWhole(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	w := a.maskedWorld(ada, otto)
	found := func(path, query string) bool {
		r := otto.get(strings.Replace(path, "QUERY", url.QueryEscape(query), 1))
		if r.Status != http.StatusOK {
			t.Errorf("%s: %d", path, r.Status)
		}
		text := r.Body
		if main, err := r.Doc().Find("#main").Html(); err == nil && main != "" { // without the bell, which links to it too
			text = main
		}
		return strings.Contains(text, w.chat) || strings.Contains(text, w.contact.PublicID)
	}
	paths := []string{
		"/inbox?q=QUERY", "/inbox?rows=1&q=QUERY", "/palette?q=QUERY", "/search?q=QUERY", "/contacts?q=QUERY", "/notifications/new?choices=1&audience=contacts&q=QUERY",
	}
	parts := []string{"+4917", "+49176839257", "1768392574", "768392574", "83925741", "4917683925", "5741", "1", "+", "0176 8392574", hidden[:13]}
	for _, p := range paths {
		if !found(p, "+49176839257") {
			t.Errorf("nobody finds anybody by a part on %s", p)
		}
	}
	done(t, ada.post("/settings/privacy", masking("agent", "operator")))
	for _, p := range paths {
		for _, whole := range []string{hidden, hiddenShown, hiddenHome, "0049 176 83925741"} {
			if !found(p, whole) {
				t.Errorf("%s does not find %s", p, whole)
			}
		}
		for _, part := range parts {
			if found(p, part) {
				t.Errorf("%s tells the number by %q", p, part)
			}
		}
	}
	id := otto.segment("Probe", "q=%2B49176839", false)
	if r := otto.get("/contacts?segment=" + id); strings.Contains(r.Body, w.contact.PublicID) {
		t.Error("a segment finds a part")
	}
	var stored string
	if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT CAST(filter AS text) FROM segments WHERE public_id = $1", id).Scan(&stored); err != nil || !strings.Contains(stored, `"whole": true`) {
		t.Errorf("what notifications count by the segment tells the number: %s %v", stored, err)
	}
}
