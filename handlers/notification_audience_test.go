package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/people"
)

// segment saves a filter under a name and returns its public id.
func (v *visitor) segment(name, filter string, shared bool) string {
	v.app.t.Helper()
	form := url.Values{"name": {name}, "filter": {filter}}
	if shared {
		form.Set("shared", "1")
	}
	r := v.post("/contacts/segments", form)
	if r.Status != http.StatusSeeOther {
		v.app.t.Fatalf("segment: %d %s", r.Status, r.Text())
	}
	return strings.TrimPrefix(r.Header.Get("Location"), "/contacts?segment=")
}

// chosen is the selected option of the segment field: its value and its label.
func chosen(r answer) (value, text string) {
	option := r.Doc().Find("#segment option[selected]")
	value, _ = option.Attr("value")
	return value, option.Text()
}

func (a *app) audience(page string) notifications.Audience {
	a.t.Helper()
	n, err := notifications.Read(a.Store).NotificationByPublicID(a.t.Context(), strings.TrimPrefix(page, "/notifications/"))
	if err != nil {
		a.t.Fatal(err)
	}
	return n.Audience
}

// resubmit saves a notification's form unchanged.
func (v *visitor) resubmit(page string, pairs ...string) answer {
	v.app.t.Helper()
	d := v.get(page + "/edit").Doc()
	return v.post(page, with(fieldsOf(d.Find("#notification-form")), pairs...))
}

func allowed(v *visitor, page string) string {
	return v.get(page).Doc().Find("[data-testid=allowed]").Text()
}

