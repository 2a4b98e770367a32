//go:build screenshots

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestScreenshots takes a screenshot of every page at both widths, light and dark, into the folder that
// PARLEY_SCREENSHOTS names. It is built only by make screenshots.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("PARLEY_SCREENSHOTS")
	if dir == "" {
		t.Fatal("PARLEY_SCREENSHOTS names no folder: use make screenshots")
	}
	d := start(t)
	p := d.window("ada")
	p.signIn("ada@example.com")
	for _, filter := range []string{"state=approved&q=reminder", "state=rejected"} { // the demo's have been reviewed
		p.open("/templates?view=list&" + filter)
		p.until("[data-testid=template-row]")
	}
	first := func(page, pattern string) string {
		p.open(page)
		m := regexp.MustCompile(pattern).FindString(p.eval("document.querySelector('#main').innerHTML"))
		return m
	}
	conversation := first("/inbox?q=Mart", `/inbox/[0-9a-f]{16}`)
	draft := first(first("/templates?state=draft", `/templates/[0-9a-f]{16}`), `/versions/[0-9a-f]{16}/edit`)
	checked := p.importOf(d, "patients.csv", "Name,Mobile,Insurance,Tags\nAda Lovelace,+49 151 23456790,private,VIP\nمريم الزهراء,+971 50 123 4567,public,\nA very long name that somebody once typed into a form without thinking about those who have to read it,+34 600 123 457,none,\"VIP, Diabetes group\"\nNobody,12,public,\nTwice,+4915123456790,,\nA number of films,+44 7700 900123,,\n")
	only := os.Getenv("PARLEY_SCREENSHOTS_ONLY")
	pages := map[string]string{
		"home":                "/",
		"inbox":               "/inbox",
		"conversation":        conversation,
		"template-picker":     conversation + "?mode=template",
		"contacts":            "/contacts",
		"contact":             first("/contacts", `/contacts/[0-9a-f]{16}`),
		"contact-new":         "/contacts/new",
		"imports":             "/contacts/imports",
		"optins":              "/contacts/optins",
		"optin":               first("/contacts/optins", `/contacts/optins/[0-9a-f]{16}`),
		"join":                "/join/front-desk",
		"settings-contacts":   "/settings/contacts",
		"settings-keywords":   "/settings/keywords",
		"settings-privacy":    "/settings/privacy",
		"everything":          first("/contacts", `/contacts/[0-9a-f]{16}`) + "/subject-access",
		"contacts-filtered":   "/contacts?consent=opted_in&session=open&q=a",
		"import-checked":      checked,
		"evidence":            first("/contacts", `/contacts/[0-9a-f]{16}`) + "/consent",
		"templates":           "/templates",
		"template-list":       "/templates?view=list",
		"template":            first("/templates?state=approved&q=reminder", `/templates/[0-9a-f]{16}`),
		"template-rejected":   first("/templates?state=rejected", `/templates/[0-9a-f]{16}`),
		"template-library":    "/templates/library",
		"template-sheet":      "/templates/sheet",
		"alerts":              "/alerts",
		"template-new":        "/templates/new",
		"template-draft":      draft,
		"simulator-templates": "/simulator/templates",
		"notifications":       "/notifications",
		"notification-new":    "/notifications/new",
		"notification-rules":  "/notifications/settings",
		"reports-messages":    "/reports/messages",
		"access":              "/access",
		"access-one":          first("/access", `/access/[0-9a-f]{16}`),
		"access-new":          "/access/new",
		"access-submission":   first("/access", `/access/[0-9a-f]{16}`) + "/submission",
		"start":               "/start",
		"sandbox":             "/sandbox",
		"health":              "/settings/health",
		"sender":              first("/settings/senders", `/settings/senders/[0-9a-f]{16}`),
		"sender-move":         first("/settings/senders", `/settings/senders/[0-9a-f]{16}`) + "/move",
		"sender-register":     "/settings/senders/register",
		"simulator-senders":   "/simulator/senders",
		"simulator-access":    "/simulator/access",
		"users":               "/settings/users",
		"senders":             "/settings/senders",
		"webhooks":            "/settings/webhooks",
		"webhook":             first("/settings/webhooks", `/settings/webhooks/[0-9a-f]{16}`),
		"settings-inbox":      "/settings/inbox",
		"macros":              "/settings/macros",
		"replies":             "/replies",
		"search":              "/search?q=appoint",
		"reports":             "/reports",
		"audit":               "/settings/audit",
		"account":             "/account",
		"gallery":             "/dev/gallery",
		"phones":              "/simulator/phones/+34600123456",
		"missing":             "/nothing-here",
	}
	for name, path := range pages {
		if only != "" && !regexp.MustCompile(only).MatchString(name) {
			continue
		}
		for _, width := range []int64{1440, 390} {
			for _, theme := range []string{"light", "dark"} {
				p.do("viewport", chromedp.EmulateViewport(width, 900))
				p.open(path)
				p.still()
				p.eval(fmt.Sprintf(`(() => { localStorage.setItem("theme", %q); document.documentElement.classList.toggle("dark", %q === "dark"); return "" })()`, theme, theme))
				time.Sleep(250 * time.Millisecond)
				p.keep(fmt.Sprintf("%s-%d-%s", name, width, theme))
				if over := p.eval(`String(document.documentElement.scrollWidth > innerWidth + 1)`); over == "true" {
					t.Errorf("%s is wider than %d px", name, width)
				}
			}
		}
	}
	p.contactStories()
	p.deskStories(d, conversation)
	if only != "" {
		return
	}
	p.editorStories(d)
	p.do("viewport", chromedp.EmulateViewport(1440, 900))
	p.eval(`(() => { localStorage.setItem("theme", "light"); return "" })()`)
	p.open("/templates/new")
	p.write("#name", "spring_sale")
	p.write("#body", "Hello {{Name}}, get a 20% discount until {{Date}}")
	p.see("[data-testid=findings]", "discount")
	p.keep("story-editor-findings")
	p.open("/notifications/new")
	p.pick("#template", "sandbox_order")
	p.write("[name=value-1]", "Harbor")
	p.keep("story-notification")
	p.open("/simulator")
	p.click("button[value='23h']")
	p.see("section[aria-label=Clock]", "23 h ahead")
	p.open(conversation)
	p.keep("story-closing")
	p.open("/simulator")
	p.click("button[value='1h']")
	p.see("section[aria-label=Clock]", "24 h ahead")
	p.open(conversation)
	p.pickTemplate("sandbox_appointment")
	p.write("[name=value-1]", "Tuesday")
	p.write("[name=value-2]", "10:00")
	p.see("[data-testid=preview]", "Tuesday at 10:00")
	p.keep("story-closed")
	p.open("/simulator")
	p.click("button[value='72h']")
	p.see("section[aria-label=Clock]", "4 days")
	p.open(conversation)
	p.pickTemplate("sandbox_appointment")
	p.write("[name=value-1]", "Tuesday")
	p.write("[name=value-2]", "10:00")
	p.click("[data-testid=send-template]")
	p.see("#composer [data-problem]", "joining of the Sandbox ended")
	p.keep("story-not-joined")
	p.open("/")
	p.keep("story-home-later")
	t.Log("screenshots are in", filepath.Clean(dir))
}

