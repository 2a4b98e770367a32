package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/models/onboarding"
	"parley/models/senders"
	"parley/simulator"
)

// samples drafts a clean template and one that looks promotional, and returns the clean one's version id.
func (a *app) samples(v *visitor) (clean, promotional int64) {
	a.t.Helper()
	for _, t := range []struct{ name, body string }{{"visit_reminder", "Hello {{Name}}, this is a reminder of your visit on {{Date}} at our clinic."}, {"spring_offer", "Hello {{Name}}, buy now and get a 20% discount on your next check-up with us."}} {
		form := with(draftForm(t.name, t.body, "Name", "Noor", "Date", "2 May"), "do", "save")
		if r := v.post("/templates/save", form); r.Status >= 400 {
			a.t.Fatalf("template: %d %s", r.Status, r.Text())
		}
	}
	list, err := onboarding.Read(a.Store).LatestVersions(a.t.Context(), 10)
	if err != nil || len(list) != 2 {
		a.t.Fatalf("%d templates, %v", len(list), err)
	}
	for _, t := range list {
		if t.Template.Name == "visit_reminder" {
			clean = t.ID
		} else {
			promotional = t.ID
		}
	}
	return clean, promotional
}

// optinPage makes an opt-in page.
func (a *app) optinPage(v *visitor) {
	a.t.Helper()
	senders, err := senders.Read(a.Store).Senders(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	r := v.post("/contacts/optins", url.Values{"name": {"Website"}, "slug": {"harbor"}, "business": {"Harbor Clinic"}, "headline": {"Messages from us"}, "color": {"green"}, "sender": {senders[0].PublicID},
		"wording": {"I agree to get messages from Harbor Clinic on WhatsApp. I can stop at any time by writing STOP."}, "keyword": {"JOIN US"}, "confirm": {"1"}, "version": {"0"}})
	if r.Status != http.StatusSeeOther {
		a.t.Fatalf("opt-in page: %d %s", r.Status, r.Text())
	}
}

// complete is a request without findings.
func complete(sample int64, website string) url.Values {
	return url.Values{"legal_name": {"Harbor Clinic GmbH"}, "display_name": {"Harbor Clinic"}, "website": {website}, "country": {"DE"}, "address": {"Kai 12, Berlin"},
		"contact_name": {"Ada Adler"}, "contact_email": {"ada@example.com"}, "account_sid": {account}, "facebook_business_id": {"123456789012345"}, "phone": {"+49 30 22334455"}, "phone_code": {"sms"}, "phone_free": {"yes"},
		"vertical": {"Medical and Health"}, "use_case": {"mixed"}, "monthly_volume": {"4000"}, "samples": {strconv.FormatInt(sample, 10)}, "optin_links": {"https://www.harbor-clinic.example.com/join"},
		"optin_description": {"At the desk and on our website people tick a box that says that Harbor Clinic may write to them on WhatsApp. We keep the form with its time."}}
}

func answering(t *testing.T, status int) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(srv.Close)
	return srv.URL
}

func (a *app) review(v *visitor, page string) (blockers, advice []string) {
	d := v.get(page).Doc()
	for _, n := range d.Find("[data-review=blocker]").EachIter() {
		f, _ := n.Attr("data-field")
		blockers = append(blockers, f)
	}
	for _, n := range d.Find("[data-review=advice]").EachIter() {
		f, _ := n.Attr("data-field")
		advice = append(advice, f)
	}
	return blockers, advice
}

