package handlers

import (
	"github.com/labstack/echo/v4"

	"parley/models/onboarding"
	"parley/models/senders"
	"parley/services/accounts"
	senderservice "parley/services/senders"
	"parley/views/settings"
	"parley/whatsapp"
)

func (a *App) showSenders(c echo.Context) error {
	return a.sendersPage(
		c,
		settings.SenderForm{Kind: whatsapp.BusinessSender, State: whatsapp.SenderOnline, Rate: "80"},
		0,
	)
}

func (a *App) sendersPage(c echo.Context, f settings.SenderForm, status int) error {
	p, err := a.sendersProps(c, f)
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Senders", area: "settings", status: status, topics: []string{"senders"}},
		settings.Senders(p),
		settings.SenderList(p),
	)
}

func (a *App) sendersProps(c echo.Context, f settings.SenderForm) (settings.SendersProps, error) {
	p := settings.SendersProps{Edit: f, PublicURL: a.PublicURL}
	var err error
	if p.Senders, err = senders.Read(a.Store).Senders(c.Request().Context()); err != nil {
		return p, err
	}
	p.Reached, err = senders.Read(a.Store).PeopleReached(c.Request().Context())
	return p, err
}

func (a *App) saveSender(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id := c.Param("id")
	in := accounts.Sender{
		ID:             id,
		Version:        f.version(),
		Name:           f.get("name"),
		Phone:          f.get("phone"),
		PhoneConfirmed: f.get("phone_confirmed"),
		State:          whatsapp.SenderState(f.get("state")),
		JoinWords:      f.get("join_words"),
		Rate:           f.get("rate"),
		Countries:      f.get("countries"),
		Default:        f.get("default") == "1",
	}
	err = a.Accounts.SaveSender(c.Request().Context(), actor(c), in)
	if problems, status, ok := problemsOf(err); ok {
		form := settings.SenderForm{
			ID:             id,
			Name:           in.Name,
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			State:          in.State,
			JoinWords:      in.JoinWords,
			Rate:           in.Rate,
			Countries:      in.Countries,
			Default:        in.Default,
			Version:        f.version(),
			Problems:       problems,
		}
		s, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), id)
		if err != nil {
			return a.sendersPage(c, form, status)
		}
		form.Version, form.Kind = s.Version, s.Kind // saving again overwrites deliberately
		return a.senderPage(c, s, settings.SenderProps{Form: &form}, status)
	}
	if err != nil {
		return err
	}
	if id != "" {
		return a.done(c, "/settings/senders/"+id, "Saved.")
	}
	return a.done(c, "/settings/senders", "Saved.")
}

func (a *App) showSender(c echo.Context) error {
	s, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.senderPage(c, s, settings.SenderProps{}, 0)
}

func (a *App) senderPage(c echo.Context, s *senders.Sender, p settings.SenderProps, status int) error {
	ctx := c.Request().Context()
	p.Sender, p.Now, p.SimulatorURL = *s, a.Store.Now(), a.SimulatorURL
	p.CallbackURL, p.StatusURL = a.Senders.CallbackURL(), a.Senders.StatusURL()
	if p.Form == nil {
		form := settings.FormOf(*s)
		p.Form = &form
	}
	if p.Profile == nil {
		profile := s.Profile
		p.Profile = &profile
	}
	reached, err := senders.Read(a.Store).PeopleReached(ctx)
	if err != nil {
		return err
	}
	p.Reached = reached[s.ID]
	if p.Events, err = senders.Read(a.Store).SenderEvents(ctx, s.ID, 50); err != nil {
		return err
	}
	return a.page(
		c,
		view{title: s.Name, area: "settings", topics: []string{"senders"}, status: status},
		settings.SenderDetail(p),
		settings.SenderState(p),
	)
}

// senderRefused shows a refusal on the sender's page.
func (a *App) senderRefused(c echo.Context, err error, keep func(*settings.SenderProps)) error {
	problems, status, ok := problemsOf(err)
	if !ok {
		return err
	}
	s, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p := settings.SenderProps{Problems: problems}
	keep(&p)
	return a.senderPage(c, s, p, status)
}

