package conversations

import (
	"net/http"
	"strings"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/views/components"
	view "parley/views/conversations"
	"parley/whatsapp"
)

func (h *Handlers) reply(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, u := c.Request().Context(), web.User(c)
	conv, err := conversations.Read(h.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	uploads, err := models.Read(h.Store).Uploads(ctx, u.ID, conv.ID)
	if err != nil {
		return err
	}
	if !web.WantsPart(c) { // without script the file is part of the form
		fresh, err := h.receiveUpload(c, conv)
		if err != nil {
			return h.written(c, f, "reply", err)
		}
		if fresh != nil {
			uploads = append(uploads, *fresh)
		}
	}
	r := messaging.ReplyForm{
		Text:    f.Raw("body"),
		Token:   f.Get("token"),
		Quote:   f.Get("quote"),
		Contact: f.Get("contact"),
		Seen:    f.Get("seen"),
		Anyway:  f.Get("anyway") != "",
	}
	var ids []string
	for _, up := range uploads {
		ids = append(ids, up.PublicID)
		r.Files = append(
			r.Files,
			&messaging.Upload{
				File:        up.File,
				ContentType: up.ContentType,
				AccessKey:   up.AccessKey,
				Thumb:       up.Thumb,
				Name:        up.Name,
				Size:        up.Size,
				Voice:       up.Voice,
			},
		)
	}
	if err = h.Messaging.Reply(ctx, web.Actor(c), conv.PublicID, r); err == nil {
		_, err = models.DropUploads(ctx, h.Store, u.ID, ids) // the files belong to the messages now
	}
	return h.written(c, f, "reply", err)
}

func (h *Handlers) note(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	note := messaging.NoteForm{Text: f.Raw("body"), Token: f.Get("token")}
	err = h.Messaging.Note(ctx, web.Actor(c), c.Param("id"), note)
	if err == nil && f.Get("took") == "reply" { // the draft has become the note
		conv, e := conversations.Read(h.Store).ConversationByPublicID(ctx, c.Param("id"))
		if e != nil {
			return e
		}
		err = inbox.SaveDraft(ctx, h.Store, inbox.Draft{UserID: web.User(c).ID, ConversationID: conv.ID, Mode: "reply"})
	}
	return h.written(c, f, "note", err)
}

func (h *Handlers) sendTemplate(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if f.Get("template") == "" && f.Get("text") != "" {
		err = h.Messaging.SendTemplateText(ctx, web.Actor(c), web.User(c).Role, messaging.TemplateTextForm{
			ConversationID: c.Param("id"),
			Text:           f.Get("text"),
			Token:          f.Get("token"),
		})
		return h.written(c, f, "template", err)
	}
	err = h.Messaging.SendTemplate(ctx, web.Actor(c), web.User(c).Role, messaging.TemplateForm{
		ConversationID: c.Param("id"),
		VersionID:      f.Get("template"),
		Values:         f.Prefixed("value-"),
		Token:          f.Get("token"),
	})
	return h.written(c, f, "template", err)
}

// backToDraft puts a text back into the reply's draft, before what is already there.
func (h *Handlers) backToDraft(c echo.Context, conversationID, text string) error {
	ctx := c.Request().Context()
	conv, err := conversations.Read(h.Store).ConversationByPublicID(ctx, conversationID)
	if err != nil {
		return err
	}
	d, err := inbox.Read(h.Store).DraftOf(ctx, web.User(c).ID, conv.ID, "reply")
	if err != nil {
		return err
	}
	if mask.Applies(c) { // somebody else may have written this text
		if err := mask.ReadNumbers(ctx, h.Store, conv.Contact); err != nil {
			return err
		}
		if phone := conv.Contact.Phone; phone != nil {
			text = strings.ReplaceAll(text, whatsapp.ShowPhone(*phone), templates.PhoneGap)
		}
		text = components.AboutContact(ctx, conv.Contact, text)
	}
	d.Body = strings.TrimSpace(text + "\n" + d.Body)
	return inbox.SaveDraft(ctx, h.Store, d)
}

// written answers a composer's form: with a fresh composer and the thread on success, else with the same text and the
// refusal.
func (h *Handlers) written(c echo.Context, f web.Form, mode string, err error) error {
	_, _, refused := web.Problems(err)
	switch {
	case refused:
		return h.rewrite(c, f, mode, err)
	case err != nil:
		return err
	case !web.WantsPart(c):
		return c.Redirect(http.StatusSeeOther, "/inbox/"+c.Param("id")+"?sent=1")
	}
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.composer(c, conv, "") // back to the mode that fits the session
	if err != nil {
		return err
	}
	p.Sent, p.Chosen, p.Values = true, nil, templates.Values{}
	thread, err := h.thread(c, conv)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Taken(p, thread))
}

// rewrite shows a composer with the refused text and the reason.
func (h *Handlers) rewrite(c echo.Context, f web.Form, mode string, refusal error) error {
	conv, err := conversations.Read(h.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.composer(c, conv, mode)
	if err != nil {
		return err
	}
	if token := f.Get("token"); token != "" && !messaging.TakenOtherwise(refusal) {
		p.Token = token // drafts that are still on their way belong to the message that is sent next
	}
	problems, status, _ := web.Problems(refusal)
	for field, text := range problems { // a refusal names the person, and the name may be a number
		problems[field] = components.AboutContact(c.Request().Context(), conv.Contact, text)
	}
	p.Problems, p.Typed, p.At = problems, f.Get("text"), f.Get("at_time")
	if p.Zone, err = h.Site.ShownZone(c, f); err != nil {
		return err
	}
	if mode != "template" {
		p.Text, p.Quote = f.Raw("body"), f.Get("quote")
	}
	for n, v := range f.Prefixed("value-") {
		p.Values[n] = v
	}
	if mode == "reply" && !p.Open { // the session closed meanwhile: offer the text as a note, or as a scheduled reply
		err := inbox.SaveDraft(c.Request().Context(), h.Store, inbox.Draft{
			UserID:         web.User(c).ID,
			ConversationID: conv.ID,
			Mode:           "reply",
			Body:           plaintext.Cut(f.Text("body"), 8000),
			QuoteSid:       f.Get("quote"),
		})
		if err != nil {
			return err
		}
		p.Mode, p.Text, p.Closed, p.Took = "note", f.Raw("body"), true, true
	}
	if !web.WantsPart(c) {
		return h.conversationPage(c, conv, p, status)
	}
	return web.Render(c, status, view.Composer(p))
}