// Values with a fixed format must be valid: each refusal names its field, and no input is lost.
func TestAccessFormRefuses(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	for field, bad := range map[string]string{"website": "example", "contact_email": "x", "contact_phone": "12", "account_sid": "AC1", "facebook_business_id": "12345678901234", "phone": "123", "use_case": "promotion",
		"monthly_volume": "many", "country": "Germany", "vertical": "Online Gambling", "phone_code": "smoke", "phone_free": "perhaps", "optin_links": "not a link", "optin_description": strings.Repeat("x", 4001), "legal_name": strings.Repeat("y", 301), "samples": "999999"} {
		r := ada.post("/access", url.Values{field: {bad}, "address": {"Kept Street 1"}})
		kept := strings.Contains(r.Body, "Kept Street 1")
		if r.Status != 422 || r.Problem(field) == "" || !kept || field != "samples" && field != "phone_code" && field != "phone_free" && !strings.Contains(r.Body, bad) {
			t.Errorf("%s = %.20q: %d %q, kept %v", field, bad, r.Status, r.Problem(field), kept)
		}
	}
	for _, n := range []string{simulator.SandboxPhone, "+1 415 523 8886"} {
		if r := ada.post("/access", url.Values{"phone": {n}}); !strings.Contains(r.Problem("phone"), "Sandbox") {
			t.Errorf("%s: %q", n, r.Problem("phone"))
		}
	}
	if list, err := onboarding.Read(a.Store).AccessRequests(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%d requests were made by refused forms, %v: %+v", len(list), err, list)
	}
	first := ada.post("/access", url.Values{"phone": {"+49 30 22334455"}})
	if r := ada.post("/access", url.Values{"phone": {"+493022334455"}}); first.Status != 303 || r.Status != 422 || r.Problem("phone") == "" {
		t.Errorf("two requests for one number: %d, then %d %q", first.Status, r.Status, r.Problem("phone"))
	}
	if text := ada.get("/access/new").Text(); !strings.Contains(text, "Live animals") || !strings.Contains(text, "Promotion is never admitted") {
		t.Error("the form does not say what is not eligible")
	}
}

