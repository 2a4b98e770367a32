package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMainJob is the main task of Parley from start to end: a customer joins the Sandbox, opts in by that and writes;
// the chat appears live; an agent replies; the ticks go sent, delivered, read; the 24 hours pass and the reply box
// becomes a template picker; an approved template goes out; a new template is drafted, submitted, reviewed, approved
// and used.
func TestMainJob(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	ada.open("/inbox")
	ada.see("#list", "Noor Haddad")

	// A customer joins the Sandbox on a phone page, and writes.
	customer := d.window("customer")
	customer.open("/simulator")
	customer.write("input[name=name]", "Lea Novak")
	customer.write("input[name=phone]", "+385 91 234 5678")
	customer.click("form[action$='/phones'] button")
	customer.see("[data-testid=phone-status]", "not joined")
	customer.write("#phone input[name=body]", "Hello?")
	customer.click("#phone button[value=text]")
	customer.see("#chat", "not connected to a Sandbox")
	customer.click("[data-testid=join]")
	customer.see("[data-testid=phone-status]", "joined until")
	customer.write("#phone input[name=body]", "Can I come on Tuesday?")
	customer.click("#phone button[value=text]")
	customer.see("#chat", "Can I come on Tuesday?")

	// The chat appears live in the inbox, and the contact is opted in.
	ada.see("#list", "Lea Novak", "Can I come on Tuesday?")
	if strings.Contains(ada.text("#list"), "Hello?") {
		t.Error("a message from before the joining reached the inbox")
	}
	ada.act("open the chat", `[...document.querySelectorAll("[data-testid=row] a")].find(a => a.innerText.includes("Lea Novak")).click()`)
	ada.see("[data-testid=contact-name]", "Lea Novak")
	ada.see("#head", "Opted in", "left")
	ada.see("#thread", "Can I come on Tuesday?")
	chat := ada.eval("location.pathname")

	// An agent replies; the ticks go on, live.
	customer.open("/simulator") // the phone is not open in a browser
	ada.write("#body", "Of course, Tuesday at ten.")
	ada.click("[data-testid=reply-form] [data-testid=send]")
	ada.see("#thread", "Of course, Tuesday at ten.")
	if left := ada.waitValue("#body", ""); left != "" {
		t.Errorf("the composer still holds %q after sending", left)
	}
	ada.until(`[data-direction=outbound][data-status=delivered]`)
	customer.open("/simulator/phones/+385912345678")
	customer.see("#chat", "Of course, Tuesday at ten.")
	ada.until(`[data-direction=outbound][data-status=read]`)

	// A picture and a location.
	customer.click("#phone button[value=picture]")
	ada.until(`#thread [data-testid=picture]`)
	customer.until("#chat img")
	customer.click("#phone button[value=location]")
	ada.until(`#thread [data-testid=picture]`)
	ada.see("#thread", "Alexanderplatz")

	// After 24 hours the reply box becomes a template picker; the typed text is kept as a note.
	ada.write("#body", "Half a sentence")
	customer.click("button[value='24h']")
	ada.until(`[data-testid=composer][data-session=closed]`)
	ada.see("[data-testid=closed-reason]", "24-hour session is closed")
	ada.see("#head", "Session closed")
	ada.see("[data-testid=kept-draft]", "Half a sentence")
	ada.click("[data-testid=as-note]")
	ada.until(`[data-testid=note-form]`)
	if kept := ada.waitValue("#body", "Half a sentence"); kept != "Half a sentence" {
		t.Errorf("the typed text is gone: %q", kept)
	}
	ada.act("the picker", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Template").click()`)

	// An approved template goes out.
	ada.pickTemplate("sandbox_appointment")
	ada.write("[name=value-1]", "Tuesday")
	ada.write("[name=value-2]", "10:00")
	ada.see("[data-testid=preview]", "Your appointment is coming up on Tuesday at 10:00")
	ada.click("[data-testid=send-template]")
	ada.see("#thread", "Your appointment is coming up on Tuesday at 10:00")
	customer.see("#chat", "Your appointment is coming up on Tuesday at 10:00")
	ada.until(`article:last-of-type[data-direction=outbound][data-status=read]`)

	// A new template is drafted, submitted and approved.
	ada.open("/templates/new")
	ada.write("#name", "visit_confirmed")
	ada.write("#body", "Hello {{Name}}, your visit on {{Date}}")
	ada.see("[data-testid=findings]", "ends with a placeholder")
	ada.write("#body", " is confirmed. Reply here if you can't come.")
	ada.until(`[name='sample-Name']`)
	ada.write("[name='sample-Name']", "Lea")
	ada.write("[name='sample-Date']", "Tuesday")
	ada.see("[data-testid=findings]", "Nothing that WhatsApp would reject")
	ada.see("[data-testid=editor-preview]", "Hello Lea, your visit on Tuesday is confirmed.")
	ada.click("button[value=submit]")
	ada.see("[data-testid=version]", "Version 1")
	ada.until(`[data-testid=version][data-state=approved]`)
	ada.see("[data-testid=approval-event]", "became approved")

	// Lea joined the Sandbox, which is not a consent for the business's own number: a real opt-in is recorded.
	ada.open("/contacts")
	ada.act("open Lea", `[...document.querySelectorAll("a[href^='/contacts/']")].find(a => a.innerText.includes("Lea Novak")).click()`)
	ada.until("form[action$='/consent']")
	ada.see("main", "Opted in, Sandbox only")
	ada.act("unfold", `document.querySelector("form[action$='/consent']").closest("details").open = true`)
	ada.write("[name=proof]", "Asked at the desk")
	ada.click("form[action$='/consent'] button.btn")
	ada.see("#history", "Asked at the desk")
	ada.open("/templates")
	ada.act("open the template", `[...document.querySelectorAll("a[href^='/templates/']")].find(a => a.innerText.includes("visit_confirmed")).click()`)

	// It is sent from the business's own number, since the Sandbox accepts only Twilio's three templates.
	ada.until("[data-testid=version] a")
	ada.act("use it", `[...document.querySelectorAll("[data-testid=version] a")].find(a => a.innerText.includes("Use")).click()`)
	ada.until("[name=value-1]")
	ada.write("[name=value-1]", "Lea")
	ada.write("[name=value-2]", "Tuesday")
	ada.act("pick Lea", `[...document.querySelectorAll("#choice-list label")].find(l => l.innerText.includes("Lea Novak")).querySelector("input").click()`)
	ada.see("[data-testid=notification-preview]", "Hello Lea, your visit on Tuesday is confirmed.")
	ada.click("[data-testid=send-notification]")
	ada.see("#notification", "visit_confirmed", "Lea Novak")
	customer.open("/simulator/phones/+385912345678?with=business")
	customer.see("#chat", "Hello Lea, your visit on Tuesday is confirmed.")
	ada.until(`[data-testid=recipient][data-status=read]`)

	// The chat's page still works after all that.
	ada.open(chat)
	ada.see("#thread", "Of course, Tuesday at ten.")
	if bad := d.problems(); bad != "" {
		t.Errorf("the program logged problems:\n%s", bad)
	}
}

// until waits for an element.

// pickTemplate picks a template in a conversation's composer.
func (p *person) pickTemplate(name string) {
	p.t.Helper()
	p.until("[data-testid=template-option][data-name=" + name + "]")
	p.click("[data-testid=template-option][data-name=" + name + "]")
	p.until("[name=value-1]")
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// problems are the log lines of the program that should not occur.
func (d *desk) problems() string {
	var out []string
	for _, l := range strings.Split(d.log.String(), "\n") {
		if strings.Contains(l, "level=ERROR") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}
