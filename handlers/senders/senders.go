package senders

import (
	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/onboarding"
	"parley/models/senders"
	accountservice "parley/services/accounts"
	senderservice "parley/services/senders"
	view "parley/views/senders"
	"parley/whatsapp"
)

func (h *Handlers) showSenders(c echo.Context) error {
	return h.sendersPage(
		c,
		view.SenderForm{Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline, Rate: "80"},
		0,
	)
}

func (h *Handlers) sendersPage(c echo.Context, f view.SenderForm, status int) error {
	p, err := h.sendersProps(c, f)
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Senders", Area: "settings", Status: status, Topics: []string{"senders"}},
		view.Senders(p),
		view.SenderList(p),
	)
}

func (h *Handlers) sendersProps(c echo.Context, f view.SenderForm) (view.SendersProps, error) {
	p := view.SendersProps{Edit: f, PublicURL: h.Site.PublicURL}
	var err error
	if p.Senders, err = senders.Read(h.Store).Senders(c.Request().Context()); err != nil {
		return p, err
	}
	p.Reached, err = senders.Read(h.Store).PeopleReached(c.Request().Context())
	return p, err
}

func (h *Handlers) saveSender(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	id := c.Param("id")
	in := accountservice.Sender{
		ID:             id,
		Version:        f.Version(),
		Name:           f.Get("name"),
		Phone:          f.Get("phone"),
		PhoneConfirmed: f.Get("phone_confirmed"),
		State:          whatsapp.SenderState(f.Get("state")),
		JoinWords:      f.Get("join_words"),
		Rate:           f.Get("rate"),
		Countries:      f.Get("countries"),
		Default:        f.Get("default") == "1",
	}
	err = h.Accounts.SaveSender(c.Request().Context(), web.Actor(c), in)
	if problems, status, ok := web.Problems(err); ok {
		form := view.SenderForm{
			ID:             id,
			Name:           in.Name,
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			State:          in.State,
			JoinWords:      in.JoinWords,
			Rate:           in.Rate,
			Countries:      in.Countries,
			Default:        in.Default,
			Version:        f.Version(),
			Problems:       problems,
		}
		s, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), id)
		if err != nil {
			return h.sendersPage(c, form, status)
		}
		form.Version, form.Kind = s.Version, s.Kind // saving again overwrites deliberately
		return h.senderPage(c, s, view.SenderProps{Form: &form}, status)
	}
	if err != nil {
		return err
	}
	if id != "" {
		return web.Done(c, "/settings/senders/"+id, "Saved.")
	}
	return web.Done(c, "/settings/senders", "Saved.")
}

func (h *Handlers) showSender(c echo.Context) error {
	s, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.senderPage(c, s, view.SenderProps{}, 0)
}

func (h *Handlers) senderPage(c echo.Context, s *senders.Sender, p view.SenderProps, status int) error {
	ctx := c.Request().Context()
	p.Sender, p.Now, p.SimulatorURL = *s, h.Store.Now(), h.Site.Simulation.URL
	p.CallbackURL, p.StatusURL = h.Senders.CallbackURL(), h.Senders.StatusURL()
	if p.Form == nil {
		form := view.FormOf(*s)
		p.Form = &form
	}
	if p.Profile == nil {
		profile := s.Profile
		p.Profile = &profile
	}
	reached, err := senders.Read(h.Store).PeopleReached(ctx)
	if err != nil {
		return err
	}
	p.Reached = reached[s.ID]
	if p.Events, err = senders.Read(h.Store).SenderEvents(ctx, s.ID, 50); err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: s.Name, Area: "settings", Topics: []string{"senders"}, Status: status},
		view.SenderDetail(p),
		view.SenderState(p),
	)
}

// senderRefused shows a refusal on the sender's page.
func (h *Handlers) senderRefused(c echo.Context, err error, keep func(*view.SenderProps)) error {
	problems, status, ok := web.Problems(err)
	if !ok {
		return err
	}
	s, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p := view.SenderProps{Problems: problems}
	keep(&p)
	return h.senderPage(c, s, p, status)
}

func profileOf(f web.Form) senders.Profile {
	return senders.Profile{
		Name:        f.Get("profile_name"),
		About:       f.Get("about"),
		Address:     f.Get("address"),
		Description: f.Text("description"),
		LogoURL:     f.Get("logo_url"),
		Website:     f.Get("website"),
		Email:       f.Get("email"),
		Vertical:    f.Get("vertical"),
	}
}