// Editing a notification never changes its audience: its segment may belong to another user, be renamed or get other
// conditions. A deleted segment has to be replaced by a choice, and never becomes everybody.
func TestAudienceKeepsItsSegment(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(6)
	a.exec("UPDATE contacts SET language = 'de' WHERE id <= 2")
	a.exec("INSERT INTO tags (name) VALUES ('VIP'), ('Spring')")
	a.exec("UPDATE contacts SET tags = '{1}' WHERE id = 1")
	tags, err := people.Read(a.Store).Tags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vip := tags[1].PublicID
	if tags[1].Name != "VIP" {
		t.Fatal(tags)
	}
	own := ada.segment("Ada's own", "language=de", false)
	page := a.checked(ada, with(a.base(v, "own"), "audience", "filter", "segment", own, "value-1", "you"))
	kept := a.audience(page)
	if allowed(ada, page) != "2" || kept.Segment == nil || kept.Segment.ID != own || kept.Segment.Filter.Language != "de" {
		t.Fatalf("%s get it; kept %+v", allowed(ada, page), kept)
	}
	same := func(who *visitor, what, value, text string) {
		t.Helper()
		if got, words := chosen(who.get(page + "/edit")); got != value || !strings.Contains(words, text) {
			t.Errorf("%s: the form has %q, %q", what, got, words)
		}
		if r := who.resubmit(page); r.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", what, r.Status, r.Text())
		}
		a.eventually(what+": two people again", func() bool { return a.state(who, page) == "checked" && allowed(who, page) == "2" })
		if now := a.audience(page); now.Segment == nil || !now.Segment.Filter.Same(kept.Segment.Filter) || now.Segment.ID != own || len(now.Tags) > 0 {
			t.Errorf("%s: the audience is %+v", what, now)
		}
	}
	same(ada, "its owner", own, "Ada's own")
	same(otto, "somebody else", "kept", "a segment of ada")
	if r := otto.post(page, with(a.base(v, "own"), "audience", "filter", "segment", own, "value-1", "you", "version", "3")); r.Status != 422 {
		t.Errorf("somebody else chooses it by its id: %d", r.Status)
	}
	ada.post("/contacts/segments", url.Values{"id": {own}, "name": {"Renamed"}, "filter": {"language=de"}})
	same(otto, "renamed", "kept", "Renamed")
	same(ada, "renamed", own, "Renamed")
	ada.post("/contacts/segments", url.Values{"id": {own}, "name": {"Renamed"}, "filter": {"country=DE"}})
	same(ada, "with other conditions", "kept", "as it was when it was chosen")
	if text := ada.get(page).Text(); !strings.Contains(text, "has other conditions now") {
		t.Error("the page does not say that the segment has changed")
	}

	// Switching to the other kinds of audience and back loses nothing.
	d := ada.get(page + "/edit").Doc()
	fields := fieldsOf(d.Find("#notification-form"))
	back := ada.get("/notifications/new?" + with(fields, "audience", "contacts").Encode()).Doc()
	back = ada.get("/notifications/new?" + with(fieldsOf(back.Find("#notification-form")), "audience", "filter").Encode()).Doc()
	if got, _ := back.Find("#segment option[selected]").Attr("value"); got != "kept" {
		t.Errorf("after looking at the other kinds the segment is %q", got)
	}

	// Deleting the segment says where it is used; the scheduled notification remains, and goes to those who match its
	// stored conditions.
	r := ada.post("/contacts/segments/"+own+"/delete", nil)
	if r.Status != http.StatusConflict || r.Doc().Find(`[data-testid=uses] a[href="`+page+`"]`).Length() != 1 {
		t.Fatalf("delete: %d %s", r.Status, r.Text())
	}
	if r := ada.post("/contacts/segments/"+own+"/delete", fieldsOf(r.Doc().Find("[data-testid=question]"))); r.Status != http.StatusSeeOther {
		t.Fatalf("delete all the same: %d %s", r.Status, r.Text())
	}
	const gone = "The segment “Renamed” no longer exists. Choose whom this is for."
	a.exec("UPDATE notifications SET audience = jsonb_set(audience, '{segment,name}', '\"Renamed\"')")
	for _, segment := range []string{"", "kept", own} {
		edit := ada.get(page + "/edit")
		if got, _ := chosen(edit); got != "" || edit.Problem("segment") != gone {
			t.Errorf("the form has %q and says %q", got, edit.Problem("segment"))
		}
		r := ada.resubmit(page, "segment", segment)
		if r.Status != 422 || r.Problem("segment") != gone {
			t.Errorf("saved with %q: %d %q", segment, r.Status, r.Problem("segment"))
		}
		if r := ada.resubmit(page, "segment", segment, "tag", vip); r.Status != 422 || r.Problem("segment") != gone {
			t.Errorf("saved with %q and a tag: %d %q", segment, r.Status, r.Problem("segment"))
		}
	}
	if !a.audience(page).Segment.Filter.Same(kept.Segment.Filter) {
		t.Error("a refused form changed the audience")
	}
	if r := ada.post(page+"/start", nil); r.Status != http.StatusSeeOther {
		t.Fatalf("start: %d %s", r.Status, r.Text())
	}
	a.eventually("it is finished", func() bool { return a.state(ada, page) == "finished" })
	if n := a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL"); n != 2 {
		t.Errorf("%d messages, want those of the two whom the segment meant", n)
	}
	// Repeated, it still goes to them.
	ada.post(page+"/repeat", url.Values{"day": {"0", "1", "2", "3", "4", "5", "6"}, "at": {"09:00"}, "zone": {"UTC"}})
	a.Sim.MoveClock(26 * time.Hour)
	a.eventually("it came again", func() bool {
		return a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL AND status = 'delivered'") == 4
	})
}

