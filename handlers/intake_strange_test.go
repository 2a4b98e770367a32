package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/whatsapp"
)

// A text is stored completely, found by the search, and folded if it is long; a form is shown with its fields; a name
// can't change the direction of the page's text.
func TestLongAndStrangeMessages(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ana := a.as("ana")
	take := func(n int, change ...string) conversations.Message {
		t.Helper()
		if r := a.signed(messages, written(n, "whatsapp:"+lena, change...)); r.Status != http.StatusOK {
			t.Fatalf("%v: %d", change[:1], r.Status)
		}
		list := a.thread(a.conversation(lena, 1))
		return list[len(list)-1]
	}
	var words strings.Builder
	for i := 0; words.Len() < 100_000; i++ {
		fmt.Fprintf(&words, "word%d *a _b ", i)
	}
	long := words.String()[:99_980] + " needleattheveryend"
	if m := take(1, "Body", long); m.Body != long {
		t.Fatalf("%d of %d characters are kept", len(m.Body), len(long))
	}
	six := strings.Repeat("six thousand ", 462)
	if m := take(2, "Body", six, "ButtonPayload", six, "Label", six, "Address", six, "Latitude", "1", "Longitude", "2"); m.Body != six ||
		m.Details.Payload != six ||
		m.Label != strings.TrimSpace(six) {
		t.Error("6,000 characters are cut")
	}
	huge := strings.Repeat("0123456789 ", 200_000) // an index of all words of one message would be refused
	if m := take(3, "Body", huge); m.Body != huge {
		t.Error("2 MB are cut")
	}
	id := a.conversationOf(1)
	doc := ana.inThread(id).Doc()
	first := doc.Find(`[data-testid=message]`).First()
	if !strings.Contains(first.Find("summary").Text(), "Show all 99,999 characters") ||
		!strings.Contains(first.Find(`[data-testid=rest]`).Text(), "needleattheveryend") ||
		!strings.Contains(first.Text(), "word0 ") {
		t.Errorf("the long message: %.300q", first.Text())
	}
	if got := first.Find(".bubble").Text(); !strings.Contains(got, long[:3000]) || !strings.Contains(got, long[5000:]) {
		t.Error("the page does not hold all of it")
	}
	if text := ana.get("/search?q=needleattheveryend").Text(); !strings.Contains(text, "needleattheveryend") {
		t.Errorf("the end of a long message is not found: %.500q", text)
	}
	if n := a.count("messages WHERE stretch_words(id, body) @@ '0/needleattheveryend'::tsquery"); n != 1 {
		t.Errorf("the index holds it %d times", n)
	}
	// A form that the customer filled in.
	m := take(
		4,
		"Body",
		"",
		"MessageType",
		"interactive",
		"InteractiveData",
		`{"nfm_reply":{"response_json":"{\"Size\":\"M\\u0000\",\"Day\":\"Monday\"}"}}`,
	)
	if m.Kind != whatsapp.KindInteractive || m.Body != "Size: M\nDay: Monday" {
		t.Errorf("a form: %s %q", m.Kind, m.Body)
	}
	bubble := ana.inThread(id).Doc().Find(`[data-testid=message]`).Last()
	labels, values := bubble.Find("dt").Text(), strings.Join(strings.Fields(bubble.Find("dd").Text()), " ")
	if labels != "SizeDay" || values != "M Monday" || strings.Contains(bubble.Text(), "Tapped") ||
		strings.Count(bubble.Find(".bubble").Text(), "Monday") != 1 {
		t.Errorf("the form shows %q, %q in %q", labels, values, bubble.Text())
	}
	if !strings.Contains(ana.get("/inbox").Text(), "Size: M Day: Monday") {
		t.Error("the list shows no answers")
	}
	if m := take(5, "Body", "", "MessageType", "interactive", "FlowData", `{"Size":`); m.Body != `{"Size":` {
		t.Errorf("a broken form: %q", m.Body)
	}
	if m := take(6, "Body", "", "MessageType", "interactive"); m.Body == "" {
		t.Error("an empty tap")
	}
	// A name with control characters.
	take(7, "ProfileName", "Noor\u202e \u2066evil\u200f", "Body", "\u202eturned")
	body := ana.inThread(id).Body + ana.get("/contacts").Body + ana.get("/inbox").Body
	if c := a.conversation(lena, 7); c.Contact.ProfileName != "Noor evil" || !strings.Contains(body, "Noor evil") {
		t.Errorf("the name is %q", c.Contact.ProfileName)
	}
	for _, r := range "\u2066\u200f" {
		if strings.ContainsRune(body, r) {
			t.Errorf("%U is on the page", r)
		}
	}
	a.exec("UPDATE contacts SET name = $1", "Le\u202ena") // from a file, a form, or an old row
	if strings.Contains(ana.get("/contacts").Body+ana.get("/inbox").Body, "\u202e") {
		t.Error("an older name turns the page around")
	}
}

