package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// When a session ends while a user types, the page says so, and the text is still there.
func TestSessionEndsWhileTyping(t *testing.T) {
	t.Parallel()
	d := start(t)
	ana := d.window("ana")
	ana.signIn("ana@example.com")
	ana.open("/inbox")
	ana.openChat()
	ana.write("#body", "A long answer ") // a failed background request does not redirect a user who is typing
	elsewhere := d.window("elsewhere")
	elsewhere.signIn("ana@example.com")
	elsewhere.open("/account")
	elsewhere.click("form[action$='/revoke'] button")
	elsewhere.see("#toasts", "ended")
	ana.write("#body", "that took an hour")
	ana.click("[data-testid=reply-form] [data-testid=send]")
	ana.see("h1", "Sign in")
	ana.write("#email", "ana@example.com")
	ana.write("#password", "parley-demo")
	ana.click("form button")
	if got := ana.waitValue("#body", "A long answer that took an hour"); got != "A long answer that took an hour" {
		t.Errorf("the text is gone: %q", got)
	}
}

// A refused reply keeps its text beside the reason; a note is never sent; Enter sends.
func TestComposer(t *testing.T) {
	t.Parallel()
	d := start(t)
	ana := d.window("ana")
	ana.signIn("ana@example.com")
	ana.open("/inbox?q=Noor")
	ana.openChat()
	ana.until("[data-testid=reply-form]")
	long := strings.Repeat("x", 1601)
	ana.eval(`(() => { const b = document.querySelector("#body"); b.value = "` + long + `"; b.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	ana.see("#body-count", "1601 / 1600")
	ana.click("[data-testid=reply-form] [data-testid=send]")
	ana.see("[data-problem=body]", "1601 characters")
	if got := ana.eval(`document.querySelector("#body").value`); got != long {
		t.Errorf("the long text is gone: %d characters are left", len(got))
	}
	ana.eval(`(() => { const b = document.querySelector("#body"); b.value = ""; b.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	// Text typed while a message is being sent continues in the fresh composer.
	ana.write("#body", "Sent by Enter\rhalf a thought")
	ana.see("#thread", "Sent by Enter")
	if got := ana.waitValue("#body", "half a thought"); got != "half a thought" {
		t.Errorf("the composer has %q", got)
	}
	// The draft survives a reload, and is removed once it has been sent.
	ana.do("reload", chromedp.Reload())
	if got := ana.waitValue("#body", "half a thought"); got != "half a thought" {
		t.Errorf("after a reload the draft is %q", got)
	}
	ana.write("#body", " ready\r")
	ana.see("#thread", "half a thought ready")
	ana.do("reload", chromedp.Reload())
	ana.until("#body[data-placed]")
	if got := ana.eval(`document.querySelector("#body").value`); got != "" {
		t.Errorf("a sent draft came back: %q", got)
	}
	// A draft that reached the server while this page was already loading is not in the page, but not lost either.
	ana.eval(`(() => { sessionStorage.setItem("draft:" + document.querySelector("#live").dataset.user + ":" + document.querySelector("#composer").dataset.base + ":reply", JSON.stringify({at: Date.now() + 60000, text: "told a moment too late"})); return "" })()`)
	ana.do("reload", chromedp.Reload())
	if got := ana.waitValue("#body", "told a moment too late"); got != "told a moment too late" {
		t.Errorf("after a reload in between the draft is %q", got)
	}
	ana.eval(`(() => { const b = document.querySelector("#body"); b.value = ""; b.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	ana.act("to the note", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Note").click()`)
	ana.until("[data-testid=note-form]")
	ana.write("#body", "Only for us")
	ana.click("[data-testid=note-form] [data-testid=send]")
	ana.see("#thread", "Only for us", "not sent")
	phone := d.window("phone")
	phone.open("/simulator/phones/+4915123456789")
	phone.see("#chat", "half a thought ready")
	if strings.Contains(phone.text("#chat"), "Only for us") {
		t.Error("a note was sent")
	}
}

// A change by one user appears on another's open page, and a page that lost its connection catches up.
func TestEverybodySeesItAtOnce(t *testing.T) {
	t.Parallel()
	d := start(t)
	ana, otto := d.window("ana"), d.window("otto")
	ana.signIn("ana@example.com")
	otto.signIn("otto@example.com")
	for _, p := range []*person{ana, otto} {
		p.open("/inbox?q=Noor")
		p.openChat()
		p.until("[data-testid=reply-form]")
	}
	otto.write("#body", "otto is typing this")
	ana.write("#body", "From Ana\r")
	otto.see("#thread", "From Ana")
	if got := otto.eval(`document.querySelector("#body").value`); got != "otto is typing this" {
		t.Errorf("a live update took what otto was typing: %q", got)
	}
	otto.see("#head", "Ana Alvarez") // assigned by her reply
	ana.click("#head button[value=resolved]")
	otto.see("#head", "Reopen")
}
