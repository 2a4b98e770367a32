package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Every response identifies itself as Parley's own: a page treats any other as a proxy's and does not show it.
func TestAnswersSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	for path, status := range map[string]int{
		"/inbox":              http.StatusOK,
		"/bell":               http.StatusOK,
		"/nothing-here":       http.StatusNotFound,
		"/settings/users":     http.StatusForbidden,
		"/static/nothing.css": http.StatusNotFound,
		"/healthz":            http.StatusOK,
	} {
		if r := ana.get(path); r.Status != status || r.Header.Get("X-Parley") == "" {
			t.Errorf("%s: %d, X-Parley %q", path, r.Status, r.Header.Get("X-Parley"))
		}
	}
	large := strings.Repeat("x", 300<<10)
	if r := ana.post("/conversations/nobody/notes", url.Values{"body": {large}}); r.Status != http.StatusRequestEntityTooLarge || r.Header.Get("X-Parley") == "" {
		t.Errorf("too large: %d, X-Parley %q", r.Status, r.Header.Get("X-Parley"))
	}
	if r := a.as("").get("/events?topics=shell"); r.Status != http.StatusUnauthorized || r.Header.Get("X-Parley") == "" {
		t.Errorf("a stream without a session: %d, X-Parley %q", r.Status, r.Header.Get("X-Parley"))
	}
}

// A stream sends a heartbeat event at once, which scripts can see; and pages know after how much silence a stream is
// dead.
func TestStreamBeats(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	ana.stream("topics=shell", "").until(t, "event: beat")
	live := ana.get("/inbox").Doc().Find("#live")
	if beat, silence := live.AttrOr("data-beat", ""), live.AttrOr("data-silence", ""); beat != "20000" || silence != "50000" {
		t.Errorf("a beat every %s ms, dead after %s ms", beat, silence)
	}
}

// A form that is sent again because its answer was lost creates nothing twice, and succeeds, even if things have
// changed since. With another text it is refused, so that this text is not lost.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	path := "/conversations/" + c.PublicID
	form := func(body, token string) url.Values {
		return url.Values{"body": {body}, "token": {token}, "at": {"1h"}}
	}
	count := func(text string) int { return a.number("SELECT count(*) FROM messages WHERE body = $1", text) }
	for _, x := range []struct{ to, text string }{{"/replies", "A reply"}, {"/notes", "A note"}, {"/scheduled-replies", "For later"}} {
		token := "token-of" + x.to
		for range 2 {
			if r := ana.post(path+x.to, form(x.text, token)); r.Status != http.StatusSeeOther {
				t.Errorf("%s: %d %s", x.to, r.Status, r.Problem("body"))
			}
		}
		r := ana.post(path+x.to, form(x.text+", changed", token))
		if r.Status != http.StatusConflict || !strings.Contains(r.Problem("body"), "earlier version") {
			t.Errorf("%s with another text: %d %q", x.to, r.Status, r.Problem("body"))
		}
		if fresh := r.Doc().Find("#write [name=token]").AttrOr("value", ""); fresh == "" || fresh == token {
			t.Errorf("%s: the refused form has the token %q", x.to, fresh)
		}
	}
	if n := count("A reply") + count("A note") + a.number("SELECT count(*) FROM later_replies WHERE body = 'For later'"); n != 3 {
		t.Errorf("%d instead of 3", n)
	}

	// The draft that was saved after the message had been accepted, and a file that has been sent.
	a.exec("INSERT INTO drafts (user_id, conversation_id, mode, body) SELECT u.id, $1, 'reply', 'A reply' FROM users u WHERE email = 'ana@example.com'", c.ID)
	if r := ana.post(path+"/replies", form("A reply", "token-of/replies")); r.Status != http.StatusSeeOther {
		t.Errorf("again: %d", r.Status)
	}
	if n := a.number("SELECT count(*) FROM drafts WHERE conversation_id = $1 AND mode = 'reply' AND body <> ''", c.ID); n != 0 {
		t.Error("the draft of a sent message is still there")
	}
	for range 2 {
		if r := ana.uploadFile(path+"/replies", "note.txt", []byte("plain text"), "token", "a-file", "body", ""); r.Status != http.StatusSeeOther {
			t.Errorf("a file: %d %s", r.Status, r.Problem("body"))
		}
		if r := ana.post(path+"/replies", form("", "a-file")); r.Status != http.StatusSeeOther {
			t.Errorf("a file that has left: %d %s", r.Status, r.Problem("body"))
		}
	}

	// The session has closed since then: the accepted message stays accepted.
	a.Sim.MoveClock(25 * time.Hour)
	if r := ana.post(path+"/replies", form("A reply", "token-of/replies")); r.Status != http.StatusSeeOther {
		t.Errorf("after the session: %d %s", r.Status, r.Problem("body"))
	}
}

