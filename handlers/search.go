package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/components"
	"parley/views/search"
	"parley/whatsapp"
)

// searchPage is how many hits are shown at once.
const searchPage = 30

// showSearch looks through all messages and contacts.
func (a *App) showSearch(c echo.Context) error {
	ctx := c.Request().Context()
	p := search.Props{
		Text:   cut(strings.TrimSpace(c.QueryParam("q")), 200),
		By:     c.QueryParam("by"),
		Sender: c.QueryParam("sender"),
		Since:  c.QueryParam("since"),
		Until:  c.QueryParam("until"),
		File:   c.QueryParam("file") != "",
		Now:    a.Store.Now(),
	}
	q := models.MessageQuery{Text: p.Text, HasFile: p.File, Before: int64Param(c, "before"), Limit: searchPage}
	var err error
	if p.Zone, err = a.shownZone(c, form{c.QueryParams()}); err != nil {
		return err
	}
	if p.Users, err = a.Store.Users(ctx); err != nil {
		return err
	}
	if p.Senders, err = a.Store.Senders(ctx); err != nil {
		return err
	}
	if id := c.QueryParam("in"); id != "" {
		switch p.In, err = a.Store.ConversationByPublicID(ctx, id); {
		case models.KindOf(err) == models.KindNotFound:
			p.In, p.Gone = nil, append(p.Gone, gone(c, "in", "No such chat"))
		case err != nil:
			return err
		default:
			q.ConversationID = p.In.ID
		}
	}
	a.unknownSearch(c, &p)
	q.Nothing = len(p.Gone) > 0
	if !narrowSearch(&p, &q) {
		p.Problem = "Give days such as 2026-11-23."
		return a.page(c, view{title: "Search", area: "inbox", status: http.StatusUnprocessableEntity}, search.Page(p), nil)
	}
	var next int64
	if p.Hits, next, err = a.Store.SearchMessages(ctx, q); err != nil {
		return err
	}
	if p.Hits, err = a.maskHits(ctx, p.Hits, p.Text); err != nil {
		return err
	}
	if next > 0 {
		v := c.QueryParams()
		v.Set("before", strconv.FormatInt(next, 10))
		p.Next = "/search?" + v.Encode()
	}
	if p.In == nil && p.Text != "" && !q.Nothing {
		page, err := a.Store.Contacts(ctx, models.ContactFilter{Query: p.Text, Limit: 8, Whole: a.masked(c)})
		if err != nil {
			return err
		}
		p.Contacts = page.Rows
	}
	if p.In != nil {
		if err := a.knowNumbers(ctx, p.In.Contact); err != nil {
			return err
		}
	}
	if err := a.knowAll(ctx, p.Contacts); err != nil {
		return err
	}
	return a.page(c, view{title: "Search", area: "inbox"}, search.Page(p), nil)
}

// unknownSearch notes what the search names and is gone, or makes no sense.
func (a *App) unknownSearch(c echo.Context, p *search.Props) {
	author := func(u models.User) bool { return u.PublicID == p.By }
	if p.By != "" && !slices.Contains([]string{"inbound", "outbound", "note"}, p.By) &&
		!slices.ContainsFunc(p.Users, author) {
		p.Gone = append(p.Gone, gone(c, "by", "No such person"))
	}
	if p.Sender != "" && !slices.ContainsFunc(p.Senders, func(s models.Sender) bool { return s.PublicID == p.Sender }) {
		p.Gone = append(p.Gone, gone(c, "sender", "No such sender"))
	}
	if file := c.QueryParam("file"); file != "" && file != "1" {
		p.Gone = append(p.Gone, gone(c, "file", "No such kind of file"))
	}
	if utf8.RuneCountInString(strings.TrimSpace(c.QueryParam("q"))) > mostSearch {
		p.Gone = append(p.Gone, gone(c, "q", "No such search: it is too long"))
	}
}

// mostSearch is how many characters a search has at most.
const mostSearch = 200

// narrowSearch reads the filters; a day that is none is refused.
func narrowSearch(p *search.Props, q *models.MessageQuery) bool {
	if by := whatsapp.Direction(p.By); slices.Contains(whatsapp.Directions(), by) {
		q.Direction = by
	}
	for _, u := range p.Users {
		if u.PublicID == p.By {
			q.AuthorID = u.ID
		}
	}
	for _, s := range p.Senders {
		if s.PublicID == p.Sender {
			q.SenderID = s.ID
		}
	}
	day := func(s string, t *time.Time, plus int) bool {
		if s == "" {
			return true
		}
		d, err := time.ParseInLocation(time.DateOnly, s, p.Zone)
		*t = d.AddDate(0, 0, plus)
		return err == nil
	}
	return day(p.Since, &q.Since, 0) && day(p.Until, &q.Until, 1)
}

