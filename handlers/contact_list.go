package handlers

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/contacts"
	"parley/services/whatsapp"
	views "parley/views/contacts"
)

// contactsPage is how many contacts a page of the list shows.
const contactsPage = 50

// contactFilter reads the list's filter: a segment's, or the one in the address.
func (a *App) contactFilter(c echo.Context, q url.Values) (models.ContactFilter, *models.Segment, error) {
	f := models.FilterFromURL(q)
	if id := q.Get("segment"); id != "" {
		g, err := a.Store.SegmentByPublicID(c.Request().Context(), userOf(c).ID, id)
		if err != nil {
			return f, nil, err
		}
		if q := f.Query; f.Same(models.ContactFilter{Query: q}) { // nothing but a search within the segment
			if f = g.Filter; q != "" {
				f.Query = q
			}
		}
		f.Whole = a.masked(c)
		return f, g, nil
	}
	f.Whole = a.masked(c)
	return f, nil, nil
}

func (a *App) showContacts(c echo.Context) error {
	ctx := c.Request().Context()
	f, segment, err := a.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	p := views.ListProps{Filter: f, Segment: segment, MayEdit: userOf(c).Role.Can(models.Operator), Me: userOf(c).ID, Now: a.Store.Now()}
	f.After, f.Limit = int64Param(c, "after"), contactsPage
	p.Filter.After = f.After
	if p.Page, err = a.Store.Contacts(ctx, f); err != nil {
		return err
	}
	if err := a.contactWords(c, &p.Words); err != nil {
		return err
	}
	if p.Segments, err = a.Store.Segments(ctx, userOf(c).ID); err != nil {
		return err
	}
	p.Columns = views.ColumnsOf(userOf(c).ContactColumns, p.Fields)
	return a.page(c, view{title: "Contacts", area: "contacts", topics: []string{"contacts"}}, views.Page(p), views.List(p))
}

// contactWords are the tags, fields and topics that an admin defined.
func (a *App) contactWords(c echo.Context, w *views.Words) (err error) {
	ctx := c.Request().Context()
	if w.Tags, err = a.Store.Tags(ctx); err != nil {
		return err
	}
	if w.Fields, err = a.Store.ContactFields(ctx); err != nil {
		return err
	}
	w.Topics, err = a.Store.Topics(ctx)
	return err
}

// countContacts answers after the list is there: counting takes longer than showing.
func (a *App) countContacts(c echo.Context) error {
	f, _, err := a.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	n, exact, err := a.Store.CountContacts(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Count(n, exact))
}

// addFilter turns the filter's form into the list's address: an empty field says nothing.
func (a *App) addFilter(c echo.Context) error {
	q := c.QueryParams()
	if key := q.Get("field_key"); key != "" {
		q.Add("field", key+":"+q.Get("field_op")+":"+q.Get("field_value"))
	}
	f := models.FilterFromURL(q)
	to := "/contacts"
	if v := f.URL(); len(v) > 0 {
		to += "?" + v.Encode()
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (a *App) saveColumns(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	fields, err := a.Store.ContactFields(c.Request().Context())
	if err != nil {
		return err
	}
	var names []string
	for _, col := range views.AllColumns(fields) {
		if slices.Contains(f.Values["column"], col.Name) {
			names = append(names, col.Name)
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	if err := a.Store.SetContactColumns(c.Request().Context(), userOf(c).ID, names); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(f.get("back")))
}

func (a *App) saveSegment(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Get("filter"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	g, err := a.Contacts.SaveSegment(c.Request().Context(), actor(c), f.get("id"), f.get("name"), models.FilterFromURL(q), f.get("shared") != "")
	if err != nil {
		return a.refused(c, err, "/contacts?"+q.Encode())
	}
	return a.done(c, "/contacts?segment="+g.PublicID, "The segment "+g.Name+" was saved.")
}

func (a *App) deleteSegment(c echo.Context) error {
	name, err := a.Contacts.DeleteSegment(c.Request().Context(), actor(c), userOf(c).Role, c.Param("id"))
	if err != nil {
		return a.refused(c, err, "/contacts")
	}
	return a.done(c, "/contacts", "The segment "+name+" was deleted. Its contacts stay.")
}

// changeMany does one thing to the chosen contacts, or to all that the filter lets through.
func (a *App) changeMany(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Get("filter"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	back := "/contacts"
	if len(q) > 0 {
		back += "?" + q.Encode()
	}
	filter, _, err := a.contactFilter(c, q)
	if err != nil {
		return err
	}
	ids := f.Values["contact"]
	if f.get("all") == "" && len(ids) == 0 {
		return a.refused(c, models.Invalid("contact", "Choose contacts first: tick the boxes before their names."), back)
	}
	if f.get("all") != "" {
		ids = nil
	}
	do := f.get("do")
	if do == "export-csv" || do == "export-xlsx" {
		return a.sendExport(c, filter, ids, do[len("export-"):])
	}
	change := contacts.Change{Do: do, TagID: f.get("tag"), TagName: f.get("new_tag"), Proof: f.get("proof"), Source: whatsapp.SourceByHand}
	said, err := a.Contacts.ChangeMany(c.Request().Context(), actor(c), filter, ids, change)
	if err != nil {
		return a.refused(c, err, back)
	}
	return a.done(c, back, said)
}