// A form must choose an audience: no choice does not mean everybody. A deleted tag stays chosen until the user removes
// it.
func TestAudienceIsChosen(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	otto, ada := a.as("otto"), a.as("ada")
	v := a.approvedTemplate(otto, "visit_near", "Hello {{Name}}, your visit is near.", "Name", "Noor")
	a.crowd(3)
	a.exec("INSERT INTO tags (name) VALUES ('Spring')")
	a.exec("UPDATE contacts SET tags = '{1}' WHERE id = 1")
	tags, err := people.Read(a.Store).Tags(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	form := with(a.base(v, "x"), "audience", "filter", "value-1", "you")
	for what, segment := range map[string]string{"nothing": "", "one that is gone": "0123456789abcdef", "one of before": "kept"} {
		if r := otto.post("/notifications", with(form, "segment", segment)); r.Status != 422 || r.Problem("segment") == "" {
			t.Errorf("%s: %d", what, r.Status)
		}
	}
	if r := otto.post("/notifications", with(form, "segment", "everybody", "tag", "nope")); r.Status != 422 || r.Problem("segment") == "" ||
		r.Doc().Find("[data-testid=gone-tag] input[checked]").Length() != 1 {
		t.Errorf("a tag that is gone: %d", r.Status)
	}
	page := a.checked(otto, with(form, "segment", "", "tag", tags[0].PublicID))
	if allowed(otto, page) != "1" {
		t.Errorf("%s get it", allowed(otto, page))
	}
	r := ada.post("/settings/tags/"+tags[0].PublicID, url.Values{"delete": {"1"}})
	if r.Status != http.StatusConflict || r.Doc().Find("[data-testid=uses] a").Length() != 1 {
		t.Fatalf("delete: %d %s", r.Status, r.Text())
	}
	ada.post("/settings/tags/"+tags[0].PublicID, fieldsOf(r.Doc().Find("[data-testid=question]")))
	if text := otto.get(page + "/edit").Doc().Find("[data-testid=gone-tag]").Text(); !strings.Contains(text, "Spring (deleted)") {
		t.Errorf("the form says %q", text)
	}
	if r := otto.resubmit(page); r.Status != 422 || !strings.Contains(r.Problem("segment"), "no longer exists") {
		t.Errorf("saved with a tag that is gone: %d %q", r.Status, r.Problem("segment"))
	}
	otto.post(page+"/start", nil)
	a.eventually("it is over", func() bool { return a.state(otto, page) != "preparing" && a.state(otto, page) != "checked" })
	if n := a.number("SELECT count(*) FROM messages WHERE notification_id IS NOT NULL"); n != 0 {
		t.Errorf("%d messages to a tag that nobody has", n)
	}
	// An audience from an earlier version, of which only a segment's name was stored, is not sent, started, approved or
	// repeated.
	a.exec(`UPDATE notifications SET state = 'checked', allowed = 3, started_at = NULL, finished_at = NULL, valid_until = NULL, audience = '{"kind": "filter", "segment": {"id": "", "name": "Gone", "filter": {"consent": "opted_in"}, "unresolved": true}}'`)
	const gone = "The segment “Gone” no longer exists. Choose whom this is for."
	for _, do := range []string{"/start", "/repeat"} {
		r := otto.post(page+do, url.Values{"day": {"0"}, "at": {"09:00"}, "zone": {"UTC"}})
		if r.Status != http.StatusConflict || !strings.Contains(r.Text(), gone) {
			t.Errorf("%s: %d %s", do, r.Status, r.Text())
		}
	}
	if edit := otto.get(page + "/edit"); edit.Problem("segment") != gone {
		t.Errorf("the form says %q", edit.Problem("segment"))
	}
	if r := otto.resubmit(page, "segment", "everybody"); r.Status != http.StatusSeeOther {
		t.Errorf("chosen again: %d %s", r.Status, r.Text())
	}
}

// Deleting something that is used elsewhere says where; afterwards conditions on it match nobody.
func TestDeletingSaysWhereItIsUsed(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto, ana := a.as("ada"), a.as("otto"), a.as("ana")
	c := a.joined(noor, "Noor", "Hello")
	a.exec("INSERT INTO tags (name) VALUES ('VIP')")
	a.exec("INSERT INTO labels (name) VALUES ('Billing')")
	a.exec("INSERT INTO topics (name) VALUES ('Reminders')")
	ada.post("/settings/fields", url.Values{"label": {"Plan"}, "kind": {"text"}})
	id := func(table string) string {
		t.Helper()
		var out string
		if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT public_id FROM "+table).Scan(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	tag, label, topic, field := id("tags"), id("labels"), id("topics"), id("contact_fields")
	without := otto.segment("Without the tag", "nottag="+tag, true)
	fieldless := otto.segment("Without a plan", "field=plan:empty:", false)
	agreed := otto.segment("Agreed", "consent=opted_in&topic="+topic, true)
	ana.post("/inbox/filters", url.Values{"list": {"label=" + label}, "name": {"Bills"}})
	page := url.Values{"name": {"Shop"}, "slug": {"shop"}, "business": {"Harbor"}, "headline": {"Hello"}, "wording": {"I agree to get messages from Harbor on WhatsApp."},
		"color": {"green"}, "keyword": {"JOIN"}, "sender": {a.sender(false).PublicID}, "version": {"1"}, "tag": {tag}, "topic": {topic}}
	r := otto.post("/contacts/optins", page)
	if r.Status != http.StatusSeeOther {
		t.Fatalf("opt-in page: %d %s", r.Status, r.Text())
	}
	shop := r.Header.Get("Location")
	for _, s := range []string{without, fieldless, agreed} {
		if n := otto.get("/contacts?segment=" + s).Doc().Find("[data-testid=contact-row]").Length(); n != 1 {
			t.Errorf("before: %d in the segment", n)
		}
	}
	for path, x := range map[string]struct {
		form url.Values
		says []string
	}{
		"/settings/tags/" + tag:                  {url.Values{"delete": {"1"}}, []string{"The segment “Without the tag”", "The opt-in page “Shop”"}},
		"/settings/labels/" + label:              {url.Values{"delete": {"1"}}, []string{"Somebody's saved list of the inbox"}},
		"/settings/fields/" + field:              {url.Values{"archive": {"1"}, "label": {"Plan"}}, []string{"Somebody's own segment"}},
		"/settings/topics/" + topic + "/archive": {url.Values{}, []string{"The segment “Agreed”", "The opt-in page “Shop”"}},
	} {
		r := ada.post(path, x.form)
		for _, text := range x.says {
			if !strings.Contains(r.Doc().Find("[data-testid=uses]").Text(), text) {
				t.Errorf("%s does not say %q: %d %s", path, text, r.Status, r.Text())
			}
		}
		if r := ada.post(path, fieldsOf(r.Doc().Find("[data-testid=question]"))); r.Status != http.StatusSeeOther {
			t.Errorf("%s, all the same: %d %s", path, r.Status, r.Text())
		}
	}
	for _, s := range []string{without, fieldless, agreed} {
		if n := otto.get("/contacts?segment=" + s).Doc().Find("[data-testid=contact-row]").Length(); n != 0 {
			t.Errorf("afterwards: %d in the segment", n)
		}
	}
	d := ana.get("/inbox?label=" + label).Doc()
	if d.Find("[data-testid=row]").Length() != 0 || !strings.Contains(d.Find("[data-testid=gone]").Text(), "No such label") {
		t.Error("the saved list shows everything")
	}
	if n := ana.get("/inbox").Doc().Find("#row-" + c.PublicID).Length(); n != 1 {
		t.Error("the inbox lost its row")
	}
	// The opt-in page keeps its topic, and does not become an opt-in to everything when it is saved.
	edit := otto.get(shop)
	if got, _ := edit.Doc().Find("#topic option[selected]").Attr("value"); got != topic {
		t.Errorf("the page's topic is %q", got)
	}
	if r := otto.post(shop, with(page, "version", "1")); r.Status != 422 || r.Problem("topic") == "" || r.Problem("tag") == "" ||
		r.Doc().Find("#tag option[selected]").AttrOr("value", "") != tag {
		t.Errorf("saved with what is gone: %d %q %q", r.Status, r.Problem("topic"), r.Problem("tag"))
	}
	if r := otto.post(shop, with(page, "version", "1", "topic", "", "tag", "")); r.Status != http.StatusSeeOther {
		t.Errorf("chosen again: %d %s", r.Status, r.Text())
	}
}
