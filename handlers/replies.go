package handlers

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/messaging"
	"parley/services/whatsapp"
	"parley/views/inbox"
)

// composer puts together what the composer shows. Without an open session a reply becomes a template.
func (a *App) composer(c echo.Context, conv *models.Conversation, mode string) (inbox.ComposerProps, error) {
	ctx := c.Request().Context()
	p := inbox.ComposerProps{Conversation: conv, Mode: mode, Token: rand.Text(), Now: a.Store.Now(), Values: models.Values{},
		Open: whatsapp.WindowOpen(conv.LastInboundAt, a.Store.Now())}
	switch {
	case mode == "note" || mode == "template":
	case p.Open:
		p.Mode = "reply"
	default:
		p.Mode = "template"
	}
	if p.Mode != "template" {
		return p, nil
	}
	var err error
	if p.Templates, err = a.Store.ApprovedVersions(ctx, conv.Sender.Sandbox(), userOf(c).Role); err != nil {
		return p, err
	}
	if p.Open {
		ready, err := a.Store.ReadyVersions(ctx)
		if err != nil {
			return p, err
		}
		p.Templates = append(p.Templates, ready...)
	}
	if conv.Sender.Sandbox() {
		if p.OwnBlocked, err = a.Store.ApprovedVersions(ctx, false, userOf(c).Role); err != nil {
			return p, err
		}
		senders, err := a.Store.Senders(ctx)
		if err != nil {
			return p, err
		}
		may := userOf(c).Role.Can(models.Operator)
		if i := slices.IndexFunc(senders, func(s models.Sender) bool { return !s.Sandbox() && s.State == "online" }); i >= 0 && may {
			p.OwnSender = &senders[i]
		}
	}
	a.choose(&p, c.FormValue("template"))
	return p, nil
}

// choose picks a template in the composer and fills what is known of the contact.
func (a *App) choose(p *inbox.ComposerProps, id string) {
	i := slices.IndexFunc(p.Templates, func(v models.TemplateVersion) bool { return v.PublicID == id })
	if i < 0 {
		return
	}
	p.Chosen = &p.Templates[i]
	for n, name := range p.Chosen.Names() {
		p.Values[strconv.Itoa(n+1)] = models.FromContact(p.Chosen.Placeholder(name), p.Conversation.Contact)
	}
}

func (a *App) showComposer(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.composer(c, conv, c.QueryParam("mode"))
	if err != nil {
		return err
	}
	if c.QueryParam("state") == p.State() {
		return c.NoContent(http.StatusNoContent) // nothing has changed: what is being typed stays
	}
	if c.QueryParam("state") != "" && p.Mode != "note" { // the session opened or closed: show what fits now
		if p, err = a.composer(c, conv, ""); err != nil {
			return err
		}
	}
	return render(c, http.StatusOK, inbox.Composer(p))
}

func (a *App) previewTemplate(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.composer(c, conv, "template")
	if err != nil {
		return err
	}
	if text := c.QueryParam("text"); p.Chosen == nil && text != "" {
		p.Typed = cut(text, whatsapp.MaxBody)
		return render(c, http.StatusOK, inbox.TypedCheck(p))
	}
	if p.Chosen == nil {
		return c.NoContent(http.StatusNoContent)
	}
	return render(c, http.StatusOK, inbox.Preview(p.Chosen.Filled(form{c.QueryParams()}.prefixed("value-"))))
}

func (a *App) reply(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	upload, err := a.takeUpload(c)
	if err == nil {
		err = a.Messaging.Reply(c.Request().Context(), actor(c), c.Param("id"), f.Get("body"), f.get("token"), upload)
	}
	return a.written(c, f, "reply", err)
}

// takeUpload stores the form's picture, nil if there is none.
func (a *App) takeUpload(c echo.Context) (*messaging.Upload, error) {
	h, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if h.Size == 0 && h.Filename == "" {
		return nil, nil
	}
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	return a.Media.TakeImage(file)
}

func (a *App) note(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return a.written(c, f, "note", a.Messaging.Note(c.Request().Context(), actor(c), c.Param("id"), f.Get("body"), f.get("token")))
}

func (a *App) sendTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("template") == "" && f.get("text") != "" {
		err = a.Messaging.SendTemplateText(c.Request().Context(), actor(c), userOf(c).Role, c.Param("id"), f.get("text"), f.get("token"))
		return a.written(c, f, "template", err)
	}
	err = a.Messaging.SendTemplate(c.Request().Context(), actor(c), userOf(c).Role, c.Param("id"), f.get("template"), f.prefixed("value-"), f.get("token"))
	return a.written(c, f, "template", err)
}

// written answers a composer's form: with a fresh composer and the thread if it was taken, else with the
// same text and what is wrong with it.
func (a *App) written(c echo.Context, f form, mode string, err error) error {
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	if !refused && !wantsPart(c) {
		return c.Redirect(http.StatusSeeOther, "/inbox/"+c.Param("id")+"?sent=1")
	}
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	next := mode
	if !refused {
		next = "" // back to what fits the session
	}
	p, err := a.composer(c, conv, next)
	if err != nil {
		return err
	}
	if refused {
		p.Text, p.Problems = f.Get("body"), problems
		p.Typed = f.get("text")
		for n, v := range f.prefixed("value-") {
			p.Values[n] = v
		}
		if mode == "reply" && !p.Open { // the session closed while typing: the text is offered as a note
			p.Mode = "note"
		}
		if !wantsPart(c) {
			return a.conversationPage(c, conv, p, status)
		}
		return render(c, status, inbox.Composer(p))
	}
	p.Sent, p.Chosen, p.Values = true, nil, models.Values{}
	thread, err := a.thread(c, conv)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, inbox.Taken(p, thread))
}

func (a *App) retryMessage(c echo.Context) error {
	id, err := a.Messaging.Retry(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil && id != "" {
		return a.refused(c, err, "/inbox/"+id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+id)
}

func int64Param(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
