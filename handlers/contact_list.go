package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/services/contacts"
	"parley/views/components"
	views "parley/views/contacts"
	"parley/whatsapp"
)

// contactsPage is how many contacts a page of the list shows.
const contactsPage = 50

// contactFilter reads the list's filter: the conditions in the address, combined with those of the segment that it
// names. A segment that is gone, or that the reader may not see, matches nobody.
func (a *App) contactFilter(c echo.Context, q url.Values) (segments.ContactFilter, *segments.Segment, error) {
	f := segments.FilterFromURL(q)
	f.Whole = a.masked(c)
	id := q.Get("segment")
	if id == "" {
		return f, nil, nil
	}
	g, err := segments.Read(a.Store).SegmentByPublicID(c.Request().Context(), userOf(c).ID, id)
	if models.KindOf(err) == models.KindNotFound {
		return f.Unreadable("segment", id), nil, nil
	}
	if err != nil {
		return f, nil, err
	}
	if f.Empty() {
		f = g.Filter
	} else {
		f.Within = &g.Filter
	}
	if a.masked(c) {
		f = f.FindingWhole()
	}
	return f, g, nil
}

func (a *App) showContacts(c echo.Context) error {
	ctx := c.Request().Context()
	f, segment, err := a.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	p := views.ListProps{
		Filter:  f,
		Segment: segment,
		MayEdit: userOf(c).Role.Can(models.Operator),
		Me:      userOf(c).ID,
		Now:     a.Store.Now(),
	}
	if segment != nil && f.Within == nil { // another user may have typed a full number there
		p.Filter.Query = components.Cell(ctx, f.Query)
	}
	f.After, f.Limit = int64Param(c, "after"), contactsPage
	p.Filter.After = f.After
	if p.Page, err = segments.Read(a.Store).Contacts(ctx, f); err != nil {
		return err
	}
	if err := a.knowAll(ctx, p.Page.Rows); err != nil {
		return err
	}
	if err := a.contactWords(c, &p.Words); err != nil {
		return err
	}
	if p.Segments, err = segments.Read(a.Store).Segments(ctx, userOf(c).ID); err != nil {
		return err
	}
	p.Columns = views.ColumnsOf(userOf(c).ContactColumns, p.Fields)
	part := views.List(p)
	if strings.HasSuffix(c.Request().Header.Get("HX-Source"), "#"+views.SearchID) {
		part = views.Found(p)
	}
	return a.page(c, view{title: "Contacts", area: "contacts", topics: []string{"contacts"}}, views.Page(p), part)
}

// contactWords are the tags, fields and topics that an admin defined.
func (a *App) contactWords(c echo.Context, w *views.Words) (err error) {
	ctx := c.Request().Context()
	if w.Tags, err = people.Read(a.Store).Tags(ctx); err != nil {
		return err
	}
	if w.Fields, err = people.Read(a.Store).ContactFields(ctx); err != nil {
		return err
	}
	w.Topics, err = people.Read(a.Store).Topics(ctx)
	return err
}

// countContacts answers after the list is shown, because counting takes longer than showing.
func (a *App) countContacts(c echo.Context) error {
	f, _, err := a.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	shown, exact, err := segments.Read(a.Store).ShownContacts(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Count(shown, exact))
}

// addFilter turns the filter's form into the list's address; empty fields are left out.
func (a *App) addFilter(c echo.Context) error {
	q := c.QueryParams()
	if key := q.Get("field_key"); key != "" {
		q.Add("field", key+":"+q.Get("field_op")+":"+q.Get("field_value"))
	}
	v := segments.FilterFromURL(q).URL()
	if id := q.Get("segment"); id != "" {
		v.Set("segment", id)
	}
	if len(v) == 0 {
		return c.Redirect(http.StatusSeeOther, "/contacts")
	}
	return c.Redirect(http.StatusSeeOther, "/contacts?"+v.Encode())
}

