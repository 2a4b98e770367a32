package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
	"parley/whatsapp/policy"
)

// Sender is one of the business's own numbers at Twilio.
type Sender struct {
	Sid, Phone, Status     string
	WabaID, Method, Code   string // Code is what the number received
	Callback, StatusURL    string
	Profile                SenderProfile
	Quality, Limit         string
	OfflineCode, OfflineIs string // why it is offline
	Tries                  int    // wrong codes
	Created                time.Time
	Moved                  time.Time // real time of the last step
}

// SenderProfile is what people see of a sender.
type SenderProfile struct {
	Name        string          `json:"name"`
	About       string          `json:"about"`
	Address     string          `json:"address"`
	Description string          `json:"description"`
	LogoURL     string          `json:"logo_url"`
	Vertical    string          `json:"vertical"`
	Websites    []senderWebsite `json:"websites"`
	Emails      []senderEmail   `json:"emails"`
}

type senderWebsite struct {
	Website string `json:"website"`
	Label   string `json:"label"`
}

type senderEmail struct {
	Email string `json:"email"`
	Label string `json:"label"`
}

// senderRequest is the body of a creation or a change.
type senderRequest struct {
	SenderID      string `json:"sender_id"`
	Configuration *struct {
		WabaID string `json:"waba_id"`
		Method string `json:"verification_method"`
		Code   string `json:"verification_code"`
	} `json:"configuration"`
	Webhook *struct {
		CallbackURL string `json:"callback_url"`
		StatusURL   string `json:"status_callback_url"`
	} `json:"webhook"`
	Profile *SenderProfile `json:"profile"`
}

// seedSender adds the number of a business that is not new. Webhooks that lead to Parley are updated to its current
// address.
func (s *Simulator) seedSender() {
	for _, o := range s.state.Senders {
		if strings.HasSuffix(o.Callback, "/webhooks/twilio/messages") {
			o.Callback = s.opt.WebhookBase + "/webhooks/twilio/messages"
		}
	}
	for _, o := range s.state.Senders {
		if o.Phone == BusinessPhone {
			return
		}
	}
	if s.opt.New {
		return
	}
	o := &Sender{
		Sid:       newSid("XE"),
		Phone:     BusinessPhone,
		Status:    "ONLINE",
		WabaID:    "100000000000001",
		Method:    "sms",
		Callback:  s.opt.WebhookBase + "/webhooks/twilio/messages",
		StatusURL: s.opt.WebhookBase + "/webhooks/twilio/status",
		Quality:   "HIGH",
		Limit:     "1K Customers/24hr",
		Created:   s.now(),
		Moved:     time.Now(),
		Profile:   SenderProfile{Name: "Harbor Clinic", About: "Care by the water", Vertical: "Medical and Health"},
	}
	s.state.Senders[o.Sid] = o
	s.keep("sender", o.Sid, o)
}

// online are the business's own numbers that can send, the first one first. The caller holds the lock.
func (s *Simulator) online() []Sender {
	var out []Sender
	for _, o := range s.state.Senders {
		if strings.HasPrefix(o.Status, "ONLINE") {
			out = append(out, *o)
		}
	}
	slices.SortFunc(out, func(a, b Sender) int { return a.Created.Compare(b.Created) })
	return out
}

// sends reports whether a number can send messages. The caller holds the lock.
func (s *Simulator) sends(phone string) bool {
	return phone == SandboxPhone || slices.ContainsFunc(s.online(), func(o Sender) bool { return o.Phone == phone })
}

// OwnNumber reports whether a number is the Sandbox's or one of the business's.
func (s *Simulator) OwnNumber(phone string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.state.Senders {
		if o.Phone == phone {
			return true
		}
	}
	return phone == SandboxPhone
}

// Senders are copies of the business's numbers, the oldest first.
func (s *Simulator) Senders() []Sender {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Sender
	for _, o := range s.state.Senders {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Sender) int { return a.Created.Compare(b.Created) })
	return out
}

