package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testToken   = "token0for0tests0"
)

// listing is a response of the list of messages.
type listing struct {
	Status   int
	Code     int    `json:"code"`
	Next     string `json:"next_page_uri"`
	Previous string `json:"previous_page_uri"`
	First    string `json:"first_page_uri"`
	PageSize int    `json:"page_size"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Messages []struct {
		Body     string  `json:"body"`
		DateSent *string `json:"date_sent"`
	} `json:"messages"`
}

func (l listing) bodies() string {
	var out []string
	for _, m := range l.Messages {
		out = append(out, m.Body)
	}
	return strings.Join(out, " ")
}

func testSimulator(t *testing.T) (*Simulator, func(uri string) listing) {
	t.Helper()
	s, err := New(Options{AccountSID: testAccount, AuthToken: testToken, WebhookBase: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	e := echo.New()
	s.Register(e)
	return s, func(uri string) listing {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, "/simulator/twilio"+uri, nil)
		req.SetBasicAuth(testAccount, testToken)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, req)
		out := listing{Status: rec.Code}
		if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		return out
	}
}

const messagesPath = "/2010-04-01/Accounts/" + testAccount + "/Messages.json"

// file adds a message to the account with given times of creation and sending.
func (s *Simulator) file(to, body string, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &Message{Sid: newSid("SM"), From: "whatsapp:" + BusinessPhone, To: to, Body: body, Status: "queued"}
	if !sent.IsZero() {
		m.Status, m.SentAt = "sent", sent
	}
	s.addMessage(m)
}

// DateSent filters by the sending date, a day or a moment in GMT, with every operator that Twilio supports.
func TestListByDate(t *testing.T) {
	s, get := testSimulator(t)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	s.file("whatsapp:+4915100000001", "sunday", day.Add(-time.Second))
	s.file("whatsapp:+4915100000001", "midnight", day)
	s.file("whatsapp:+4915100000001", "noon", day.Add(12*time.Hour))
	s.file("whatsapp:+4915100000001", "late", day.Add(24*time.Hour-time.Second))
	s.file("whatsapp:+4915100000002", "tuesday", day.Add(24*time.Hour))
	s.file("whatsapp:+4915100000001", "waits", time.Time{})
	for query, want := range map[string]string{
		"":                                            "waits tuesday late noon midnight sunday",
		"DateSent=2026-11-23":                         "late noon midnight",
		"DateSent>=2026-11-23":                        "tuesday late noon midnight",
		"DateSent%3E=2026-11-23":                      "tuesday late noon midnight",
		"DateSent%3E%3D=2026-11-23":                   "tuesday late noon midnight",
		"DateSent<=2026-11-23":                        "late noon midnight sunday",
		"DateSent=%3E%3D2026-11-24":                   "tuesday",
		"DateSent=%3C%3D2026-11-22":                   "sunday",
		"DateSent>=2026-11-23T12:00:00Z":              "tuesday late noon",
		"DateSent>=2026-11-23T13:00:00%2B01:00":       "tuesday late noon",
		"DateSent<=2026-11-23T12:00:00Z":              "noon midnight sunday",
		"DateSent=2026-11-23T12:00:00Z":               "noon",
		"DateSent>=2026-11-23&DateSent<=2026-11-23":   "late noon midnight",
		"DateSent>=Mon,+23+Nov+2026+12:00:00+%2B0000": "tuesday late noon",
		"DateSent>=2026-11-23+12:00:00.000":           "tuesday late noon",
		"To=whatsapp:%2B4915100000002":                "tuesday",
		"To=whatsapp:%2B4915100000003":                "",
		"From=whatsapp:%2B15550100200&To=whatsapp:%2B4915100000001&DateSent>=2026-11-24": "",
	} {
		if got := get(messagesPath + "?" + query); got.Status != 200 || got.bodies() != want {
			t.Errorf("%s: %d %q, want %q", query, got.Status, got.bodies(), want)
		}
	}
	for _, query := range []string{"DateSent=soon", "DateSent>=24.11.2026", "PageSize=0", "PageSize=1001", "PageSize=x", "Page=-1", "Page=1", "PageToken=PAx", "Page=1&PageToken=PASM1"} {
		if got := get(messagesPath + "?" + query); got.Status != 400 || got.Code != 20001 {
			t.Errorf("%s: %d, code %d", query, got.Status, got.Code)
		}
	}
	if got := get(messagesPath); got.Messages[0].DateSent != nil || got.Messages[1].DateSent == nil {
		t.Errorf("dates of sending: %+v", got.Messages[:2])
	}
}

// Pages have 50 messages by default, keep their filters, and continue where they ended although new messages arrived.
func TestListInPages(t *testing.T) {
	s, get := testSimulator(t)
	to := "whatsapp:BR.15025763946ab5843"
	for i := range 120 {
		s.file(to, fmt.Sprint(i), time.Time{})
		s.file("whatsapp:+4915100000001", "other", time.Time{})
	}
	first := get(messagesPath + "?To=" + url.QueryEscape(to))
	if first.PageSize != 50 || len(first.Messages) != 50 || first.Messages[0].Body != "119" || first.Previous != "" || first.Start != 0 || first.End != 49 {
		t.Fatalf("first page: %+v", first)
	}
	s.file(to, "new", time.Time{})
	second := get(first.Next)
	if len(second.Messages) != 50 || second.Messages[0].Body != "69" || second.Start != 50 || second.End != 99 {
		t.Fatalf("second page: %+v", second)
	}
	third := get(second.Next)
	if len(third.Messages) != 20 || third.Messages[19].Body != "0" || third.Next != "" {
		t.Errorf("third page: %+v", third)
	}
	if back := get(third.Previous); back.bodies() != second.bodies() {
		t.Errorf("back on the second page: %q", back.bodies())
	}
	if again := get(first.First); again.Messages[0].Body != "new" {
		t.Errorf("the first page now: %+v", again.Messages[0])
	}
	if all := get(messagesPath + "?PageSize=1000"); len(all.Messages) != 241 || all.Next != "" {
		t.Errorf("all at once: %d, next %q", len(all.Messages), all.Next)
	}
}

// A customer without a number is known to the business by the user id and the username, and can't get a one-time code.
func TestCustomerWithoutNumber(t *testing.T) {
	s, _ := testSimulator(t)
	c := s.AddHidden("BR.15025763946ab5843", "noor.b", "Noor", "+5511987654321")
	s.Write(c.Key(), BusinessPhone, Outgoing{Body: "Hello"})
	form := func() url.Values {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.inboundForm(c, s.state.Messages[s.state.Order[len(s.state.Order)-1]])
	}
	if f := form(); f.Get("From") != "whatsapp:BR.15025763946ab5843" || f.Has("WaId") || f.Get("ExternalUserId") != "BR.15025763946ab5843" || f.Get("ProfileUsername") != "noor.b" {
		t.Errorf("hidden: %v", f)
	}
	s.AddContent(&Content{Sid: "HX1", Language: "en", Types: map[string]map[string]any{"whatsapp/authentication": {"actions": []any{map[string]any{"type": "COPY_CODE", "copy_code_text": "Copy"}}}},
		Approval: &Approval{Name: "code", Category: "AUTHENTICATION", Status: "approved"}})
	send := func(to string, form url.Values) int {
		form.Set("To", to)
		form.Set("From", "whatsapp:"+BusinessPhone)
		m, refused := s.take(form)
		if refused != nil {
			t.Fatalf("%d %s", refused.code, refused.text)
		}
		return m.ErrorCode
	}
	code := url.Values{"ContentSid": {"HX1"}, "ContentVariables": {`{"1":"4711"}`}}
	if got := send("whatsapp:BR.15025763946ab5843", code); got != 63024 {
		t.Errorf("a one-time code to a user id: %d", got)
	}
	if got := send("whatsapp:+5511987654321", code); got != 0 {
		t.Errorf("a one-time code to a number: %d", got)
	}
	if got := send("whatsapp:BR.15025763946ab5843", url.Values{"Body": {"Hi"}}); got != 0 {
		t.Errorf("a reply to a user id: %d", got)
	}
	if n := len(s.Messages(c.Key())); n != 4 {
		t.Errorf("%d messages on the phone, want 4", n)
	}
	s.Hide(c.Key(), false)
	s.Write(c.Key(), BusinessPhone, Outgoing{Body: "Again"})
	if f := form(); f.Get("From") != "whatsapp:+5511987654321" || f.Get("WaId") != "5511987654321" || f.Get("ExternalUserId") != "BR.15025763946ab5843" {
		t.Errorf("shown: %v", f)
	}
}
