package e2e

import (
	"strings"
	"time"
)

// axeState is a page, or a state of it after an action.
type axeState struct {
	name  string // the page's name, then the action
	path  string
	do    string // a script that brings the page into the state; it may return a promise
	shows string // a selector that exists in the state, if reaching it takes time
}

// refused matches a page whose form was refused.
const refused = "[aria-invalid=true], #main [role=alert], form [role=alert]"

// axePages are all pages and their main states, by route.
func axePages(p *person, d *desk) map[string][]axeState {
	p.t.Helper()
	first := func(page, pattern string) string {
		p.t.Helper()
		p.open(page)
		found := p.soon(`document.querySelector("#main")?.innerHTML.match(`+quote(pattern)+`)?.[0]`, 20*time.Second)
		if found == "" { // the demo's templates are approved gradually, and the page shows it
			p.t.Fatalf("%s leads to nothing like %s", page, pattern)
		}
		return found
	}
	chat := first("/inbox?q=Noor", `/inbox/[0-9a-f]{16}`)
	contact := first("/contacts", `/contacts/[0-9a-f]{16}`)
	draft := first(first("/templates?state=draft", `/templates/[0-9a-f]{16}`), `/versions/[0-9a-f]{16}/edit`)
	template := first("/templates?state=approved&q=reminder", `/templates/[0-9a-f]{16}`)
	request := first("/access", `/access/[0-9a-f]{16}`)
	sender := first("/settings/senders", `/settings/senders/[0-9a-f]{16}`)
	optin := first("/contacts/optins", `/contacts/optins/[0-9a-f]{16}`)
	imported := p.importOf(d, "people.csv", "Name,Mobile,Tags\nAda Lovelace,+49 151 23456790,VIP\nNobody,12,\nTwice,+4915123456790,\n")
	notification := aNotification(p)
	open := func(selector string) string { return `document.querySelector(` + quote(selector) + `).open = true` }
	click := func(selector string) string { return `document.querySelector(` + quote(selector) + `).click()` }
	submit := func(selector string) string {
		return `(() => { const f = document.querySelector(` + quote(selector) + `); f.noValidate = true; f.requestSubmit(); })()`
	}
	one := func(path string) []axeState { return []axeState{{path: path}} }
	return map[string][]axeState{
		"signin": {{path: "/signin"}, {name: "refused", path: "/signin", do: submit("form"), shows: refused}},
		"home":   one("/"),
		"inbox": {
			{path: "/inbox"},
			{name: "nothing found", path: "/inbox?q=nobodyatall"},
			{name: "filter", path: "/inbox", do: open(".desk-list details:nth-of-type(1)")},
			{name: "choosing several", path: "/inbox", do: click("[data-select-mode]")},
			{name: "palette", path: "/inbox", do: `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "k", ctrlKey: true, bubbles: true}))`, shows: "#palette[open] [role=option]"},
			{name: "keys", path: "/inbox", do: `document.getElementById("keys").showModal()`},
		},
		"conversation": {
			{path: chat},
			{name: "template", path: chat + "?mode=template"},
			{name: "note", path: chat + "?mode=note"},
			{name: "more", path: chat, do: open("#menu-more")},
			{name: "snooze", path: chat, do: open("#menu-snooze")},
			{name: "schedule", path: chat, do: `document.querySelector("[data-testid=schedule]").parentElement.open = true`},
			{name: "emoji", path: chat, do: click("[data-emoji]"), shows: "[data-emoji-char]"},
			{name: "canned replies", path: chat, do: `(() => { const b = document.querySelector("#body"); b.value = "/"; b.focus(); b.dispatchEvent(new Event("input", {bubbles: true})); })()`, shows: "[data-offer]"},
			{name: "connection lost", path: chat, do: `window.parley.trouble("test", true)`, shows: "html[data-live=offline]"},
		},
		"replies":          one("/replies"),
		"search":           {{path: "/search"}, {name: "found", path: "/search?q=appoint"}, {name: "nothing", path: "/search?q=nobodyatall"}},
		"reports":          one("/reports"),
		"reports.messages": one("/reports/messages"),
		"contacts": {
			{path: "/contacts"},
			{name: "filtered", path: "/contacts?consent=opted_in&session=open&q=a"},
			{name: "nothing", path: "/contacts?q=nobodyatall"},
			{name: "filter", path: "/contacts", do: open("#filter-menu")},
			{name: "chosen", path: "/contacts", do: `document.querySelectorAll("#contacts [name=contact]").forEach((b, i) => { if (i < 2) b.click(); })`},
		},
		"imports":                one("/contacts/imports"),
		"import":                 one(imported),
		"optins":                 one("/contacts/optins"),
		"optins.new":             {{path: "/contacts/optins/new"}, {name: "refused", path: "/contacts/optins/new", do: submit("#main form"), shows: refused}},
		"optin":                  one(optin),
		"contacts.new":           {{path: "/contacts/new"}, {name: "refused", path: "/contacts/new", do: submit("#main form"), shows: refused}},
		"contact":                {{path: contact}, {name: "all open", path: contact, do: `document.querySelectorAll("#main details").forEach((d) => { d.open = true; })`}},
		"contact.evidence":       one(contact + "/consent"),
		"contact.subject-access": one(contact + "/subject-access"),
		"join":                   {{path: "/join/front-desk"}, {name: "refused", path: "/join/front-desk", do: submit("form"), shows: refused}},
		"alerts":                 one("/alerts"),
		"templates":              {{path: "/templates"}, {name: "list", path: "/templates?view=list"}, {name: "none", path: "/templates?q=nobodyatall"}},
		"templates.new": {
			{path: "/templates/new"},
			{name: "findings", path: "/templates/new", do: `(() => { const b = document.querySelector("#body"); b.value = "Get a 20% discount {{Name}}"; b.dispatchEvent(new Event("input", {bubbles: true})); })()`, shows: "[data-testid=findings] [data-goto]"},
		},
		"templates.library":   one("/templates/library"),
		"templates.sheet":     one("/templates/sheet"),
		"template":            {{path: template}, {name: "rejected", path: first("/templates?state=rejected", `/templates/[0-9a-f]{16}`)}},
		"template.compare":    one(template + "/compare"),
		"version.edit":        one(draft),
		"notifications":       one("/notifications"),
		"notifications.new":   {{path: "/notifications/new"}, {name: "refused", path: "/notifications/new", do: submit("#notification-form"), shows: refused}},
		"notification":        one(notification),
		"notification.edit":   one(notification + "/edit"),
		"notifications.rules": one("/notifications/settings"),
		"start":               one("/start"),
		"sandbox":             one("/sandbox"),
		"access":              one("/access"),
		"access.new":          {{path: "/access/new"}, {name: "refused", path: "/access/new", do: `(() => { document.querySelector("#access-form").elements.namedItem("website").value = "no"; ` + submit("#access-form") + ` })()`, shows: refused}},
		"access.request":      one(request),
		"access.edit":         one(request + "/edit"),
		"access.submission":   one(request + "/submission"),
		"users":               one("/settings/users"),
		"senders":             one("/settings/senders"),
		"senders.register":    one("/settings/senders/register"),
		"sender":              one(sender),
		"sender.move":         one(sender + "/move"),
		"health":              one("/settings/health"),
		"settings.contacts":   one("/settings/contacts"),
		"keywords":            one("/settings/keywords"),
		"privacy":             one("/settings/privacy"),
		"settings.inbox":      one("/settings/inbox"),
		"macros":              one("/settings/macros"),
		"webhooks":            one("/settings/webhooks"),
		"webhook":             one(first("/settings/webhooks", `/settings/webhooks/[0-9a-f]{16}`)),
		"audit":               one("/settings/audit"),
		"account":             one("/account"),
		"gallery":             one("/dev/gallery"),
		"missing":             one("/nothing-here"),
		"simulator": {
			{path: "/simulator"}, {name: "phone", path: "/simulator/phones/+34600123456"}, {name: "templates", path: "/simulator/templates"},
			{name: "senders", path: "/simulator/senders"}, {name: "access", path: "/simulator/access"},
		},
	}
}

// aNotification is the path of a notification with a finished dry run.
func aNotification(p *person) string {
	p.t.Helper()
	p.open("/notifications/new")
	p.pick("#template", "sandbox_order")
	p.act("fill it in", `document.querySelectorAll("[name^=value-]").forEach((f) => { f.value = "Tuesday"; f.dispatchEvent(new Event("input", {bubbles: true})); })`)
	p.act("to everybody shown", `(() => { const all = document.querySelector("#choice-list input:not(:disabled)"); all.click(); })()`)
	p.click("[data-testid=check-notification]")
	p.see("#notification", "sandbox_order")
	return p.eval("location.pathname")
}

// noPage are the GET routes without a page of their own: parts of pages, files and calls.
var noPage = strings.Fields(`healthz readyz manifest media.out media.template nav banner events media media.thumb upload
	conversation.messages conversation.people conversation.composer conversation.templates conversation.preview conversation.canned
	palette reports.messages.csv contacts.count contacts.filter contacts.export import.refused contact.file optin.qr
	contact.evidence.json contact.subject-access.json bell version.others notification.export access.file access.submission.json
	contact.everything contact.everything.json access.pack access.pack.json`)
