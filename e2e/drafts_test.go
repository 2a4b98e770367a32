package e2e

import (
	"net/http"
	"strconv"
	"testing"
)

// enter presses Enter in the composer.
const enter = `document.querySelector("#body").dispatchEvent(
	new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}))`

// typeInto puts a text into the composer as one input.
func (p *person) typeInto(text string) {
	p.t.Helper()
	p.act("type", `(() => {
		const b = document.querySelector("#body");
		b.focus();
		b.value = `+strconv.Quote(text)+`;
		b.dispatchEvent(new Event("input", {bubbles: true}));
	})()`)
}

// composerHas checks what the composer offers, once all that is going to happen to it has happened.
func (p *person) composerHas(when, want string) {
	p.t.Helper()
	p.until("#body[data-placed]")
	p.quiet()
	if got := p.waitValue("#body", want); got != want {
		p.t.Errorf("%s, the composer has %q instead of %q", when, got, want)
	}
}

// A draft that reaches the server after its message does not return, though the page that sent both is left at once.
func TestDraftLosesToItsMessage(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	chat := ana.eval(`location.pathname`)
	modes := map[string]string{"reply": "", "note": "?mode=note"}
	for mode, query := range modes {
		ana.open(chat + query)
		ana.until("[data-testid=" + mode + "-form] #body[data-placed]")
		h := x.hold("/draft", false)
		ana.typeInto("Sent as a " + mode)
		waits(t, "the draft", h.came)
		ana.act("Enter", enter)
		ana.see("#thread", "Sent as a "+mode)
		ana.open("/replies")
		close(h.released)
		if status := waits(t, "the draft's answer", h.done); status != http.StatusConflict {
			t.Errorf("%s: the late draft is answered with %d", mode, status)
		}
		x.set(func(x *proxy) { x.held = nil })
		ana.open(chat + query)
		ana.composerHas("after the "+mode, "")
	}
}

// A message whose answer the page no longer waits for is not offered again, and what was typed after it is: after
// another page, and after another chat. The page recognizes the message however it is formatted.
func TestMessageWhosePageIsLeft(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	chat := ana.eval(`location.pathname`)
	another := func() {
		ana.act("open another chat", `[...document.querySelectorAll("[data-testid=row] a")]
			.find((a) => !a.href.includes(`+quote(chat)+`)).click()`)
		ana.until(`#conversation:not([data-conversation="` + chat[len("/inbox/"):] + `"]) #body[data-placed]`)
	}
	for _, c := range []struct {
		when, mode string
		rest       string
		leave      func()
	}{
		{"after another page", "reply", "", func() { ana.open("/replies") }},
		{"after another page, with more", "reply", "and more", func() { ana.open("/replies") }},
		{"after another page, as a note", "note", "", func() { ana.open("/replies") }},
		{"after another chat", "reply", "", another},
		{"after another chat, with more", "reply", "and more", another},
	} {
		query := ""
		if c.mode == "note" {
			query = "?mode=note"
		}
		ana.open(chat + query)
		ana.composerHas("at first", "")
		h := x.hold(map[string]string{"reply": "/replies", "note": "/notes"}[c.mode], true)
		text := "*Sent*,\nand _left_: " + c.when
		ana.typeInto(text)
		ana.act("Enter", enter)
		waits(t, "the message", h.came)
		if c.rest != "" {
			ana.typeInto(text + "\n" + c.rest)
		}
		ana.see("#thread", "left: "+c.when)
		c.leave()
		ana.open(chat + query)
		ana.composerHas(c.when, c.rest)
		close(h.released)
		waits(t, "its answer", h.done)
		x.set(func(x *proxy) { x.held = nil })
		ana.typeInto("")
		ana.open(chat + query)
		ana.composerHas(c.when+", emptied", "")
	}
}

// The answer of a message arrives while its author looks at another chat of the same page, and comes back.
func TestAnswerAfterAnotherChat(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	id := ana.eval(`document.querySelector("#conversation").dataset.conversation`)
	to := func(other bool) {
		own := `a.href.includes(` + quote(id) + `)`
		is := `#conversation[data-conversation="` + id + `"]`
		if other {
			own, is = "!"+own, `#conversation:not([data-conversation="`+id+`"])`
		}
		ana.act("open a chat", `[...document.querySelectorAll("[data-testid=row] a")].find((a) => `+own+`).click()`)
		ana.until(is + " #body[data-placed]")
	}
	h := x.hold("/replies", false)
	ana.typeInto("On its way")
	ana.act("Enter", enter)
	waits(t, "the message", h.came)
	to(true)
	ana.composerHas("in another chat", "")
	to(false)
	ana.typeInto("On its way\nand the next")
	close(h.released)
	waits(t, "its answer", h.done)
	ana.see("#thread", "On its way")
	ana.composerHas("after the answer", "and the next")
	ana.act("Enter", enter)
	ana.see("#thread", "and the next")
	ana.composerHas("after the next", "")
	if n := ana.says("On its way"); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// A template whose answer the page no longer waits for is not filled in again.
func TestTemplateWhosePageIsLeft(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	chat := ana.eval(`location.pathname`)
	choose := func() {
		ana.open(chat + "?mode=template")
		ana.click("[data-testid=template-option]")
		ana.until("[data-testid=template-form] [name=value-1]")
		ana.quiet()
	}
	choose()
	before := ana.eval(`document.querySelector("[name=value-1]").value`)
	h := x.hold("/templates", true)
	ana.act("fill it in, and send it", `(() => {
		document.querySelectorAll("[name^=value-]").forEach((f) => {
			f.value = "Wednesday noon";
			f.dispatchEvent(new Event("input", {bubbles: true}));
		});
		document.querySelector("[data-testid=template-form]").requestSubmit();
	})()`)
	waits(t, "the template", h.came)
	ana.see("#thread", "Wednesday noon")
	ana.open("/replies")
	close(h.released)
	waits(t, "its answer", h.done)
	choose()
	if got := ana.eval(`document.querySelector("[name=value-1]").value`); got != before {
		t.Errorf("the placeholder has %q instead of %q", got, before)
	}
	if got := ana.text("[data-testid=restored]"); got != "" {
		t.Errorf("the page says %q", got)
	}
}
