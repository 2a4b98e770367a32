package handlers_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/templates"
	accountservice "parley/services/accounts"
)

// approvalRules is a program in which a notification to more than three people needs a second person; olga is another
// operator.
type approvalRules struct {
	*app
	otto, ada, olga *visitor
	v               *templates.TemplateVersion
	phones          []string
	forms           int
}

func newApprovals(t *testing.T) *approvalRules {
	t.Helper()
	a := newApp(t)
	_, err := a.Accounts.Add(t.Context(), models.System("test"), accountservice.NewUser{Email: "olga@example.com", Name: "olga", Role: models.Operator, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	x := &approvalRules{app: a, otto: a.as("otto"), ada: a.as("ada"), olga: a.as("olga")}
	x.v = a.approvedTemplate(x.otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	x.phones = a.crowd(4)
	x.above(3)
	return x
}

func (x *approvalRules) above(n int) {
	x.t.Helper()
	form := url.Values{"per_day": {"0"}, "min_hours": {"0"}, "approve_above": {strconv.Itoa(n)}, "prices": {"* UTILITY 0.01"}, "prices_of": {"2026-10-01"}, "currency": {"eur"}}
	if r := x.ada.post("/notifications/settings", form); r.Status != http.StatusSeeOther {
		x.t.Fatalf("rules: %d %s", r.Status, r.Text())
	}
}

// draft is a checked notification of otto's to everybody.
func (x *approvalRules) draft(pairs ...string) string {
	x.t.Helper()
	x.forms++
	return x.checked(x.otto, with(x.base(x.v, "draft-"+strconv.Itoa(x.forms)), append([]string{"audience", "filter", "value-1", "you"}, pairs...)...))
}

// edit opens a notification's form, changes a field and saves it.
func (x *approvalRules) edit(who *visitor, page, field, value string) {
	x.t.Helper()
	form := unchanged(who.get(page + "/edit").Doc().Find("#notification-form"))
	if r := who.post(page, with(form, field, value)); r.Status != http.StatusSeeOther {
		x.t.Fatalf("edit: %d %s", r.Status, r.Text())
	}
	x.is(page, "checked")
}

func (x *approvalRules) is(page, state string) {
	x.t.Helper()
	x.eventually(page+" is "+state, func() bool { return x.state(x.ada, page) == state })
}

// does posts an action and expects success, or a refusal with the given reason.
func (x *approvalRules) does(who *visitor, page, action, refusal string) {
	x.t.Helper()
	r := who.post(page+"/"+action, nil)
	switch {
	case refusal == "" && r.Status != http.StatusSeeOther:
		x.t.Errorf("%s: %d %s", action, r.Status, r.Problem("form"))
	case refusal != "" && (r.Status != http.StatusConflict || !strings.Contains(r.Problem("form"), refusal)):
		x.t.Errorf("%s: %d %q, want %q", action, r.Status, r.Problem("form"), refusal)
	}
}

func (x *approvalRules) sent() int { return len(x.Sim.Messages("")) }

// The approver is none of the people who wrote, edited or started it.
func TestApproverHadNoHandInIt(t *testing.T) {
	t.Parallel()
	x := newApprovals(t)
	page := x.draft()
	x.edit(x.olga, page, "name", "Olga's name for it")
	x.does(x.otto, page, "start", "")
	x.is(page, "awaiting")
	x.does(x.otto, page, "approve", "you drafted it yourself")
	x.does(x.olga, page, "approve", "you edited it yourself")
	if text := x.olga.get(page).Text(); !strings.Contains(text, "A second person has to approve it: ada.") {
		t.Errorf("it does not say who may approve: %s", text)
	}
	if x.sent() != 0 {
		t.Errorf("%d left without approval", x.sent())
	}
	x.does(x.ada, page, "approve", "")
	x.is(page, "finished")

	page = x.draft()
	x.does(x.ada, page, "start", "")
	x.is(page, "awaiting")
	x.does(x.ada, page, "approve", "you started it yourself")
	x.exec("UPDATE users SET disabled_at = now() WHERE name = 'olga'")
	if text := x.ada.get(page).Text(); !strings.Contains(text, "there is none: it takes an operator or admin") {
		t.Errorf("it does not say that nobody is left: %s", text)
	}
	x.does(x.ada, page, "start", "waits for a second person")
	x.above(0) // without the rule, nothing waits for approval
	if n := x.ada.get(page).Doc().Find("[data-testid=start-notification]").Length(); n != 1 {
		t.Error("it can't be sent")
	}
	x.does(x.ada, page, "start", "")
	x.is(page, "finished")
}

// An edit revokes the approval, whoever makes it; saving without a change does not.
func TestEditTakesTheApprovalAway(t *testing.T) {
	t.Parallel()
	x := newApprovals(t)
	later := x.Store.Now().UTC().Add(5 * time.Hour).Format("2006-01-02T15:04")
	page := x.draft("when", "later", "send_at", later, "zone", "UTC")
	x.does(x.otto, page, "start", "")
	x.does(x.ada, page, "approve", "")
	x.is(page, "scheduled")
	if r := x.otto.post(page, unchanged(x.otto.get(page+"/edit").Doc().Find("#notification-form"))); r.Status != http.StatusSeeOther || x.state(x.otto, page) != "scheduled" {
		t.Errorf("saved without a change: %d, it is %s", r.Status, x.state(x.otto, page))
	}
	x.edit(x.otto, page, "value-1", "somebody else")
	x.does(x.otto, page, "start", "")
	x.is(page, "awaiting")
	x.does(x.ada, page, "approve", "")
	x.is(page, "scheduled")
	x.edit(x.ada, page, "value-1", "somebody else again")
	x.does(x.otto, page, "start", "")
	x.is(page, "awaiting")
	x.does(x.ada, page, "approve", "you edited it yourself")
	x.does(x.olga, page, "approve", "")
	x.is(page, "scheduled")
	if n := x.number("SELECT count(*) FROM notification_editors WHERE did = 'edited'"); n != 2 {
		t.Errorf("%d editors are on record", n)
	}
}

// The rule applies to every way of sending.
func TestEveryWayOutNeedsApproval(t *testing.T) {
	t.Parallel()
	x := newApprovals(t)
	daily := func(at time.Time) url.Values {
		return url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "at": {at.UTC().Format("15:04")}, "zone": {"UTC"}}
	}
	// The audience grows while a scheduled notification waits for its time.
	x.exec("UPDATE contacts SET consent = 'none', consent_at = NULL WHERE phone = '" + x.phones[3] + "'")
	soon := x.Store.Now().UTC().Add(3 * time.Hour)
	grown := x.draft("when", "later", "send_at", soon.Format("2006-01-02T15:04"), "zone", "UTC")
	x.does(x.otto, grown, "start", "")
	x.is(grown, "scheduled")
	x.exec("UPDATE contacts SET consent = 'opted_in', consent_at = now() WHERE phone = '" + x.phones[3] + "'")
	x.Sim.MoveClock(4 * time.Hour)
	x.is(grown, "awaiting")
	x.does(x.ada, grown, "approve", "")
	x.is(grown, "finished")
	if x.sent() != 4 {
		t.Errorf("%d were sent", x.sent())
	}
	// Again, to the people who were reached before.
	x.eventually("all have it", func() bool { return x.number("SELECT count(*) FROM messages WHERE delivered_at IS NOT NULL") == 4 })
	r := x.otto.post(grown+"/resend", url.Values{"who": {"unreplied"}})
	again := r.Header.Get("Location")
	x.is(again, "checked")
	x.does(x.otto, again, "start", "")
	x.is(again, "awaiting")
	x.does(x.otto, again, "approve", "you drafted it yourself")
	x.does(x.otto, again, "cancel", "")
	// Repeated while it waits: the copies wait too.
	page := x.draft("valid_hours", "720")
	x.does(x.otto, page, "start", "")
	x.is(page, "awaiting")
	if r := x.otto.post(page+"/repeat", daily(x.Store.Now().Add(time.Hour))); r.Status != http.StatusSeeOther {
		t.Fatalf("repeat: %d %s", r.Status, r.Text())
	}
	x.Sim.MoveClock(2 * time.Hour)
	copied := func(n int) string {
		var id string
		x.eventually("it is repeated", func() bool {
			return modelstest.PoolOf(x.Store).QueryRow(t.Context(), "SELECT public_id FROM notifications WHERE schedule_id IS NOT NULL ORDER BY id OFFSET $1", n).Scan(&id) == nil
		})
		return "/notifications/" + id
	}
	first := copied(0)
	x.is(first, "awaiting")
	x.does(x.otto, first, "approve", "you drafted it yourself")
	if x.sent() != 4 {
		t.Errorf("%d left without approval", x.sent()-4)
	}
	// Once approved, the schedule continues automatically until its pattern is edited.
	x.does(x.ada, first, "approve", "")
	x.is(first, "finished")
	x.Sim.MoveClock(24 * time.Hour)
	x.is(copied(1), "finished")
	x.edit(x.otto, page, "value-1", "another text")
	x.Sim.MoveClock(24 * time.Hour)
	x.is(copied(2), "awaiting")
	if x.sent() != 12 {
		t.Errorf("%d were sent, want 12", x.sent())
	}
}

// A message for another program goes to one person and needs no approval. A template for admins only is approved by an
// admin.
func TestApprovalByTheRight(t *testing.T) {
	t.Parallel()
	x := newApprovals(t)
	page := x.draft()
	x.does(x.otto, page, "start", "")
	x.exec("UPDATE templates SET send_role = 'admin' WHERE name = 'visit_near'")
	x.does(x.olga, page, "approve", "Only admins may send this template.")
	if text := x.olga.get(page).Text(); !strings.Contains(text, "has to approve it: ada.") {
		t.Errorf("it names others than ada: %s", text)
	}
	x.does(x.ada, page, "approve", "")
	x.is(page, "finished")
	page = x.checked(x.ada, with(x.base(x.v, "admins"), "audience", "filter", "value-1", "you"))
	x.does(x.otto, page, "start", "Only admins may send this template.")

	x.exec("UPDATE templates SET send_role = 'agent' WHERE name = 'visit_near'")
	x.above(1)
	key := x.ada.post("/notifications/keys", url.Values{"name": {"Shop"}}).Doc().Find("[data-testid=new-key]").Text()
	body := `{"to": "` + x.phones[0] + `", "template": "visit_near", "sender": "` + x.sender(false).Phone + `", "values": {"Name": "Noor"}}`
	req, err := http.NewRequest(http.MethodPost, x.URL+"/api/v1/notifications/send", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Idempotency-Key", "one")
	if r := x.as("").send(req); r.Status != http.StatusCreated {
		t.Errorf("a single message: %d %s", r.Status, r.Body)
	}
}