func profileOf(f form) senders.Profile {
	return senders.Profile{
		Name:        f.get("profile_name"),
		About:       f.get("about"),
		Address:     f.get("address"),
		Description: f.text("description"),
		LogoURL:     f.get("logo_url"),
		Website:     f.get("website"),
		Email:       f.get("email"),
		Vertical:    f.get("vertical"),
	}
}

func (a *App) saveProfile(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	profile := profileOf(f)
	edit := senderservice.ProfileEdit{Version: f.version(), Profile: profile}
	if err := a.Senders.SaveProfile(c.Request().Context(), actor(c), c.Param("id"), edit); err != nil {
		return a.senderRefused(c, err, func(p *settings.SenderProps) { p.Profile = &profile })
	}
	return a.done(c, "/settings/senders/"+c.Param("id"), "Saved. Twilio is being told.")
}

func (a *App) verifySender(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if err := a.Senders.Verify(c.Request().Context(), actor(c), c.Param("id"), f.get("code")); err != nil {
		return a.senderRefused(c, err, func(p *settings.SenderProps) { p.Code = f.get("code") })
	}
	return a.done(c, "/settings/senders/"+c.Param("id"), "The code is on its way to Twilio.")
}

func (a *App) fixWebhooks(c echo.Context) error {
	back := "/settings/senders/" + c.Param("id")
	if err := a.Senders.FixWebhooks(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return a.refused(c, err, back)
	}
	return a.done(c, back, "Twilio is being told to send this number's messages here.")
}

// newRegistration is the form for a number, filled in from an approved access request.
func (a *App) newRegistration(c echo.Context) error {
	p := settings.RegisterProps{CodeMethod: "sms", Request: c.QueryParam("request")}
	if p.Request != "" {
		r, err := onboarding.Read(a.Store).AccessRequestByPublicID(c.Request().Context(), p.Request)
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
	return a.page(c, view{title: "Register a number", area: "settings"}, settings.Register(p), nil)
}

func (a *App) register(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	in := senderservice.Registration{
		Phone:          f.get("phone"),
		PhoneConfirmed: f.get("phone_confirmed"),
		WabaID:         f.get("waba_id"),
		CodeMethod:     f.get("code_method"),
		Profile:        profileOf(f),
	}
	s, err := a.Senders.Register(c.Request().Context(), actor(c), in)
	if problems, status, ok := problemsOf(err); ok {
		p := settings.RegisterProps{
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			WabaID:         in.WabaID,
			CodeMethod:     in.CodeMethod,
			Profile:        in.Profile,
			Request:        f.get("request"),
			Problems:       problems,
		}
		return a.page(c, view{title: "Register a number", area: "settings", status: status}, settings.Register(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/senders/"+s.PublicID, "Twilio is being asked to register "+s.Name+".")
}

func (a *App) moveProps(c echo.Context) (settings.MoveProps, error) {
	var p settings.MoveProps
	s, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return p, err
	}
	m, err := a.Senders.PlanMove(c.Request().Context(), s)
	if err != nil {
		return p, err
	}
	p.From, p.To, p.Blocked = m.From, m.To, m.Blocked()
	for _, i := range m.Items {
		p.Items = append(p.Items, settings.MoveItem{Level: i.Level, Text: i.Text, Href: i.Href, Fix: i.Fix})
	}
	return p, nil
}

func (a *App) showMove(c echo.Context) error {
	p, err := a.moveProps(c)
	if err != nil {
		return err
	}
	page := settings.Move(p)
	return a.page(
		c,
		view{title: "Move to " + p.To.Name, area: "settings", topics: []string{"senders", "templates"}},
		page,
		page,
	)
}

func (a *App) moveTo(c echo.Context) error {
	if err := a.Senders.Switch(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return a.refused(c, err, "/settings/senders/"+c.Param("id")+"/move")
	}
	s, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return a.done(
		c,
		"/settings/senders",
		"New conversations and notifications begin from "+s.Name+" now. You can move back the same way.",
	)
}
