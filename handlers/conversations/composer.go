package conversations

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/media"
	"parley/services/messaging"
	"parley/views/components"
	view "parley/views/conversations"
	"parley/whatsapp"
)

// composer collects what the composer shows. Without an open session a reply becomes a template.
func (h *Handlers) composer(
	c echo.Context,
	conv *conversations.Conversation,
	mode string,
) (view.ComposerProps, error) {
	ctx, u := c.Request().Context(), web.User(c)
	p := view.ComposerProps{
		Conversation: conv,
		Token:        rand.Text(),
		Now:          h.Store.Now(),
		Values:       templates.Values{},
		User:         u,
		Open:         conv.WindowOpen(h.Store.Now()),
	}
	p.Accept, p.Limits = media.Accepts()
	if err := mask.ReadNumbers(ctx, h.Store, conv.Contact); err != nil {
		return p, err
	}
	p.Mode = composerMode(mode, p.Open)
	if err := h.composerSurroundings(c, &p); err != nil {
		return p, err
	}
	draft, err := inbox.Read(h.Store).DraftOf(ctx, u.ID, conv.ID, p.DraftMode())
	if err != nil {
		return p, err
	}
	if p.Seen, err = conversations.Read(h.Store).LastOfOthers(ctx, conv.ID, u.ID); err != nil {
		return p, err
	}
	if p.Mode == "template" {
		p.Kept = draft.Body
		err = h.pick(c, &p)
	} else {
		err = h.fillDraft(c, &p, draft)
	}
	return p, err
}

// composerMode is what the composer writes when mode was asked for: modes that need an open session become a template
// when it is closed.
func composerMode(mode string, open bool) string {
	switch {
	case mode == "note" || mode == "template":
		return mode
	case open:
		return "reply"
	case mode == "later":
		return mode
	}
	return "template"
}

// composerSurroundings reads what the composer needs in addition to the text.
func (h *Handlers) composerSurroundings(c echo.Context, p *view.ComposerProps) (err error) {
	if p.Desk, err = conversations.Read(h.Store).InboxSettings(c.Request().Context()); err != nil {
		return err
	}
	if p.Zone, err = h.Site.Zone(c); err != nil {
		return err
	}
	p.Unreachable, _, err = conversations.Read(h.Store).Unanswerable(c.Request().Context(), p.Conversation)
	return err
}

// fillDraft puts a draft into the composer, with the message that it quotes and its files.
func (h *Handlers) fillDraft(c echo.Context, p *view.ComposerProps, draft inbox.Draft) (err error) {
	ctx, conv := c.Request().Context(), p.Conversation
	p.Text, p.Quote = draft.Body, draft.QuoteSid
	if p.Mode == "note" && c.FormValue("take") == "reply" && p.Text == "" {
		kept, err := inbox.Read(h.Store).DraftOf(ctx, p.User.ID, conv.ID, "reply")
		if err != nil {
			return err
		}
		p.Text, p.Took = kept.Body, true
	}
	if p.Quote != "" {
		if p.Quoted, err = conversations.Read(h.Store).MessageIn(ctx, conv.ID, p.Quote); err != nil {
			return err
		}
		if p.Quoted != nil && p.Quoted.Direction != whatsapp.Inbound {
			p.Quoted.Body = components.AboutContact(ctx, conv.Contact, p.Quoted.Body)
		}
	}
	if p.Mode == "reply" {
		p.Uploads, err = models.Read(h.Store).Uploads(ctx, p.User.ID, conv.ID)
	}
	return err
}

// pick fills the template picker: the templates that may be sent here, narrowed by what was typed.
func (h *Handlers) pick(c echo.Context, p *view.ComposerProps) error {
	ctx, conv := c.Request().Context(), p.Conversation
	all, err := templates.Read(h.Store).ApprovedVersions(ctx, conv.Sender.Sandbox(), p.User.Role)
	if err != nil {
		return err
	}
	if p.Open {
		ready, err := templates.Read(h.Store).ReadyVersions(ctx)
		if err != nil {
			return err
		}
		all = append(all, ready...)
	}
	if conv.Sender.Sandbox() {
		if p.OwnBlocked, err = templates.Read(h.Store).ApprovedVersions(ctx, false, p.User.Role); err != nil {
			return err
		}
		senderList, err := senders.Read(h.Store).Senders(ctx)
		if err != nil {
			return err
		}
		own := slices.IndexFunc(
			senderList,
			func(s senders.Sender) bool { return !s.Sandbox() && s.State == whatsapp.SenderOnline },
		)
		if own >= 0 && p.User.Role.Can(models.Operator) {
			p.OwnSender = &senderList[own]
		}
	}
	p.Templates, p.Search = all, plaintext.Cut(c.FormValue("search"), 100)
	h.choose(ctx, p, c.FormValue("template"))
	return nil
}