func (h *Handlers) saveProfile(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	profile := profileOf(f)
	edit := senderservice.ProfileEdit{Version: f.Version(), Profile: profile}
	if err := h.Senders.SaveProfile(c.Request().Context(), web.Actor(c), c.Param("id"), edit); err != nil {
		return h.senderRefused(c, err, func(p *view.SenderProps) { p.Profile = &profile })
	}
	return web.Done(c, "/settings/senders/"+c.Param("id"), "Saved. Twilio is being told.")
}

func (h *Handlers) verifySender(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if err := h.Senders.Verify(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("code")); err != nil {
		return h.senderRefused(c, err, func(p *view.SenderProps) { p.Code = f.Get("code") })
	}
	return web.Done(c, "/settings/senders/"+c.Param("id"), "The code is on its way to Twilio.")
}

func (h *Handlers) fixWebhooks(c echo.Context) error {
	back := "/settings/senders/" + c.Param("id")
	if err := h.Senders.FixWebhooks(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return web.Refused(c, err, back)
	}
	return web.Done(c, back, "Twilio is being told to send this number's messages here.")
}

// newRegistration is the form for a number, filled in from an approved access request.
func (h *Handlers) newRegistration(c echo.Context) error {
	p := view.RegisterProps{CodeMethod: "sms", Request: c.QueryParam("request")}
	if p.Request != "" {
		r, err := onboarding.Read(h.Store).AccessRequestByPublicID(c.Request().Context(), p.Request)
		if err != nil {
			return err
		}
		p.Phone, p.Profile = r.Phone, senders.Profile{
			Name:     r.DisplayName,
			Address:  r.Address,
			Website:  r.Website,
			Email:    r.ContactEmail,
			Vertical: r.Vertical,
		}
		if r.PhoneCode == "voice" {
			p.CodeMethod = "voice"
		}
	}
	return h.Site.Page(c, web.View{Title: "Register a number", Area: "settings"}, view.Register(p), nil)
}

func (h *Handlers) register(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	in := senderservice.Registration{
		Phone:          f.Get("phone"),
		PhoneConfirmed: f.Get("phone_confirmed"),
		WabaID:         f.Get("waba_id"),
		CodeMethod:     f.Get("code_method"),
		Profile:        profileOf(f),
	}
	s, err := h.Senders.Register(c.Request().Context(), web.Actor(c), in)
	if problems, status, ok := web.Problems(err); ok {
		p := view.RegisterProps{
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			WabaID:         in.WabaID,
			CodeMethod:     in.CodeMethod,
			Profile:        in.Profile,
			Request:        f.Get("request"),
			Problems:       problems,
		}
		return h.Site.Page(c, web.View{Title: "Register a number", Area: "settings", Status: status}, view.Register(p), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/senders/"+s.PublicID, "Twilio is being asked to register "+s.Name+".")
}

func (h *Handlers) moveProps(c echo.Context) (view.MoveProps, error) {
	var p view.MoveProps
	s, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return p, err
	}
	m, err := h.Senders.PlanMove(c.Request().Context(), s)
	if err != nil {
		return p, err
	}
	p.From, p.To, p.Blocked = m.From, m.To, m.Blocked()
	for _, i := range m.Items {
		p.Items = append(p.Items, view.MoveItem{Level: i.Level, Text: i.Text, Href: i.Href, Fix: i.Fix})
	}
	return p, nil
}

func (h *Handlers) showMove(c echo.Context) error {
	p, err := h.moveProps(c)
	if err != nil {
		return err
	}
	page := view.Move(p)
	return h.Site.Page(
		c,
		web.View{Title: "Move to " + p.To.Name, Area: "settings", Topics: []string{"senders", "templates"}},
		page,
		page,
	)
}

func (h *Handlers) moveTo(c echo.Context) error {
	if err := h.Senders.Switch(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return web.Refused(c, err, "/settings/senders/"+c.Param("id")+"/move")
	}
	s, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return web.Done(
		c,
		"/settings/senders",
		"New conversations and notifications begin from "+s.Name+" now. You can move back the same way.",
	)
}
