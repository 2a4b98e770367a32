package e2e

import (
	"strings"
	"testing"
)

// TestTemplateInTwoLanguages follows a template from its first letters to delivered messages in two languages: the lint
// marks mistakes while ada types, the draft survives a reload, otto sees that she edits it, both languages are
// approved, and each recipient of a notification gets their own.
func TestTemplateInTwoLanguages(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada, otto, phones := d.window("ada"), d.window("otto"), d.window("phones")
	ada.signIn("ada@example.com")
	otto.signIn("otto@example.com")

	// Two people write to the business's own number, and are opted in with a language each.
	for _, c := range []struct{ name, phone, language string }{{"Lea Novak", "+385912345678", ""}, {"Inés Vega", "+34600999888", "es"}} {
		phones.open("/simulator")
		phones.write("input[name=name]", c.name)
		phones.write("input[name=phone]", c.phone)
		phones.click("form[action$='/phones'] button")
		phones.until("#phone")
		phones.open("/simulator/phones/" + c.phone + "?with=business")
		phones.until("#phone input[name=with][value='+15550100200']")
		phones.write("#phone input[name=body]", "Hello there")
		phones.click("#phone button[value=text]")
		phones.see("#chat", "Hello there")
		ada.open("/inbox")
		ada.see("#list", c.name)
		ada.open("/contacts?q=" + strings.Fields(c.name)[0])
		ada.see("#main", c.name)
		ada.act("open the contact", `document.querySelector("[data-testid=contact-row] a").click()`)
		ada.until("form[action$='/consent']")
		ada.act("opt in", optIn)
		ada.see("#toasts", "Recorded.")
		if c.language != "" {
			ada.until("[data-htmx-powered]") // the scripts have loaded
			ada.choose("select[name=language]", c.language)
			ada.see("[data-testid=saved]", "Saved")
		}
	}

	// The first input: an invalid name with its fix, a promotion that is marked, placeholders that need samples.
	ada.open("/templates/new")
	ada.write("#name", "Visit Reminder")
	ada.write("#body", "{{Name}}, enjoy a 20% discount on your visit {{Date}}")
	ada.see("[data-testid=findings]", "WhatsApp would reject this", "begins with a placeholder", "reads as promotion", "Give a sample for Name")
	ada.until("#marks-body mark[data-severity=error]")
	ada.click("[data-fix=name]")
	if got := ada.waitValue("#name", "visit_reminder"); got != "visit_reminder" {
		t.Errorf("the fix left %q", got)
	}
	ada.see("#saved", "Saved")
	if path := ada.eval("location.pathname"); !strings.HasSuffix(path, "/edit") {
		t.Errorf("the draft has no address of its own: %s", path)
	}
	edit := ada.eval("location.pathname")
	ada.act("write it again", `(() => { const b = document.querySelector("#body"); b.value = ""; b.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	ada.write("#body", "Hello {{Name}}, your *visit* on {{Date}} is near. Reply here if you can't come.")
	ada.until("[name='sample-Name']")
	ada.write("[name='sample-Name']", "Noor")
	ada.write("[name='sample-Date']", "Tuesday")
	ada.see("[data-testid=findings]", "Nothing that WhatsApp would reject")
	ada.see("[data-testid=editor-preview]", "Hello Noor, your visit on Tuesday is near.")
	if bold := ada.eval(`document.querySelector("[data-testid=editor-preview] strong")?.textContent || ""`); bold != "visit" {
		t.Errorf("bold in the preview: %q", bold)
	}
	ada.see("#saved", "Saved")

	// A reload loses nothing, and otto sees that she has it open.
	ada.open(edit)
	if got := ada.waitValue("#body", "Hello {{Name}}, your *visit* on {{Date}} is near. Reply here if you can't come."); !strings.HasPrefix(got, "Hello {{Name}}") {
		t.Errorf("after a reload: %q", got)
	}
	otto.open(edit)
	otto.see("#others", "Ada Adler", "open too")
	ada.see("#others", "Otto Okafor")
	otto.write("#body", "Otto was here. ")
	otto.see("#saved", "Saved")
	ada.see("#others", "Otto Okafor saved a newer text")
	ada.write("#body", "Ada too. ")
	ada.see("[data-testid=conflict]", "Otto Okafor changed this draft", "Ada too.")
	ada.click("[data-take-theirs]")
	theirs := "Otto was here. Hello {{Name}}, your *visit* on {{Date}} is near. Reply here if you can't come."
	if got := ada.waitValue("#body", theirs); got != theirs {
		t.Errorf("theirs: %q", got)
	}
	otto.open("/templates")

	// A button is added by hand.
	ada.choose("#type", "twilio/quick-reply")
	ada.until("[name='action-1-title']")
	ada.write("[name='action-1-title']", "Yes, I'll come")
	ada.see("[data-testid=editor-preview]", "Yes, I'll come")
	ada.see("#saved", "Saved")
	ada.click("button[value=submit]")
	ada.until("[data-testid=version][data-state=approved]")
	template := ada.eval("location.pathname")

	// The second language, with an approval of its own.
	ada.choose("select[name=language]", "es")
	ada.until("#editor")
	ada.act("translate", `(() => { const b = document.querySelector("#body"); b.value = "Hola {{Name}}, tu *visita* del {{Date}} se acerca. Responde aquí si no puedes venir."; b.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	ada.see("#saved", "Saved")
	ada.see("[data-testid=findings]", "Nothing that WhatsApp would reject")
	ada.click("button[value=submit]")
	ada.until("[data-language=es] [data-testid=version][data-state=approved]")
	otto.see("#templates", "visit_reminder")

	// One notification, to each in their language.
	ada.open(template)
	ada.act("use it", `[...document.querySelectorAll("[data-language=en] a")].find(a => a.innerText.includes("Use")).click()`)
	ada.until("[name=value-2]")
	ada.see("[data-testid=language-rule]", "es", "fall-back en")
	ada.write("[name=value-2]", "12.5.")
	for _, name := range []string{"Lea Novak", "Inés Vega"} {
		ada.act("pick "+name, `[...document.querySelectorAll("#choice-list label")].find(l => l.innerText.includes("`+name+`")).querySelector("input").click()`)
	}
	ada.click("[data-testid=send-notification]")
	ada.see("#notification", "Lea Novak", "Inés Vega")
	phones.open("/simulator/phones/+34600999888?with=business")
	phones.see("#chat", "Hola Inés Vega, tu visita del 12.5. se acerca.")
	phones.open("/simulator/phones/+385912345678?with=business")
	phones.see("#chat", "Hello Lea Novak, your visit on 12.5. is near.", "Yes, I'll come")
	ada.until(`[data-testid=recipient][data-status=read]`)

	// The answer is a tap on the button, and it arrives.
	phones.click("[data-testid=tap]")
	ada.open("/inbox")
	ada.see("#list", "Yes, I'll come")

	// WhatsApp pauses it: the author gets an alert.
	phones.open("/simulator/templates")
	phones.act("pause", `[...document.querySelectorAll("[data-testid=content]")].find(s => s.innerText.includes("visit_reminder")).querySelector("button[value=pause]").click()`)
	ada.see("#alert-toast", "was paused by WhatsApp")
	ada.until("[data-testid=unseen]")
	if bad := d.problems(); bad != "" {
		t.Errorf("the program logged problems:\n%s", bad)
	}
}

// optIn fills in and sends the form that records a consent.
const optIn = `(() => {
	const f = document.querySelector("form[action$='/consent']");
	f.elements.namedItem("proof").value = "Signed the form at the desk";
	f.querySelector("button").click();
})()`
