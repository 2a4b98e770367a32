package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/senders"
	accountservice "parley/services/accounts"
	senderservice "parley/services/senders"
	"parley/simulator"
	"parley/whatsapp"
)

const ownNumber = "+493022334455"

func (a *app) senderOf(phone string) *senders.Sender {
	a.t.Helper()
	list, err := senders.Read(a.Store).Senders(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	for i := range list {
		if list[i].Phone == phone {
			return &list[i]
		}
	}
	return nil
}

func (a *app) twilioSender(phone string) simulator.Sender {
	for _, o := range a.Sim.Senders() {
		if o.Phone == phone {
			return o
		}
	}
	return simulator.Sender{}
}

// register completes the registration of a number.
func (a *app) register(ada *visitor, phone, name string) *senders.Sender {
	a.t.Helper()
	r := ada.post("/settings/senders/register", url.Values{"phone": {phone}, "code_method": {"sms"}, "profile_name": {name}, "about": {"Care by the water"}, "vertical": {"Medical and Health"}, "website": {"https://www.example.com"}})
	if r.Status != http.StatusSeeOther {
		a.t.Fatalf("register: %d %s", r.Status, r.Text())
	}
	page := r.Header.Get("Location")
	a.eventually("a code is asked for", func() bool { return a.senderOf(phone).TwilioStatus == "PENDING_VERIFICATION" })
	if r := ada.post(page+"/verify", url.Values{"code": {"12x"}}); r.Status != 422 || r.Problem("code") == "" || !strings.Contains(r.Body, "12x") {
		a.t.Errorf("a code that is none: %d", r.Status)
	}
	wrong := "000000"
	if a.twilioSender(phone).Code == wrong {
		wrong = "000001"
	}
	ada.post(page+"/verify", url.Values{"code": {wrong}})
	a.eventually("Twilio's refusal stands at the sender", func() bool { return strings.Contains(ada.get(page).Text(), "verification code is wrong") })
	if r := ada.post(page+"/verify", url.Values{"code": {a.twilioSender(phone).Code}}); r.Status != 303 {
		a.t.Fatalf("verify: %d %s", r.Status, r.Text())
	}
	a.eventually("online", func() bool {
		s := a.senderOf(phone)
		return s.TwilioStatus == "ONLINE" && s.State == whatsapp.SenderOnline
	})
	return a.senderOf(phone)
}

// A number is registered through Twilio with its code, and all of its properties are polled there.
func TestRegisterANumber(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	good := url.Values{"phone": {ownNumber}, "code_method": {"sms"}, "profile_name": {"Harbor Clinic"}}
	for field, bad := range map[string]string{"phone": "12", "profile_name": "Best WhatsApp", "about": strings.Repeat("a", 140), "address": strings.Repeat("a", 257), "description": strings.Repeat("a", 513), "website": "example", "email": "x", "vertical": "Weapons", "waba_id": "abc", "code_method": "dove", "logo_url": "logo"} {
		if r := ada.post("/settings/senders/register", with(good, field, bad)); r.Status != 422 || r.Problem(field) == "" || field != "code_method" && !strings.Contains(r.Body, bad) {
			t.Errorf("%s = %.20q: %d %q", field, bad, r.Status, r.Problem(field))
		}
	}
	s := a.register(ada, ownNumber, "Harbor Clinic")
	if s.TwilioSid == nil || s.Quality != "HIGH" || s.Tier != 250 || s.CallbackURL != a.URL+"/webhooks/twilio/messages" {
		t.Errorf("%+v", s)
	}
	if r := ada.post("/settings/senders/register", good); r.Status != 422 || !strings.Contains(r.Problem("phone"), "already") {
		t.Errorf("registered twice: %d %q", r.Status, r.Problem("phone"))
	}
	page := "/settings/senders/" + s.PublicID
	if r := ada.post(page+"/profile", url.Values{"version": {strconv.Itoa(s.Version)}, "profile_name": {"Harbor Clinic"}, "about": {"Open on Sunday too"}}); r.Status != 303 {
		t.Fatalf("profile: %d %s", r.Status, r.Text())
	}
	a.eventually("Twilio has the new profile", func() bool { return a.twilioSender(ownNumber).Profile.About == "Open on Sunday too" })
	if r := ada.post(page+"/profile", url.Values{"version": {strconv.Itoa(s.Version)}, "profile_name": {"Harbor Clinic"}, "about": {strings.Repeat("b", 140)}}); r.Status != 422 || !strings.Contains(r.Body, strings.Repeat("b", 140)) {
		t.Errorf("a long line: %d", r.Status)
	}

	// Lower quality, a higher limit, and a number that goes offline and comes back each cause an alert.
	sid := *a.senderOf(ownNumber).TwilioSid
	a.eventually("the profile is settled", func() bool { return a.twilioSender(ownNumber).Status == "ONLINE" })
	a.Sim.MoveSender(sid, "MEDIUM", "10K Customers/24hr", "")
	a.eventually("quality and limit", func() bool { s := a.senderOf(ownNumber); return s.Quality == "MEDIUM" && s.Tier == 10000 })
	a.Sim.MoveSender(sid, "LOW", "", "OFFLINE")
	a.eventually("offline", func() bool {
		s := a.senderOf(ownNumber)
		return s.Quality == "LOW" && s.State == whatsapp.SenderOffline
	})
	if text := ada.get(page).Text(); !strings.Contains(text, "account was locked") {
		t.Error("the page does not say why it is offline")
	}
	a.Sim.MoveSender(sid, "", "", "ONLINE")
	a.eventually("online again", func() bool { return a.senderOf(ownNumber).State == whatsapp.SenderOnline })
	alerts := ada.get("/alerts").Text()
	for _, want := range []string{"Harbor Clinic is online", "The quality of Harbor Clinic fell", "many people block", "The limit of Harbor Clinic changed", "is offline at Twilio", "A code is needed"} {
		if !strings.Contains(alerts, want) {
			t.Errorf("nobody was told: %s", want)
		}
	}
	if n := ada.get(page).Doc().Find("[data-testid=sender-event]").Length(); n < 6 {
		t.Errorf("%d events in the history", n)
	}
}

// A crash or a lost answer during a registration creates no second sender.
func TestRegistrationIsAdopted(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	profile := senders.Profile{Name: "Harbor Clinic"}
	s, err := a.Senders.Register(t.Context(), models.System("test"), senderservice.Registration{Phone: ownNumber, CodeMethod: "sms", Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	a.eventually("asked", func() bool { return a.senderOf(ownNumber).TwilioSid != nil })
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE senders SET twilio_sid = NULL, twilio_status = 'ASKED' WHERE id = $1", s.ID); err != nil {
		t.Fatal(err)
	}
	if err := a.Senders.RegisterNow(t.Context(), senderservice.RegisterArgs{SenderID: s.ID}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, o := range a.Sim.Senders() {
		if o.Phone == ownNumber {
			n++
		}
	}
	if got := a.senderOf(ownNumber); n != 1 || got.TwilioSid == nil {
		t.Errorf("%d numbers at Twilio, %+v", n, got)
	}
}

// The move to production checks webhooks, templates and consent first, and can be undone.
func TestMoveToProductionAndBack(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	a.joined(noor, "Noor", "Hello")
	s := a.register(ada, ownNumber, "Harbor Clinic")
	page := "/settings/senders/" + s.PublicID + "/move"
	text := ada.get(page).Text()
	for _, want := range []string{"Its webhooks lead here", "No template of your own is approved", "1 contact joined the Sandbox only and can't be reached from Harbor Clinic", "open sessions at the Sandbox"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the move lacks %q", want)
		}
	}
	// Webhooks with another address block the move until a button has set them.
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE senders SET callback_url = 'https://elsewhere.example.com/' WHERE id = $1", s.ID); err != nil {
		t.Fatal(err)
	}
	if r := ada.post(page, nil); r.Status != 303 || a.senderOf(ownNumber).IsDefault {
		t.Errorf("moved although its messages go elsewhere: %d", r.Status)
	}
	ada.post("/settings/senders/"+s.PublicID+"/webhooks", nil)
	a.eventually("the webhooks lead here", func() bool { return a.senderOf(ownNumber).CallbackURL == a.URL+"/webhooks/twilio/messages" })
	if r := ada.post(page, nil); r.Status != 303 || !a.senderOf(ownNumber).IsDefault || a.senderOf(simulator.SandboxPhone).IsDefault {
		t.Errorf("not moved: %d %s", r.Status, ada.get(page).Text())
	}
	if !strings.Contains(ada.get("/inbox").Doc().Find("[data-testid=status-line]").Text(), "Production") {
		t.Error("the status line still says Sandbox")
	}
	back := "/settings/senders/" + a.senderOf(simulator.SandboxPhone).PublicID + "/move"
	if r := ada.post(back, nil); r.Status != 303 || !a.senderOf(simulator.SandboxPhone).IsDefault {
		t.Errorf("not back: %d", r.Status)
	}
}

// Each country has at most one default sender, and its contacts get messages from that one.
func TestSenderByCountry(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	clinic := a.senderOf(simulator.BusinessPhone)
	form := url.Values{"version": {strconv.Itoa(clinic.Version)}, "name": {"Clinic"}, "state": {"online"}, "rate": {"80"}, "countries": {"at, DE"}}
	if r := ada.post("/settings/senders/"+clinic.PublicID, form); r.Status != 303 || a.senderOf(simulator.BusinessPhone).Countries != "AT DE" {
		t.Fatalf("%d %s", r.Status, r.Text())
	}
	for _, bad := range []string{"Germany", "XX"} {
		clinic = a.senderOf(simulator.BusinessPhone)
		if r := ada.post("/settings/senders/"+clinic.PublicID, with(form, "version", strconv.Itoa(clinic.Version), "countries", bad)); r.Status != 422 || r.Problem("countries") == "" || !strings.Contains(r.Body, bad) {
			t.Errorf("%s: %d", bad, r.Status)
		}
	}
	sandbox := a.senderOf(simulator.SandboxPhone)
	if r := ada.post("/settings/senders/"+sandbox.PublicID, url.Values{"version": {strconv.Itoa(sandbox.Version)}, "name": {"Sandbox"}, "state": {"online"}, "countries": {"DE"}}); r.Status != 422 || !strings.Contains(r.Problem("countries"), "Clinic") {
		t.Errorf("two senders for a country: %d %q", r.Status, r.Problem("countries"))
	}
	list, err := senders.Read(a.Store).Senders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := senders.PickSender(list, "DE"); got == nil || got.Phone != simulator.BusinessPhone {
		t.Errorf("for Germany: %+v", got)
	}
	if got := senders.PickSender(list, "FR"); got == nil || got.Phone != simulator.SandboxPhone {
		t.Errorf("for France: %+v", got)
	}
	offline := accountservice.Sender{
		ID:        clinic.PublicID,
		Version:   clinic.Version,
		Name:      "Clinic",
		State:     whatsapp.SenderOffline,
		Countries: "DE",
	}
	if err := a.Accounts.SaveSender(t.Context(), models.System("test"), offline); err != nil {
		t.Fatal(err)
	}
	if list, err = senders.Read(a.Store).Senders(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := senders.PickSender(list, "DE"); got == nil || got.Phone != simulator.SandboxPhone {
		t.Errorf("for Germany, with its sender offline: %+v", got)
	}
}

// Nothing is sent to a phone that has not joined, or whose membership has ended: neither a reply nor a template, nor a
// queued message.
func TestSandboxMembership(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	c := a.joined(noor, "Noor", "Hello")
	page := ada.get("/sandbox")
	if text := page.Text(); !strings.Contains(text, "join "+simulator.JoinWords) || !strings.Contains(text, "Noor") || !strings.Contains(text, "2 days left") || !strings.Contains(text, "One message in three seconds") {
		t.Errorf("the page says %s", text)
	}
	if d := page.Doc(); d.Find("[data-testid=qr]").Length() != 1 || d.Find(`a[href="https://wa.me/14155238886?text=join+`+simulator.JoinWords+`"]`).Length() != 1 {
		t.Error("no code or link to join")
	}
	version, _ := page.Doc().Find("[data-testid=sandbox-template] [name=template]").Eq(0).Attr("value")
	if r := ada.post("/sandbox/send", url.Values{"template": {version}, "to": {""}, "value-1": {"Tuesday"}}); r.Status != 422 || r.Problem("to") == "" || !strings.Contains(r.Body, "Tuesday") {
		t.Errorf("to nobody: %d", r.Status)
	}
	if r := ada.post("/sandbox/send", url.Values{"template": {version}, "to": {c.PublicID}, "value-1": {"Tuesday"}}); r.Status != 422 || r.Problem("value-2") == "" {
		t.Errorf("without a value: %d %s", r.Status, r.Text())
	}
	if r := ada.post("/sandbox/send", url.Values{"template": {version}, "to": {c.PublicID}, "value-1": {"Tuesday"}, "value-2": {"10:00"}, "token": {"t1"}}); r.Status != 303 {
		t.Errorf("to a member: %d %s", r.Status, r.Text())
	}
	a.conversation(noor, 3)
	// Messages that wait when the membership ends are not sent.
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), "UPDATE conversations SET sandbox_joined_at = now() - interval '73 hours' WHERE public_id = $1", c.PublicID); err != nil {
		t.Fatal(err)
	}
	for path, form := range map[string]url.Values{"/replies": reply("Too late"), "/templates": {"template": {version}, "value-1": {"Tuesday"}, "value-2": {"10:00"}, "token": {"t2"}}} {
		if r := ada.post("/conversations/"+c.PublicID+path, form); r.Status != 409 || !strings.Contains(r.Text(), "ended after three days") || !strings.Contains(r.Text(), "join "+simulator.JoinWords) {
			t.Errorf("%s to a former member: %d %s", path, r.Status, r.Text())
		}
	}
	before := len(a.Sim.Messages(noor))
	if _, err := modelstest.PoolOf(a.Store).Exec(t.Context(), `INSERT INTO messages (conversation_id, sender_id, address_id, direction, kind, body, status, send_at, priority, created_at) SELECT id, sender_id, address_id, 'outbound', 'text', 'queued before', 'queued', now(), 10, now() FROM conversations WHERE public_id = $1`, c.PublicID); err != nil {
		t.Fatal(err)
	}
	a.eventually("the queued one is refused", func() bool {
		m := a.thread(c)
		last := m[len(m)-1]
		return last.Status == whatsapp.Refused && last.ErrorMessage == "not_joined"
	})
	if n := len(a.Sim.Messages(noor)); n != before {
		t.Errorf("%d messages reached Twilio", n-before)
	}
	for _, bad := range []string{"", "one", "Two Words", "a-b-c"} {
		if r := ada.post("/sandbox/words", url.Values{"join_words": {bad}}); r.Status != 422 || r.Problem("join_words") == "" {
			t.Errorf("words %q: %d", bad, r.Status)
		}
	}
	if r := ada.post("/sandbox/words", url.Values{"join_words": {"join quiet-river"}}); r.Status != 303 || a.senderOf(simulator.SandboxPhone).JoinWords != "quiet-river" {
		t.Errorf("new words: %d", r.Status)
	}
}