func (s *Simulator) createSender(c echo.Context) error {
	var in senderRequest
	if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
		return restError(c, http.StatusBadRequest, 20001, "Invalid request body")
	}
	address, err := whatsapp.ParseAddress(in.SenderID)
	switch {
	case err != nil || address.Phone == "":
		return restError(c, http.StatusBadRequest, 63100, "sender_id must have the form whatsapp:+E.164")
	case in.Profile == nil || in.Profile.Name == "":
		return restError(c, http.StatusBadRequest, 63100, "profile.name is required")
	case whatsapp.Length(in.Profile.About) > 139,
		whatsapp.Length(in.Profile.Address) > 256,
		whatsapp.Length(in.Profile.Description) > 512:
		return restError(c, http.StatusBadRequest, 63100, "the profile has a field that is too long")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	tries := 0
	for _, o := range s.state.Senders {
		if o.Phone == address.Phone && o.Status != "OFFLINE" {
			return restError(c, http.StatusConflict, 63101, "The sender is registered already: "+o.Sid)
		}
		if o.Phone == address.Phone && s.now().Sub(o.Created) < whatsapp.RegistrationPeriod {
			tries++
		}
	}
	if tries >= whatsapp.MaxRegistrations || address.Phone == SandboxPhone {
		return restError(c, http.StatusBadRequest, 63102, "This number can't be registered: at most 10 tries in 72 hours")
	}
	o := &Sender{
		Sid:     newSid("XE"),
		Phone:   address.Phone,
		Status:  "CREATING",
		Method:  "sms",
		Profile: *in.Profile,
		Created: s.now(),
		Moved:   time.Now(),
		WabaID:  "100000000000001",
	}
	o.take(in)
	s.state.Senders[o.Sid] = o
	s.keep("sender", o.Sid, o)
	s.scheduleSender(o.Sid)
	if s.cutsSender() {
		panic(http.ErrAbortHandler) // the number is registered, the answer is lost
	}
	return c.JSON(http.StatusAccepted, s.senderJSON(o))
}

// cutsSender decreases the count of faults in calls about senders and reports whether there was one. The caller holds
// the lock.
func (s *Simulator) cutsSender() bool {
	if s.faults.CutOffSenders <= 0 {
		return false
	}
	s.faults.CutOffSenders--
	return true
}

// take applies what a request says about configuration, webhooks and profile.
func (o *Sender) take(in senderRequest) {
	if cf := in.Configuration; cf != nil {
		if cf.WabaID != "" {
			o.WabaID = cf.WabaID
		}
		if cf.Method != "" {
			o.Method = cf.Method
		}
	}
	if w := in.Webhook; w != nil {
		o.Callback, o.StatusURL = w.CallbackURL, w.StatusURL
	}
	if in.Profile != nil {
		name := o.Profile.Name
		o.Profile = *in.Profile
		if o.Profile.Name == "" {
			o.Profile.Name = name
		}
	}
}

func (s *Simulator) updateSender(c echo.Context) error {
	var in senderRequest
	if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
		return restError(c, http.StatusBadRequest, 20001, "Invalid request body")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.state.Senders[c.Param("sid")]
	if o == nil {
		return notFound(c)
	}
	o.take(in)
	switch code := in.Configuration; {
	case code != nil && code.Code != "" && o.Status != "PENDING_VERIFICATION":
		return restError(c, http.StatusBadRequest, 63103, "The sender does not wait for a code")
	case code != nil && code.Code != "" && code.Code != o.Code:
		if o.Tries++; o.Tries >= 5 {
			o.Status, o.OfflineCode, o.OfflineIs = "OFFLINE", "63104", "Too many wrong codes: register the number again"
			s.keep("sender", o.Sid, o)
		}
		return restError(c, http.StatusBadRequest, 63104, "The verification code is wrong")
	case code != nil && code.Code != "":
		o.Status, o.Moved = "VERIFYING", time.Now()
		s.scheduleSender(o.Sid)
	case in.Profile != nil && o.Status == "ONLINE":
		o.Status, o.Moved = "ONLINE:UPDATING", time.Now()
		s.scheduleSender(o.Sid)
	}
	s.keep("sender", o.Sid, o)
	if s.cutsSender() {
		panic(http.ErrAbortHandler) // it is changed, the answer is lost
	}
	return c.JSON(http.StatusAccepted, s.senderJSON(o))
}

// scheduleSender moves a sender to its next state after a while. The caller holds the lock.
func (s *Simulator) scheduleSender(sid string) {
	s.after(s.opt.ReviewDelay/3, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		o := s.state.Senders[sid]
		if o == nil {
			return
		}
		switch o.Status {
		case "CREATING":
			if why := s.undecided(o.Phone); why != "" {
				o.Status, o.OfflineCode, o.OfflineIs = "OFFLINE", "63105", why
				break
			}
			o.Status, o.Code = "PENDING_VERIFICATION", fmt.Sprintf("%06d", rand.IntN(1_000_000))
		case "VERIFYING", "ONLINE:UPDATING":
			o.Status, o.OfflineCode, o.OfflineIs = "ONLINE", "", ""
			if o.Quality == "" {
				o.Quality = "HIGH"
			}
			o.Limit = cmpLimit(o)
		}
		o.Moved = time.Now()
		s.keep("sender", o.Sid, o)
	})
}

// cmpLimit is a sender's limit: a number begins with 250 people in 24 hours, and stays there with a display name that
// WhatsApp does not accept.
func cmpLimit(o *Sender) string {
	if o.Limit == "" ||
		slices.ContainsFunc(
			policy.DisplayName(o.Profile.Name, policy.Business{}),
			func(f policy.NameFinding) bool { return f.Blocks },
		) {
		return "250 Customers/24hr"
	}
	return o.Limit
}

