package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Two agents in two browsers and a customer on the phone: rows and messages update live, the agents see each other, a
// concurrent second reply causes a warning, files and canned replies are sent, notes mention people, conversations are
// labelled, snoozed, resolved and reverted, and a reply that missed the session is sent once the customer has written
// again.
func TestTwoAgentsAndACustomer(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada, ana, phone := d.window("ada"), d.window("ana"), d.window("phone")
	ada.signIn("ada@example.com")
	ana.signIn("ana@example.com")
	ada.open("/inbox")
	ana.open("/inbox")
	phone.open("/simulator/phones/+4915123456789")
	say := func(text string) {
		t.Helper()
		phone.open("/simulator/phones/+4915123456789")
		phone.write("[name=body]", text)
		phone.act("send", `document.querySelector("[name=body]").form.requestSubmit()`)
	}
	noor := func(p *person) {
		t.Helper()
		p.open("/inbox?q=Noor")
		p.openChat()
		p.until("#write textarea, [data-testid=template-list]")
	}

	// A row appears live, on top, with its counter; the conversation opens without a page load.
	say("Is anybody there?")
	ana.see("[data-testid=row]", "Is anybody there?")
	ana.see("[data-testid=count-unassigned]", "2")
	noor(ada)
	noor(ana)

	// Each agent sees that the other is viewing and typing.
	ada.see("[data-testid=people]", "Ana Alvarez is here")
	ana.write("#body", "I am typing this")
	ada.see("[data-testid=people]", "Ana Alvarez is typing")
	ada.write("#body", "Yes, *we are*\r")
	ana.see("#thread", "we are")
	phone.see("#chat", "we are")
	ana.see("#head", "Ada Adler") // whoever replies becomes the assignee
	ana.write("#body", "\r")
	ana.see("[data-testid=collision]", "Ada Adler has answered meanwhile")
	ana.click("[data-testid=anyway]")
	ana.see("#thread", "I am typing this")
	ada.see("#thread", "I am typing this")

	// A quote, a canned reply with the name filled in, a picture, an emoji.
	ada.act("quote", `[...document.querySelectorAll("#thread article[data-direction=inbound] [data-quote]")].at(-1).click()`)
	ada.write("#body", "Quoted answer\r")
	ada.see("[data-testid=quoted]", "Is anybody there?")
	ada.open("/replies")
	ada.write("#shortcut", "opening")
	ada.write("#body", "Hello {{first_name|there}}, we open at 9.")
	ada.act("save", `document.querySelector("#shortcut").form.requestSubmit()`)
	ada.see("[data-testid=canned]", "/opening")
	noor(ada)
	ada.write("#body", "/openi")
	ada.see("[data-offer]", "we open at 9")
	ada.act("take it", `[...document.querySelectorAll("[data-offer]")].find((b) => b.textContent.includes("we open at 9")).click()`)
	if got := ada.waitValue("#body", "Hello Noor, we open at 9."); got != "Hello Noor, we open at 9." {
		t.Errorf("the canned reply became %q", got)
	}
	ada.do("attach", chromedp.SetUploadFiles("[data-attach]", []string{picture(t)}))
	ada.until("[data-testid=upload] img")
	ada.click("[data-testid=send]")
	ana.until("#thread [data-testid=picture]")
	ada.until("#thread [data-testid=picture]")
	ada.waitValue("#body", "")

	// A note mentions a colleague; the label and the priority show in the other agent's list; both are then undone.
	ada.act("to the note", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Note").click()`)
	ada.until("[data-testid=note-form]")
	ada.write("#body", "please look @Ana Alvarez \r")
	ana.see("#thread", "please look @Ana Alvarez", "not sent")
	ada.see("#thread", "please look @Ana Alvarez")
	ana.open("/inbox?view=mentions")
	ana.see("[data-testid=row]", "Noor")
	noor(ana)
	ada.act("urgent", `document.querySelector("[data-menu=more] [name=priority][value='2']").click()`)
	ana.see("#head", "Urgent")

	// Snoozed until the customer writes, and reopened when they do; resolved, and reverted.
	ada.act("snooze", `document.querySelector("[data-menu=snooze] [name=snooze][value=reply]").click()`)
	ana.see("#head", "Snoozed until they write")
	say("I write again")
	ana.see("#head", "Resolve")
	ana.see("#thread", "A new message opened it again", "I write again")
	noor(ada)
	ada.act("resolve by key", `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "e", bubbles: true}))`)
	ana.see("#head", "Reopen")
	ada.click("[data-testid=undo]")
	ana.see("#head", "Resolve")

	// A search finds the message, and leads to its place.
	ada.open("/search?q=quoted+ans")
	ada.see("[data-testid=hit] mark", "Quoted")
	ada.click("[data-testid=hit]")
	ada.see("article[data-here]", "Quoted answer")

	// The palette opens any page by name.
	ada.press("k", true, "#palette[open]")
	ada.write("#palette input[type=search]", "zo")
	ada.see("#palette-list", "Zoë")
	ada.act("go", `[...document.querySelectorAll("#palette-list [role=option]")]
		.find((o) => o.innerText.includes("Zoë")).click()`) // the list may still be the one before the search
	ada.see("[data-testid=contact-name]", "Zoë")

	// The session closes while Ana writes: the text is kept, and is sent once the customer has written and she confirms
	// it.
	ana.write("#body", "half a sentence")
	phone.click("button[value='24h']")
	ana.until("[data-testid=composer][data-session=closed]")
	ana.see("[data-testid=kept-draft]", "half a sentence")
	ana.click("[data-testid=as-later]")
	ana.until("[data-testid=later-form]")
	ana.click("[data-testid=later-form] [data-testid=send]")
	ana.see("[data-testid=later]", "half a sentence", "Kept until they write")
	say("Back again")
	ana.see("[data-testid=later][data-state=ready]", "Send this now?")
	ana.click("[data-testid=later] form[action$=send] button")
	ana.see("#thread .bubble", "half a sentence")
	phone.open("/simulator/phones/+4915123456789")
	phone.see("#chat", "half a sentence")
	if again := ana.text("[data-testid=later]"); strings.Contains(again, "half a sentence") {
		t.Error("the kept reply still waits after it was sent")
	}
}