// deskStories takes screenshots of a conversation with every kind of message, hostile text and long names, and of the
// inbox for the docs.
func (p *person) deskStories(d *desk, conversation string) {
	phone := d.window("phone")
	phone.open("/simulator/phones/+34600123456")
	for _, text := range []string{"> quoted\n* one\n* two", "\u202eevil.exe \u200b\u200b<script>alert(1)</script>", strings.Repeat("Donaudampfschifffahrt", 12), strings.Repeat("😀", 120)} {
		phone.eval(`(() => { const b = document.querySelector("[name=body]"); b.value = ` + fmt.Sprintf("%q", text) + `; return "" })()`)
		phone.act("send", `document.querySelector("[name=body]").form.requestSubmit()`)
		time.Sleep(400 * time.Millisecond)
	}
	for _, what := range []string{"picture", "card", "location"} {
		phone.click("#phone button[value=" + what + "]")
		time.Sleep(400 * time.Millisecond)
	}
	for _, width := range []int64{1440, 390} {
		for _, theme := range []string{"light", "dark"} {
			p.do("viewport", chromedp.EmulateViewport(width, 900))
			p.open(conversation)
			p.still()
			p.eval(fmt.Sprintf(`(() => { localStorage.setItem("theme", %q); document.documentElement.classList.toggle("dark", %q === "dark"); return "" })()`, theme, theme))
			p.until("[data-testid=shared-contact]")
			time.Sleep(500 * time.Millisecond)
			p.keep(fmt.Sprintf("desk-rich-%d-%s", width, theme))
			if over := p.eval(`String(document.documentElement.scrollWidth > innerWidth + 1)`); over == "true" {
				p.t.Errorf("a conversation is wider than %d px", width)
			}
			p.open("/inbox?q=Noor")
			p.openChat()
			p.until("#write textarea")
			p.open("/inbox/" + p.eval(`document.querySelector("#conversation").dataset.conversation`))
			time.Sleep(500 * time.Millisecond)
			p.keep(fmt.Sprintf("desk-%d-%s", width, theme))
		}
	}
}

