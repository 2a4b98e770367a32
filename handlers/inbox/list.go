package inbox

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/whatsapp/plaintext"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/senders"
	"parley/views/components"
	view "parley/views/inbox"
)

// inboxPage is how many conversations the list loads at once.
const inboxPage = 40

// listFields are the query parameters that define a list of the inbox.
var listFields = []string{"view", "q", "label", "assignee", "sender", "priority"}

// mostOfList is how many characters of each field are read. No valid value is longer.
const mostOfList = 120

// ListQuery is a list's address: the fields that define it, and nothing else.
func ListQuery(q url.Values) string {
	out := url.Values{}
	for _, f := range listFields {
		v := plaintext.Cut(strings.TrimSpace(q.Get(f)), mostOfList)
		if v != "" && (f != "view" || v != string(inbox.ViewAll)) {
			out.Set(f, v)
		}
	}
	return out.Encode()
}

// Filter reads a list's address. A value that no longer exists or makes no sense matches nothing; the fields with
// such values are returned as well.
func Filter(
	ctx context.Context,
	store *models.Store,
	u *accounts.User,
	q url.Values,
) (inbox.InboxFilter, []string, error) {
	f := inbox.InboxFilter{View: inbox.ViewAll, UserID: u.ID, Query: strings.TrimSpace(q.Get("q")), Limit: inboxPage,
		Whole: components.Masked(ctx)}
	var unknown []string
	find := func(field string, row func(id string) (bool, error)) error {
		id := strings.TrimSpace(q.Get(field))
		if id == "" {
			return nil
		}
		ok, err := row(id)
		if err == nil && !ok {
			unknown = append(unknown, field)
		}
		return err
	}
	err := errors.Join(
		find("view", func(s string) (bool, error) {
			f.View = inbox.InboxView(s)
			return slices.Contains(inbox.InboxViews(), f.View), nil
		}),
		find("q", func(s string) (bool, error) { return utf8.RuneCountInString(s) <= mostQuery, nil }),
		find("priority", func(s string) (bool, error) {
			n, err := strconv.Atoi(s)
			p := conversations.Priority(n)
			f.Priority = &p
			return err == nil && slices.Contains(conversations.Priorities(), p), nil
		}),
		find("label", func(id string) (bool, error) {
			labels, err := inbox.Read(store).Labels(ctx)
			i := slices.IndexFunc(labels, func(l inbox.Label) bool { return l.PublicID == id })
			if i >= 0 {
				f.Label = labels[i].ID
			}
			return i >= 0, err
		}),
		find("sender", func(id string) (bool, error) {
			senderList, err := senders.Read(store).Senders(ctx)
			i := slices.IndexFunc(senderList, func(s senders.Sender) bool { return s.PublicID == id })
			if i >= 0 {
				f.SenderID = senderList[i].ID
			}
			return i >= 0, err
		}),
		find("assignee", func(id string) (bool, error) {
			if id == "none" {
				f.Assignee = -1
				return true, nil
			}
			users, err := accounts.Read(store).Users(ctx)
			i := slices.IndexFunc(users, func(x accounts.User) bool { return x.PublicID == id })
			if i >= 0 {
				f.Assignee = users[i].ID
			}
			return i >= 0, err
		}))
	f.Nothing = len(unknown) > 0
	return f, unknown, err
}

// mostQuery is the maximum length of a search, in characters.
const mostQuery = 100

// listWords are the names that the list's fields stand for.
var listWords = map[string]string{
	"view":     "view",
	"q":        "search: it is too long",
	"label":    "label",
	"assignee": "person",
	"sender":   "sender",
	"priority": "priority",
}

func (h *Handlers) showInbox(c echo.Context) error {
	list, err := h.list(c, c.QueryParam("sel"))
	if err != nil {
		return err
	}
	if c.QueryParam("rows") != "" {
		return web.Render(c, http.StatusOK, view.Chunk(list))
	}
	return h.Site.Page(c, inboxView("Inbox", 0), view.Page(list, nil), view.List(list))
}

// Opened is a conversation to show.
type Opened struct {
	ID, Title    string
	Conversation templ.Component
	Status       int // 200 if 0
}

// Open answers with the inbox and one of its conversations, or with the conversation alone when htmx swaps it in.
func (h *Handlers) Open(c echo.Context, o Opened) error {
	if web.WantsPart(c) {
		c.Response().Header().Add(echo.HeaderVary, "HX-Request-Type")
		return web.Render(c, http.StatusOK, view.Opened(o.Title, o.Conversation))
	}
	list, err := h.list(c, o.ID)
	if err != nil {
		return err
	}
	return h.Site.Page(c, inboxView(o.Title, o.Status), view.Page(list, o.Conversation), nil)
}

func inboxView(title string, status int) web.View {
	return web.View{Title: title, Area: "inbox", Wide: true, Status: status}
}

func (h *Handlers) list(c echo.Context, selected string) (view.ListProps, error) {
	ctx, u := c.Request().Context(), web.User(c)
	p := view.ListProps{
		List:     ListQuery(c.QueryParams()),
		After:    c.QueryParam("after"),
		Selected: selected,
		User:     u,
		Now:      h.Store.Now(),
	}
	var unknown []string
	var err error
	if p.Filter, unknown, err = Filter(ctx, h.Store, u, c.QueryParams()); err != nil {
		return p, err
	}
	if list, err := url.ParseQuery(p.List); err == nil {
		for _, field := range unknown {
			p.Gone = append(p.Gone, web.GoneChip("/inbox", list, field, "No such "+listWords[field]))
		}
	}
	p.Filter.After = p.After
	if p.Rows, p.Next, err = inbox.Read(h.Store).Inbox(ctx, p.Filter); err != nil {
		return p, err
	}
	if err := mask.Rows(ctx, h.Store, p.Rows); err != nil {
		return p, err
	}
	if p.Labels, err = inbox.Read(h.Store).Labels(ctx); err != nil || c.QueryParam("rows") != "" {
		return p, err
	}
	if p.Counters, err = inbox.Read(h.Store).Count(ctx, u.ID); err != nil {
		return p, err
	}
	if p.Users, err = accounts.Read(h.Store).Users(ctx); err != nil {
		return p, err
	}
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return p, err
	}
	p.Saved, err = inbox.Read(h.Store).SavedFilters(ctx, u.ID)
	return p, err
}

func (h *Handlers) saveInboxFilter(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Get("list"))
	if err != nil {
		return models.Invalid("list", "inbox.list_unknown")
	}
	name := plaintext.Cut(f.Get("name"), 60)
	if name == "" {
		return web.Refused(c, models.Invalid("name", "inbox.list_name_missing"), "/inbox?"+ListQuery(q))
	}
	if err := inbox.SaveFilter(c.Request().Context(), h.Store, web.User(c).ID, name, ListQuery(q)); err != nil {
		return err
	}
	return web.Done(c, "/inbox?"+ListQuery(q), "Saved under “"+name+"”.")
}

func (h *Handlers) deleteInboxFilter(c echo.Context) error {
	if err := inbox.DeleteFilter(c.Request().Context(), h.Store, web.User(c).ID, c.Param("id")); err != nil {
		return err
	}
	return web.Done(c, "/inbox", "The saved list is gone.")
}
