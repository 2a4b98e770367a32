package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// size gives the window a size.
func (p *person) size(width, height int64) {
	p.t.Helper()
	p.do("size", chromedp.EmulateViewport(width, height))
}

// inside reports which part of an element is outside the screen, "" if none; "missing" if the element does not exist.
func (p *person) inside(selector string) string {
	p.t.Helper()
	return p.eval(insideScript(selector))
}

func insideScript(selector string) string {
	return `(() => {
		const all = [...document.querySelectorAll(` + quote(selector) + `)], el = all.at(-1);
		if (!el) return "missing";
		const r = el.getBoundingClientRect(), w = document.documentElement.clientWidth, h = innerHeight;
		if (!r.width || !r.height) return "not shown";
		const out = Object.entries({left: -r.left, top: -r.top, right: r.right - w, bottom: r.bottom - h}).filter(([, by]) => by > 0.5);
		return out.map(([side, by]) => side + " by " + Math.round(by)).join(", ");
	})()`
}

// A conversation longer than the screen of a phone, or of a window at 200 % zoom, opens at its newest message, with the
// composer on screen and the head in its place, whatever is open in the composer.
func TestLongChatOnAPhone(t *testing.T) {
	t.Parallel()
	d := start(t)
	phone := d.window("phone")
	phone.open("/simulator/phones/+4915123456789")
	phone.do("a hundred messages", chromedp.Evaluate[chromedp.Void](`(async () => {
		const form = document.querySelector("#phone input[name=body]").form;
		for (let i = 1; i <= 100; i++) {
			const body = new FormData(form);
			body.set("body", "Message " + i);
			body.set("what", "text");
			await fetch(form.action, {method: "POST", body});
		}
	})()`, chromedp.EvalAwaitPromise))
	ana := d.window("ana")
	ana.size(390, 844)
	ana.signInNarrow("ana@example.com")
	ana.open("/inbox?q=Noor")
	ana.openChat()
	ana.see("#thread", "Message 100")
	chat := ana.eval(`"/inbox/" + document.querySelector("#conversation").dataset.conversation`)
	check := func(what string) {
		t.Helper()
		for _, s := range []string{"#head", "#thread article", "#composer"} {
			if out := ana.insideSoon(s); out != "" {
				t.Errorf("%s: %s is outside: %s", what, s, out)
			}
		}
		if got := ana.eval(`String(document.documentElement.scrollHeight - innerHeight)`); got != "0" {
			t.Errorf("%s: the page itself scrolls by %s px", what, got)
		}
	}
	check("opened from the list")
	for _, s := range [][2]int64{{390, 844}, {720, 450}, {320, 640}, {844, 390}} {
		ana.size(s[0], s[1])
		for _, mode := range []string{"", "?mode=note", "?mode=template"} {
			ana.open(chat + mode)
			ana.until("#composer")
			check(fmt.Sprintf("%d × %d %s", s[0], s[1], mode))
		}
	}
	ana.size(390, 844)
	ana.open(chat)
	ana.see("#thread", "Message 100")
	ana.act("a long answer", `(() => { const b = document.querySelector("#body"); b.value = "line\n".repeat(60); b.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	check("with a long answer")

	// Loading older messages keeps the scroll position, and the head stays in place.
	ana.evalSoon(`(async () => {
		const box = document.querySelector("[data-follow]"), n = () => document.querySelectorAll("#thread article").length, before = n();
		for (let i = 0; i < 100 && n() === before; i++) {
			box.scrollTop = 0;
			await new Promise((done) => setTimeout(done, 100));
		}
		return "";
	})()`)
	ana.see("#thread", "Message 20")
	if top := ana.eval(`String(Math.round(document.querySelector("#head").getBoundingClientRect().top))`); top != "0" {
		t.Errorf("after scrolling the head is at %s", top)
	}
	if at := ana.eval(`String(document.querySelector("[data-follow]").scrollTop > 100)`); at != "true" {
		t.Error("the messages jumped when older ones came")
	}
	// A reader at the end stays there when a new message arrives.
	ana.act("to the end", `(() => { const b = document.querySelector("[data-follow]"); b.scrollTop = b.scrollHeight; })()`)
	phone.write("#phone input[name=body]", "One more")
	phone.click("#phone button[value=text]")
	ana.see("#thread", "One more")
	if out := ana.insideSoon("#thread article"); out != "" {
		t.Errorf("the newest message is outside: %s", out)
	}
}

// signInNarrow signs in on a screen where the sidebar is collapsed.
func (p *person) signInNarrow(email string) {
	p.t.Helper()
	p.open("/signin")
	p.write("#email", email)
	p.write("#password", "parley-demo")
	p.click("form button")
	p.until("#nav")
}

// findMenus records the visible menus.
const findMenus = `(() => {
	window.menus = [...document.querySelectorAll("details.menu > summary")].filter((s) => s.checkVisibility() && s.getBoundingClientRect().width);
	return "";
})()`

// openMenu opens a menu of the page, and says which part of it is outside the screen or covered; "gone" if the page was
// redrawn in the meantime.
const openMenu = `(async () => {
	const s = window.menus[%d], d = s.parentElement, card = s.nextElementSibling;
	if (!s.isConnected || !s.checkVisibility()) return "gone";
	const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	const toggled = () => Promise.race([new Promise((done) => d.addEventListener("toggle", done, {once: true})), new Promise((done) => setTimeout(done, 2000))]);
	s.scrollIntoView({block: "nearest"});
	const opened = toggled();
	s.click();
	await opened;
	let r, whole, free;
	for (const until = Date.now() + 2000; ;) {
		await drawn();
		r = card.getBoundingClientRect();
		const w = document.documentElement.clientWidth, h = innerHeight;
		whole = r.width > 50 && r.height > 20 && r.left >= 0 && r.top >= 0 && r.right <= w + 0.5 && r.bottom <= h + 0.5;
		free = card.contains(document.elementFromPoint(r.left + r.width / 2, r.top + Math.min(20, r.height / 2)));
		if (whole && free || !s.isConnected || Date.now() > until) break;
	}
	if (!d.open) return "gone";
	if (!s.isConnected) return "gone";
	const closed = toggled();
	d.open = false;
	await closed;
	const where = JSON.stringify([r.left, r.top, r.right, r.bottom].map(Math.round));
	return whole && free ? "" : (s.getAttribute("aria-label") || s.innerText) + " " + where + (free ? "" : " covered");
})()`

// Every menu lies within the screen, on a narrow one and on a wide one.
func TestMenusAreWhole(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	ada.open("/inbox?q=Noor")
	ada.openChat()
	chat := ada.eval(`"/inbox/" + document.querySelector("#conversation").dataset.conversation`)
	ada.open("/templates?state=draft")
	pages := []string{"/inbox", chat, "/contacts?consent=opted_in", "/templates", "/templates/new", "/notifications", "/notifications/new"}
	for _, s := range [][2]int64{{390, 844}, {320, 500}, {720, 450}, {1440, 900}} {
		ada.size(s[0], s[1])
		opened := 0
		for _, path := range pages {
			ada.open(path)
			ada.until("html[data-script]")
			if path != "/inbox" {
				ada.act("choose some", `document.querySelectorAll("#contacts [name=contact]").forEach((b, i) => { if (i < 2) b.click(); })`)
			}
			ada.eval(findMenus)
			for i := 0; ada.eval(fmt.Sprintf(`String(window.menus.length > %d)`, i)) == "true"; i++ {
				// A list that was redrawn in the meantime is checked again.
				got := "gone"
				for n := 0; n < 5 && got == "gone"; n++ {
					if got = ada.evalSoon(fmt.Sprintf(openMenu, i)); got == "gone" {
						ada.quiet()
						ada.eval(findMenus)
					}
				}
				if got != "" {
					t.Errorf("%s at %d × %d: %s", path, s[0], s[1], got)
				}
				opened++
			}
		}
		if opened < 8 {
			t.Errorf("only %d menus were found at %d × %d", opened, s[0], s[1])
		}
	}
	// Menus that open above the composer.
	for _, s := range [][2]int64{{390, 844}, {720, 450}} {
		ada.size(s[0], s[1])
		ada.open(chat)
		ada.until("[data-testid=reply-form]")
		ada.act("emoji", `document.querySelector("[data-emoji]").click()`)
		ada.until("[data-emoji-char]")
		if out := ada.insideSoon("[data-emoji-box]"); out != "" {
			t.Errorf("emoji at %d × %d: %s", s[0], s[1], out)
		}
		ada.act("canned replies", `(() => { document.querySelector("[data-emoji]").click(); const b = document.querySelector("#body"); b.value = "/"; b.focus(); b.dispatchEvent(new Event("input", {bubbles: true})); })()`)
		ada.until("[data-offer]")
		if out := ada.insideSoon("[data-offers]"); out != "" {
			t.Errorf("canned replies at %d × %d: %s", s[0], s[1], out)
		}
	}
}

// Without script the menu of a phone still opens the navigation, and other menus lie within the screen.
func TestPhoneWithoutScript(t *testing.T) {
	t.Parallel()
	d := start(t)
	ana := d.window("ana")
	ana.size(390, 844)
	ana.signInNarrow("ana@example.com")
	if _, err := chromedp.Call(ana.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	press := func(selector string) {
		t.Helper()
		ana.do("press "+selector, chromedp.Click(selector, chromedp.NodeVisible))
	}
	ana.open("/reports")
	press("#nav-menu summary")
	if out := ana.insideSoon("#nav a[href='/inbox']"); out != "" {
		t.Fatalf("the navigation is outside: %s", out)
	}
	press("#nav a[href='/inbox']")
	ana.see("h1", "Inbox")
	press(".desk-list header details:last-of-type summary")
	if out := ana.insideSoon(".desk-list header details:last-of-type .menu-card"); out != "" {
		t.Errorf("the inbox's menu is outside: %s", out)
	}
}