// A reaction to an unknown message is not a text: it opens no session and does not wait for a reply.
func TestLoneReaction(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	for i, of := range []string{"", sidNo(999)} {
		form := written(1+i, "whatsapp:"+lena, "MessageType", "reaction", "Body", "👍", "OriginalRepliedMessageSid", of)
		if r := a.signed(messages, form); r.Status != http.StatusOK {
			t.Fatal(r.Status)
		}
	}
	c := a.conversation(lena, 2)
	if c.LastInboundAt != nil || c.WindowClosesAt != nil || c.WaitingSince != nil || c.UnreadCount != 0 ||
		c.LastLine != "Reacted with 👍" {
		t.Errorf("a reaction opened something: %+v", c)
	}
	if c.Contact.WindowClosesAt != nil {
		t.Error("the contact has a session")
	}
	ana := a.as("ana")
	got := ana.inThread(c.PublicID).Doc().Find(`[data-testid=lone-reaction]`)
	if got.Length() != 2 || !strings.Contains(got.Text(), "reacted with 👍 to a message that Parley does not have") {
		t.Errorf("%d lines: %q", got.Length(), got.Text())
	}
	if !strings.Contains(ana.get("/inbox").Text(), "Reacted with 👍") {
		t.Error("the list does not show it")
	}
	// A reaction to a known message is shown at it.
	a.signed(messages, written(5, "whatsapp:"+lena))
	a.signed(
		messages,
		written(6, "whatsapp:"+lena, "MessageType", "reaction", "Body", "🙏", "OriginalRepliedMessageSid", sidNo(5)),
	)
	doc := ana.inThread(c.PublicID).Doc()
	if doc.Find(`[data-testid=lone-reaction]`).Length() != 2 || doc.Find(`[data-testid=reaction]`).Text() != "🙏" {
		t.Error("a reaction to a message that is here stands by itself")
	}
}

// Every callback is stored, whatever it contains, and a status never goes backward.
func TestDirtyStatuses(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	for i, step := range []struct {
		form   url.Values
		status whatsapp.Status
		effect string
	}{
		{url.Values{"SmsStatus": {"sent"}, "ErrorCode": {"null"}}, whatsapp.Sent, "Status sent; not read: error"},
		{url.Values{"EventType": {"DELIVERED"}}, whatsapp.Delivered, "Status delivered"},
		{url.Values{"MessageStatus": {"queued"}, "To": {"\xff"}}, whatsapp.Delivered, "Nothing: queued came after a later status"},
		{url.Values{"MessageStatus": {"evaporated"}}, whatsapp.Delivered, "no status that Parley knows"},
		{url.Values{}, whatsapp.Delivered, "Kept: it names no status"},
		{url.Values{"MessageStatus": {"failed"}, "ErrorCode": {"63016"}}, whatsapp.Delivered, "failed came after a later status"},
		{url.Values{"MessageStatus": {"RE\x00AD"}}, whatsapp.Read, "Status read"},
	} {
		if i == 0 {
			a.sent(c, sidNo(77), true)
		}
		step.form.Set("MessageSid", sidNo(77))
		if r := a.signed(statuses, step.form); r.Status != http.StatusOK {
			t.Errorf("%v: %d", step.form, r.Status)
		}
		list, err := receipts.Read(a.Store).
			Receipts(t.Context(), receipts.ReceiptFilter{Kind: "status", Search: sidNo(77), Limit: 1})
		if err != nil || len(list) != 1 || !strings.Contains(list[0].Effect, step.effect) {
			t.Errorf("%v: %+v %v", step.form, list, err)
		}
		if got := a.thread(c)[1].Status; got != step.status {
			t.Errorf("%v: %s", step.form, got)
		}
	}
}
