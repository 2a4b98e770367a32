package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/access"
	views "parley/views/access"
)

func (a *App) showAccess(c echo.Context) error {
	list, err := a.Store.AccessRequests(c.Request().Context())
	if err != nil {
		return err
	}
	may := userOf(c).Role.Can(models.Admin)
	return a.page(c, view{title: "Access", area: "access", topics: []string{"access"}}, views.Page(list, may, a.Store.Now()), views.List(list, may, a.Store.Now()))
}

func (a *App) newAccessRequest(c echo.Context) error {
	return a.accessForm(c, views.FormProps{}, 0)
}

func (a *App) accessForm(c echo.Context, p views.FormProps, status int) error {
	p.Verticals = access.Verticals
	return a.page(c, view{title: "Access request", area: "access", status: status}, views.Form(p), nil)
}

func (a *App) editAccessRequest(c echo.Context) error {
	r, err := a.Store.AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !r.Editable() {
		return c.Redirect(303, "/access/"+r.PublicID)
	}
	return a.accessForm(c, views.FormProps{Request: *r, Volume: volume(r.MonthlyVolume)}, 0)
}

func volume(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (a *App) saveAccessRequest(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id := c.Param("id")
	r := models.AccessRequest{LegalName: f.get("legal_name"), DisplayName: f.get("display_name"), Website: f.get("website"), Country: f.get("country"),
		Address: f.get("address"), ContactName: f.get("contact_name"), ContactEmail: f.get("contact_email"), AccountSid: f.get("account_sid"),
		FacebookBusinessID: f.get("facebook_business_id"), Phone: f.get("phone"), Vertical: f.get("vertical"), UseCase: f.get("use_case"),
		OptinDescription: f.get("optin_description")}
	typed := r
	if v := f.get("monthly_volume"); v != "" {
		if r.MonthlyVolume, err = strconv.Atoi(v); err != nil || r.MonthlyVolume > 1_000_000_000 {
			r.MonthlyVolume = -1
		}
	}
	saved, err := a.Access.Save(c.Request().Context(), actor(c), id, f.version(), r)
	if problems, status, ok := problemsOf(err); ok {
		typed.PublicID, typed.Version = id, f.version()
		if id != "" {
			if now, err := a.Store.AccessRequestByPublicID(c.Request().Context(), id); err == nil {
				typed.Version = now.Version // saving once more overwrites knowingly
			}
		}
		return a.accessForm(c, views.FormProps{Request: typed, Volume: f.get("monthly_volume"), Problems: problems}, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/access/"+saved.PublicID, "Saved.")
}

func (a *App) accessProps(c echo.Context) (views.OneProps, error) {
	p := views.OneProps{MayEdit: userOf(c).Role.Can(models.Admin), Now: a.Store.Now()}
	var err error
	if p.Request, err = a.Store.AccessRequestByPublicID(c.Request().Context(), c.Param("id")); err != nil {
		return p, err
	}
	for _, m := range access.Missing(p.Request) {
		p.Check = append(p.Check, views.CheckItem{Text: m.Text, OK: m.OK})
	}
	p.Timeline, err = a.Store.AccessTimeline(c.Request().Context(), p.Request.ID)
	return p, err
}

func (a *App) showAccessRequest(c echo.Context) error {
	p, err := a.accessProps(c)
	if err != nil {
		return err
	}
	return a.page(c, view{title: "Access request", area: "access", topics: []string{"access"}}, views.One(p), views.Timeline(p))
}

func (a *App) moveAccessRequest(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Access.Move(c.Request().Context(), actor(c), c.Param("id"), f.version(), models.AccessState(f.get("to")), f.get("note"))
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.accessProps(c)
		if err != nil {
			return err
		}
		p.Note, p.Problem = f.get("note"), problems[""]+problems["note"]
		return a.page(c, view{title: "Access request", area: "access", status: status}, views.One(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/access/"+c.Param("id"), "Noted.")
}