// The review names everything for which WhatsApp would return the request; each of its rules is violated here once.
func TestReadinessReview(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	clean, promotional := a.samples(ada)
	site := answering(t, 200)
	page := ada.post("/access", complete(clean, site)).Header.Get("Location")
	if b, _ := a.review(ada, page); len(b) != 1 || b[0] != "optin_source" {
		t.Fatalf("without any opt-in on record: %v", b)
	}
	a.optinPage(ada)
	a.eventually("the website was looked at", func() bool { return strings.Contains(ada.get(page).Body, "The website answers") })
	// The test's website has no https, which is the only advice.
	if b, adv := a.review(ada, page); len(b) != 0 || len(adv) != 1 || adv[0] != "website" {
		t.Errorf("a complete request: %v, %v", b, adv)
	}
	if score := ada.get(page).Doc().Find("[data-testid=score]").Text(); !strings.HasPrefix(score, "98") {
		t.Errorf("score %q", score)
	}
	version := 0
	edit := func(field, value string) answer {
		r, err := onboarding.Read(a.Store).AccessRequestByPublicID(t.Context(), strings.TrimPrefix(page, "/access/"))
		if err != nil {
			t.Fatal(err)
		}
		form := complete(clean, site)
		form.Set(field, value)
		if value == "" {
			form.Del(field)
		}
		form.Set("version", strconv.Itoa(r.Version))
		version = r.Version + 1
		return ada.post(page, form)
	}
	has := func(list []string, want string) bool {
		return strings.Contains(" "+strings.Join(list, " ")+" ", " "+want+" ")
	}
	for _, c := range []struct{ field, value, where, level string }{
		{"legal_name", "", "legal_name", "blocker"}, {"display_name", "", "display_name", "blocker"}, {"display_name", "Best WhatsApp Shop", "display_name", "blocker"}, {"display_name", "Clinic", "display_name", "blocker"},
		{"display_name", "Northwind", "display_name", "advice"}, {"website", "", "website", "blocker"}, {"country", "", "country", "blocker"}, {"address", "", "address", "blocker"}, {"contact_name", "", "contact_name", "blocker"},
		{"contact_email", "", "contact_email", "blocker"}, {"account_sid", "", "account_sid", "blocker"}, {"account_sid", "AC" + strings.Repeat("1", 32), "account_sid", "blocker"}, {"facebook_business_id", "", "facebook_business_id", "blocker"},
		{"phone", "", "phone", "blocker"}, {"phone", "+33 1 42 68 53 00", "phone", "advice"}, {"phone_code", "", "phone_code", "blocker"}, {"phone_code", "no", "phone_code", "blocker"}, {"phone_free", "", "phone_free", "blocker"}, {"phone_free", "no", "phone_free", "blocker"},
		{"vertical", "", "vertical", "blocker"}, {"vertical", "Other", "vertical", "advice"}, {"use_case", "", "use_case", "blocker"}, {"monthly_volume", "", "monthly_volume", "blocker"}, {"monthly_volume", "100,000", "monthly_volume", "advice"},
		{"optin_description", "", "optin_description", "blocker"}, {"optin_description", "They sign a form of Harbor Clinic at the desk, where the whole sentence stands in bold letters above the line.", "optin_description", "blocker"},
		{"optin_description", "WhatsApp, at the desk.", "optin_description", "advice"}, {"optin_links", "", "optin_links", "advice"}, {"samples", "", "samples", "blocker"}, {"samples", strconv.FormatInt(promotional, 10), "samples", "blocker"}} {
		if r := edit(c.field, c.value); r.Status != 303 {
			t.Errorf("%s = %q is not saved as typed: %d %s", c.field, c.value, r.Status, r.Problem(c.field))
			continue
		}
		b, adv := a.review(ada, page)
		if c.level == "blocker" != has(b, c.where) || c.level == "advice" && !has(adv, c.where) {
			t.Errorf("%s = %q: blockers %v, advice %v", c.field, c.value, b, adv)
		}
		if c.level != "blocker" {
			continue
		}
		if r := ada.post(page+"/move", url.Values{"version": {strconv.Itoa(version)}, "to": {"ready"}, "note": {"kept note"}}); r.Status != http.StatusConflict || !strings.Contains(r.Text(), "not complete") || !strings.Contains(r.Body, "kept note") {
			t.Errorf("%s = %q became ready: %d", c.field, c.value, r.Status)
		}
	}
	edit("use_case", "customer_care")
	if r := edit("website", answering(t, 404)); r.Status != 303 {
		t.Fatal(r.Status)
	}
	a.eventually("a website that is not there is a blocker", func() bool { b, _ := a.review(ada, page); return has(b, "website") })
}

