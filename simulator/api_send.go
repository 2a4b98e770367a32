package simulator

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// messageParameters are those of CreateMessage (Twilio's OpenAPI); any other one is an error of Parley's.
var messageParameters = []string{
	"To",
	"StatusCallback",
	"ApplicationSid",
	"MaxPrice",
	"ProvideFeedback",
	"Attempt",
	"ValidityPeriod",
	"ForceDelivery",
	"ContentRetention",
	"AddressRetention",
	"SmartEncoded",
	"PersistentAction",
	"TrafficType",
	"ShortenUrls",
	"ScheduleType",
	"SendAt",
	"SendAsMms",
	"ContentVariables",
	"RiskCheck",
	"From",
	"FallbackFrom",
	"MessagingServiceSid",
	"Body",
	"MediaUrl",
	"ContentSid",
}

func (s *Simulator) createMessage(c echo.Context) error {
	if s.hit(&s.faults.TooMany) {
		return restError(c, http.StatusTooManyRequests, 20429, "Too Many Requests")
	}
	if s.hit(&s.faults.ServerError) {
		return restError(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	}
	if s.hit(&s.faults.RefuseNext) {
		code := s.refuseCode()
		return restError(c, http.StatusBadRequest, code, whatsapp.Explain(code, "").Meaning)
	}
	form, err := c.FormParams()
	if err != nil {
		return restError(c, http.StatusBadRequest, 20001, "Invalid parameter")
	}
	for name := range form {
		if !slices.Contains(messageParameters, name) {
			return restError(c, http.StatusBadRequest, 20001, "Unknown parameter: "+name)
		}
	}
	m, refused := s.take(form)
	if refused != nil {
		return restError(c, http.StatusBadRequest, refused.code, refused.text)
	}
	if s.timesOut() {
		panic(http.ErrAbortHandler) // accepted, but the answer is lost
	}
	if s.hit(&s.faults.CutOff) {
		panic(http.ErrAbortHandler) // the message is accepted, the answer is lost
	}
	if s.hit(&s.faults.TimeOut) {
		select { // until the caller gives up
		case <-c.Request().Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	}
	if s.hit(&s.faults.ErrorAfterTaking) {
		return restError(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	}
	return c.JSON(http.StatusCreated, s.messageJSON(m))
}

// take checks a message as Twilio does and stores it. A message that WhatsApp refuses (63015, 63016) is accepted first
// and fails afterwards, by callback.
func (s *Simulator) take(form url.Values) (Message, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, refused := s.readMessage(form)
	if refused != nil {
		return Message{}, refused
	}
	person := s.customer(r.to)
	if person != nil && r.to.Phone != "" && person.Phone != "" {
		r.to.Phone = person.Phone // WhatsApp answers with the form of the number that is registered
	}
	if person != nil && person.Stopped[r.from.Phone] {
		return Message{}, &refusal{code: 21610, text: "Attempt to send to unsubscribed recipient"}
	}
	msg := r.message()
	msg.ErrorCode = s.errorCode(person, r)
	if person != nil {
		delete(person.TypingUntil, r.from.Phone)
	}
	s.addMessage(msg)
	s.travel(msg)
	return *msg, nil
}

// errorCode is the error with which a message will fail, 0 if it arrives: WhatsApp's, else an injected one.
func (s *Simulator) errorCode(p *Customer, r messageRequest) int {
	if code := s.whatsappError(p, r); code != 0 {
		return code
	}
	if r.to.ID != "" && r.content.oneTimeCode() {
		// Meta, business-scoped user ids: one-time codes need a number. Twilio's own code for it is not documented.
		return 63024
	}
	if s.faults.FailNext > 0 {
		s.faults.FailNext--
		return s.faults.FailCode
	}
	if rand.IntN(100) < s.faults.FailPercent {
		return s.faults.FailCode
	}
	return 0
}

// whatsappError is the error with which WhatsApp will fail a message, 0 if it arrives.
func (s *Simulator) whatsappError(p *Customer, r messageRequest) int {
	now, sandbox := s.now(), r.from.Phone == SandboxPhone
	switch {
	case sandbox && (p == nil || !p.joined(now)):
		return 63015
	case p == nil:
		return 63024
	case r.content == nil && !p.windowOpen(r.from.Phone, now):
		return 63016
	case r.content == nil:
		return 0
	}
	for n, v := range r.values {
		if whatsapp.ValueProblem(n, v) != "" {
			return 63013
		}
	}
	if p.windowOpen(r.from.Phone, now) && (r.content.approved() || r.content.content().InSession()) {
		return 0
	}
	return s.templateError(p, r)
}

// stoppedTemplates are the errors of templates that WhatsApp does not allow to be sent, by their approval's status.
var stoppedTemplates = map[string]int{"rejected": 63040, "paused": 63041, "disabled": 63042}

// templateError is the error with which WhatsApp will fail a template outside of a session, 0 if it arrives.
func (s *Simulator) templateError(p *Customer, r messageRequest) int {
	switch {
	case r.from.Phone == SandboxPhone && !isSandboxTemplate(r.content.Sid), r.content.Approval == nil:
		return 63016
	case stoppedTemplates[r.content.Approval.Status] != 0:
		return stoppedTemplates[r.content.Approval.Status]
	case !r.content.approved():
		return 63016
	case r.content.lacks(r.values):
		return 63028
	case s.beyond(r.from.Phone, p.Key()):
		return 63018
	}
	return 0
}

func isSandboxTemplate(sid string) bool {
	for _, t := range sandboxTemplates {
		if t.Sid == sid {
			return true
		}
	}
	return false
}