func (a *App) saveColumns(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	fields, err := people.Read(a.Store).ContactFields(c.Request().Context())
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
	if err := accounts.SetContactColumns(c.Request().Context(), a.Store, userOf(c).ID, names); err != nil {
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
	filter, _, err := a.contactFilter(c, q)
	if err != nil {
		return err
	}
	g, err := a.Contacts.SaveSegment(c.Request().Context(), actor(c), contacts.SegmentForm{
		ID:     f.get("id"),
		Name:   f.get("name"),
		Filter: filter,
		Shared: f.get("shared") != "",
	})
	if err != nil {
		return a.refused(c, err, "/contacts?"+q.Encode())
	}
	return a.done(c, "/contacts?segment="+g.PublicID, "The segment "+g.Name+" was saved.")
}

func (a *App) deleteSegment(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	g, err := segments.Read(a.Store).SegmentByPublicID(c.Request().Context(), userOf(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	uses, err := segments.Read(a.Store).SegmentUses(c.Request().Context(), userOf(c).ID, g.PublicID)
	if err != nil {
		return err
	}
	if len(uses) > 0 && f.get("sure") == "" {
		return a.askUses(c, f, uses, askBefore{
			what:   "Delete the segment “" + g.Name + "”",
			then:   "They go to those who match what it said when it was chosen; to edit one, somebody has to choose again.",
			button: "Delete it all the same",
			area:   "contacts",
			back:   "/contacts?segment=" + g.PublicID,
		})
	}
	name, err := a.Contacts.DeleteSegment(c.Request().Context(), actor(c), userOf(c).Role, c.Param("id"))
	if err != nil {
		return a.refused(c, err, "/contacts")
	}
	return a.done(c, "/contacts", "The segment "+name+" was deleted. Its contacts stay.")
}

// bulkChange makes one change to the chosen contacts, or to all that the list shows.
func (a *App) bulkChange(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Get("filter"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	t := contacts.Target{IDs: f.Values["contact"], All: f.get("all") != "", Back: "/contacts"}
	if len(q) > 0 {
		t.Back += "?" + q.Encode()
	}
	if t.Filter, _, err = a.contactFilter(c, q); err != nil {
		return err
	}
	if t.All {
		t.IDs, t.Shown = nil, segments.ParseShown(f.get("shown"))
	}
	said, err := "", error(nil)
	do := f.get("do")
	format, export := strings.CutPrefix(do, "export-")
	switch {
	case export && !t.All && len(t.IDs) == 0:
		err = models.Invalid("contact", "contact.none_chosen")
	case export && t.All:
		err = a.Contacts.CheckShown(c.Request().Context(), t)
	case !export:
		change := contacts.Change{
			Do:      do,
			TagID:   f.get("tag"),
			TagName: f.get("new_tag"),
			Proof:   f.get("proof"),
			Source:  whatsapp.SourceByHand,
		}
		said, err = a.Contacts.BulkChange(c.Request().Context(), actor(c), t, change)
	}
	if others, ok := errors.AsType[*contacts.OthersMatch](err); ok {
		return a.askBulkChange(c, f, t, others)
	}
	if err != nil {
		return a.refused(c, err, t.Back)
	}
	if export {
		return a.sendExport(c, t.Filter, t.IDs, format)
	}
	return a.done(c, t.Back, said)
}

// bulkTitles name the change that is about to be made to all contacts of a list.
var bulkTitles = map[string]string{
	"tag":         "Tag all contacts of this list",
	"untag":       "Take the tag from all contacts of this list",
	"opt_out":     "Opt out all contacts of this list",
	"export-csv":  "Export all contacts of this list",
	"export-xlsx": "Export all contacts of this list",
}

// askBulkChange asks whether the change is meant for all contacts that match the list now. Nothing has been changed
// yet.
func (a *App) askBulkChange(c echo.Context, f form, t contacts.Target, others *contacts.OthersMatch) error {
	if others.Now.N == 0 {
		return a.refused(c, models.Conflict("contact.none_match"), t.Back)
	}
	fields := url.Values{"all": {"1"}, "shown": {others.Now.String()}}
	for _, name := range []string{"filter", "do", "tag", "new_tag", "proof"} {
		fields.Set(name, f.get(name))
	}
	p := components.QuestionProps{
		Title:  bulkTitles[f.get("do")],
		Text:   others.Error(),
		Action: "/contacts/bulk",
		Fields: fields,
		Button: "Do it for " + others.Count(),
		Back:   t.Back,
	}
	return a.page(c, view{title: "Contacts", area: "contacts", status: http.StatusConflict}, components.Question(p), nil)
}
