package search

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/inbox"
	"parley/models/people/segments"
	"parley/models/templates"
	"parley/views/components"
	view "parley/views/search"
)

// showPalette renders what the command palette offers: pages and actions, conversations, contacts, templates.
func (h *Handlers) showPalette(c echo.Context) error {
	u, q := web.User(c), plaintext.Cut(strings.TrimSpace(c.QueryParam("q")), 100)
	var groups []view.Group
	if c.QueryParam("conversation") != "" {
		groups = append(groups, view.Group{Title: "This conversation", Items: fitting(conversationKeys, q)})
	}
	if q != "" {
		found, err := h.paletteHits(c, q)
		if err != nil {
			return err
		}
		groups = append(groups, found...)
	}
	var pages []view.Item
	for _, it := range palettePages {
		if u.Role.Can(it.role) {
			pages = append(pages, it.Item)
		}
	}
	groups = append(groups, view.Group{Title: "Go to", Items: fitting(pages, q)})
	groups = slices.DeleteFunc(groups, func(g view.Group) bool { return len(g.Items) == 0 })
	return web.Render(c, http.StatusOK, view.Palette(groups))
}

// fitting are the items that match what was typed.
func fitting(items []view.Item, typed string) (out []view.Item) {
	for _, it := range items {
		if strings.Contains(strings.ToLower(it.Title+" "+it.Hint), strings.ToLower(typed)) {
			out = append(out, it)
		}
	}
	return out
}

// paletteHits are the conversations, contacts and templates that match what was typed, and the search for it.
func (h *Handlers) paletteHits(c echo.Context, typed string) ([]view.Group, error) {
	conversations, err := h.paletteConversations(c, typed)
	if err != nil {
		return nil, err
	}
	people, err := h.paletteContacts(c, typed)
	if err != nil {
		return nil, err
	}
	list, _, err := templates.Read(h.Store).
		Templates(c.Request().Context(), templates.TemplateFilter{Query: typed, Limit: 5})
	if err != nil {
		return nil, err
	}
	var templates []view.Item
	for _, t := range list {
		templates = append(templates, view.Item{
			Icon:  "file-text",
			Title: t.TemplateName,
			Hint:  "Template",
			Href:  "/templates/" + t.TemplatePublicID,
		})
	}
	messages := view.Item{
		Icon:  "search",
		Title: "Search all messages for “" + typed + "”",
		Href:  "/search?q=" + url.QueryEscape(typed),
	}
	return []view.Group{
		{Title: "Conversations", Items: conversations},
		{Title: "Contacts", Items: people},
		{Title: "Templates", Items: templates},
		{Title: "Search", Items: []view.Item{messages}},
	}, nil
}

func (h *Handlers) paletteConversations(c echo.Context, typed string) (items []view.Item, err error) {
	ctx := c.Request().Context()
	rows, _, err := inbox.Read(h.Store).Inbox(ctx, inbox.InboxFilter{
		View:   inbox.ViewAll,
		UserID: web.User(c).ID,
		Query:  typed,
		Limit:  5,
		Whole:  mask.Applies(c),
	})
	if err != nil {
		return nil, err
	}
	if err := mask.Rows(ctx, h.Store, rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		items = append(items, view.Item{
			Icon:  "message-circle",
			Title: components.NameOf(ctx, r.Who()),
			Hint:  plaintext.Cut(r.LastLine, 40),
			Href:  "/inbox/" + r.PublicID,
		})
	}
	return items, nil
}

func (h *Handlers) paletteContacts(c echo.Context, typed string) (items []view.Item, err error) {
	ctx := c.Request().Context()
	page, err := segments.Read(h.Store).
		Contacts(ctx, segments.ContactFilter{Query: typed, Limit: 5, Whole: mask.Applies(c)})
	if err != nil {
		return nil, err
	}
	if err := mask.ReadNumbersOf(ctx, h.Store, page.Rows); err != nil {
		return nil, err
	}
	for _, x := range page.Rows {
		items = append(items, view.Item{
			Icon:  "users",
			Title: components.NameOf(ctx, &x),
			Hint:  components.Phone(ctx, x.Phone),
			Href:  "/contacts/" + x.PublicID,
		})
	}
	return items, nil
}

var conversationKeys = []view.Item{
	{Icon: "check", Title: "Resolve or reopen", Hint: "e", Key: "e"},
	{Icon: "user-check", Title: "Assign to me", Hint: "a", Key: "a"},
	{Icon: "alarm-clock", Title: "Snooze", Hint: "s", Key: "s"},
	{Icon: "reply", Title: "Write a reply", Hint: "r", Key: "r"},
	{Icon: "file-text", Title: "Send a template", Hint: "t", Key: "t"},
	{Icon: "sticky-note", Title: "Write a note", Hint: "n", Key: "n"},
}

var palettePages = []struct {
	view.Item
	role models.Role
}{
	{view.Item{Icon: "house", Title: "Home", Href: "/"}, models.Agent},
	{view.Item{Icon: "inbox", Title: "Inbox", Href: "/inbox"}, models.Agent},
	{view.Item{Icon: "inbox", Title: "Inbox: mine", Href: "/inbox?view=mine"}, models.Agent},
	{view.Item{Icon: "hourglass", Title: "Inbox: closing soon", Href: "/inbox?view=closing"}, models.Agent},
	{view.Item{Icon: "search", Title: "Search all messages", Href: "/search"}, models.Agent},
	{view.Item{Icon: "zap", Title: "Canned replies", Href: "/replies"}, models.Agent},
	{view.Item{Icon: "users", Title: "Contacts", Href: "/contacts"}, models.Agent},
	{view.Item{Icon: "plus", Title: "Add a contact", Href: "/contacts/new"}, models.Operator},
	{view.Item{Icon: "upload", Title: "Import contacts", Href: "/contacts/imports"}, models.Operator},
	{view.Item{Icon: "file-text", Title: "Templates", Href: "/templates"}, models.Agent},
	{view.Item{Icon: "plus", Title: "New template", Href: "/templates/new"}, models.Operator},
	{view.Item{Icon: "send", Title: "Notifications", Href: "/notifications"}, models.Operator},
	{view.Item{Icon: "plus", Title: "New notification", Href: "/notifications/new"}, models.Operator},
	{view.Item{Icon: "badge-check", Title: "Access", Href: "/access"}, models.Agent},
	{view.Item{Icon: "chart-no-axes-column", Title: "Reports", Href: "/reports"}, models.Operator},
	{view.Item{Icon: "settings", Title: "Settings: users", Href: "/settings/users"}, models.Admin},
	{view.Item{Icon: "settings", Title: "Settings: inbox", Href: "/settings/inbox"}, models.Admin},
	{view.Item{Icon: "settings", Title: "Settings: labels and macros", Href: "/settings/macros"}, models.Admin},
	{view.Item{Icon: "webhook", Title: "Webhook inspector", Href: "/settings/webhooks"}, models.Admin},
	{view.Item{Icon: "user", Title: "Your account", Href: "/account"}, models.Agent},
	{view.Item{Icon: "bell", Title: "Alerts", Href: "/alerts"}, models.Agent},
}