// The first steps are ticked automatically, and a test shows Twilio's answer.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	done := func(v *visitor) string {
		var out []string
		for _, s := range v.get("/start").Doc().Find("[data-done=true]").EachIter() {
			k, _ := s.Attr("data-step")
			out = append(out, k)
		}
		return strings.Join(out, " ")
	}
	a.eventually("the credentials are tried by themselves", func() bool { return strings.Contains(done(ada), "credentials") })
	if got := done(ada); strings.Contains(got, "joined") || strings.Contains(got, "inbound") || strings.Contains(got, "webhooks") {
		t.Errorf("ticked too early: %s", got)
	}
	ada.post("/start/test/webhooks", nil)
	a.eventually("the webhooks answer", func() bool { return strings.Contains(ada.get("/start").Text(), "arrived and was accepted") })
	c := a.joined(noor, "Noor", "Hello")
	ada.post("/conversations/"+c.PublicID+"/replies", reply("Welcome"))
	a.eventually("the reply went out", func() bool { return done(ada) == "credentials webhooks joined inbound outbound" })
	a.samples(ada)
	ada.post("/contacts/"+c.Contact.PublicID+"/consent", url.Values{"kind": {"opted_in"}, "source": {"paper"}, "proof": {"Signed at the desk"}, "wording": {"Yes, on WhatsApp"}})
	a.eventually("opt-in and template", func() bool { return strings.HasSuffix(done(ada), "optin template") })
	if r := ada.post("/start/test/nothing", nil); r.Status != 404 {
		t.Errorf("an unknown test: %d", r.Status)
	}
}