// resumeSenders continues what a restart interrupted.
func (s *Simulator) resumeSenders() {
	for sid, o := range s.state.Senders {
		if o.Status == "CREATING" || o.Status == "VERIFYING" || o.Status == "ONLINE:UPDATING" {
			s.scheduleSender(sid)
		}
	}
}

func (s *Simulator) listSenders(c echo.Context) error {
	if c.QueryParam("Channel") != "whatsapp" {
		return restError(c, http.StatusBadRequest, 20001, "Channel is required")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all, list := slices.Sorted(maps.Keys(s.state.Senders)), []map[string]any{}
	p, err := s.page(c, len(all))
	if err != nil {
		return restError(c, http.StatusBadRequest, 20001, err.Error())
	}
	for _, sid := range all[p.from:p.to] {
		list = append(list, s.senderJSON(s.state.Senders[sid]))
	}
	return c.JSON(
		http.StatusOK,
		map[string]any{"senders": list, "meta": p.meta("https://messaging.twilio.com/v2/Channels/Senders", "senders")},
	)
}

func (s *Simulator) fetchSender(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.state.Senders[c.Param("sid")]
	if o == nil {
		return notFound(c)
	}
	return c.JSON(http.StatusOK, s.senderJSON(o))
}

func (s *Simulator) deleteSender(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Senders[c.Param("sid")] == nil {
		return notFound(c)
	}
	delete(s.state.Senders, c.Param("sid"))
	s.forget("sender", c.Param("sid"))
	return c.NoContent(http.StatusNoContent)
}

func (s *Simulator) senderJSON(o *Sender) map[string]any {
	some := func(v string) any {
		if v == "" {
			return nil
		}
		return v
	}
	var reasons any
	if o.OfflineIs != "" {
		reasons = []map[string]any{
			{
				"code":      o.OfflineCode,
				"message":   o.OfflineIs,
				"more_info": "https://www.twilio.com/docs/api/errors/" + o.OfflineCode,
			},
		}
	}
	p := o.Profile
	return map[string]any{
		"sid":       o.Sid,
		"status":    o.Status,
		"sender_id": "whatsapp:" + o.Phone,
		"configuration": map[string]any{
			"waba_id":               o.WabaID,
			"verification_method":   o.Method,
			"verification_code":     nil,
			"voice_application_sid": nil,
			"account_type":          nil,
		},
		"webhook": map[string]any{
			"callback_url":           some(o.Callback),
			"callback_method":        "POST",
			"fallback_url":           nil,
			"fallback_method":        "POST",
			"status_callback_url":    some(o.StatusURL),
			"status_callback_method": "POST",
		},
		"profile": map[string]any{
			"name":                 p.Name,
			"about":                some(p.About),
			"address":              some(p.Address),
			"description":          some(p.Description),
			"logo_url":             some(p.LogoURL),
			"vertical":             some(p.Vertical),
			"websites":             p.Websites,
			"emails":               p.Emails,
			"banner_url":           nil,
			"privacy_url":          nil,
			"terms_of_service_url": nil,
			"accent_color":         nil,
			"phone_numbers":        nil,
		},
		"properties": map[string]any{
			"quality_rating":  some(o.Quality),
			"messaging_limit": some(o.Limit),
		},
		"offline_reasons": reasons,
		"compliance":      nil,
		"url":             "https://messaging.twilio.com/v2/Channels/Senders/" + o.Sid,
	}
}

// The ratings and limits that a number may have.
var (
	qualities = []string{"HIGH", "MEDIUM", "LOW"}
	limits    = []string{
		"250 Customers/24hr",
		"1K Customers/24hr",
		"10K Customers/24hr",
		"100K Customers/24hr",
		"Unlimited Customers/24hr",
	}
)

func (s *Simulator) showSenders(c echo.Context) error {
	return show(c, http.StatusOK, sendersPage(s.home(), s.Senders()))
}

// moveSender plays WhatsApp: another quality or limit, a number taken offline, or back.
func (s *Simulator) moveSender(c echo.Context) error {
	if !s.MoveSender(c.Param("sid"), c.FormValue("quality"), c.FormValue("limit"), c.FormValue("status")) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return c.Redirect(http.StatusSeeOther, s.opt.Path+"/senders")
}

// MoveSender changes WhatsApp's rating, limit and status of a number; empty values are not changed. It reports whether
// there is one.
func (s *Simulator) MoveSender(sid, quality, limit, status string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.state.Senders[sid]
	if o == nil {
		return false
	}
	if slices.Contains(qualities, quality) {
		o.Quality = quality
	}
	if slices.Contains(limits, limit) {
		o.Limit = limit
	}
	switch status {
	case "OFFLINE":
		o.Status, o.OfflineCode, o.OfflineIs = "OFFLINE", "63051", "The WhatsApp account was locked"
	case "ONLINE":
		o.Status, o.OfflineCode, o.OfflineIs = "ONLINE", "", ""
	}
	s.keep("sender", o.Sid, o)
	return true
}
