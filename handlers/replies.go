package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/views/components"
	inboxviews "parley/views/inbox"
	"parley/whatsapp"
)

func (a *App) reply(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, u := c.Request().Context(), userOf(c)
	conv, err := conversations.Read(a.Store).ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	uploads, err := models.Read(a.Store).Uploads(ctx, u.ID, conv.ID)
	if err != nil {
		return err
	}
	if !wantsPart(c) { // without script the file is part of the form
		fresh, err := a.receiveUpload(c, conv)
		if err != nil {
			return a.written(c, f, "reply", err)
		}
		if fresh != nil {
			uploads = append(uploads, *fresh)
		}
	}
	r := messaging.ReplyForm{
		Text:    f.Get("body"),
		Token:   f.get("token"),
		Quote:   f.get("quote"),
		Contact: f.get("contact"),
		Seen:    f.get("seen"),
		Anyway:  f.get("anyway") != "",
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
	if err = a.Messaging.Reply(ctx, actor(c), conv.PublicID, r); err == nil {
		_, err = models.DropUploads(ctx, a.Store, u.ID, ids) // the files belong to the messages now
	}
	return a.written(c, f, "reply", err)
}

func (a *App) note(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	note := messaging.NoteForm{Text: f.Get("body"), Token: f.get("token")}
	err = a.Messaging.Note(ctx, actor(c), c.Param("id"), note)
	if err == nil && f.get("took") == "reply" { // the draft has become the note
		conv, e := conversations.Read(a.Store).ConversationByPublicID(ctx, c.Param("id"))
		if e != nil {
			return e
		}
		err = inbox.SaveDraft(ctx, a.Store, inbox.Draft{UserID: userOf(c).ID, ConversationID: conv.ID, Mode: "reply"})
	}
	return a.written(c, f, "note", err)
}

func (a *App) sendTemplate(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if f.get("template") == "" && f.get("text") != "" {
		err = a.Messaging.SendTemplateText(ctx, actor(c), userOf(c).Role, messaging.TemplateTextForm{
			ConversationID: c.Param("id"),
			Text:           f.get("text"),
			Token:          f.get("token"),
		})
		return a.written(c, f, "template", err)
	}
	err = a.Messaging.SendTemplate(ctx, actor(c), userOf(c).Role, messaging.TemplateForm{
		ConversationID: c.Param("id"),
		VersionID:      f.get("template"),
		Values:         f.prefixed("value-"),
		Token:          f.get("token"),
	})
	return a.written(c, f, "template", err)
}

// backToDraft puts a text back into the reply's draft, before what is already there.
func (a *App) backToDraft(c echo.Context, conversationID, text string) error {
	ctx := c.Request().Context()
	conv, err := conversations.Read(a.Store).ConversationByPublicID(ctx, conversationID)
	if err != nil {
		return err
	}
	d, err := inbox.Read(a.Store).DraftOf(ctx, userOf(c).ID, conv.ID, "reply")
	if err != nil {
		return err
	}
	if a.masked(c) { // somebody else may have written this text
		if err := a.knowNumbers(ctx, conv.Contact); err != nil {
			return err
		}
		if phone := conv.Contact.Phone; phone != nil {
			text = strings.ReplaceAll(text, whatsapp.ShowPhone(*phone), templates.PhoneGap)
		}
		text = components.AboutContact(ctx, conv.Contact, text)
	}
	d.Body = strings.TrimSpace(text + "\n" + d.Body)
	return inbox.SaveDraft(ctx, a.Store, d)
}

// written answers a composer's form: with a fresh composer and the thread on success, else with the same text and the
// refusal.
func (a *App) written(c echo.Context, f form, mode string, err error) error {
	_, _, refused := problemsOf(err)
	switch {
	case refused:
		return a.rewrite(c, f, mode, err)
	case err != nil:
		return err
	case !wantsPart(c):
		return c.Redirect(http.StatusSeeOther, "/inbox/"+c.Param("id")+"?sent=1")
	}
	conv, err := conversations.Read(a.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.composer(c, conv, "") // back to the mode that fits the session
	if err != nil {
		return err
	}
	p.Sent, p.Chosen, p.Values = true, nil, templates.Values{}
	thread, err := a.thread(c, conv)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, inboxviews.Taken(p, thread))
}

// rewrite shows a composer with the refused text and the reason.
func (a *App) rewrite(c echo.Context, f form, mode string, refusal error) error {
	conv, err := conversations.Read(a.Store).ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.composer(c, conv, mode)
	if err != nil {
		return err
	}
	problems, status, _ := problemsOf(refusal)
	for field, text := range problems { // a refusal names the person, and the name may be a number
		problems[field] = components.AboutContact(c.Request().Context(), conv.Contact, text)
	}
	p.Problems, p.Typed, p.At = problems, f.get("text"), f.get("at_time")
	if p.Zone, err = a.shownZone(c, f); err != nil {
		return err
	}
	if mode != "template" {
		p.Text, p.Quote = f.Get("body"), f.get("quote")
	}
	for n, v := range f.prefixed("value-") {
		p.Values[n] = v
	}
	if mode == "reply" && !p.Open { // the session closed meanwhile: offer the text as a note, or as a scheduled reply
		err := inbox.SaveDraft(c.Request().Context(), a.Store, inbox.Draft{
			UserID:         userOf(c).ID,
			ConversationID: conv.ID,
			Mode:           "reply",
			Body:           cut(f.text("body"), 8000),
			QuoteSid:       f.get("quote"),
		})
		if err != nil {
			return err
		}
		p.Mode, p.Text, p.Closed = "note", f.Get("body"), true
	}
	if !wantsPart(c) {
		return a.conversationPage(c, conv, p, status)
	}
	return render(c, status, inboxviews.Composer(p))
}

func int64Param(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.FormValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
