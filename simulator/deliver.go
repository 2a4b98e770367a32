package simulator

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/whatsapp"
	"parley/whatsapp/intent"
)

// sign is X-Twilio-Signature, implemented a second time on purpose: a mistake in shared code would go unnoticed. For a
// repeated name, each different value counts once.
func sign(token, rawURL string, form url.Values) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = mac.Write([]byte(rawURL))
	for _, k := range keys {
		values := slices.Clone(form[k])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			_, _ = mac.Write([]byte(k + v))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// post delivers a signed webhook and retries after a server error or no answer, up to tries times.
func (s *Simulator) post(rawURL string, form url.Values, tries int) {
	target, _, _ := strings.Cut(rawURL, "#")
	address := target
	if rest, ok := strings.CutPrefix(target, s.opt.WebhookBase); ok {
		address = s.opt.LocalBase + rest
	}
	for i := range tries {
		req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			s.opt.Log.Error("simulator: webhook", "url", target, "error", err)
			return
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
		req.Header.Set("User-Agent", "TwilioProxy/1.1")
		req.Header.Set("X-Twilio-Signature", sign(s.opt.AuthToken, target, form))
		req.Header.Set("I-Twilio-Idempotency-Token", form.Get("MessageSid")+form.Get("MessageStatus"))
		res, err := s.http.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode < 500 {
				return
			}
		}
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(time.Duration(i+1) * 250 * time.Millisecond):
		}
	}
}

// travel takes a message through its statuses. The caller holds the lock.
func (s *Simulator) travel(m *Message) {
	steps := []string{"sent", "delivered"}
	if m.ErrorCode != 0 {
		steps = []string{"failed"}
	}
	faults := s.faults
	if faults.Stuck {
		return
	}
	if faults.OutOfOrderCallbacks {
		slices.Reverse(steps)
	}
	sid, address := m.Sid, ""
	if m.Rich == nil && strings.HasPrefix(m.Media, s.opt.WebhookBase+"/media/out/") {
		address = m.Media
	}
	s.work.Go(func() {
		if address != "" && m.ErrorCode == 0 && !s.loadFile(sid, address) {
			steps = []string{"failed"}
		}
		for _, status := range steps {
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(s.opt.StepDelay):
			}
			s.step(sid, status, faults.DuplicateCallbacks)
		}
	})
}

