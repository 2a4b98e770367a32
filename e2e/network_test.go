package e2e

import (
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// noorWith opens Noor's chat as Ana, behind a proxy.
func noorWith(t *testing.T) (*desk, *person, *proxy) {
	t.Helper()
	d := start(t)
	behind, x := d.proxied(t)
	ana := behind.window("ana")
	ana.signIn("ana@example.com")
	ana.open("/inbox?q=Noor")
	ana.openChat()
	ana.open(ana.eval(`"/inbox/" + document.querySelector("#conversation").dataset.conversation`))
	ana.until("[data-testid=reply-form]")
	ana.hasty()
	return d, ana, x
}

// noorWrites opens Noor's phone, from which she writes.
func (d *desk) noorWrites(name string) func(string) {
	phone := d.window(name)
	phone.open("/simulator/phones/+4915123456789")
	return func(text string) {
		phone.write("#phone input[name=body]", text)
		phone.click("#phone button[value=text]")
		phone.see("#chat", text)
	}
}

// A proxy's error page replaces nothing: the page says that the connection is lost, typed text is kept, and read
// requests are repeated. A message is sent once, even if its answer is lost.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	d, ana, x := noorWith(t)
	write := d.noorWrites("phone")
	x.set(func(x *proxy) { x.refuse = everything })
	ana.write("#body", "Typed while Parley restarts")
	ana.click("[data-testid=send]")
	ana.see("[data-unsent]", "Not sent. Check the connection and send again.")
	ana.see("#live-state", "Connection lost. Trying again…")
	write("Are you there?") // the stream is still open: the request for the thread fails
	if kept := ana.eval(`localStorage.getItem(Object.keys(localStorage).find((k) => k.startsWith("draft:"))) || ""`); kept == "" {
		t.Error("the draft has left the browser before an answer came")
	}
	ana.act("open a note", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Note").click()`)
	x.refuses(t, "/bell", "/composer")
	if body := ana.text("body"); strings.Contains(body, "nginx") || ana.text("#thread") == "" {
		t.Fatalf("the proxy's page took the page's place: %s", body)
	}
	x.set(func(x *proxy) { x.refuse = nil })
	ana.see("#thread", "Are you there?")
	ana.until("[data-testid=note-form]") // the last part that was requested
	ana.act("look at marks", `(() => {
		window.unmarked = 0;
		new MutationObserver((list) => { window.unmarked += list.filter((m) => !m.target.dataset.placed).length; })
			.observe(document.body, {subtree: true, attributeFilter: ["data-placed"]});
	})()`)
	ana.act("back to the reply", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Reply").click()`)
	ana.until("[data-testid=reply-form]")
	if got := ana.waitValue("#body", "Typed while Parley restarts"); got != "Typed while Parley restarts" {
		t.Fatalf("the text is gone: %q", got)
	}

	ana.quiet()
	if n := ana.eval(`String(window.unmarked)`); n != "0" {
		t.Errorf("%s composers would take their text over again, which moves the cursor", n)
	}

	// The message is accepted, but the answer lost, and nothing else tells the page: sending it again creates no second
	// one.
	telling := func(r *http.Request) bool {
		return slices.Contains([]string{"draft", "composer", "messages"}, path.Base(r.URL.Path))
	}
	x.set(func(x *proxy) { x.after, x.refuse = posts, telling })
	ana.click("[data-testid=send]")
	ana.see("[data-unsent]", "Not sent")
	x.set(func(x *proxy) { x.after = nil })
	if got := ana.waitValue("#body", "Typed while Parley restarts"); got != "Typed while Parley restarts" {
		t.Fatalf("the text is gone: %q", got)
	}
	ana.click("[data-testid=send]")
	ana.until("#composer [data-sent]")
	x.set(func(x *proxy) { x.refuse = nil })
	ana.see("#thread", "Typed while Parley restarts")
	if got := ana.waitValue("#body", ""); got != "" {
		t.Errorf("after sending, the composer has %q", got)
	}
	if n := ana.says("Typed while Parley restarts"); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
	if kept := ana.eval(`Object.keys(localStorage).filter((k) => k.startsWith("draft:")).join()`); kept != "" {
		t.Errorf("the draft is kept after the success: %s", kept)
	}
	if said := ana.text("[data-unsent]"); said != "" {
		t.Errorf("after sending, the page says %q", said)
	}
}

// A cut connection loses no typed text, not even after a reload.
func TestConnectionIsCut(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	x.set(func(x *proxy) { x.cut = everything })
	ana.write("#body", "Cut off")
	ana.click("[data-testid=send]")
	ana.see("[data-unsent]", "Not sent")
	ana.see("#live-state", "Connection lost")
	ana.write("#body", ", and more")
	x.set(func(x *proxy) { x.cut = nil })
	ana.until("html[data-live=back], html[data-live=online]")
	ana.do("reload", chromedp.Reload())
	if got := ana.waitValue("#body", "Cut off, and more"); got != "Cut off, and more" {
		t.Fatalf("after a reload the composer has %q", got)
	}
	ana.click("[data-testid=send]")
	ana.see("#thread", "Cut off, and more")
	ana.until("html[data-live=online]")
}

// A Parley that answers but can't work yet, for example without its database, counts as disconnected: the page retries
// until it can.
func TestConnectionIsBackWhenParleyWorks(t *testing.T) {
	t.Parallel()
	_, ana, x := noorWith(t)
	x.set(func(x *proxy) { x.refuse = everything })
	ana.write("#body", "Into the void")
	ana.click("[data-testid=send]")
	ana.see("#live-state", "Connection lost")
	x.set(func(x *proxy) { x.broken = true })
	x.refuses(t, "/bell", "/bell", "/bell")
	if got := ana.text("#live-state"); !strings.Contains(got, "Connection lost") {
		t.Errorf("the page says %q", got)
	}
	x.set(func(x *proxy) { x.refuse = nil })
	ana.until("html[data-live=back], html[data-live=online]")
}

// A stream that is dead without an error is recognized by missing heartbeats, and continues where it was.
func TestFrozenStream(t *testing.T) {
	t.Parallel()
	d, ana, x := noorWith(t)
	write := d.noorWrites("phone")
	if got := ana.eval(`document.querySelector("#live").dataset.silence`); got != "50000" {
		t.Errorf("a silent stream is taken for dead after %s ms", got)
	}
	ana.until("html[data-live=online]")
	x.freeze()
	write("Said to a frozen stream")
	ana.eval(`(() => { document.querySelector("#live").dataset.silence = "800"; return "" })()`)
	ana.see("#live-state", "Connection lost")
	x.thaw()
	ana.see("#thread", "Said to a frozen stream")
	ana.eval(`(() => { document.querySelector("#live").dataset.silence = "50000"; return "" })()`)
	ana.until("html[data-live=online]")
}

// A page that comes back to the front checks its stream at once.
func TestStreamIsLookedAtWhenOnline(t *testing.T) {
	t.Parallel()
	d, ana, x := noorWith(t)
	write := d.noorWrites("phone")
	ana.until("html[data-live=online]")
	x.freeze()
	write("While the laptop slept")
	x.holds(t)
	x.thaw()
	ana.eval(`(() => { document.querySelector("#live").dataset.beat = "1"; dispatchEvent(new Event("online")); return "" })()`)
	ana.see("#thread", "While the laptop slept")
}

// A session that ends on an open page leads to the sign-in; text typed before and after is there afterwards, and only
// for its author.
func TestSignedOutWhileWriting(t *testing.T) {
	t.Parallel()
	d, ana, _ := noorWith(t)
	end := func() {
		elsewhere := d.window("elsewhere")
		elsewhere.signIn("ana@example.com")
		elsewhere.open("/account")
		elsewhere.click("form[action$='/revoke'] button")
		elsewhere.see("#toasts", "ended")
	}
	signIn := func(email string) {
		ana.see("h1", "Sign in")
		ana.write("#email", email)
		ana.write("#password", "parley-demo")
		ana.click("form button")
	}
	ana.act("to the note", `[...document.querySelectorAll("#composer .tab")].find(a => a.innerText === "Note").click()`)
	ana.until("[data-testid=note-form]")
	ana.write("#body", "Before")
	end()
	ana.write("#body", " and after")
	ana.see("#live-state", "Your session has ended")
	ana.click("[data-testid=send]")
	signIn("otto@example.com")
	ana.until("[data-testid=note-form] #body[data-placed]")
	if got := ana.eval(`document.querySelector("#body").value`); got != "" {
		t.Errorf("somebody else's note is shown: %q", got)
	}
	chat := ana.eval(`location.pathname + location.search`)
	ana.act("sign out", `document.querySelector("form[action='/signout']").requestSubmit()`)
	ana.see("h1", "Sign in")
	ana.open("/signin?next=" + chat)
	signIn("ana@example.com")
	ana.until("[data-testid=note-form]")
	if got := ana.waitValue("#body", "Before and after"); got != "Before and after" {
		t.Errorf("after the sign-in the note is %q", got)
	}
}

// The long forms keep typed input, too.
func TestSignedOutInAForm(t *testing.T) {
	t.Parallel()
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	for _, c := range []struct{ path, field string }{
		{"/templates/new", "#body"},
		{"/access/new", "#legal_name"},
		{"/notifications/new", "[name=send_at]"},
	} {
		ada.open(c.path)
		ada.until(c.field)
		value := "Kept over the sign-in"
		if c.field == "[name=send_at]" {
			value = "2031-05-06T07:08"
		}
		ada.act("the session ends, and ada types on", `(async () => {
			const f = document.querySelector(`+quote(c.field)+`);
			f.value = `+quote(value)+`;
			await fetch("/signout", {method: "POST"});
			["input", "change"].forEach((type) => f.dispatchEvent(new Event(type, {bubbles: true})));
			window.parley.ask("/bell").catch(() => null);
		})()`)
		ada.see("#live-state", "Your session has ended")
		if c.path == "/notifications/new" {
			ada.act("save all the same", `document.querySelector("#notification-form button:not([type=button])").click()`)
		} else {
			ada.click("[data-live-signin]")
		}
		ada.see("h1", "Sign in")
		ada.write("#email", "ada@example.com")
		ada.write("#password", "parley-demo")
		ada.click("form button")
		if got := ada.waitValue(c.field, value); got != value {
			t.Errorf("%s: the field has %q after the sign-in", c.path, got)
		}
		ada.see("[data-testid=restored]", "was restored")
	}
}

// Text typed in one conversation stays there, even if another one is opened immediately.
func TestDraftStaysWithItsChat(t *testing.T) {
	t.Parallel()
	d := start(t)
	ana := d.window("ana")
	ana.signIn("ana@example.com")
	ana.open("/inbox")
	ana.openChat()
	ana.until("[data-testid=reply-form]")
	first := ana.eval(`document.querySelector("#conversation").dataset.conversation`)
	ana.act("type, and open another chat at once", `(() => {
		const b = document.querySelector("#body");
		b.value = "Only for the first";
		b.dispatchEvent(new Event("input", {bubbles: true}));
		[...document.querySelectorAll("[data-testid=row] a")].find((a) => !a.href.includes(`+quote(first)+`)).click();
	})()`)
	ana.until(`#conversation:not([data-conversation="` + first + `"]) [data-testid=reply-form]`)
	ana.until("[data-testid=reply-form]")
	second := ana.eval(`document.querySelector("#conversation").dataset.conversation`)
	ana.quiet()
	for _, c := range []struct{ chat, want string }{{first, "Only for the first"}, {second, ""}} {
		ana.open("/inbox/" + c.chat)
		ana.until("[data-testid=reply-form]")
		if got := ana.waitValue("#body", c.want); got != c.want {
			t.Errorf("the composer of %s has %q", c.chat, got)
		}
	}
}

// A tab whose session ended continues when the same user signs in in another tab, and stays locked when another user
// does.
func TestSignedInInAnotherTab(t *testing.T) {
	t.Parallel()
	d := start(t)
	otto := d.window("otto")
	otto.signIn("otto@example.com")
	otto.open("/contacts/new")
	otto.until("#name")
	as := func(email string) {
		t.Helper()
		otto.evalSoon(`fetch("/signout", {method: "POST"}).then(() => fetch("/signin", {method: "POST", body: new URLSearchParams({email: ` + quote(email) + `, password: "parley-demo"})})).then(() => "")`)
	}
	otto.write("#name", "Typed before")
	as("ana@example.com")
	otto.act("ask", `window.parley.ask("/bell").catch(() => null)`)
	otto.see("#live-state", "Your session has ended. Sign in in a new tab, then continue here.")
	otto.act("come back to the tab", `dispatchEvent(new Event("focus"))`)
	otto.quiet()
	otto.see("#live-state", "Your session has ended")
	as("otto@example.com")
	otto.act("come back to the tab", `dispatchEvent(new Event("focus"))`)
	otto.until("html[data-live=online]")
	if got := otto.waitValue("#name", "Typed before"); got != "Typed before" {
		t.Errorf("the field has %q", got)
	}
}