// A draft that arrives after the message of its form is refused. A text that missed the session and was kept as a note
// is no draft of a reply any more.
func TestSentTextIsNoDraft(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	path := "/conversations/" + c.PublicID
	post := func(to, body, token, took string) answer {
		return ana.post(path+to, url.Values{"mode": {"reply"}, "body": {body}, "token": {token}, "took": {took}})
	}
	if r := post("/replies", "Sent", "one", ""); r.Status != http.StatusSeeOther {
		t.Fatalf("a reply: %d", r.Status)
	}
	for token, want := range map[string]int{"one": http.StatusConflict, "two": http.StatusNoContent} {
		if r := post("/draft", "With form "+token, token, ""); r.Status != want {
			t.Errorf("a draft of form %s: %d", token, r.Status)
		}
	}
	drafts := func() string { return ana.get("/inbox/" + c.PublicID + "?mode=later").Doc().Find("#body").Text() }
	a.Sim.MoveClock(25 * time.Hour)
	if got := drafts(); got != "With form two" {
		t.Errorf("the draft is %q", got)
	}
	missed := post("/replies", "Too late", "two", "")
	took := missed.Doc().Find("#write [name=took]").AttrOr("value", "")
	if missed.Status == http.StatusSeeOther || drafts() != "Too late" {
		t.Fatalf("after the session: %d, the draft is %q", missed.Status, drafts())
	}
	if r := post("/notes", "Too late", "three", took); r.Status != http.StatusSeeOther {
		t.Errorf("a note: %d", r.Status)
	}
	if got := drafts(); got != "" {
		t.Errorf("the note is offered as a reply: %q", got)
	}
}

// Text that one user typed before the session ended is not shown to another user who signs in afterwards.
func TestKeptFormIsItsOwners(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.joined(noor, "Noor", "Hello")
	ana := a.as("ana")
	a.exec("DELETE FROM sessions")
	d := ana.post("/conversations/"+c.PublicID+"/replies", reply("only Ana's")).Doc()
	form := url.Values{"email": {"otto@example.com"}, "password": {password}}
	for _, name := range []string{"kept", "kept_for"} {
		form.Set(name, d.Find("input[name="+name+"]").AttrOr("value", ""))
	}
	if r := ana.post("/signin", form); r.Status != http.StatusSeeOther || strings.Contains(r.Body, "only Ana") {
		t.Errorf("Otto is shown %d %s", r.Status, r.Body)
	}
	if page := ana.get("/account"); !strings.Contains(page.Body, "otto@example.com") {
		t.Error("Otto is not signed in")
	}
	form.Set("email", "ana@example.com")
	if r := a.as("").post("/signin", form); r.Status != http.StatusSeeOther || strings.Contains(r.Body, "only Ana") {
		t.Errorf("a browser that knows nobody is shown %d %s", r.Status, r.Body)
	}
}

// The last user of a browser is remembered as long as browsers keep a cookie, counted from the last use.
func TestReaderIsRemembered(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	reader := func(r answer) *http.Cookie {
		for _, c := range (&http.Response{Header: r.Header}).Cookies() {
			if c.Name == "parley_reader" {
				return c
			}
		}
		return nil
	}
	const life = 400 * 24 * 60 * 60
	ana := a.as("")
	r := ana.post("/signin", url.Values{"email": {"ana@example.com"}, "password": {password}})
	if c := reader(r); c == nil || c.MaxAge != life || c.Value != a.userID("ana") || !c.HttpOnly {
		t.Errorf("at the sign-in: %v", c)
	}
	if c := reader(ana.get("/account")); c != nil {
		t.Errorf("set again at once: %v", c)
	}
	a.exec("UPDATE sessions SET last_seen_at = now() - interval '6 minutes'")
	if c := reader(ana.get("/account")); c == nil || c.MaxAge != life || c.Value != a.userID("ana") {
		t.Errorf("with the session's own: %v", c)
	}
}
