package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// The Enter that ends a composition belongs to the input method: in no field does it send, choose or open anything.
// Safari sends it after compositionend with the key code 229 and no isComposing.
func TestEnterEndsAComposition(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	// compose ends a composition in a field as browsers do: Chrome and Firefox during it, Safari right after it.
	compose := func(selector string) {
		ada.act("compose in "+selector, `(() => {
			const el = document.querySelector(`+quote(selector)+`);
			const key = (key, more) => el.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more}));
			el.focus();
			el.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
			["ArrowDown", "ArrowUp", "Tab", "Escape", "Enter"].forEach((k) => key(k, {isComposing: true, keyCode: 229}));
			el.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true, data: "日本"}));
			key("Enter", {keyCode: 229});
		})()`)
		ada.quiet() // anything wrong would have happened by now
	}
	open := func() {
		ada.open("/inbox?q=Noor")
		ada.openChat()
		ada.until("[data-testid=reply-form]")
	}
	value := func(selector string) string { return ada.eval(`document.querySelector(` + quote(selector) + `).value`) }
	set := func(selector, text string) {
		ada.eval(`(() => { const el = document.querySelector(` + quote(selector) + `); el.focus(); el.value = ` + quote(text) +
			`; el.setSelectionRange(el.value.length, el.value.length); el.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	}

	open()
	set("#body", "日本")
	compose("#body")
	if got := value("#body"); got != "日本" {
		t.Fatalf("the reply was sent, or changed: %q", got)
	}
	// A real input method, whose Enter comes during the composition.
	set("#body", "")
	what := input.ImeSetCompositionParams{Text: "にほん", SelectionStart: 3, SelectionEnd: 3}
	if _, err := chromedp.Call(ada.ctx, input.ImeSetComposition, what); err != nil {
		t.Fatal(err)
	}
	ada.do("Enter", chromedp.KeyEvent("\r"))
	ada.quiet()
	if thread := ada.text("#thread"); strings.Contains(thread, "にほん") || !strings.Contains(value("#body"), "にほん") {
		t.Fatalf("what was being composed was sent; the field has %q", value("#body"))
	}
	set("#body", "/")
	ada.until("[data-offer]")
	compose("#body")
	if got := value("#body"); got != "/" {
		t.Errorf("a canned reply was chosen: %q", got)
	}
	ada.act("emoji", `document.querySelector("[data-emoji]").click()`)
	ada.until("[data-emoji-char]")
	compose("[data-emoji-box] input")
	if got := value("#body"); got != "/" {
		t.Errorf("an emoji was chosen: %q", got)
	}
	set("#body", "")
	ada.act("to the note", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Note").click()`)
	ada.until("[data-testid=note-form]")
	set("#body", "@A")
	ada.until("[data-offer]")
	compose("#body")
	if got := value("#body"); got != "@A" {
		t.Errorf("a name was chosen: %q", got)
	}
	set("#body", "")

	ada.press("k", true, "#palette[open]")
	ada.until("#palette [role=option]")
	at := ada.eval("location.href")
	compose("#palette input[type=search]")
	if now := ada.eval("location.href"); now != at || ada.eval(`String(document.querySelector("#palette").open)`) != "true" {
		t.Errorf("the palette went to %s", now)
	}

	ada.open("/templates/new")
	ada.until("[data-free-name]")
	ada.eval(`(() => { document.querySelector("[data-free-name]").closest("details").open = true; return "" })()`)
	set("[data-free-name]", "名前")
	compose("[data-free-name]")
	if got := value("#body"); got != "" {
		t.Errorf("a placeholder went into the text: %q", got)
	}
}
