package conversations

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	inboxpages "parley/handlers/inbox"
	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people"
	"parley/views/components"
	view "parley/views/conversations"
)

// threadPage is how many messages are shown at once; mostMessages is how many a page holds when it refreshes.
const (
	threadPage   = 60
	mostMessages = 600
)

func (h *Handlers) showConversation(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	composer, err := h.composer(c, conv, c.QueryParam("mode"))
	if err != nil {
		return err
	}
	composer.Sent = c.QueryParam("sent") != ""
	return h.conversationPage(c, conv, composer, 0)
}

// conversationPage shows a conversation. The composer may hold a text that was refused.
func (h *Handlers) conversationPage(
	c echo.Context,
	conv *conversations.Conversation,
	composer view.ComposerProps,
	status int,
) error {
	head, err := h.head(c, conv)
	if err != nil {
		return err
	}
	thread, err := h.thread(c, conv)
	if err != nil {
		return err
	}
	if err := conversations.ReadConversation(c.Request().Context(), h.Store, conv, web.User(c).ID); err != nil {
		return err
	}
	return h.Inbox.Open(c, inboxpages.Opened{
		ID:           conv.PublicID,
		Title:        components.NameOf(c.Request().Context(), conv.Contact),
		Conversation: view.Conversation(head, thread, view.Composer(composer)),
		Status:       status,
	})
}

func (h *Handlers) head(c echo.Context, conv *conversations.Conversation) (view.HeadProps, error) {
	ctx, u := c.Request().Context(), web.User(c)
	p := view.HeadProps{Conversation: conv, List: inboxpages.ListQuery(c.QueryParams()), User: u, Now: h.Store.Now()}
	var errs [6]error
	p.Zone, errs[5] = h.Site.Zone(c)
	p.Users, errs[0] = accounts.Read(h.Store).Users(ctx)
	p.Labels, errs[1] = inbox.Read(h.Store).Labels(ctx)
	p.Macros, errs[2] = inbox.Read(h.Store).Macros(ctx)
	p.Onlookers, errs[3] = inbox.Read(h.Store).Viewers(ctx, conv.ID, u.ID)
	p.Addresses, errs[4] = people.Read(h.Store).AddressesOf(ctx, conv.ContactID)
	return p, errors.Join(errs[:]...)
}

// thread reads the messages that the request asks for: the latest ones, those before a message (before), from one
// message on (from), or those around one (at).
func (h *Handlers) thread(c echo.Context, conv *conversations.Conversation) (view.ThreadProps, error) {
	ctx := c.Request().Context()
	p := view.ThreadProps{
		Conversation: conv,
		User:         web.User(c),
		Now:          h.Store.Now(),
		FirstUnread:  web.Int64Param(c, "unread"),
		At:           c.QueryParam("at"),
	}
	before, from := web.Int64Param(c, "before"), web.Int64Param(c, "from")
	if p.At != "" {
		id, err := conversations.Read(h.Store).AroundMessage(ctx, conv.ID, p.At, threadPage/2)
		if err != nil {
			return p, err
		}
		from = id
	}
	var err error
	if from > 0 {
		p.Messages, err = conversations.Read(h.Store).ThreadFrom(ctx, conv.ID, from, mostMessages)
		if err == nil && len(p.Messages) > 0 {
			p.Older, err = conversations.Read(h.Store).HasOlder(ctx, conv.ID, p.Messages[0].ID)
		}
	} else {
		p.Messages, err = conversations.Read(h.Store).Thread(ctx, conv.ID, before, threadPage+1)
		if len(p.Messages) > threadPage {
			p.Messages, p.Older = p.Messages[1:], true
		}
	}
	if err != nil {
		return p, err
	}
	if p.FirstUnread == 0 && from == 0 && before == 0 && conv.UnreadCount > 0 {
		p.FirstUnread = view.FirstUnread(p.Messages, conv.UnreadCount)
	}
	err = h.fillThread(c, &p, before > 0)
	return p, err
}