// A request goes through all states, with dates, notes, documents, a reminder and the duration of each step.
func TestAccessTracking(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	clean, _ := a.samples(ada)
	a.optinPage(ada)
	page := ada.post("/access", complete(clean, answering(t, 200))).Header.Get("Location")
	v := 1
	move := func(to string, more ...string) answer {
		form := url.Values{"version": {strconv.Itoa(v)}, "to": {to}, "note": {"note " + to}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		r := ada.post(page+"/move", form)
		if r.Status == 303 {
			v++
		}
		return r
	}
	day := func(n int) string { return a.Store.Now().AddDate(0, 0, n).Format("2006-01-02") }
	for _, s := range [][]string{{"ready"}, {"submitted", "case_number", "WA-17", "happened_on", day(-20), "next_action", "Ask how it stands", "remind_on", day(3)}, {"in_review", "happened_on", day(-18)},
		{"more_information", "happened_on", day(-10)}, {"submitted", "happened_on", day(-9)}, {"rejected", "happened_on", day(-3)}} {
		if r := move(s[0], s[1:]...); r.Status != 303 {
			t.Fatalf("%s: %d %s", s[0], r.Status, r.Text())
		}
	}
	for field, bad := range map[string]string{"happened_on": day(5), "remind_on": day(-1), "case_number": strings.Repeat("9", 61), "next_action": strings.Repeat("a", 301)} {
		if r := move("draft", field, bad); r.Status != 422 || r.Problem(field) == "" || !strings.Contains(r.Body, bad) {
			t.Errorf("%s = %q: %d %q", field, bad, r.Status, r.Problem(field))
		}
	}
	if r := move("approved"); r.Status != 409 {
		t.Errorf("a rejected request becomes approved: %d", r.Status)
	}
	if r := ada.uploadFile(page+"/move", "letter.txt", []byte("What WhatsApp wrote"), "version", strconv.Itoa(v), "to", "rejected", "note", "Their letter"); r.Status != 303 {
		t.Errorf("a note with a document: %d %s", r.Status, r.Text())
	}
	v++
	doc := ada.get(page).Doc()
	if n := doc.Find("[data-testid=access-event]").Length(); n != 7 {
		t.Errorf("%d steps on the timeline, want 7", n)
	}
	// A date counts from noon of that day.
	if text := doc.Find("#timeline").Text(); !strings.Contains(text, "8 days") || !strings.Contains(text, "letter.txt") || !strings.Contains(text, "2 days so far") && !strings.Contains(text, "3 days so far") {
		t.Errorf("the timeline says %q", text)
	}
	if text := doc.Text(); !strings.Contains(text, "WA-17") {
		t.Error("the case number is gone")
	}
	if text := ada.get("/access").Doc().Find("[data-testid=step-times]").Text(); !strings.Contains(text, "In review") || !strings.Contains(text, "8 days") {
		t.Errorf("the statistics say %q", text)
	}
	// A new request created from the rejected one has the same content, for the same number.
	restarted := ada.post(page+"/restart", nil)
	if to := restarted.Header.Get("Location"); restarted.Status != 303 || !strings.HasSuffix(to, "/edit") || !strings.Contains(ada.get(to).Body, "Harbor Clinic GmbH") {
		t.Errorf("start over: %d", restarted.Status)
	}
	if r := move("draft"); r.Status != 409 || !strings.Contains(r.Text(), "another request for this number") {
		t.Errorf("two requests for one number: %d", r.Status)
	}
	if r := a.as("ana").post(page+"/move", url.Values{"to": {"draft"}}); r.Status != 403 {
		t.Errorf("an agent moves it: %d", r.Status)
	}
	if text := a.as("ana").get(page).Text(); !strings.Contains(text, "Rejected") {
		t.Error("everybody sees where it stands")
	}
}

// The reminder is sent as an alert, once.
func TestAccessReminder(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	page := ada.post("/access", url.Values{"legal_name": {"Harbor"}}).Header.Get("Location")
	if r := ada.post(page+"/move", url.Values{"version": {"1"}, "to": {"draft"}, "next_action": {"Call Twilio"}, "remind_on": {a.Store.Now().AddDate(0, 0, 2).Format("2006-01-02")}}); r.Status != 303 {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	a.Sim.MoveClock(72 * time.Hour)
	a.eventually("the reminder", func() bool { return strings.Count(ada.get("/alerts").Text(), "Call Twilio") == 1 })
}

// The submission has the whole request on a page and as JSON, and the simulated WhatsApp decides by its quality.
func TestPackAndReviewers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	clean, _ := a.samples(ada)
	a.optinPage(ada)
	page := ada.post("/access", complete(clean, answering(t, 200))).Header.Get("Location")
	var picture = []byte("\x89PNG\r\n\x1a\n0000")
	if r := ada.uploadFile(page+"/files", "form.png", picture); r.Status != 303 {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	text := ada.get(page + "/submission").Doc().Find("[data-testid=submission]").Text()
	for _, want := range []string{"Harbor Clinic GmbH", "+493022334455", "123456789012345", "Medical and Health", "Customer care and notifications", "visit_reminder", "Hello Noor, this is a reminder of your visit on 2 May", "form.png", "harbor-clinic.example.com/join"} {
		if !strings.Contains(text, want) {
			t.Errorf("the printed submission lacks %q", want)
		}
	}
	var submission simulator.Submission
	if err := json.Unmarshal([]byte(ada.get(page+"/submission.json").Body), &submission); err != nil {
		t.Fatal(err)
	}
	if status, said := simulator.Review(submission, account); status != "approved" || len(submission.OptinEvidence) != 2 {
		t.Errorf("a good submission: %s, %s; evidence %v", status, said, submission.OptinEvidence)
	}
	for want, spoil := range map[string]func(*simulator.Submission){
		"Display name":      func(p *simulator.Submission) { p.DisplayName = "Best WhatsApp" },
		"Vertical":          func(p *simulator.Submission) { p.Vertical = "Online Gambling" },
		"never admitted":    func(p *simulator.Submission) { p.UseCase = "marketing" },
		"Account SID":       func(p *simulator.Submission) { p.AccountSid = "AC1" },
		"looks promotional": func(p *simulator.Submission) { p.Samples[0].Category = "MARKETING" },
		"Business Manager":  func(p *simulator.Submission) { p.FacebookBusinessID = "1" },
		"WhatsApp in it":    func(p *simulator.Submission) { p.OptinDescription = "At the desk." },
		"sample templates":  func(p *simulator.Submission) { p.Samples = nil },
	} {
		bad := submission
		bad.Samples = append(bad.Samples[:0:0], submission.Samples...)
		spoil(&bad)
		if status, said := simulator.Review(bad, account); status == "approved" || !strings.Contains(said, want) {
			t.Errorf("%s: %s, %s", want, status, said)
		}
	}
	// The text drawn from the records names the page and its wording.
	form := complete(clean, "https://www.example.com")
	form.Set("optin_description", "Also on paper.")
	form.Set("draw", "1")
	form.Del("phone")
	d := ada.post("/access", form).Doc()
	if drawn := d.Find("#optin_description").Text(); !strings.Contains(drawn, "/join/harbor") || !strings.Contains(drawn, "may write") && !strings.Contains(drawn, "I agree to get messages") || !strings.Contains(drawn, "Also on paper.") {
		t.Errorf("drawn: %q", drawn)
	}
}

// The form is saved while it is typed; a refused field keeps its old value, and the other fields are saved.
func TestAccessAutosave(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	save := func(pairs ...string) (id, version, text string) {
		form := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		r := ada.post("/access/autosave", form)
		d := r.Doc()
		id, _ = d.Find("[name=request]").Attr("value")
		version, _ = d.Find("[name=version]").Attr("value")
		return id, version, fmt.Sprint(r.Status, " ", d.Find("#access-saved").Text(), d.Find("#name-findings").Text())
	}
	if id, _, text := save("request", "", "version", "0", "legal_name", ""); id != "" {
		t.Errorf("an empty form makes a request: %s", text)
	}
	id, version, text := save("request", "", "version", "0", "legal_name", "Harbor", "display_name", "Best WhatsApp", "phone", "12")
	if id == "" || !strings.Contains(text, "Not saved yet: Phone number") || !strings.Contains(text, "superlatives") {
		t.Fatalf("%q %s", id, text)
	}
	r, err := onboarding.Read(a.Store).AccessRequestByPublicID(t.Context(), id)
	if err != nil || r.LegalName != "Harbor" || r.DisplayName != "Best WhatsApp" || r.Phone != "" {
		t.Errorf("%+v %v", r, err)
	}
	again, _, _ := save("request", id, "version", version, "legal_name", "Harbor Clinic", "phone", "+49 30 22334455")
	if list, err := onboarding.Read(a.Store).AccessRequests(t.Context()); err != nil || again != id || len(list) != 1 || list[0].Phone != "+493022334455" {
		t.Errorf("%+v %v", list, err)
	}
	if _, _, text := save("request", id, "version", "1", "legal_name", "Stale"); !strings.Contains(text, "Somebody changed") {
		t.Errorf("a stale form: %s", text)
	}
}
