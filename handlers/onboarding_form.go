package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/onboarding"
	onboardingservice "parley/services/onboarding"
	views "parley/views/onboarding"
	"parley/whatsapp/policy"
)

func (a *App) newAccessRequest(c echo.Context) error {
	return a.accessForm(c, views.FormProps{Request: onboarding.AccessRequest{AccountSid: a.Onboarding.AccountSID()}}, 0)
}

func (a *App) accessForm(c echo.Context, p views.FormProps, status int) error {
	clean, other, err := a.Onboarding.Candidates(c.Request().Context())
	if err != nil {
		return err
	}
	p.Candidates, p.Unclean = shown(clean), len(other)
	p.NameFindings = nameFindings(&p.Request)
	return a.page(c, view{title: "Access request", area: "access", status: status}, views.Form(p), nil)
}

func nameFindings(r *onboarding.AccessRequest) []string {
	var out []string
	business := policy.Business{LegalName: r.LegalName, Website: r.Website, ContactName: r.ContactName}
	for _, f := range policy.DisplayName(r.DisplayName, business) {
		out = append(out, f.Text)
	}
	return out
}

func (a *App) editAccessRequest(c echo.Context) error {
	r, err := onboarding.Read(a.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !r.Editable() {
		return c.Redirect(http.StatusSeeOther, "/access/"+r.PublicID)
	}
	return a.accessForm(c, views.FormProps{Request: *r, Volume: volume(r.MonthlyVolume)}, 0)
}

func volume(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// accessOf reads the form: as it was typed, and with its numbers parsed.
func accessOf(f form) (typed, read onboarding.AccessRequest) {
	r := onboarding.AccessRequest{
		LegalName:          f.get("legal_name"),
		DisplayName:        f.get("display_name"),
		Website:            f.get("website"),
		Country:            f.get("country"),
		Address:            f.get("address"),
		ContactName:        f.get("contact_name"),
		ContactEmail:       f.get("contact_email"),
		ContactPhone:       f.get("contact_phone"),
		AccountSid:         f.get("account_sid"),
		FacebookBusinessID: f.get("facebook_business_id"),
		Phone:              f.get("phone"),
		PhoneCode:          f.get("phone_code"),
		PhoneFree:          f.get("phone_free"),
		Vertical:           f.get("vertical"),
		UseCase:            f.get("use_case"),
		OptinDescription:   strings.TrimSpace(f.text("optin_description")),
		OptinLinks:         strings.TrimSpace(f.text("optin_links")),
		Samples:            models.IDs{},
	}
	for _, v := range f.Values["samples"] {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			r.Samples = append(r.Samples, id)
		}
	}
	typed = r
	if v := f.get("monthly_volume"); v != "" {
		n, ok := models.ParseCount(v)
		if !ok {
			n = -1
		}
		r.MonthlyVolume = n
	}
	return typed, r
}

// requestID is the request that a form belongs to: the one in its address, or the one that autosave created.
func requestID(c echo.Context, f form) string {
	if id := c.Param("id"); id != "" {
		return id
	}
	return f.get("request")
}

func (a *App) saveAccessRequest(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), requestID(c, f)
	typed, r := accessOf(f)
	draw := f.get("draw") != ""
	form := onboardingservice.Form{ID: id, Version: f.version(), Typed: r, Lenient: draw}
	saved, err := a.Onboarding.Save(ctx, actor(c), form)
	problems, status, refused := problemsOf(err)
	switch {
	case err != nil && !refused:
		return err
	case !refused && !draw:
		return a.done(c, "/access/"+saved.PublicID, "Saved.")
	}
	if saved.PublicID != "" {
		id = saved.PublicID
	}
	typed.PublicID, typed.Version = id, f.version()
	if now, err := onboarding.Read(a.Store).AccessRequestByPublicID(ctx, id); err == nil {
		typed.Version = now.Version // saving again overwrites deliberately
	}
	p := views.FormProps{Request: typed, Volume: f.get("monthly_volume"), Problems: problems}
	if draw {
		if err := a.draw(c, &p); err != nil {
			return err
		}
	}
	return a.accessForm(c, p, status)
}

// draw fills in how people opt in from the records. The text that was typed is kept below it.
func (a *App) draw(c echo.Context, p *views.FormProps) error {
	name := p.Request.DisplayName
	if name == "" {
		name = p.Request.LegalName
	}
	text, links, err := a.Onboarding.Draw(c.Request().Context(), name)
	if err != nil {
		return err
	}
	if text == "" {
		p.Drawn = "Nothing is on record yet: make an opt-in page under Contacts, or record opt-ins with their proof."
		return nil
	}
	p.Drawn = "Drawn from your records. Read it over, then save."
	if typed := p.Request.OptinDescription; typed != "" && !strings.Contains(text, typed) &&
		!strings.HasPrefix(typed, "People opt in to messages from") {
		text += "\n\n" + typed
	}
	p.Request.OptinDescription = text
	for _, l := range links {
		if !strings.Contains(p.Request.OptinLinks, l) {
			p.Request.OptinLinks = strings.TrimSpace(p.Request.OptinLinks + "\n" + l)
		}
	}
	return nil
}

// autosaveAccess stores the form while it is typed. A refused field keeps its old stored value and says why.
func (a *App) autosaveAccess(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id := f.get("request")
	typed, r := accessOf(f)
	if id == "" &&
		typed.LegalName+typed.DisplayName+typed.Website+typed.Phone+typed.OptinDescription+typed.ContactName == "" {
		return render(c, http.StatusOK, views.Saved(views.SavedProps{Version: f.version()}))
	}
	form := onboardingservice.Form{ID: id, Version: f.version(), Typed: r, Lenient: true}
	saved, err := a.Onboarding.Save(c.Request().Context(), actor(c), form)
	problems, _, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	p := views.SavedProps{ID: id, Version: f.version(), Problems: problems, NameFindings: nameFindings(&typed)}
	if problems[""] == "" && saved.PublicID != "" {
		p.ID, p.Version, p.OK = saved.PublicID, saved.Version, true
	}
	return render(c, http.StatusOK, views.Saved(p))
}
