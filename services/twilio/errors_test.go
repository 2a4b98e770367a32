package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What an answer means for the request: refused, certainly not taken, or unknown.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status, code int
		want         Outcome
	}{
		{400, 21211, Refused},
		{400, 63016, Refused},
		{401, 20003, Refused},
		{404, 20404, Refused},
		{407, 0, Refused},
		{409, 0, Refused},
		{428, 0, Refused},
		{429, 0, NotTaken},
		{429, 20429, NotTaken},
		{430, 0, Refused},
		{400, 20429, NotTaken},
		{400, 63017, NotTaken},
		{400, 63018, NotTaken},
		{400, 63119, NotTaken},
		{400, 63038, Refused}, // the day's limit: the message fails, and is tried again the next day
		{503, 20429, NotTaken},
		{408, 0, OutcomeUnknown},
		{499, 0, Refused},
		{500, 20500, OutcomeUnknown},
		{502, 0, OutcomeUnknown},
		{504, 0, OutcomeUnknown},
	} {
		if got := outcomeOf(x.status, x.code); got != x.want {
			t.Errorf("status %d, code %d: %v", x.status, x.code, got)
		}
	}
}

// A call's error has Twilio's status and code, whatever the answer's body is; a broken connection is told from one
// that was never made.
func TestErrorsOfCalls(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = fmt.Fprint(w, body) }
	}
	for name, x := range map[string]struct {
		handler http.HandlerFunc
		want    Error
	}{
		"Twilio's own words": {
			answer(400, `{"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}`),
			Error{Code: 21610, Status: 400, Message: "Attempt to send to unsubscribed recipient", Outcome: Refused},
		},
		"a body without a status": {
			answer(400, `{"code": 21610}`),
			Error{Code: 21610, Status: 400, Message: "Bad Request"},
		},
		"a proxy's page": {answer(429, "<html>"), Error{Status: 429, Message: "Too Many Requests", Outcome: NotTaken}},
		"a gateway":      {answer(502, ""), Error{Status: 502, Message: "Bad Gateway", Outcome: OutcomeUnknown}},
		"the connection breaks": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			Error{Message: "Twilio did not answer in time", Outcome: OutcomeUnknown},
		},
		"no sid": {
			answer(201, `{"status": "queued"}`),
			Error{Message: "Twilio's answer names no message", Outcome: OutcomeUnknown},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(x.handler)
			defer srv.Close()
			got := errorAt(t, srv.URL)
			if got.Code != x.want.Code || got.Status != x.want.Status || got.Message != x.want.Message ||
				got.Outcome != x.want.Outcome {
				t.Errorf("%+v", got)
			}
			if CodeOf(got) != x.want.Code || OutcomeOf(fmt.Errorf("call: %w", got)) != x.want.Outcome {
				t.Errorf("code %d, outcome %v", CodeOf(got), OutcomeOf(got))
			}
		})
	}
	for name, address := range map[string]string{
		"nobody listens": "http://127.0.0.1:1",
		"no such host":   "http://x.invalid",
	} {
		if got := errorAt(t, address); got.Outcome != NotTaken || got.Status != 0 ||
			!strings.Contains(got.Error(), "reached") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if decode(nil) != nil || OutcomeOf(context.Canceled) != OutcomeUnknown || CodeOf(context.Canceled) != 0 {
		t.Error("errors of another kind")
	}
}

func errorAt(t *testing.T, address string) *Error {
	t.Helper()
	creds := Credentials{AccountSID: "AC0", Username: "AC0", Password: "token"}
	client, err := New(creds, Options{BaseURL: address, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Send(Message{From: "whatsapp:+15550100200", To: "whatsapp:+4915112350109", Body: "Hi"})
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%v", err)
	}
	return e
}
