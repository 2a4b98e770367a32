package simulator

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// messageParameters are those of CreateMessage (Twilio's OpenAPI); any other one is a mistake of ours.
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
	m, status, code, text := s.take(form)
	if code != 0 {
		return restError(c, status, code, text)
	}
	if s.timesOut() {
		panic(http.ErrAbortHandler) // taken, and nobody hears of it
	}
	if s.hit(&s.faults.CutOff) {
		panic(http.ErrAbortHandler) // the message is taken, the answer is lost
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

// showTyping is Twilio's Typing Indicators API, version 2.
func (s *Simulator) showTyping(c echo.Context) error {
	if c.FormValue("channel") != "whatsapp" {
		return restError(c, http.StatusBadRequest, 20001, "Unsupported channel")
	}
	if !s.ShowTyping(c.FormValue("messageId")) {
		return restError(c, http.StatusNotFound, 20404, "The requested resource was not found")
	}
	return c.JSON(http.StatusOK, map[string]bool{"success": true})
}

// take checks a message as Twilio does and files it. What WhatsApp refuses (63015, 63016) is taken
// first and fails afterwards, by callback.
func (s *Simulator) take(form url.Values) (m Message, status, code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bad := func(code int, text string) (Message, int, int, string) {
		return Message{}, http.StatusBadRequest, code, text
	}
	to, err := whatsapp.ParseAddress(form.Get("To"))
	if err != nil {
		return bad(21211, "The 'To' number "+form.Get("To")+" is not a valid phone number.")
	}
	from, err := whatsapp.ParseAddress(form.Get("From"))
	if err != nil || !s.sends(from.Phone) {
		return bad(63007, "Twilio could not find a Channel with the specified From address")
	}
	body, content := form.Get("Body"), s.state.Contents[form.Get("ContentSid")]
	var values map[string]string
	var rich *whatsapp.Content
	switch {
	case form.Get("ContentSid") != "":
		if content == nil {
			return bad(20404, "The requested resource was not found: ContentSid")
		}
		if v := form.Get("ContentVariables"); v != "" && json.Unmarshal([]byte(v), &values) != nil {
			return bad(21656, "The ContentVariables parameter is invalid.")
		}
		rich = content.fill(values)
		body = rich.Body
	case whatsapp.Length(body) > whatsapp.MaxBody:
		return bad(21617, "The concatenated message body exceeds the 1600 character limit")
	case body == "" && form.Get("MediaUrl") == "" && form.Get("PersistentAction") == "":
		return bad(21619, "A text message body or media urls must be specified.")
	}
	if cb := form.Get("StatusCallback"); cb != "" {
		if u, err := url.Parse(cb); err != nil || u.Host == "" {
			return bad(21609, "The StatusCallback URL "+cb+" is not a valid URL.")
		}
	}
	validity, err := strconv.Atoi(form.Get("ValidityPeriod"))
	if form.Get("ValidityPeriod") != "" && (err != nil || validity < 1 || validity > 36000) {
		return bad(90007, "ValidityPeriod must be an integer from 1 to 36000.")
	}
	person := s.customer(to)
	if person != nil && to.Phone != "" && person.Phone != "" {
		to.Phone = person.Phone // WhatsApp answers with the form of the number that is registered
	}
	if person != nil && person.Stopped[from.Phone] {
		return bad(21610, "Attempt to send to unsubscribed recipient")
	}
	msg := &Message{Sid: newSid("SM"), From: from.String(), To: to.String(), Body: body, Media: form.Get("MediaUrl"),
		ContentSid: form.Get("ContentSid"), Status: "queued", Callback: form.Get("StatusCallback"), Validity: validity}
	if rich != nil {
		msg.Rich, msg.RichType, msg.Media = rich, rich.Type, rich.Media
		msg.Latitude, msg.Longitude, msg.Label = rich.Latitude, rich.Longitude, rich.Label
	}
	if msg.Media != "" {
		msg.Sid = newSid("MM")
	}
	if geo, ok := strings.CutPrefix(form.Get("PersistentAction"), "geo:"); ok {
		place, label, _ := strings.Cut(geo, "|")
		msg.Latitude, msg.Longitude, _ = strings.Cut(place, ",")
		msg.Label = label
	}
	if msg.ErrorCode = s.refusal(
		person,
		from.Phone,
		content,
		values,
	); msg.ErrorCode == 0 && to.ID != "" &&
		content.oneTimeCode() {
		// Meta, business-scoped user ids: one-time codes need a number. Twilio's own code for it is not documented.
		msg.ErrorCode = 63024
	}
	if s.faults.FailNext > 0 && msg.ErrorCode == 0 {
		s.faults.FailNext--
		msg.ErrorCode = s.faults.FailCode
	}
	if msg.ErrorCode == 0 && rand.IntN(100) < s.faults.FailPercent {
		msg.ErrorCode = s.faults.FailCode
	}
	if person != nil {
		delete(person.TypingUntil, from.Phone)
	}
	s.addMessage(msg)
	s.travel(msg)
	return *msg, 0, 0, ""
}

// refusal is the error with which WhatsApp will fail a message, 0 if it arrives.
func (s *Simulator) refusal(p *Customer, sender string, content *Content, values map[string]string) int {
	now := s.now()
	switch {
	case p == nil && sender == SandboxPhone, p != nil && sender == SandboxPhone && !p.joined(now):
		return 63015
	case p == nil:
		return 63024
	case content == nil && !p.windowOpen(sender, now):
		return 63016
	case content == nil:
		return 0
	}
	approved := content.Approval != nil && content.Approval.Status == "approved"
	ownToSandbox := isSandboxTemplate(content.Sid)
	for n, v := range values {
		if p := whatsapp.ValueProblem(n, v); p != "" {
			return 63013
		}
	}
	switch {
	case p.windowOpen(sender, now) && (approved || content.content().InSession()):
		return 0
	case sender == SandboxPhone && !ownToSandbox, !approved && content.Approval == nil:
		return 63016
	case content.Approval.Status == "rejected":
		return 63040
	case content.Approval.Status == "paused":
		return 63041
	case content.Approval.Status == "disabled":
		return 63042
	case !approved:
		return 63016
	case content.lacks(values):
		return 63028
	case s.beyond(sender, p.Key()):
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

func (s *Simulator) messageJSON(m Message) map[string]any {
	direction, media := "outbound-api", "0"
	if m.Inbound {
		direction = "inbound"
	}
	if m.Media != "" {
		media = "1"
	}
	out := map[string]any{
		"sid":                   m.Sid,
		"account_sid":           s.opt.AccountSID,
		"api_version":           "2010-04-01",
		"body":                  m.Body,
		"from":                  m.From,
		"to":                    m.To,
		"direction":             direction,
		"status":                m.Status,
		"num_segments":          "1",
		"num_media":             media,
		"price":                 nil,
		"price_unit":            nil,
		"error_code":            nil,
		"error_message":         nil,
		"messaging_service_sid": nil,
		"date_created":          m.Created.Format(time.RFC1123Z),
		"date_updated":          m.Created.Format(time.RFC1123Z),
		"date_sent":             nil,
		"uri":                   "/2010-04-01/Accounts/" + s.opt.AccountSID + "/Messages/" + m.Sid + ".json",
		"subresource_uris": map[string]string{
			"media": "/2010-04-01/Accounts/" + s.opt.AccountSID + "/Messages/" + m.Sid + "/Media.json",
		},
	}
	if sent := m.sentAt(); !sent.IsZero() {
		out["date_sent"], out["date_updated"] = sent.Format(time.RFC1123Z), sent.Format(time.RFC1123Z)
	}
	if m.Status == "failed" || m.Status == "undelivered" {
		out["error_code"], out["error_message"] = m.ErrorCode, whatsapp.Explain(m.ErrorCode, "").Meaning
	}
	return out
}

func (s *Simulator) fetchMessage(c echo.Context) error {
	sid := strings.TrimSuffix(c.Param("sid"), ".json")
	s.mu.Lock()
	defer s.mu.Unlock()
	if sid == s.faults.FetchErrorOf {
		return restError(c, http.StatusInternalServerError, 20500, "An internal server error has occurred")
	}
	m := s.state.Messages[sid]
	if m == nil || m.Local {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	return c.JSON(http.StatusOK, s.messageJSON(*m))
}

func (s *Simulator) fetchMedia(c echo.Context) error {
	s.mu.Lock()
	m := s.state.Media[c.Param("media")]
	s.mu.Unlock()
	if m == nil {
		return restError(c, http.StatusNotFound, 20404, "The requested resource "+c.Request().URL.Path+" was not found")
	}
	return c.Blob(http.StatusOK, m.ContentType, m.Bytes)
}
