package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"

	"parley/models/conversations/receipts"
	"parley/models/modelstest"
	"parley/services/twilio"
	"parley/simulator"
)

const (
	messages = "/webhooks/twilio/messages"
	statuses = "/webhooks/twilio/status"
)

// deliver posts a body, signed as Twilio does, and returns the response.
func (a *app) deliver(path string, body []byte, contentType string) int {
	a.t.Helper()
	req, err := http.NewRequest(http.MethodPost, a.URL+path, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Twilio-Signature", twilio.Signature(token, a.URL+path, twilio.ReadBody(body)))
	return a.as("").send(req).Status
}

const asForm = "application/x-www-form-urlencoded"

func (a *app) count(table string, args ...any) (n int) {
	a.t.Helper()
	if err := modelstest.PoolOf(a.Store).QueryRow(a.t.Context(), "SELECT count(*) FROM "+table, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

func sidNo(n int) string { return fmt.Sprintf("SM%032x", n) }

// written is a message to the clinic as Twilio forwards it.
func written(n int, from string, change ...string) url.Values {
	form := url.Values{
		"MessageSid": {sidNo(n)}, "SmsMessageSid": {sidNo(n)}, "SmsSid": {sidNo(n)}, "AccountSid": {account}, "From": {from},
		"To": {
			"whatsapp:" + simulator.BusinessPhone,
		}, "Body": {"Hello"}, "NumMedia": {"0"}, "MessageType": {"text"}, "ApiVersion": {"2010-04-01"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

// inThread is the visible text of a conversation's messages.
func (v *visitor) inThread(c string) answer {
	v.app.t.Helper()
	return v.get("/inbox/" + c)
}

// conversationOf is the public id of the conversation that contains a message.
func (a *app) conversationOf(n int) string {
	a.t.Helper()
	id, err := receipts.Read(a.Store).ConversationOfSid(a.t.Context(), sidNo(n))
	if err != nil || id == "" {
		a.t.Fatalf("no conversation with message %d: %v", n, err)
	}
	return id
}