// showPalette is what the command palette offers: pages and actions, conversations, contacts, templates.
func (a *App) showPalette(c echo.Context) error {
	ctx, u, q := c.Request().Context(), userOf(c), cut(strings.TrimSpace(c.QueryParam("q")), 100)
	var groups []search.Group
	add := func(title string, items []search.Item) {
		if len(items) > 0 {
			groups = append(groups, search.Group{Title: title, Items: items})
		}
	}
	fits := func(items []search.Item) (out []search.Item) {
		for _, it := range items {
			if strings.Contains(strings.ToLower(it.Title+" "+it.Hint), strings.ToLower(q)) {
				out = append(out, it)
			}
		}
		return out
	}
	if c.QueryParam("conversation") != "" {
		add("This conversation", fits(conversationKeys))
	}
	if q != "" {
		rows, _, err := a.Store.Inbox(
			ctx,
			models.InboxFilter{View: models.ViewAll, UserID: u.ID, Query: q, Limit: 5, Whole: a.masked(c)},
		)
		if err != nil {
			return err
		}
		if err := a.maskRows(ctx, rows); err != nil {
			return err
		}
		var items []search.Item
		for _, r := range rows {
			items = append(
				items,
				search.Item{
					Icon:  "message-circle",
					Title: components.NameOf(ctx, r.Who()),
					Hint:  cut(r.LastLine, 40),
					Href:  "/inbox/" + r.PublicID,
				},
			)
		}
		add("Conversations", items)
		page, err := a.Store.Contacts(ctx, models.ContactFilter{Query: q, Limit: 5, Whole: a.masked(c)})
		if err != nil {
			return err
		}
		if err := a.knowAll(ctx, page.Rows); err != nil {
			return err
		}
		items = nil
		for _, x := range page.Rows {
			items = append(
				items,
				search.Item{
					Icon:  "users",
					Title: components.NameOf(ctx, &x),
					Hint:  components.Phone(ctx, x.Phone),
					Href:  "/contacts/" + x.PublicID,
				},
			)
		}
		add("Contacts", items)
		list, _, err := a.Store.Templates(ctx, models.TemplateFilter{Query: q, Limit: 5})
		if err != nil {
			return err
		}
		items = nil
		for _, t := range list {
			items = append(
				items,
				search.Item{Icon: "file-text", Title: t.TemplateName, Hint: "Template", Href: "/templates/" + t.TemplatePublicID},
			)
		}
		add("Templates", items)
		add(
			"Search",
			[]search.Item{
				{Icon: "search", Title: "Search all messages for “" + q + "”", Href: "/search?q=" + url.QueryEscape(q)},
			},
		)
	}
	var pages []search.Item
	for _, it := range palettePages {
		if u.Role.Can(it.role) {
			pages = append(pages, it.Item)
		}
	}
	add("Go to", fits(pages))
	return render(c, http.StatusOK, search.Palette(groups))
}

var conversationKeys = []search.Item{
	{
		Icon:  "check",
		Title: "Resolve or reopen",
		Hint:  "e",
		Key:   "e",
	},
	{Icon: "user-check", Title: "Assign to me", Hint: "a", Key: "a"},
	{
		Icon:  "alarm-clock",
		Title: "Snooze",
		Hint:  "s",
		Key:   "s",
	},
	{Icon: "reply", Title: "Write a reply", Hint: "r", Key: "r"},
	{
		Icon:  "file-text",
		Title: "Send a template",
		Hint:  "t",
		Key:   "t",
	},
	{Icon: "sticky-note", Title: "Write a note", Hint: "n", Key: "n"},
}

var palettePages = []struct {
	search.Item
	role models.Role
}{
	{
		search.Item{Icon: "house", Title: "Home", Href: "/"},
		models.Agent,
	},
	{search.Item{Icon: "inbox", Title: "Inbox", Href: "/inbox"}, models.Agent},
	{
		search.Item{Icon: "inbox", Title: "Inbox: mine", Href: "/inbox?view=mine"},
		models.Agent,
	},
	{search.Item{Icon: "hourglass", Title: "Inbox: closing soon", Href: "/inbox?view=closing"}, models.Agent},
	{
		search.Item{Icon: "search", Title: "Search all messages", Href: "/search"},
		models.Agent,
	},
	{search.Item{Icon: "zap", Title: "Canned replies", Href: "/replies"}, models.Agent},
	{
		search.Item{Icon: "users", Title: "Contacts", Href: "/contacts"},
		models.Agent,
	},
	{search.Item{Icon: "plus", Title: "Add a contact", Href: "/contacts/new"}, models.Operator},
	{
		search.Item{Icon: "upload", Title: "Import contacts", Href: "/contacts/imports"},
		models.Operator,
	},
	{search.Item{Icon: "file-text", Title: "Templates", Href: "/templates"}, models.Agent},
	{
		search.Item{Icon: "plus", Title: "New template", Href: "/templates/new"},
		models.Operator,
	},
	{search.Item{Icon: "send", Title: "Notifications", Href: "/notifications"}, models.Operator},
	{
		search.Item{Icon: "plus", Title: "New notification", Href: "/notifications/new"},
		models.Operator,
	},
	{search.Item{Icon: "badge-check", Title: "Access", Href: "/access"}, models.Agent},
	{
		search.Item{Icon: "chart-no-axes-column", Title: "Reports", Href: "/reports"},
		models.Operator,
	},
	{search.Item{Icon: "settings", Title: "Settings: users", Href: "/settings/users"}, models.Admin},
	{
		search.Item{Icon: "settings", Title: "Settings: inbox", Href: "/settings/inbox"},
		models.Admin,
	},
	{search.Item{Icon: "settings", Title: "Settings: labels and macros", Href: "/settings/macros"}, models.Admin},
	{
		search.Item{Icon: "webhook", Title: "Webhook inspector", Href: "/settings/webhooks"},
		models.Admin,
	},
	{search.Item{Icon: "user", Title: "Your account", Href: "/account"}, models.Agent},
	{search.Item{Icon: "bell", Title: "Alerts", Href: "/alerts"}, models.Agent},
}