// fillThread reads what is shown with the messages: quoted messages, reactions, events, scheduled replies.
func (h *Handlers) fillThread(c echo.Context, p *view.ThreadProps, older bool) error {
	ctx, conv := c.Request().Context(), p.Conversation
	var errs [5]error
	p.Quoted, errs[0] = conversations.Read(h.Store).Quoted(ctx, conv.ID, view.QuotedSids(p.Messages))
	p.Reactions, errs[1] = conversations.Read(h.Store).Reactions(ctx, conv.ID)
	since, until := time.Time{}, time.Time{}
	if len(p.Messages) > 0 && p.Older {
		since = p.Messages[0].CreatedAt
	}
	if older && len(p.Messages) > 0 {
		until = p.Messages[len(p.Messages)-1].CreatedAt
	}
	p.Events, errs[2] = conversations.Read(h.Store).
		ConversationEvents(ctx, conv.ID, conversations.EventPeriod{Since: since, Until: until, N: 300})
	if !older {
		p.Later, errs[3] = inbox.Read(h.Store).ScheduledReplies(ctx, conv.ID)
	}
	p.Addresses, errs[4] = people.Read(h.Store).AddressesOf(ctx, conv.ContactID)
	err := errors.Join(errs[:]...)
	if err == nil {
		maskThread(ctx, p)
	}
	return err
}

// maskThread hides the person's number where Parley filled it in: in messages, in quoted messages, in scheduled
// replies.
func maskThread(ctx context.Context, p *view.ThreadProps) {
	who := p.Conversation.Contact
	who.Numbers = mask.NumbersIn(p.Addresses)
	mask.Messages(ctx, who, p.Messages)
	for sid, m := range p.Quoted {
		one := []conversations.Message{m}
		mask.Messages(ctx, who, one)
		p.Quoted[sid] = one[0]
	}
	for i := range p.Later {
		p.Later[i].Body = components.AboutContact(ctx, who, p.Later[i].Body)
		p.Later[i].Problem = components.Said(ctx, p.Later[i].Problem)
	}
}

// showMessages answers a thread that refreshes itself, together with the conversation's head, or a request for older
// messages.
func (h *Handlers) showMessages(c echo.Context) error {
	ctx := c.Request().Context()
	conv, err := conversations.Read(h.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.thread(c, conv)
	if err != nil {
		return err
	}
	if c.QueryParam("before") != "" {
		return web.Render(c, http.StatusOK, view.Older(p))
	}
	head, err := h.head(c, conv)
	if err != nil {
		return err
	}
	if c.QueryParam("seen") != "0" {
		if err := conversations.ReadConversation(ctx, h.Store, conv, web.User(c).ID); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, view.Fresh(p, head))
}

func (h *Handlers) showPeople(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	people, err := inbox.Read(h.Store).Viewers(c.Request().Context(), conv.ID, web.User(c).ID)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.People(conv, people))
}

// heartbeat takes the heartbeat of a page that shows a conversation.
func (h *Handlers) heartbeat(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if f.Get("left") != "" {
		err = inbox.DropHeartbeat(c.Request().Context(), h.Store, conv, web.User(c).ID)
	} else {
		err = h.Messaging.Typing(c.Request().Context(), conv, web.User(c).ID, f.Get("typing") != "")
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// saveDraft stores what a user is writing. 409 means that it was sent already (static/src/js/draft/state.js).
func (h *Handlers) saveDraft(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	mode := f.Get("mode")
	if mode != "reply" && mode != "note" {
		return models.Invalid("mode", "conversation.mode_unknown")
	}
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	d := inbox.Draft{
		UserID:         web.User(c).ID,
		ConversationID: conv.ID,
		Mode:           mode,
		Body:           plaintext.Cut(f.Text("body"), 8000),
		QuoteSid:       plaintext.Cut(f.Get("quote"), 40),
		Token:          f.Get("token"),
	}
	if err := inbox.SaveDraft(c.Request().Context(), h.Store, d); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (h *Handlers) retryMessage(c echo.Context) error {
	id, err := h.Messaging.Retry(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil && id != "" {
		return web.Refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+id)
}

// refetch tries again to fetch a file that could not be fetched.
func (h *Handlers) refetch(c echo.Context) error {
	id, err := h.Messaging.Refetch(c.Request().Context(), c.Param("id"))
	if err != nil && id != "" {
		return web.Refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+id)
}