// The health state is shown on every page when something does not work, and when it works again.
func TestHealthAndBanner(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, ana := a.as("ada"), a.as("ana")
	banner := func(v *visitor) string { return v.get("/contacts").Doc().Find("[data-testid=banner]").Text() }
	if got := banner(ana); got != "" {
		t.Errorf("a banner from the beginning: %s", got)
	}
	// A single request by a stranger causes no alert.
	if r := a.as("").post("/webhooks/twilio/messages", url.Values{"MessageSid": {"SM1"}}); r.Status != 403 {
		t.Fatal(r.Status)
	}
	// Twilio with another token: a tenth of ten or more. The rows are inserted directly, because at most one a second is
	// stored.
	a.exec("INSERT INTO webhook_receipts (kind, verdict) SELECT 'message', 'bad_signature' FROM generate_series(1, 9)")
	a.eventually("wrong signatures are told", func() bool { return strings.Contains(banner(ana), "10 of 10 webhooks") })
	a.exec("INSERT INTO webhook_receipts (kind, verdict) SELECT 'message', 'accepted' FROM generate_series(1, 95)")
	a.joined(noor, "Noor", "Hello")
	a.eventually("and gone when nearly all are right", func() bool { return banner(ana) == "" })
	s := a.senderOf(simulator.SandboxPhone)
	ada.post("/settings/senders/"+s.PublicID, url.Values{"version": {strconv.Itoa(s.Version)}, "name": {"Sandbox"}, "state": {"offline"}, "default": {"1"}})
	a.eventually("the default sender is offline", func() bool { return strings.Contains(banner(ana), "is offline") })
	s = a.senderOf(simulator.SandboxPhone)
	ada.post("/settings/senders/"+s.PublicID, url.Values{"version": {strconv.Itoa(s.Version)}, "name": {"Sandbox"}, "state": {"online"}, "default": {"1"}})
	a.eventually("online again", func() bool { return banner(ana) == "" })
	c := a.conversation(noor, 2)
	a.Sim.Forget(noor)
	ana.post("/conversations/"+c.PublicID+"/replies", reply("Hello?"))
	a.eventually("the failure is explained", func() bool {
		return strings.Contains(ada.get("/settings/health").Doc().Find("[data-testid=health-error]").Text(), "has not joined the Sandbox")
	})
	text := ada.get("/settings/health").Text()
	for _, want := range []string{"Twilio answers, and the credentials are good", "10 in the last hour", a.URL, "queued"} {
		if !strings.Contains(text, want) {
			t.Errorf("health lacks %q", want)
		}
	}
}
