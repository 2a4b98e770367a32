package e2e

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// addUser adds a user with the command line while the program runs.
func (d *desk) addUser(email, name, role, password string) {
	d.t.Helper()
	path, err := binary()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(path, "user", "add", email, "--name", name, "--role", role)
	cmd.Env, cmd.Dir, cmd.Stdin = d.env, d.t.TempDir(), strings.NewReader(password+"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("user add: %v\n%s", err, out)
	}
}

// fill replaces a field's text, as a person who selects all and types.
func (p *person) fill(selector, text string) {
	p.t.Helper()
	p.act("fill "+selector, `(() => { const e = document.querySelector(`+quote(selector)+`); e.value = `+quote(text)+`; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

// TestFromNothingToProduction goes from an empty installation through the Sandbox and an access request that is
// rejected, fixed and approved, to a registered number and a message that arrives from it.
func TestFromNothingToProduction(t *testing.T) {
	t.Parallel()
	d := start(t, "DEMO=0")
	d.addUser("ada@example.com", "Ada Adler", "admin", "parley-demo")
	ada, phone := d.window("ada"), d.window("phone")
	ada.signIn("ada@example.com")

	// Getting started: the credentials are ticked automatically, the webhooks after a test.
	ada.open("/start")
	ada.until("[data-step=credentials][data-done=true]")
	ada.click("[data-step=webhooks] form button")
	ada.until("[data-step=webhooks][data-done=true]")

	// The Sandbox: its join words, a phone that joins, a message in and a reply out.
	ada.open("/sandbox")
	ada.write("#join_words", "calm-harbor")
	ada.click("form[action='/sandbox/words'] button")
	ada.see("[data-testid=join-words]", "join calm-harbor")
	ada.until("[data-testid=qr]")
	phone.open("/simulator")
	phone.write("input[name=name]", "Lea Novak")
	phone.write("input[name=phone]", "+385 91 234 5678")
	phone.click("form[action$='/phones'] button")
	phone.click("[data-testid=join]")
	phone.see("[data-testid=phone-status]", "joined until")
	ada.see("[data-testid=member]", "Lea Novak", "2 days left")
	phone.write("#phone input[name=body]", "Can I come on Tuesday?")
	phone.click("#phone button[value=text]")
	ada.open("/inbox")
	ada.see("#list", "Lea Novak")
	ada.act("open the chat", `document.querySelector("[data-testid=row] a").click()`)
	ada.write("#body", "Of course, at ten.")
	ada.click("[data-testid=reply-form] [data-testid=send]")
	phone.see("#chat", "Of course, at ten.")

	// An opt-in with its proof, and a template that the lint passes.
	ada.act("her page", `location.href = document.querySelector("#head a[href^='/contacts/']").href`)
	ada.until("form[action$='/consent']")
	ada.act("open the consent form", `document.querySelectorAll("details").forEach((x) => { x.open = true; })`)
	ada.choose("form[action$='/consent'] [name=source]", "paper")
	ada.fill("form[action$='/consent'] [name=proof]", "Signed at the desk on 2 May, folder 7")
	ada.fill("form[action$='/consent'] [name=wording]", "Yes, Harbor Clinic may write to me on WhatsApp")
	ada.click("form[action$='/consent'] button[name=kind][value=opted_in], form[action$='/consent'] button.btn")
	ada.see("body", "Signed at the desk")
	ada.open("/templates/new")
	ada.write("#name", "visit_reminder")
	ada.write("#body", "Hello {{Name}}, this is a reminder of your visit on {{Date}} at our clinic.")
	ada.until("[name='sample-Name']")
	ada.write("[name='sample-Name']", "Lea")
	ada.write("[name='sample-Date']", "Tuesday")
	ada.see("[data-testid=findings]", "Nothing that WhatsApp would reject")
	ada.click("button[value=submit]")
	ada.until("[data-testid=version][data-state=approved]")
	ada.open("/start")
	ada.until("[data-step=template][data-done=true]")
	ada.until("[data-step=optin][data-done=true]")

	// The request is saved while it is typed; the review says what is missing.
	ada.open("/access/new")
	ada.until("[data-htmx-powered]")
	ada.write("#legal_name", "Harbor Clinic GmbH")
	ada.write("#display_name", "Best Clinic")
	ada.see("[data-testid=name-findings]", "superlatives")
	ada.until("[data-testid=access-saved]:not([data-request=''])")
	id := ada.eval(`document.querySelector("[data-testid=access-saved]").dataset.request`)
	ada.open("/access/" + id)
	ada.see("#review", "superlatives", "The website is missing", "Business Manager ID is missing", "No sample template")
	ada.open("/access/" + id + "/edit")
	ada.until("[data-htmx-powered]")
	for field, text := range map[string]string{"display_name": "Harbor Clinic", "website": "https://www.harbor-clinic.example.com", "address": "Kai 12, 10115 Berlin", "contact_name": "Ada Adler", "contact_email": "ada@example.com",
		"facebook_business_id": "123456789012345", "phone": "+49 30 22334455", "monthly_volume": "4000"} {
		ada.fill("#"+field, text)
	}
	for field, value := range map[string]string{"country": "DE", "vertical": "Medical and Health", "phone_code": "sms", "phone_free": "yes", "use_case": "mixed"} {
		ada.choose("#"+field, value)
	}
	ada.click("[name=samples]")
	ada.click("button[name=draw]")
	ada.see("#optin_description", "On paper, signed in our house")
	ada.click("#access-form button[data-variant=primary]")
	ada.see("[data-testid=score-word]", "Complete")
	ada.click("button[name=to][value=ready]")
	ada.see("[data-testid=access-state]", "Ready")

	// The request is submitted; the reviewers reject it first, the team fixes it, and it is approved.
	submission := ada.eval(`document.querySelector("textarea[name=submission]").value`)
	handIn := func(text string) {
		t.Helper()
		phone.open("/simulator/access")
		literal := "`" + strings.ReplaceAll(text, "\\", "\\\\") + "`"
		phone.act("paste", `document.querySelector("textarea[name=submission]").value = `+literal)
		phone.click("form[action$='/access'] button")
	}
	decided := func(want string) {
		t.Helper()
		for range 60 {
			if strings.Contains(phone.text("[data-testid=verdict]"), want) {
				return
			}
			time.Sleep(300 * time.Millisecond)
			phone.open("/simulator/access")
		}
		t.Fatalf("never %s: %s", want, phone.text("body"))
	}
	handIn(regexp.MustCompile(`"display_name": "[^"]*"`).ReplaceAllString(submission, `"display_name": "Best Clinic"`))
	ada.click("button[name=to][value=submitted]")
	decided("rejected")
	phone.see("[data-testid=said]", "superlatives")
	ada.write("#note", "Display name: no superlatives.")
	ada.click("button[name=to][value=rejected]")
	ada.see("[data-testid=access-state]", "Rejected")
	ada.click("button[name=to][value=draft]")
	ada.see("[data-testid=access-state]", "Draft")
	ada.click("button[name=to][value=ready]")
	ada.see("[data-testid=access-state]", "Ready")
	handIn(ada.eval(`document.querySelector("textarea[name=submission]").value`))
	ada.click("button[name=to][value=submitted]")
	decided("approved")
	ada.click("button[name=to][value=approved]")
	ada.see("#timeline", "Rejected", "no superlatives", "Approved")

	// The submission has a printable page.
	ada.open("/access/" + id + "/submission")
	ada.see("[data-testid=submission]", "Harbor Clinic GmbH", "visit_reminder", "Lea")

	// The number is registered with its code, and is online.
	ada.open("/access/" + id)
	ada.act("register", `document.querySelector("a[href^='/settings/senders/register']").click()`)
	ada.until("#profile_name")
	ada.click("form[action='/settings/senders/register'] button[data-variant=primary]")
	ada.until("#sender-state[data-status=PENDING_VERIFICATION]")
	phone.open("/simulator/senders")
	ada.write("#code", strings.TrimSpace(phone.text("[data-testid=code]")))
	ada.click("form[action$='/verify'] button")
	ada.until("#sender-state[data-status=ONLINE]")
	ada.open("/access/" + id)
	ada.see("[data-testid=access-state]", "Number registered")

	// One guided step to production, and the first message from the number arrives.
	ada.act("move", `document.querySelector("a[href$='/move']").click()`)
	ada.see("#move-page", "Its webhooks lead here", "1 template of your own approved")
	ada.click("[data-testid=move]")
	ada.see("[data-testid=status-line]", "Harbor Clinic", "Production")
	ada.open("/contacts")
	ada.act("Lea", `[...document.querySelectorAll("a[href^='/contacts/']")].find((a) => a.innerText.includes("Lea Novak")).click()`)
	ada.until("form[action$='/conversations'] button")
	ada.act("write from the number", `[...document.querySelectorAll("form[action$='/conversations'] button")].find((b) => b.innerText.includes("Harbor Clinic")).click()`)
	ada.until("[data-testid=composer]")
	ada.pickTemplate("visit_reminder")
	ada.fill("[name=value-1]", "Lea")
	ada.fill("[name=value-2]", "Tuesday")
	ada.click("[data-testid=send-template]")
	ada.see("#thread", "Hello Lea, this is a reminder of your visit on Tuesday")
	ada.until("[data-direction=outbound][data-status=delivered]")
	phone.open("/simulator/phones/+385912345678?with=%2B493022334455")
	phone.see("#chat", "Hello Lea, this is a reminder of your visit on Tuesday")
	ada.open("/access/" + id)
	ada.see("[data-testid=access-state]", "Live")
	ada.open("/start")
	ada.see("[data-testid=progress]", "8 of 8")
	if bad := d.problems(); bad != "" {
		t.Errorf("the program logged problems:\n%s", bad)
	}
}