// loadFile loads a message's file from Parley, as Twilio does, and notes what it is. Without the file the message
// fails with 63019.
func (s *Simulator) loadFile(sid, address string) bool {
	kind := ""
	if req, err := http.NewRequestWithContext(
		s.ctx,
		http.MethodGet,
		s.opt.LocalBase+strings.TrimPrefix(address, s.opt.WebhookBase),
		nil,
	); err == nil {
		if res, err := s.http.Do(req); err == nil {
			if res.StatusCode == http.StatusOK {
				kind = res.Header.Get("Content-Type")
			}
			_ = res.Body.Close()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.Messages[sid]
	if m.ContentType = kind; kind == "" {
		m.ErrorCode = 63019
	}
	s.keep("message", sid, m)
	return kind != ""
}

// ShowTyping shows a customer the typing indicator for 25 seconds, and marks their message as read (Twilio's Typing
// Indicators). It reports whether there is such a message.
func (s *Simulator) ShowTyping(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.Messages[sid]
	if m == nil || !m.Inbound {
		return false
	}
	p := s.customerAt(m.From)
	if p.TypingUntil == nil {
		p.TypingUntil = map[string]time.Time{}
	}
	p.TypingUntil[strings.TrimPrefix(m.To, "whatsapp:")] = s.now().Add(25 * time.Second)
	m.ReadAt = s.now()
	return true
}

// step sets a message's status and sends Parley the callback.
func (s *Simulator) step(sid, status string, twice bool) {
	s.mu.Lock()
	m := s.state.Messages[sid]
	if rank(status) > rank(m.Status) {
		m.Status = status
	}
	if m.SentAt.IsZero() {
		m.SentAt = s.now()
	}
	if status == "delivered" {
		m.DeliveredToPhone = true
	}
	s.keep("message", sid, m)
	msg, silent, person := *m, s.faults.NoCallbacks, s.customerAt(m.To)
	s.mu.Unlock()
	if msg.Callback == "" || silent {
		return
	}
	form := url.Values{
		"MessageSid":    {sid},
		"SmsSid":        {sid},
		"MessageStatus": {status},
		"SmsStatus":     {status},
		"AccountSid":    {s.opt.AccountSID},
		"From": {
			msg.From,
		},
		"To":                {msg.To},
		"ApiVersion":        {"2010-04-01"},
		"ChannelPrefix":     {"whatsapp"},
		"ChannelToAddress":  {msg.To},
		"ChannelInstallSid": {"XE" + strings.Repeat("0", 31) + "1"},
		"StructuredMessage": {"false"},
	}
	if person != nil && person.UserID != "" {
		form.Set("ExternalUserId", person.UserID)
	}
	if status == "failed" {
		form.Set("ErrorCode", strconv.Itoa(msg.ErrorCode))
		form.Set("ChannelStatusMessage", whatsapp.Explain(msg.ErrorCode, "").Meaning)
	}
	if status == "delivered" || status == "read" {
		form.Set("EventType", strings.ToUpper(status))
	}
	s.post(msg.Callback, form, 20)
	if twice {
		s.post(msg.Callback, form, 1)
	}
}

func rank(status string) int {
	return slices.Index([]string{"queued", "sent", "delivered", "read", "failed"}, status)
}

// ReadAll makes a customer read everything from a sender.
func (s *Simulator) ReadAll(key, sender string) {
	from := "whatsapp:" + sender
	s.mu.Lock()
	to := s.addresses(key)
	var unread []string
	for _, sid := range s.state.Order {
		m := s.state.Messages[sid]
		if m.From == from && slices.Contains(to, m.To) && !m.Inbound && m.DeliveredToPhone && m.ReadAt.IsZero() {
			m.ReadAt = s.now()
			s.keep("message", sid, m)
			unread = append(unread, sid)
		}
	}
	s.mu.Unlock()
	if len(unread) == 0 {
		return
	}
	s.work.Go(func() {
		for _, sid := range unread {
			s.step(sid, "read", false)
		}
	})
}

// Outgoing is what a customer writes.
type Outgoing struct {
	Body                       string
	File                       []byte
	ContentType                string
	Latitude, Longitude, Label string
	Tap                        *Tap
	Of                         string // sid of the message that this one replies or reacts to
	Reaction                   bool   // Body is an emoji, empty to remove it
	Flow                       string // the answers of a form that was filled in, an object of JSON
}

// Write sends a customer's message to a sender. key is the number, or the user id of a customer without one. It returns
// the message's sid, empty if the Sandbox replied by itself because the phone has not joined.
func (s *Simulator) Write(key, sender string, out Outgoing) string {
	s.mu.Lock()
	p := s.customerAt("whatsapp:" + key)
	if p == nil {
		s.mu.Unlock()
		return ""
	}
	now := s.now()
	m := &Message{
		Sid:         newSid("SM"),
		From:        p.address().String(),
		To:          "whatsapp:" + sender,
		Body:        out.Body,
		Inbound:     true,
		Status:      "received",
		Latitude:    out.Latitude,
		Longitude:   out.Longitude,
		Label:       out.Label,
		ContentType: out.ContentType,
		Tapped:      out.Tap,
		Of:          out.Of,
		Reaction:    out.Reaction,
		Flow:        out.Flow,
	}
	if len(out.File) > 0 {
		f := &Media{Sid: newSid("ME"), ContentType: out.ContentType, Bytes: out.File}
		s.addMedia(f)
		m.Sid, m.Media = newSid("MM"), f.Sid
	}
	passedOn := s.sandboxRules(p, sender, m, now)
	if passedOn {
		if !m.Reaction {
			p.LastInbound[sender] = now
		}
		// Twilio stores no consent for WhatsApp: STOP leaves the Sandbox, and has no meaning to Twilio elsewhere.
		switch word := intent.KeywordOf(out.Body); {
		case out.Tap != nil:
		case word == intent.StopKeyword && sender == SandboxPhone:
			p.Stopped[sender] = true
		case word == intent.StartKeyword:
			delete(p.Stopped, sender)
		}
	}
	s.keep("customer", p.Key(), p)
	s.addMessage(m)
	if !passedOn {
		s.sandboxSays(
			m.From,
			"Twilio Sandbox: Your number "+key+" is not connected to a Sandbox. To connect, reply with join "+JoinWords+".",
		)
	} else if sender == SandboxPhone && whatsapp.IsJoin(out.Body, JoinWords) {
		s.sandboxSays(
			m.From,
			"Twilio Sandbox: ✅ You are all set! The sandbox can now send and receive messages from "+SandboxPhone+
				". Reply stop to leave the sandbox any time.",
		)
	}
	form, target := s.inboundForm(p, m), s.callback(sender)
	s.mu.Unlock()
	if !passedOn {
		return ""
	}
	s.work.Go(func() { s.post(target, form, 20) })
	return m.Sid
}

// callback is the webhook for messages to a number: the Sandbox's is set in Twilio's Console, any other at the sender.
// The caller holds the lock.
func (s *Simulator) callback(phone string) string {
	for _, o := range s.state.Senders {
		if o.Phone == phone && o.Callback != "" {
			return o.Callback
		}
	}
	return s.opt.WebhookBase + "/webhooks/twilio/messages"
}

// Hold makes Twilio itself treat a customer as opted out from a sender, as it does for numbers that are stopped in a
// Messaging Service: sending answers 21610 from then on.
func (s *Simulator) Hold(phone, sender string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.state.Customers[phone]; p != nil {
		p.Stopped[sender] = true
		s.keep("customer", phone, p)
	}
}

// sandboxRules handles joining and leaving, and reports whether the message is forwarded to Parley.
func (s *Simulator) sandboxRules(p *Customer, sender string, m *Message, now time.Time) bool {
	if sender != SandboxPhone {
		return true
	}
	if whatsapp.IsJoin(m.Body, JoinWords) {
		p.JoinedAt = &now
		delete(p.Stopped, sender)
		return true
	}
	if !p.joined(now) {
		m.Local = true
		return false
	}
	return true
}

func (s *Simulator) sandboxSays(to, text string) {
	s.addMessage(&Message{Sid: newSid("SM"), From: "whatsapp:" + SandboxPhone, To: to, Body: text, Local: true,
		Status: "delivered", DeliveredToPhone: true, ReadAt: s.now()})
}

// messageType is WhatsApp's word for a file.
func messageType(contentType string) string {
	switch kind, _, _ := strings.Cut(contentType, "/"); {
	case contentType == "image/webp":
		return "sticker"
	case contentType == "text/vcard":
		return "contacts"
	case kind == "image" || kind == "audio" || kind == "video":
		return kind
	}
	return "document"
}

func (s *Simulator) inboundForm(p *Customer, m *Message) url.Values {
	form := url.Values{
		"MessageSid":       {m.Sid},
		"SmsMessageSid":    {m.Sid},
		"SmsSid":           {m.Sid},
		"AccountSid":       {s.opt.AccountSID},
		"From":             {m.From},
		"To":               {m.To},
		"Body":             {m.Body},
		"NumMedia":         {"0"},
		"NumSegments":      {"1"},
		"ProfileName":      {p.Name},
		"MessageType":      {"text"},
		"SmsStatus":        {"received"},
		"ApiVersion":       {"2010-04-01"},
		"ReferralNumMedia": {"0"},
	}
	p.identify(form)
	if m.Media != "" {
		form.Set("NumMedia", "1")
		form.Set("MediaContentType0", m.ContentType)
		form.Set(
			"MediaUrl0",
			s.opt.MediaBase+s.opt.Path+"/twilio/2010-04-01/Accounts/"+s.opt.AccountSID+"/Messages/"+m.Sid+"/Media/"+m.Media,
		)
		form.Set("MessageType", messageType(m.ContentType))
	}
	if m.Of != "" {
		form.Set("OriginalRepliedMessageSid", m.Of)
		form.Set("OriginalRepliedMessageSender", m.To)
	}
	if m.Reaction {
		form.Set("MessageType", "reaction")
	}
	if m.Flow != "" {
		form.Set("MessageType", "interactive")
		form.Set("InteractiveData", m.Flow)
	}
	if m.Latitude != "" {
		form.Set("Latitude", m.Latitude)
		form.Set("Longitude", m.Longitude)
		form.Set("Label", m.Label)
		form.Set("MessageType", "location")
	}
	if t := m.Tapped; t != nil {
		form.Set("OriginalRepliedMessageSid", t.Of)
		form.Set("OriginalRepliedMessageSender", m.To)
		if t.List {
			form.Set("MessageType", "interactive")
			form.Set("ListId", t.ID)
			form.Set("ListTitle", t.Title)
		} else {
			form.Set("MessageType", "button")
			form.Set("ButtonText", t.Title)
			form.Set("ButtonPayload", t.ID)
		}
	}
	return form
}
