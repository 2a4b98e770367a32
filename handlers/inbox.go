package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/inbox"
)

// inboxPage is how many conversations the list loads at once.
const inboxPage = 40

// listFields are what makes a list of the inbox.
var listFields = []string{"view", "q", "label", "assignee", "sender", "priority"}

// listOf is a list's address: the fields that make it, and nothing else.
func listOf(q url.Values) string {
	out := url.Values{}
	for _, f := range listFields {
		if v := cut(strings.TrimSpace(q.Get(f)), 100); v != "" && (f != "view" || v != string(models.ViewAll)) {
			out.Set(f, v)
		}
	}
	return out.Encode()
}

// inboxFilter reads a list's address. What it names and is gone narrows nothing.
func (a *App) inboxFilter(ctx context.Context, u *models.User, q url.Values) (models.InboxFilter, error) {
	f := models.InboxFilter{View: viewOf(q.Get("view")), UserID: u.ID, Query: cut(q.Get("q"), 100), Limit: inboxPage}
	if n, err := strconv.Atoi(q.Get("priority")); err == nil && slices.Contains(models.Priorities(), models.Priority(n)) {
		p := models.Priority(n)
		f.Priority = &p
	}
	if id := q.Get("label"); id != "" {
		labels, err := a.Store.Labels(ctx)
		if err != nil {
			return f, err
		}
		for _, l := range labels {
			if l.PublicID == id {
				f.Label = l.ID
			}
		}
	}
	if id := q.Get("sender"); id != "" {
		senders, err := a.Store.Senders(ctx)
		if err != nil {
			return f, err
		}
		for _, s := range senders {
			if s.PublicID == id {
				f.SenderID = s.ID
			}
		}
	}
	switch id := q.Get("assignee"); id {
	case "":
	case "none":
		f.Assignee = -1
	default:
		users, err := a.Store.Users(ctx)
		if err != nil {
			return f, err
		}
		for _, x := range users {
			if x.PublicID == id {
				f.Assignee = x.ID
			}
		}
	}
	return f, nil
}

func viewOf(s string) models.InboxView {
	if v := models.InboxView(s); slices.Contains(models.InboxViews(), v) {
		return v
	}
	return models.ViewAll
}

func (a *App) showInbox(c echo.Context) error {
	list, err := a.inboxList(c, c.QueryParam("sel"))
	if err != nil {
		return err
	}
	if c.QueryParam("rows") != "" {
		return render(c, http.StatusOK, inbox.Chunk(list))
	}
	return a.page(c, view{title: "Inbox", area: "inbox", wide: true}, inbox.Page(list, nil), inbox.List(list))
}

func (a *App) inboxList(c echo.Context, selected string) (inbox.ListProps, error) {
	ctx, u := c.Request().Context(), userOf(c)
	p := inbox.ListProps{List: listOf(c.QueryParams()), After: c.QueryParam("after"), Selected: selected, User: u, Now: a.Store.Now()}
	var err error
	if p.Filter, err = a.inboxFilter(ctx, u, c.QueryParams()); err != nil {
		return p, err
	}
	p.Filter.After = p.After
	if p.Rows, p.Next, err = a.Store.Inbox(ctx, p.Filter); err != nil {
		return p, err
	}
	if p.Labels, err = a.Store.Labels(ctx); err != nil || c.QueryParam("rows") != "" {
		return p, err
	}
	if p.Counters, err = a.Store.Count(ctx, u.ID); err != nil {
		return p, err
	}
	if p.Users, err = a.Store.Users(ctx); err != nil {
		return p, err
	}
	if p.Senders, err = a.Store.Senders(ctx); err != nil {
		return p, err
	}
	p.Saved, err = a.Store.SavedFilters(ctx, u.ID)
	return p, err
}

func (a *App) saveInboxFilter(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.get("list"))
	if err != nil {
		return models.Invalid("list", "This list is not known.")
	}
	name := cut(f.get("name"), 60)
	if name == "" {
		return a.refused(c, models.Invalid("name", "Give the list a name."), "/inbox?"+listOf(q))
	}
	if err := a.Store.SaveFilter(c.Request().Context(), userOf(c).ID, name, listOf(q)); err != nil {
		return err
	}
	return a.done(c, "/inbox?"+listOf(q), "Saved under “"+name+"”.")
}

func (a *App) deleteInboxFilter(c echo.Context) error {
	if err := a.Store.DeleteFilter(c.Request().Context(), userOf(c).ID, c.Param("id")); err != nil {
		return err
	}
	return a.done(c, "/inbox", "The saved list is gone.")
}
