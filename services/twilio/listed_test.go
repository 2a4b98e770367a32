package twilio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

const userID = "BR.15025763946ab5843"

var call = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// entry is a message as Twilio's list contains it.
func entry(sid, to, created, sent string) map[string]any {
	some := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return map[string]any{
		"sid":          sid,
		"from":         "whatsapp:" + simulator.BusinessPhone,
		"to":           to,
		"body":         sid,
		"num_media":    "0",
		"status":       "sent",
		"date_created": some(created),
		"date_sent":    some(sent),
	}
}

func rfc(d time.Duration) string { return call.Add(d).Format(time.RFC1123Z) }

// script answers the requests for a list one after the other, and repeats the last answer.
type script struct {
	pages []string // bodies; "500" and "400" are errors
	asked []url.Values
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, _, _ := r.BasicAuth(); user != account {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body := s.pages[min(len(s.asked), len(s.pages)-1)]
	s.asked = append(s.asked, r.URL.Query())
	switch body {
	case "500":
		w.WriteHeader(http.StatusInternalServerError)
	case "400":
		w.WriteHeader(http.StatusBadRequest)
	default:
		_, _ = w.Write([]byte(body))
	}
}

func listOf(next string, entries ...map[string]any) string {
	if entries == nil {
		entries = []map[string]any{}
	}
	b, err := json.Marshal(map[string]any{"messages": entries, "next_page_uri": next})
	if err != nil {
		panic(err)
	}
	return strings.Replace(string(b), `"next_page_uri":""`, `"next_page_uri":null`, 1)
}

func clientAt(t *testing.T, address string) *twilio.Client {
	t.Helper()
	c, err := twilio.New(twilio.Credentials{AccountSID: account, Username: account, Password: token}, twilio.Options{BaseURL: address})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The list is read until it reaches back to the call; if it does not, that is an error, never an empty result.
func TestListedReachesBack(t *testing.T) {
	to := "whatsapp:" + userID
	uri := func(page string) string {
		return "/2010-04-01/Accounts/" + account + "/Messages.json?To=" + url.QueryEscape(to) + "&Page=1&PageToken=PASM1.500" + page
	}
	full := func(next string) string {
		return listOf(next, entry("new", to, rfc(time.Minute), rfc(time.Minute)), entry("other", "whatsapp:"+customer, rfc(0), rfc(0)))
	}
	old := listOf(uri("z"), entry("old", to, rfc(-time.Hour), rfc(-time.Hour)))
	for name, c := range map[string]struct {
		pages    []string
		phone    string
		want     string
		requests int
		broken   bool
	}{
		"one page":                      {pages: []string{full("")}, want: "new", requests: 1},
		"an empty list":                 {pages: []string{listOf("")}, requests: 1},
		"a later page":                  {pages: []string{listOf(uri("a"), entry("x", "whatsapp:"+customer, rfc(0), "")), full("")}, want: "new", requests: 2},
		"until older":                   {pages: []string{full(uri("a")), old, "500"}, want: "new", requests: 2},
		"not at the first older one":    {pages: []string{listOf(uri("a"), entry("old", to, rfc(-time.Hour), rfc(-time.Hour)), entry("waited", to, rfc(-time.Hour), rfc(0))), full("")}, want: "new", requests: 2},
		"an empty page is no end":       {pages: []string{listOf(uri("a")), full("")}, want: "new", requests: 2},
		"fails midway":                  {pages: []string{full(uri("a")), "500"}, want: "new", requests: 2, broken: true},
		"fails at once":                 {pages: []string{"500"}, requests: 1, broken: true},
		"no list at all":                {pages: []string{`{"next_page_uri": null}`}, requests: 1, broken: true},
		"cut off":                       {pages: []string{full("")[:60]}, requests: 1, broken: true},
		"a page of its own again":       {pages: []string{full(uri("a"))}, want: "new", requests: 2, broken: true},
		"another host":                  {pages: []string{full("https://example.com" + uri("a"))}, want: "new", requests: 1, broken: true},
		"another list":                  {pages: []string{full("/2010-04-01/Accounts/" + account + "/Calls.json?Page=1")}, want: "new", requests: 1, broken: true},
		"another account":               {pages: []string{full("/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json?Page=1")}, want: "new", requests: 1, broken: true},
		"another scheme":                {pages: []string{full("http://api.twilio.com" + uri("a"))}, want: "new", requests: 1, broken: true},
		"the whole address":             {pages: []string{full("https://api.twilio.com" + uri("a")), old}, want: "new", requests: 2},
		"the host of an edge":           {pages: []string{full("https://api.dublin.ie1.twilio.com" + uri("a")), old}, want: "new", requests: 2},
		"a date that can't be read":     {pages: []string{listOf("", entry("odd", to, "yesterday", ""))}, want: "odd", requests: 1},
		"such a date is not older":      {pages: []string{listOf(uri("a"), entry("odd", to, "", "")), full("")}, want: "new odd", requests: 2},
		"the date of sending instead":   {pages: []string{listOf("", entry("old", to, "", rfc(-time.Hour)))}, requests: 1},
		"user ids are no filter there":  {pages: []string{"400", full("")}, want: "new", requests: 2},
		"a number is refused":           {pages: []string{"400"}, phone: customer, requests: 1, broken: true},
		"both forms of a number":        {pages: []string{listOf("", entry("a", "whatsapp:+525512345678", rfc(0), "")), listOf("", entry("b", "whatsapp:+5215512345678", rfc(0), ""))}, phone: "+5215512345678", want: "a b", requests: 2},
		"the other form can't be asked": {pages: []string{listOf(""), "500"}, phone: "+525512345678", requests: 2, broken: true},
	} {
		s := &script{pages: c.pages}
		srv := httptest.NewServer(s)
		search := twilio.Search{From: whatsapp.Address{Phone: simulator.BusinessPhone}, To: whatsapp.Address{ID: userID}, Since: call.Add(-15 * time.Minute)}
		if c.phone != "" {
			search.To = whatsapp.Address{Phone: c.phone}
		}
		list, err := clientAt(t, srv.URL).Listed(t.Context(), search)
		srv.Close()
		var got []string
		for _, m := range list {
			got = append(got, m.Sid)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want || len(s.asked) != c.requests || (err != nil) != c.broken {
			t.Errorf("%s: %v in %d requests, %v", name, got, len(s.asked), err)
		}
		if first := s.asked[0]; first.Get("To") != search.To.String() || first.Get("From") != search.From.String() || first.Get("DateSent>") != "2026-11-24T08:45:00Z" || first.Get("PageSize") != "1000" {
			t.Errorf("%s: asked for %v", name, first)
		}
	}
}

// An endless list is not read without a limit, and every character of Twilio's page token is preserved.
func TestListedIsBound(t *testing.T) {
	n, to := 0, "whatsapp:"+customer
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if want := fmt.Sprintf("PT.%d.5", n); n > 0 && r.URL.Query().Get("PageToken") != want {
			t.Errorf("asked for %q, not for %q", r.URL.Query().Get("PageToken"), want)
		}
		n++
		next := fmt.Sprintf("/2010-04-01/Accounts/%s/Messages.json?PageToken=PT.%d.5", account, n)
		_, _ = w.Write([]byte(listOf(next, entry(fmt.Sprint("m", n), to, rfc(0), rfc(0)))))
	}))
	defer srv.Close()
	list, err := clientAt(t, srv.URL).Listed(t.Context(), twilio.Search{From: whatsapp.Address{Phone: simulator.BusinessPhone}, To: whatsapp.Address{Phone: customer}, Since: call})
	e, ok := errors.AsType[*twilio.Error](err)
	if !ok || e.Outcome != twilio.OutcomeUnknown || n != 50 || len(list) != 50 {
		t.Errorf("%d pages, %d messages, %v", n, len(list), err)
	}
}

