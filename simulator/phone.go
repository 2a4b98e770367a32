package simulator

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// screen is what a customer's phone shows.
type screen struct {
	Customer Customer
	Sender   string
	Messages []Message
	Now      time.Time
	Base     string
	Answer   *Message // the message that is replied to
	Senders  []Sender // the business's own that are online
}

// typing reports whether the phone shows the typing indicator.
func (s screen) typing() bool { return s.Customer.TypingUntil[s.Sender].After(s.Now) }

// reactions are the customer's latest, by message; of is the message that another one answers.
func (s screen) reaction(sid string) (emoji string) {
	for _, m := range s.Messages {
		if m.Reaction && m.Of == sid {
			emoji = m.Body
		}
	}
	return emoji
}

func (s screen) of(sid string) *Message {
	for i := range s.Messages {
		if s.Messages[i].Sid == sid {
			return &s.Messages[i]
		}
	}
	return nil
}

// kind is how a message's file is shown.
func (m Message) kind() string {
	switch kind, _, _ := strings.Cut(m.ContentType, "/"); {
	case kind == "audio" || kind == "video":
		return kind
	case m.ContentType == "" || kind == "image":
		return "image"
	}
	return "file"
}

func (s screen) title() string {
	if s.Sender == SandboxPhone {
		return "Twilio Sandbox"
	}
	return s.name(s.Sender)
}

// name is what people see of one of the business's own numbers.
func (s screen) name(phone string) string {
	for _, o := range s.Senders {
		if o.Phone == phone {
			return o.Profile.Name
		}
	}
	return whatsapp.ShowPhone(phone)
}

func (s screen) url(rest string) string {
	return s.Base + "/phones/" + url.PathEscape(s.Customer.Key()) + rest
}

// known is how a customer is known to the business.
func (c Customer) known() string {
	switch {
	case c.address().Phone != "":
		return whatsapp.ShowPhone(c.Phone)
	case c.Username != "":
		return "@" + c.Username + ", number hidden"
	}
	return c.UserID + ", number hidden"
}

func (s screen) status() string {
	switch {
	case s.Sender != SandboxPhone:
		return whatsapp.ShowPhone(s.Sender)
	case s.Customer.joined(s.Now):
		return "joined until " + s.Customer.JoinedAt.Add(whatsapp.SandboxMembership).Format("2 Jan, 15:04") + " UTC"
	}
	return "not joined: send “join " + JoinWords + "”"
}

// home is the page around the phone.
type home struct {
	Customers []Customer
	Screen    *screen
	Now       time.Time
	Offset    time.Duration
	Faults    Faults
	Base      string
	Problem   string
	Typed     typedCustomer
	Style     string
	Scripts   []string
}

func (s *Simulator) home() home {
	h := home{Customers: s.customers(), Base: s.opt.Path, Style: s.opt.Stylesheet, Scripts: s.opt.Scripts}
	s.mu.Lock()
	h.Now, h.Offset, h.Faults = s.now(), s.state.Offset, s.faults
	s.mu.Unlock()
	return h
}

func show(c echo.Context, status int, comp templ.Component) error {
	var b bytes.Buffer
	if err := comp.Render(c.Request().Context(), &b); err != nil {
		return err
	}
	return c.HTMLBlob(status, b.Bytes())
}

func (s *Simulator) showPhones(c echo.Context) error {
	return show(c, http.StatusOK, phonesPage(s.home()))
}

func (s *Simulator) screen(c echo.Context) (*screen, error) {
	phone, err := url.PathUnescape(c.Param("phone"))
	if err != nil {
		return nil, echo.NewHTTPError(http.StatusNotFound)
	}
	s.mu.Lock()
	online := s.online()
	sender := SandboxPhone
	for i, o := range online {
		if w := c.FormValue("with"); w == o.Phone || w == "business" && i == 0 {
			sender = o.Phone
		}
	}
	p := s.state.Customers[phone]
	if p == nil {
		s.mu.Unlock()
		return nil, echo.NewHTTPError(http.StatusNotFound)
	}
	sc := &screen{Customer: *p, Sender: sender, Now: s.now(), Base: s.opt.Path, Senders: online}
	s.mu.Unlock()
	for _, m := range s.Messages(phone) {
		outgoing := !m.Inbound && m.From == "whatsapp:"+sender && m.DeliveredToPhone
		if outgoing || m.Inbound && m.To == "whatsapp:"+sender {
			sc.Messages = append(sc.Messages, m)
		}
	}
	return sc, nil
}

func (s *Simulator) showPhone(c echo.Context) error {
	sc, err := s.screen(c)
	if err != nil {
		return err
	}
	s.ReadAll(sc.Customer.Key(), sc.Sender)
	if of := c.QueryParam("answer"); of != "" {
		sc.Answer = sc.of(of)
	}
	h := s.home()
	h.Screen = sc
	return show(c, http.StatusOK, phonesPage(h))
}

// showScreen is the phone's chat, reloaded every second. Showing it marks the messages as read.
func (s *Simulator) showScreen(c echo.Context) error {
	sc, err := s.screen(c)
	if err != nil {
		return err
	}
	s.ReadAll(sc.Customer.Key(), sc.Sender)
	return show(c, http.StatusOK, chat(*sc))
}

func (s *Simulator) showMedia(c echo.Context) error {
	s.mu.Lock()
	m := s.state.Media[c.Param("media")]
	s.mu.Unlock()
	if m == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return c.Blob(http.StatusOK, m.ContentType, m.Bytes)
}

func (s *Simulator) moveClock(c echo.Context) error {
	by, err := time.ParseDuration(c.FormValue("by"))
	if c.FormValue("by") == "reset" {
		by, err = -1<<62, nil
	}
	if err != nil || by > 90*24*time.Hour {
		return echo.NewHTTPError(http.StatusUnprocessableEntity)
	}
	s.MoveClock(by)
	return c.Redirect(http.StatusSeeOther, back(c, s.opt.Path))
}

func back(c echo.Context, base string) string {
	if u, err := url.Parse(c.Request().Referer()); err == nil && strings.HasPrefix(u.Path, base) {
		return u.RequestURI()
	}
	return base
}

func pictureURL(sc screen, m Message) string {
	if m.Inbound {
		return sc.url("/media/" + m.Media)
	}
	if u, err := url.Parse(m.Media); err == nil && strings.HasPrefix(u.Path, "/media/") {
		return u.RequestURI() // Parley's own, which this host serves
	}
	return m.Media
}
