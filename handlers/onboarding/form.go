package onboarding

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/onboarding"
	onboardingservice "parley/services/onboarding"
	view "parley/views/onboarding"
	"parley/whatsapp/policy"
)

func (h *Handlers) newAccessRequest(c echo.Context) error {
	return h.accessForm(c, view.FormProps{Request: onboarding.AccessRequest{AccountSid: h.Onboarding.AccountSID()}}, 0)
}

func (h *Handlers) accessForm(c echo.Context, p view.FormProps, status int) error {
	clean, other, err := h.Onboarding.Candidates(c.Request().Context())
	if err != nil {
		return err
	}
	p.Candidates, p.Unclean = shown(clean), len(other)
	p.NameFindings = nameFindings(&p.Request)
	return h.Site.Page(c, web.View{Title: "Access request", Area: "access", Status: status}, view.Form(p), nil)
}

func nameFindings(r *onboarding.AccessRequest) []string {
	var out []string
	business := policy.Business{LegalName: r.LegalName, Website: r.Website, ContactName: r.ContactName}
	for _, f := range policy.DisplayName(r.DisplayName, business) {
		out = append(out, f.Text)
	}
	return out
}

func (h *Handlers) editAccessRequest(c echo.Context) error {
	r, err := onboarding.Read(h.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !r.Editable() {
		return c.Redirect(http.StatusSeeOther, "/access/"+r.PublicID)
	}
	return h.accessForm(c, view.FormProps{Request: *r, Volume: volume(r.MonthlyVolume)}, 0)
}

func volume(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// accessOf reads the form: as it was typed, and with its numbers parsed.
func accessOf(f web.Form) (typed, read onboarding.AccessRequest) {
	r := onboarding.AccessRequest{
		LegalName:          f.Get("legal_name"),
		DisplayName:        f.Get("display_name"),
		Website:            f.Get("website"),
		Country:            f.Get("country"),
		Address:            f.Get("address"),
		ContactName:        f.Get("contact_name"),
		ContactEmail:       f.Get("contact_email"),
		ContactPhone:       f.Get("contact_phone"),
		AccountSid:         f.Get("account_sid"),
		FacebookBusinessID: f.Get("facebook_business_id"),
		Phone:              f.Get("phone"),
		PhoneCode:          f.Get("phone_code"),
		PhoneFree:          f.Get("phone_free"),
		Vertical:           f.Get("vertical"),
		UseCase:            f.Get("use_case"),
		OptinDescription:   strings.TrimSpace(f.Text("optin_description")),
		OptinLinks:         strings.TrimSpace(f.Text("optin_links")),
		Samples:            models.IDs{},
	}
	for _, v := range f.Values["samples"] {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			r.Samples = append(r.Samples, id)
		}
	}
	typed = r
	if v := f.Get("monthly_volume"); v != "" {
		n, ok := models.ParseCount(v)
		if !ok {
			n = -1
		}
		r.MonthlyVolume = n
	}
	return typed, r
}

// withRequestID is the request that a form belongs to: the one in its address, or the one that autosave created.
func requestID(c echo.Context, f web.Form) string {
	if id := c.Param("id"); id != "" {
		return id
	}
	return f.Get("request")
}

func (h *Handlers) saveAccessRequest(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), requestID(c, f)
	typed, r := accessOf(f)
	draw := f.Get("draw") != ""
	form := onboardingservice.Form{ID: id, Version: f.Version(), Typed: r, Lenient: draw}
	saved, err := h.Onboarding.Save(ctx, web.Actor(c), form)
	problems, status, refused := web.Problems(err)
	switch {
	case err != nil && !refused:
		return err
	case !refused && !draw:
		return web.Done(c, "/access/"+saved.PublicID, "Saved.")
	}
	if saved.PublicID != "" {
		id = saved.PublicID
	}
	typed.PublicID, typed.Version = id, f.Version()
	if now, err := onboarding.Read(h.Store).AccessRequestByPublicID(ctx, id); err == nil {
		typed.Version = now.Version // saving again overwrites deliberately
	}
	p := view.FormProps{Request: typed, Volume: f.Get("monthly_volume"), Problems: problems}
	if draw {
		if err := h.draw(c, &p); err != nil {
			return err
		}
	}
	return h.accessForm(c, p, status)
}

// draw fills in how people opt in from the records. The text that was typed is kept below it.
func (h *Handlers) draw(c echo.Context, p *view.FormProps) error {
	name := p.Request.DisplayName
	if name == "" {
		name = p.Request.LegalName
	}
	text, links, err := h.Onboarding.Draw(c.Request().Context(), name)
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
func (h *Handlers) autosaveAccess(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	id := f.Get("request")
	typed, r := accessOf(f)
	if id == "" &&
		typed.LegalName+typed.DisplayName+typed.Website+typed.Phone+typed.OptinDescription+typed.ContactName == "" {
		return web.Render(c, http.StatusOK, view.Saved(view.SavedProps{Version: f.Version()}))
	}
	form := onboardingservice.Form{ID: id, Version: f.Version(), Typed: r, Lenient: true}
	saved, err := h.Onboarding.Save(c.Request().Context(), web.Actor(c), form)
	problems, _, refused := web.Problems(err)
	if err != nil && !refused {
		return err
	}
	p := view.SavedProps{ID: id, Version: f.Version(), Problems: problems, NameFindings: nameFindings(&typed)}
	if problems[""] == "" && saved.PublicID != "" {
		p.ID, p.Version, p.OK = saved.PublicID, saved.Version, true
	}
	return web.Render(c, http.StatusOK, view.Saved(p))
}
