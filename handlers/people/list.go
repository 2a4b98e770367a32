package people

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/people"
	"parley/models/people/segments"
	peopleservice "parley/services/people"
	"parley/views/components"
	view "parley/views/people"
	"parley/whatsapp"
)

// contactsPage is how many contacts a page of the list shows.
const contactsPage = 50

// contactFilter reads the list's filter: the conditions in the address, combined with those of the segment that it
// names. A segment that is gone, or that the reader may not see, matches nobody.
func (h *Handlers) contactFilter(c echo.Context, q url.Values) (segments.ContactFilter, *segments.Segment, error) {
	f := segments.FilterFromURL(q)
	f.Whole = mask.Applies(c)
	id := q.Get("segment")
	if id == "" {
		return f, nil, nil
	}
	g, err := segments.Read(h.Store).SegmentByPublicID(c.Request().Context(), web.User(c).ID, id)
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
	if mask.Applies(c) {
		f = f.FindingWhole()
	}
	return f, g, nil
}

func (h *Handlers) showContacts(c echo.Context) error {
	ctx := c.Request().Context()
	f, segment, err := h.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	p := view.ListProps{
		Filter:  f,
		Segment: segment,
		MayEdit: web.User(c).Role.Can(models.Operator),
		Me:      web.User(c).ID,
		Now:     h.Store.Now(),
	}
	if segment != nil && f.Within == nil { // another user may have typed a full number there
		p.Filter.Query = components.Cell(ctx, f.Query)
	}
	f.After, f.Limit = web.Int64Param(c, "after"), contactsPage
	p.Filter.After = f.After
	if p.Page, err = segments.Read(h.Store).Contacts(ctx, f); err != nil {
		return err
	}
	if err := mask.ReadNumbersOf(ctx, h.Store, p.Page.Rows); err != nil {
		return err
	}
	if err := web.ContactWords(c.Request().Context(), h.Store, &p.Words); err != nil {
		return err
	}
	if p.Segments, err = segments.Read(h.Store).Segments(ctx, web.User(c).ID); err != nil {
		return err
	}
	p.Columns = view.ColumnsOf(web.User(c).ContactColumns, p.Fields)
	part := view.List(p)
	if strings.HasSuffix(c.Request().Header.Get("HX-Source"), "#"+view.SearchID) {
		part = view.Found(p)
	}
	return h.Site.Page(c, web.View{Title: "Contacts", Area: "contacts", Topics: []string{"contacts"}}, view.Page(p), part)
}

// countContacts answers after the list is shown, because counting takes longer than showing.
func (h *Handlers) countContacts(c echo.Context) error {
	f, _, err := h.contactFilter(c, c.QueryParams())
	if err != nil {
		return err
	}
	shown, exact, err := segments.Read(h.Store).ShownContacts(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Count(shown, exact))
}

// addFilter turns the filter's form into the list's address; empty fields are left out.
func (h *Handlers) addFilter(c echo.Context) error {
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

func (h *Handlers) saveColumns(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	fields, err := people.Read(h.Store).ContactFields(c.Request().Context())
	if err != nil {
		return err
	}
	var names []string
	for _, col := range view.AllColumns(fields) {
		if slices.Contains(f.Values["column"], col.Name) {
			names = append(names, col.Name)
		}
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	if err := accounts.SetContactColumns(c.Request().Context(), h.Store, web.User(c).ID, names); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, web.LocalPath(f.Get("back")))
}

func (h *Handlers) saveSegment(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Raw("filter"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	filter, _, err := h.contactFilter(c, q)
	if err != nil {
		return err
	}
	g, err := h.People.SaveSegment(c.Request().Context(), web.Actor(c), peopleservice.SegmentForm{
		ID:     f.Get("id"),
		Name:   f.Get("name"),
		Filter: filter,
		Shared: f.Get("shared") != "",
	})
	if err != nil {
		return web.Refused(c, err, "/contacts?"+q.Encode())
	}
	return web.Done(c, "/contacts?segment="+g.PublicID, "The segment "+g.Name+" was saved.")
}

func (h *Handlers) deleteSegment(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	g, err := segments.Read(h.Store).SegmentByPublicID(c.Request().Context(), web.User(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	uses, err := segments.Read(h.Store).SegmentUses(c.Request().Context(), web.User(c).ID, g.PublicID)
	if err != nil {
		return err
	}
	if len(uses) > 0 && f.Get("sure") == "" {
		return h.Site.AskUses(c, f, uses, web.AskBefore{
			What:   "Delete the segment “" + g.Name + "”",
			Then:   "They go to those who match what it said when it was chosen; to edit one, somebody has to choose again.",
			Button: "Delete it all the same",
			Area:   "contacts",
			Back:   "/contacts?segment=" + g.PublicID,
		})
	}
	name, err := h.People.DeleteSegment(c.Request().Context(), web.Actor(c), web.User(c).Role, c.Param("id"))
	if err != nil {
		return web.Refused(c, err, "/contacts")
	}
	return web.Done(c, "/contacts", "The segment "+name+" was deleted. Its contacts stay.")
}

// bulkChange makes one change to the chosen contacts, or to all that the list shows.
func (h *Handlers) bulkChange(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Raw("filter"))
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	t := peopleservice.Target{IDs: f.Values["contact"], All: f.Get("all") != "", Back: "/contacts"}
	if len(q) > 0 {
		t.Back += "?" + q.Encode()
	}
	if t.Filter, _, err = h.contactFilter(c, q); err != nil {
		return err
	}
	if t.All {
		t.IDs, t.Shown = nil, segments.ParseShown(f.Get("shown"))
	}
	said, err := "", error(nil)
	do := f.Get("do")
	format, export := strings.CutPrefix(do, "export-")
	switch {
	case export && !t.All && len(t.IDs) == 0:
		err = models.Invalid("contact", "contact.none_chosen")
	case export && t.All:
		err = h.People.CheckShown(c.Request().Context(), t)
	case !export:
		change := peopleservice.Change{
			Do:      do,
			TagID:   f.Get("tag"),
			TagName: f.Get("new_tag"),
			Proof:   f.Get("proof"),
			Source:  whatsapp.SourceByHand,
		}
		said, err = h.People.BulkChange(c.Request().Context(), web.Actor(c), t, change)
	}
	if others, ok := errors.AsType[*peopleservice.OthersMatch](err); ok {
		return h.askBulkChange(c, f, t, others)
	}
	if err != nil {
		return web.Refused(c, err, t.Back)
	}
	if export {
		return h.sendExport(c, t.Filter, t.IDs, format)
	}
	return web.Done(c, t.Back, said)
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
func (h *Handlers) askBulkChange(
	c echo.Context,
	f web.Form,
	t peopleservice.Target,
	others *peopleservice.OthersMatch,
) error {
	if others.Now.N == 0 {
		return web.Refused(c, models.Conflict("contact.none_match"), t.Back)
	}
	fields := url.Values{"all": {"1"}, "shown": {others.Now.String()}}
	for _, name := range []string{"filter", "do", "tag", "new_tag", "proof"} {
		fields.Set(name, f.Get(name))
	}
	p := components.QuestionProps{
		Title:  bulkTitles[f.Get("do")],
		Text:   others.Error(),
		Action: "/contacts/bulk",
		Fields: fields,
		Button: "Do it for " + others.Count(),
		Back:   t.Back,
	}
	return h.Site.Page(
		c,
		web.View{Title: "Contacts", Area: "contacts", Status: http.StatusConflict},
		components.Question(p),
		nil,
	)
}