// editorStories takes screenshots of the editor with each kind of message, right-to-left text and long names.
func (p *person) editorStories(d *desk) {
	p.do("viewport", chromedp.EmulateViewport(1440, 1300))
	p.eval(`(() => { localStorage.setItem("theme", "light"); return "" })()`)
	set := func(name, value string) {
		p.eval(`(() => { const f = document.querySelector("#editor").elements.namedItem(` + quote(name) + `); f.value = ` + quote(value) + `; f.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	}
	p.open("/templates/new")
	for _, kind := range []string{"twilio/carousel", "twilio/list-picker", "whatsapp/card", "whatsapp/authentication", "twilio/call-to-action"} {
		p.choose("#type", kind)
		time.Sleep(700 * time.Millisecond)
		switch kind {
		case "twilio/carousel":
			set("name", "our_rooms_for_your_next_visit_with_a_very_long_name_indeed_2026")
			set("body", "Hello {{Name}}, these rooms are reserved for you. Which one would you like?")
			set("card-1-body", "With a view of the harbour")
			set("card-1-title", "Room 1")
			set("card-1-media", "https://example.com/1.png")
			set("card-1-action-1-title", "Take it")
			set("card-2-body", "Quiet, to the garden")
		case "twilio/list-picker":
			set("button", "Choose a day")
			set("item-1-title", "Monday")
			set("item-1-description", "9 to 12 o'clock")
		case "whatsapp/card":
			set("header", "Your order {{Order}}")
			set("footer", "Harbor Clinic, Main Street 1")
		case "twilio/call-to-action":
			set("action-1-title", "Follow it")
			set("action-1-value", "https://example.com/parcels/{{Parcel}}")
			set("body", "مرحبا {{Name}}، تم شحن طلبك وسيصل *غدا* بين الساعة 9 و 12.")
			set("language", "ar")
		}
		time.Sleep(900 * time.Millisecond)
		p.keep("story-" + regexp.MustCompile(`[^a-z]`).ReplaceAllString(kind, "-"))
	}
	p.open("/notifications/new")
	p.act("the clinic", `(() => { const s = document.querySelector("#sender"); s.value = [...s.options].find(o => o.text.includes("Harbor")).value; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	time.Sleep(700 * time.Millisecond)
	p.act("a template", `(() => { const s = document.querySelector("#template"); s.value = [...s.options].find(o => o.text.includes("appointment_reminder")).value; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	time.Sleep(700 * time.Millisecond)
	p.keep("story-languages")
}

// contactStories takes screenshots of what opens over the list of contacts, and of a contact's whole page.
func (p *person) contactStories() {
	for _, width := range []int64{1440, 390} {
		p.do("viewport", chromedp.EmulateViewport(width, 900))
		p.open("/contacts")
		p.act("the filter", `document.querySelector("#filter-menu summary").click()`)
		time.Sleep(300 * time.Millisecond)
		p.keep(fmt.Sprintf("story-filter-%d", width))
		p.open("/contacts?consent=opted_in")
		p.act("two are chosen", `document.querySelectorAll("#contacts [name=contact]").forEach((b, i) => { if (i < 2) b.click(); })`)
		p.click("[data-testid=many] details:nth-of-type(2) summary")
		time.Sleep(300 * time.Millisecond)
		p.keep(fmt.Sprintf("story-many-%d", width))
		p.do("viewport", chromedp.EmulateViewport(width, 2600))
		p.act("one", `document.querySelector("[data-testid=contact-row] a").click()`)
		p.see("#history", "Opted in")
		p.act("all open", `document.querySelectorAll("details").forEach(d => { d.open = true; })`)
		time.Sleep(300 * time.Millisecond)
		p.keep(fmt.Sprintf("story-contact-%d", width))
	}
}
