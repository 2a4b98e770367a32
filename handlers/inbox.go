package handlers

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/components"
	"parley/views/inbox"
)

// inboxPage is how many conversations the list shows at once.
const inboxPage = 40

func (a *App) showInbox(c echo.Context) error {
	list, err := a.inboxList(c, c.QueryParam("sel"))
	if err != nil {
		return err
	}
	part := inbox.List(list)
	if c.QueryParam("rows") != "" {
		part = inbox.Rows(list)
	}
	return a.page(c, view{title: "Inbox", area: "inbox", wide: true}, inbox.Page(list, nil), part)
}

func (a *App) inboxList(c echo.Context, selected string) (inbox.ListProps, error) {
	ctx, u := c.Request().Context(), userOf(c)
	p := inbox.ListProps{View: viewOf(c.QueryParam("view")), Query: cut(c.QueryParam("q"), 100), Selected: selected, Now: a.Store.Now()}
	var err error
	p.Rows, p.Next, err = a.Store.Inbox(ctx, models.InboxFilter{View: p.View, UserID: u.ID, Query: p.Query, After: c.QueryParam("after"), Limit: inboxPage})
	if err != nil {
		return p, err
	}
	p.Counters, err = a.Store.Count(ctx, u.ID)
	return p, err
}

func viewOf(s string) models.InboxView {
	for _, v := range models.InboxViews() {
		if string(v) == s {
			return v
		}
	}
	return models.ViewAll
}

func (a *App) showConversation(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := a.Store.ReadConversation(c.Request().Context(), conv.ID); err != nil {
		return err
	}
	composer, err := a.composer(c, conv, c.QueryParam("mode"))
	if err != nil {
		return err
	}
	composer.Sent = c.QueryParam("sent") != ""
	return a.conversationPage(c, conv, composer, 0)
}

// conversationPage shows a conversation with a composer, which may hold what was refused.
func (a *App) conversationPage(c echo.Context, conv *models.Conversation, composer inbox.ComposerProps, status int) error {
	list, err := a.inboxList(c, conv.PublicID)
	if err != nil {
		return err
	}
	head, err := a.head(c, conv)
	if err != nil {
		return err
	}
	thread, err := a.thread(c, conv)
	if err != nil {
		return err
	}
	full := inbox.Page(list, inbox.Conversation(head, thread, inbox.Composer(composer)))
	return a.page(c, view{title: components.NameOf(c.Request().Context(), conv.Contact), area: "inbox", wide: true, status: status,
		topics: []string{conv.Topic(), "contact-" + conv.Contact.PublicID}}, full, nil)
}

func (a *App) head(c echo.Context, conv *models.Conversation) (inbox.HeadProps, error) {
	users, err := a.Store.Users(c.Request().Context())
	return inbox.HeadProps{Conversation: conv, Users: users, Now: a.Store.Now()}, err
}

func (a *App) showConversationHead(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	head, err := a.head(c, conv)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, inbox.Head(head))
}

// threadPage is how many messages are shown at once.
const threadPage = 60

func (a *App) thread(c echo.Context, conv *models.Conversation) (inbox.ThreadProps, error) {
	before := int64Param(c, "before")
	list, err := a.Store.Thread(c.Request().Context(), conv.ID, before, threadPage+1)
	p := inbox.ThreadProps{Conversation: conv, Messages: list, Now: a.Store.Now()}
	if len(list) > threadPage {
		p.Messages = list[1:]
		p.Older = p.Messages[0].ID
	}
	return p, err
}

func (a *App) showMessages(c echo.Context) error {
	ctx := c.Request().Context()
	conv, err := a.Store.ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.thread(c, conv)
	if err != nil {
		return err
	}
	var part templ.Component = inbox.Thread(p)
	if c.QueryParam("before") != "" {
		part = inbox.Older(p)
	} else if err := a.Store.ReadConversation(ctx, conv.ID); err != nil {
		return err
	}
	return render(c, http.StatusOK, part)
}

func (a *App) assign(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if err := a.Messaging.Assign(c.Request().Context(), actor(c), c.Param("id"), f.get("assignee")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+c.Param("id"))
}

func (a *App) setConversationState(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	state := models.ConversationState(f.get("state"))
	if err := a.Messaging.SetState(c.Request().Context(), actor(c), c.Param("id"), state); err != nil {
		return err
	}
	if state == models.ConversationResolved {
		return a.done(c, "/inbox", "The conversation was resolved. It opens again when the customer writes.")
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+c.Param("id"))
}