// choose picks a template in the composer and fills in what is known about the contact.
func (h *Handlers) choose(ctx context.Context, p *view.ComposerProps, id string) {
	i := slices.IndexFunc(p.Templates, func(v templates.TemplateVersion) bool { return v.PublicID == id })
	if i < 0 {
		return
	}
	p.Chosen = &p.Templates[i]
	for n, name := range p.Chosen.Names() {
		placeholder := p.Chosen.Placeholder(name)
		value := templates.FromContact(placeholder, p.Conversation.Contact)
		switch {
		case placeholder.Field == "phone" && components.Masked(ctx) && p.Conversation.Contact.Phone != nil:
			value = templates.PhoneGap // filled when it is sent
		case components.AboutContact(ctx, p.Conversation.Contact, value) != value:
			value = "" // a name or a field may hold a number, and what is sent must not be masked
		}
		p.Values[strconv.Itoa(n+1)] = value
	}
}

func (h *Handlers) showComposer(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.composer(c, conv, c.QueryParam("mode"))
	if err != nil {
		return err
	}
	if c.QueryParam("state") == p.State() {
		return c.NoContent(http.StatusNoContent) // nothing has changed: keep what is being typed
	}
	if c.QueryParam("state") != "" && p.Mode != "note" { // the session opened or closed: show the mode that fits now
		if p, err = h.composer(c, conv, ""); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, view.Composer(p))
}

// listTemplates narrows the picker's list while the user types.
func (h *Handlers) listTemplates(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.composer(c, conv, "template")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.TemplateList(p))
}

func (h *Handlers) previewTemplate(c echo.Context) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.composer(c, conv, "template")
	if err != nil {
		return err
	}
	if text := c.QueryParam("text"); p.Chosen == nil && text != "" {
		p.Typed = plaintext.Cut(text, whatsapp.MaxBody)
		return web.Render(c, http.StatusOK, view.TypedCheck(p))
	}
	if p.Chosen == nil {
		return c.NoContent(http.StatusNoContent)
	}
	p.Values = web.Query(c).Prefixed("value-")
	return web.Render(c, http.StatusOK, view.Preview(p))
}

// canned offers texts while the user types: canned replies after "/", people after "@" in a note.
func (h *Handlers) canned(c echo.Context) error {
	ctx, u, q := c.Request().Context(), web.User(c), plaintext.Cut(c.QueryParam("q"), 40)
	conv, err := conversations.Read(h.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	var offers []view.Offer
	if c.QueryParam("kind") == "people" {
		users, err := accounts.Read(h.Store).Users(ctx)
		if err != nil {
			return err
		}
		for _, x := range users {
			if x.DisabledAt == nil && strings.Contains(strings.ToLower(x.Name), strings.ToLower(q)) && len(offers) < 8 {
				offers = append(offers, view.Offer{Title: x.Name, Text: "@" + x.Name + " "})
			}
		}
		return web.Render(c, http.StatusOK, view.Offers(offers, "Nobody is called so."))
	}
	fill := messaging.Fill
	if mask.Applies(c) {
		fill = messaging.FillMasked
	}
	list, err := inbox.Read(h.Store).CannedReplies(ctx, u.ID, q, 8)
	if err != nil {
		return err
	}
	for _, r := range list {
		offers = append(
			offers,
			view.Offer{ID: r.PublicID, Title: "/" + r.Shortcut, Text: fill(r.Body, conv.Contact, u)},
		)
	}
	return web.Render(
		c,
		http.StatusOK,
		view.Offers(offers, "No canned reply begins so. Canned replies are kept in the inbox's menu."),
	)
}

// usedCanned counts a use of a canned reply.
func (h *Handlers) usedCanned(c echo.Context) error {
	if err := inbox.UseCannedReply(c.Request().Context(), h.Store, c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
