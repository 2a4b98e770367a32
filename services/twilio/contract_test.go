package twilio_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/labstack/echo/v4"

	"parley/services/twilio"
	"parley/simulator"
	"parley/whatsapp"
)

const (
	account  = "AC0123456789abcdef0123456789abcdef"
	token    = "token0for0tests0"
	customer = "+4915123456789"
)

// contract is a proxy between our client and the simulator that checks every request and every response against
// Twilio's own OpenAPI files (testdata, Twilio's snapshot of April 2026).
type contract struct {
	t       *testing.T
	next    http.Handler
	routers map[string]routers.Router // by host
	mu      sync.Mutex
	seen    map[string]int
	lenient bool // don't check requests
}

func newContract(t *testing.T, next http.Handler) *contract {
	t.Helper()
	c := &contract{t: t, next: next, routers: map[string]routers.Router{}, seen: map[string]int{}}
	for host, file := range map[string]string{"api.twilio.com": "testdata/twilio_api_v2010.json", "content.twilio.com": "testdata/twilio_content_v1.json", "messaging.twilio.com": "testdata/twilio_messaging_v2.json"} {
		doc, err := openapi3.NewLoader().LoadFromFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if c.routers[host], err = gorillamux.NewRouter(doc); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Error(err)
	}
	asked := r.Clone(r.Context())
	asked.URL.Path = strings.TrimPrefix(r.URL.Path, "/simulator/twilio")
	asked.URL.Scheme, asked.URL.Host = "https", "api.twilio.com"
	for prefix, host := range map[string]string{"/v1/": "content.twilio.com", "/v2/": "messaging.twilio.com"} {
		if strings.HasPrefix(asked.URL.Path, prefix) {
			asked.URL.Host = host
		}
	}
	asked.Host, asked.RequestURI = asked.URL.Host, asked.URL.RequestURI()
	asked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.routers[asked.URL.Host].FindRoute(asked)
	if err != nil {
		c.t.Errorf("%s %s is no call that Twilio knows: %v", r.Method, asked.URL, err)
		http.NotFound(w, r)
		return
	}
	opts := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	in := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route, Options: opts}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil && !c.lenient {
		c.t.Errorf("%s %s: our request: %v\n%s", r.Method, asked.URL, err, body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	c.next.ServeHTTP(rec, r)
	if rec.Code < 400 {
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: rec.Code, Header: rec.Header(), Options: opts}
		out.SetBodyBytes(rec.Body.Bytes())
		if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
			c.t.Errorf("%s %s: the simulator's answer: %v", r.Method, asked.URL, err)
		}
	}
	c.mu.Lock()
	c.seen[route.Method+" "+route.Path]++
	c.mu.Unlock()
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func setUp(t *testing.T) (*twilio.Client, *simulator.Simulator, *contract) {
	t.Helper()
	e := echo.New()
	sim, err := simulator.New(simulator.Options{AccountSID: account, AuthToken: token, WebhookBase: "http://127.0.0.1:1", ReviewDelay: time.Millisecond, StepDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	sim.Register(e)
	c := newContract(t, e)
	srv := httptest.NewServer(c)
	t.Cleanup(func() { sim.Close(); srv.Close() })
	client, err := twilio.New(twilio.Credentials{AccountSID: account, Username: account, Password: token}, twilio.Options{BaseURL: sim.BaseURL(srv.URL)})
	if err != nil {
		t.Fatal(err)
	}
	return client, sim, c
}

// Every call that we make, and every response of the simulator, conforms to Twilio's OpenAPI files.
func TestEveryCallIsTwilios(t *testing.T) {
	client, sim, c := setUp(t)
	sim.AddCustomer(customer, "Noor")
	sim.Write(customer, simulator.BusinessPhone, simulator.Outgoing{Body: "Hello"})
	to, from := "whatsapp:"+customer, "whatsapp:"+simulator.BusinessPhone
	var sid string
	for _, m := range []twilio.Message{
		{Validity: 10 * time.Minute, Body: "Hi ✓ & +1", StatusCallback: "http://127.0.0.1:1/webhooks/twilio/status?m=x"},
		{Body: "see", MediaURL: "https://desk.example.com/media/out/a/b"},
		{PersistentAction: "geo:52.52,13.4|Here"},
		{ContentSid: "HXb5b62575e6e4ff6129ad7c8efe1f983e", ContentVariables: `{"1":"Tuesday","2":"10:00"}`},
	} {
		m.From, m.To = from, to
		taken, err := client.Send(m)
		if err != nil || len(taken.Sid) != 34 || taken.To != to {
			t.Fatalf("%+v: %+v %v", m, taken, err)
		}
		sid = taken.Sid
	}
	if got, err := client.Fetch(sid); err != nil || got.Body != "Your appointment is coming up on Tuesday at 10:00" {
		t.Errorf("fetch: %+v %v", got, err)
	}
	search := twilio.Search{From: whatsapp.Address{Phone: simulator.BusinessPhone}, To: whatsapp.Address{Phone: customer}, Since: time.Now().Add(-time.Minute)}
	for _, search.Unsent = range []bool{false, true} {
		list, err := client.Listed(t.Context(), search)
		if err != nil || search.Unsent && (len(list) != 4 || list[0].Sid != sid) {
			t.Errorf("list: %+v %v", list, err)
		}
	}
	if err := client.Check(); err != nil {
		t.Error(err)
	}
	hx := ""
	for kind, c := range everyType {
		sid, err := client.CreateContent(twilio.Content{FriendlyName: "visit_en_v1", Language: "en", Content: c, Samples: map[string]string{"1": "Noor"}})
		if err != nil || !strings.HasPrefix(sid, "HX") {
			t.Fatalf("%s: %s %v", kind, sid, err)
		}
		if kind == "text" {
			hx = sid
		}
		if kind == "card" {
			if err := client.DeleteContent(sid); err != nil {
				t.Error(err)
			}
			if err := client.DeleteContent(sid); err != nil {
				t.Errorf("gone already: %v", err)
			}
		}
	}
	if a, err := client.FetchApproval(hx); err != nil || a.Status != "unsubmitted" {
		t.Errorf("before submitting: %+v %v", a, err)
	}
	if a, err := client.SubmitContent(hx, "visit", "UTILITY"); err != nil || a.Status != "received" {
		t.Errorf("submit: %+v %v", a, err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		a, err := client.FetchApproval(hx)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("approval: %+v %v", a, err)
		}
		if a.Status == "approved" {
			break
		}
	}
	// Every type reads back as it was written.
	read := map[whatsapp.ContentType]whatsapp.Content{}
	err := client.Contents(t.Context(), func(list []twilio.Listing) error {
		for _, l := range list {
			if l.FriendlyName == "visit_en_v1" {
				read[l.Content.Content.Type] = l.Content.Content
			}
			if l.Sid == hx && (l.Approval.Status != "approved" || l.Approval.Name != "visit" || l.Approval.Category != "UTILITY" || l.Samples["1"] != "Noor") {
				t.Errorf("listed as %+v", l)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, c := range everyType {
		if kind == "card" {
			continue // deleted
		}
		if got := read[c.Type]; !reflect.DeepEqual(got, c) {
			t.Errorf("%s: wrote %+v, read %+v", kind, c, got)
		}
	}
	if len(c.seen) < 8 {
		t.Errorf("only these calls were held against the files: %v", c.seen)
	}
}

// everyType is one content of each type, with all of its possible parts.
var everyType = map[string]whatsapp.Content{
	"text":  {Type: whatsapp.TypeText, Body: "Hello {{1}}, see you on Monday at nine."},
	"media": {Type: whatsapp.TypeMedia, Body: "Your plan, {{1}}, is here.", Media: "https://example.com/plans/{{1}}.pdf"},
	"quick reply": {Type: whatsapp.TypeQuickReply, Body: "Can you come, {{1}}, on Monday?", Actions: []whatsapp.Action{
		{Type: whatsapp.ActionReply, Title: "Yes", ID: "yes"}, {Type: whatsapp.ActionReply, Title: "No", ID: "no"}}},
	"call to action": {Type: whatsapp.TypeCallToAction, Body: "Your parcel, {{1}}, is on its way.", Actions: []whatsapp.Action{
		{Type: whatsapp.ActionURL, Title: "Track", Value: "https://example.com/{{1}}"}, {Type: whatsapp.ActionPhone, Title: "Call", Value: "+4930123456"}, {Type: whatsapp.ActionCode, Title: "Copy", Value: "A4711"}}},
	"list": {Type: whatsapp.TypeListPicker, Body: "Which day suits you?", Button: "Choose", Items: []whatsapp.Item{
		{Title: "Monday", ID: "mon", Description: "9 to 12"}, {Title: "Tuesday", ID: "tue"}}},
	"card": {Type: whatsapp.TypeCard, Header: "Order {{1}}", Body: "It is ready.", Footer: "Harbor", Actions: []whatsapp.Action{{Type: whatsapp.ActionReply, Title: "Fine", ID: "fine"}}},
	"media card": {Type: whatsapp.TypeCard, Body: "It is ready.", Media: "https://example.com/a.png", Actions: []whatsapp.Action{
		{Type: whatsapp.ActionURL, Title: "Open", Value: "https://example.com"}, {Type: whatsapp.ActionCode, Title: "Copy", Value: "A1"}}},
	"location":       {Type: whatsapp.TypeLocation, Latitude: "52.520008", Longitude: "-13.404954", Label: "Harbor", Address: "Main Street 1"},
	"authentication": {Type: whatsapp.TypeAuthentication, Minutes: 10, Copy: "Copy code"},
	"carousel": {Type: whatsapp.TypeCarousel, Body: "Our rooms, {{1}}:", Cards: []whatsapp.Card{
		{Title: "One", Body: "With a view", Media: "https://example.com/1.png", Actions: []whatsapp.Action{{Type: whatsapp.ActionReply, Title: "Book", ID: "one"}}},
		{Body: "Quiet", Media: "https://example.com/2.png", Actions: []whatsapp.Action{{Type: whatsapp.ActionReply, Title: "Book", ID: "two"}}}}},
}

// A refusal by the Content API is returned as a refusal with its message.
func TestRefusedContents(t *testing.T) {
	client, _, c := setUp(t)
	c.lenient = true // these requests are invalid on purpose
	for name, bad := range map[string]whatsapp.Content{
		"too long":         {Type: whatsapp.TypeText, Body: strings.Repeat("x", 1601)},
		"no body":          {Type: whatsapp.TypeQuickReply, Actions: []whatsapp.Action{{Type: whatsapp.ActionReply, Title: "Yes"}}},
		"eleven replies":   {Type: whatsapp.TypeQuickReply, Body: "x", Actions: slices.Repeat([]whatsapp.Action{{Type: whatsapp.ActionReply, Title: "Yes"}}, 11)},
		"long title":       {Type: whatsapp.TypeQuickReply, Body: "x", Actions: []whatsapp.Action{{Type: whatsapp.ActionReply, Title: strings.Repeat("x", 21)}}},
		"one card":         {Type: whatsapp.TypeCarousel, Body: "x", Cards: everyType["carousel"].Cards[:1]},
		"list, no button":  {Type: whatsapp.TypeListPicker, Body: "x", Items: []whatsapp.Item{{Title: "a", ID: "a"}}},
		"media, no media":  {Type: whatsapp.TypeMedia, Body: "x"},
		"no such language": {Type: whatsapp.TypeText, Body: "x"},
	} {
		language := "en"
		if name == "no such language" {
			language = "english please"
		}
		_, err := client.CreateContent(twilio.Content{FriendlyName: "x", Language: language, Content: bad})
		if twilio.OutcomeOf(err) != twilio.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	sid, err := client.CreateContent(twilio.Content{FriendlyName: "x", Language: "en", Content: everyType["list"]})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.SubmitContent(sid, "a_list", "UTILITY"); twilio.OutcomeOf(err) != twilio.Refused {
		t.Errorf("a list picker was submitted: %v", err)
	}
	if sid, err = client.CreateContent(twilio.Content{FriendlyName: "x", Language: "en", Content: everyType["text"]}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SubmitContent(sid, "a_code", "AUTHENTICATION"); twilio.OutcomeOf(err) != twilio.Refused {
		t.Errorf("a text in the authentication category: %v", err)
	}
}

// Refusals have Twilio's codes, and their outcome says whether a retry is safe.
func TestErrors(t *testing.T) {
	client, sim, _ := setUp(t)
	sim.AddCustomer(customer, "Noor")
	sim.Hold(customer, simulator.BusinessPhone)
	send := func(m twilio.Message) error {
		if m.From == "" {
			m.From = "whatsapp:" + simulator.BusinessPhone
		}
		if m.To == "" {
			m.To = "whatsapp:" + customer
		}
		_, err := client.Send(m)
		return err
	}
	for code, m := range map[int]twilio.Message{21610: {Body: "x"}, 21211: {Body: "x", To: "whatsapp:+1"}, 63007: {Body: "x", From: "whatsapp:+15550009999"}, 21619: {}, 21617: {Body: strings.Repeat("x", 1601)}, 21656: {ContentSid: "HXb5b62575e6e4ff6129ad7c8efe1f983e", ContentVariables: "{"}} {
		err := send(m)
		if twilio.CodeOf(err) != code || twilio.OutcomeOf(err) != twilio.Refused {
			t.Errorf("%d: %v (%v)", code, err, twilio.OutcomeOf(err))
		}
	}
	sim.SetFaults(simulator.Faults{TooMany: 1})
	if err := send(twilio.Message{Body: "x"}); twilio.OutcomeOf(err) != twilio.NotTaken || twilio.CodeOf(err) != 20429 {
		t.Errorf("429: %v", err)
	}
	sim.SetFaults(simulator.Faults{ServerError: 1})
	if err := send(twilio.Message{Body: "x"}); twilio.OutcomeOf(err) != twilio.OutcomeUnknown {
		t.Errorf("500: %v", err)
	}
	wrong, err := twilio.New(twilio.Credentials{AccountSID: account, Username: account, Password: "wrong"}, twilio.Options{BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := wrong.Check(); twilio.OutcomeOf(err) != twilio.NotTaken {
		t.Errorf("nobody listens: %v", err)
	}
}

// A message that the simulator accepts and WhatsApp refuses fails afterwards, with the code.
func TestRefusalsByWhatsApp(t *testing.T) {
	client, sim, _ := setUp(t)
	sim.AddCustomer(customer, "Noor")
	for name, c := range map[string]struct {
		m    twilio.Message
		code int
	}{
		"not joined":         {twilio.Message{From: "whatsapp:" + simulator.SandboxPhone, Body: "x"}, 63015},
		"outside the window": {twilio.Message{From: "whatsapp:" + simulator.BusinessPhone, Body: "x"}, 63016},
		"nobody there":       {twilio.Message{From: "whatsapp:" + simulator.BusinessPhone, To: "whatsapp:+4915100000000", Body: "x"}, 63024},
	} {
		if c.m.To == "" {
			c.m.To = "whatsapp:" + customer
		}
		taken, err := client.Send(c.m)
		if err != nil {
			t.Fatal(name, err)
		}
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			got, err := client.Fetch(taken.Sid)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%s: %+v %v", name, got, err)
			}
			if got.Status == "failed" {
				if got.ErrorCode != c.code {
					t.Errorf("%s: code %d, want %d", name, got.ErrorCode, c.code)
				}
				break
			}
		}
	}
}