// The simulator paginates and filters as Twilio does, and a message that has not been sent yet is found only without
// the date filter.
func TestSimulatorListsMessages(t *testing.T) {
	client, sim, _ := setUp(t)
	sim.AddHidden(userID, "noor.b", "Noor", "")
	sim.Write(userID, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
	from, to := whatsapp.Address{Phone: simulator.BusinessPhone}, whatsapp.Address{ID: userID}
	sids := make([]string, 7)
	for i := range sids {
		m, err := client.Send(twilio.Message{From: from.String(), To: to.String(), Body: fmt.Sprint("message ", i)})
		if err != nil {
			t.Fatal(err)
		}
		sids[i] = m.Sid
	}
	for i := range 120 {
		if _, err := client.Send(twilio.Message{From: from.String(), To: fmt.Sprintf("whatsapp:+49151%08d", 30000000+i), Body: "to somebody else"}); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		if m, err := client.Fetch(sids[6]); err != nil || time.Now().After(deadline) {
			t.Fatal(m, err)
		} else if m.Status == "delivered" {
			break
		}
	}
	since := time.Now().Add(-time.Minute)
	for name, c := range map[string]struct {
		faults simulator.Faults
		since  time.Time
		want   int
		broken bool
	}{
		"all on one page":          {want: 7},
		"three on a page":          {faults: simulator.Faults{PageAtMost: 3}, want: 7},
		"no filter by recipient":   {faults: simulator.Faults{PageAtMost: 50, ListsEverybody: true}, want: 7},
		"a later page fails":       {faults: simulator.Faults{PageAtMost: 3, ListBreaks: 1}, want: 3, broken: true},
		"the first page fails":     {faults: simulator.Faults{ListError: 1}, broken: true},
		"after the last one":       {since: time.Now().Add(time.Hour)},
		"later pages, nothing new": {faults: simulator.Faults{PageAtMost: 2, ListsEverybody: true}, since: time.Now().Add(time.Hour)},
	} {
		sim.SetFaults(c.faults)
		if c.since.IsZero() {
			c.since = since
		}
		list, err := client.Listed(t.Context(), twilio.Search{From: from, To: to, Since: c.since})
		if len(list) != c.want || (err != nil) != c.broken {
			t.Errorf("%s: %d messages, %v", name, len(list), err)
		}
		for i, m := range list {
			if m.Sid != sids[len(sids)-1-i] {
				t.Errorf("%s: the list is not newest first", name)
			}
		}
	}
}

// Contents and senders are read to their last page.
func TestListsAreReadToTheirEnd(t *testing.T) {
	client, sim, _ := setUp(t)
	text := whatsapp.Content{Type: whatsapp.TypeText, Body: "Hello {{1}}, see you on Monday at nine."}
	same := twilio.Content{FriendlyName: "same", Language: "en_US", Content: text, Samples: map[string]string{"1": "Noor"}}
	var want []string
	for range 2 {
		sid, err := client.CreateContent(same)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, sid)
	}
	for _, change := range []func(*twilio.Content){
		func(c *twilio.Content) { c.FriendlyName = "other" },
		func(c *twilio.Content) { c.Language = "en" },
		func(c *twilio.Content) { c.Samples = map[string]string{"1": "Lena"} },
		func(c *twilio.Content) { c.Content.Body = "Hello {{1}}, see you on Tuesday at nine." },
	} {
		other := same
		change(&other)
		if _, err := client.CreateContent(other); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 {
		_, err := client.CreateSender(twilio.NewSender{Phone: fmt.Sprintf("+4930223344%d0", i), CodeMethod: "sms", Profile: twilio.SenderProfile{Name: "Harbor Clinic"}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sim.SetFaults(simulator.Faults{PageAtMost: 2})
	n, pages := 0, 0
	err := client.Contents(t.Context(), func(list []twilio.Listing) error { n, pages = n+len(list), pages+1; return nil })
	if err != nil || n != len(sim.Contents()) || pages != (n+1)/2 {
		t.Errorf("%d contents on %d pages, %v", n, pages, err)
	}
	stop := errors.New("enough")
	if err := client.Contents(t.Context(), func([]twilio.Listing) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("who takes the contents fails: %v", err)
	}
	got, err := client.SameContents(t.Context(), same)
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the same contents: %v, want %v; %v", got, want, err)
	}
	senders, err := client.Senders(t.Context())
	if err != nil || len(senders) != 5 {
		t.Errorf("%d senders, %v", len(senders), err)
	}
}
