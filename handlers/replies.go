package handlers

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/media"
	"parley/services/messaging"
	"parley/services/whatsapp"
	"parley/views/inbox"
)

// composer puts together what the composer shows. Without an open session a reply becomes a template.
func (a *App) composer(c echo.Context, conv *models.Conversation, mode string) (inbox.ComposerProps, error) {
	ctx, u := c.Request().Context(), userOf(c)
	p := inbox.ComposerProps{Conversation: conv, Mode: mode, Token: rand.Text(), Now: a.Store.Now(), Values: models.Values{}, User: u,
		Open: whatsapp.WindowOpen(conv.LastInboundAt, a.Store.Now())}
	p.Accept, p.Limits = media.Accepts()
	switch {
	case mode == "note" || mode == "template":
	case p.Open:
		p.Mode = "reply"
	case mode == "later":
	default:
		p.Mode = "template"
	}
	var err error
	if p.Desk, err = a.Store.Desk(ctx); err != nil {
		return p, err
	}
	draft, err := a.Store.DraftOf(ctx, u.ID, conv.ID, p.DraftMode())
	if err != nil {
		return p, err
	}
	if p.Seen, err = a.Store.LastOfOthers(ctx, conv.ID, u.ID); err != nil {
		return p, err
	}
	if p.Mode != "template" {
		p.Text, p.Quote = draft.Body, draft.QuoteSid
		if p.Mode == "note" && c.FormValue("take") == "reply" && p.Text == "" {
			kept, err := a.Store.DraftOf(ctx, u.ID, conv.ID, "reply")
			if err != nil {
				return p, err
			}
			p.Text, p.Took = kept.Body, true
		}
		if p.Quote != "" {
			if p.Quoted, err = a.Store.MessageIn(ctx, conv.ID, p.Quote); err != nil {
				return p, err
			}
		}
		if p.Mode == "reply" {
			p.Uploads, err = a.Store.Uploads(ctx, u.ID, conv.ID)
		}
		return p, err
	}
	p.Kept = draft.Body
	return p, a.pick(c, &p)
}

// pick fills the template picker: what may be sent here, narrowed by what was typed.
func (a *App) pick(c echo.Context, p *inbox.ComposerProps) error {
	ctx, conv := c.Request().Context(), p.Conversation
	all, err := a.Store.ApprovedVersions(ctx, conv.Sender.Sandbox(), p.User.Role)
	if err != nil {
		return err
	}
	if p.Open {
		ready, err := a.Store.ReadyVersions(ctx)
		if err != nil {
			return err
		}
		all = append(all, ready...)
	}
	if conv.Sender.Sandbox() {
		if p.OwnBlocked, err = a.Store.ApprovedVersions(ctx, false, p.User.Role); err != nil {
			return err
		}
		senders, err := a.Store.Senders(ctx)
		if err != nil {
			return err
		}
		may := p.User.Role.Can(models.Operator)
		if i := slices.IndexFunc(senders, func(s models.Sender) bool { return !s.Sandbox() && s.State == "online" }); i >= 0 && may {
			p.OwnSender = &senders[i]
		}
	}
	p.Templates, p.Search = all, cut(c.FormValue("search"), 100)
	a.choose(p, c.FormValue("template"))
	return nil
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

// listTemplates narrows the picker's list while one types.
func (a *App) listTemplates(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := a.composer(c, conv, "template")
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, inbox.TemplateList(p))
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
	ctx, u := c.Request().Context(), userOf(c)
	conv, err := a.Store.ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	uploads, err := a.Store.Uploads(ctx, u.ID, conv.ID)
	if err != nil {
		return err
	}
	if !wantsPart(c) { // without script the file comes with the form
		fresh, err := a.takeUpload(c, conv)
		if err != nil {
			return a.written(c, f, "reply", err)
		}
		if fresh != nil {
			uploads = append(uploads, *fresh)
		}
	}
	r := messaging.ReplyForm{Text: f.Get("body"), Token: f.get("token"), Quote: f.get("quote"), Contact: f.get("contact"), Seen: f.get("seen"), Anyway: f.get("anyway") != ""}
	var ids []string
	for _, up := range uploads {
		ids = append(ids, up.PublicID)
		r.Files = append(r.Files, &messaging.Upload{File: up.File, ContentType: up.ContentType, AccessKey: up.AccessKey, Thumb: up.Thumb, Name: up.Name, Size: up.Size, Voice: up.Voice})
	}
	if err = a.Messaging.Reply(ctx, actor(c), conv.PublicID, r); err == nil {
		_, err = a.Store.DropUploads(ctx, u.ID, ids) // the files are the messages' now
	}
	return a.written(c, f, "reply", err)
}

// takeUpload keeps the form's file for the composer, nil if there is none.
func (a *App) takeUpload(c echo.Context, conv *models.Conversation) (*models.Upload, error) {
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
	ctx := c.Request().Context()
	up, err := a.Media.Take(ctx, strings.ToValidUTF8(h.Filename, ""), file)
	if err != nil {
		return nil, err
	}
	row := &models.Upload{UserID: userOf(c).ID, ConversationID: conv.ID, File: up.File, Thumb: up.Thumb, ContentType: up.ContentType, Size: up.Size, Name: up.Name, AccessKey: up.AccessKey, Voice: up.Voice}
	if err := a.Store.AddUpload(ctx, row); err != nil {
		return nil, errors.Join(err, a.Media.Discard(ctx, up))
	}
	return row, nil
}

// upload takes a file into the composer, before the reply is sent.
func (a *App) upload(c echo.Context) error {
	conv, err := a.Store.ConversationByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	_, err = a.takeUpload(c, conv)
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	if !refused {
		status = http.StatusOK
	}
	return a.showUploads(c, conv, problems["file"], status)
}

// dropUpload takes a file out of the composer again.
func (a *App) dropUpload(c echo.Context) error {
	ctx := c.Request().Context()
	conv, err := a.Store.ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	gone, err := a.Store.DropUploads(ctx, userOf(c).ID, []string{c.Param("upload")})
	for _, g := range gone {
		err = errors.Join(err, a.Media.Delete(ctx, g.File), a.Media.Delete(ctx, g.Thumb))
	}
	if err != nil {
		return err
	}
	if !wantsPart(c) {
		return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
	}
	return a.showUploads(c, conv, "", http.StatusOK)
}

func (a *App) showUploads(c echo.Context, conv *models.Conversation, problem string, status int) error {
	list, err := a.Store.Uploads(c.Request().Context(), userOf(c).ID, conv.ID)
	if err != nil {
		return err
	}
	return render(c, status, inbox.Uploads(conv, list, problem))
}

func (a *App) note(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err = a.Messaging.Note(ctx, actor(c), c.Param("id"), f.Get("body"), f.get("token")); err == nil && f.get("took") == "reply" {
		conv, e := a.Store.ConversationByPublicID(ctx, c.Param("id"))
		if e != nil {
			return e
		}
		err = a.Store.SaveDraft(ctx, models.Draft{UserID: userOf(c).ID, ConversationID: conv.ID, Mode: "reply"}) // it is the note now
	}
	return a.written(c, f, "note", err)
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

// backToDraft puts a text back into the reply's draft, before what stands there.
func (a *App) backToDraft(c echo.Context, conversationID, text string) error {
	ctx := c.Request().Context()
	conv, err := a.Store.ConversationByPublicID(ctx, conversationID)
	if err != nil {
		return err
	}
	d, err := a.Store.DraftOf(ctx, userOf(c).ID, conv.ID, "reply")
	if err != nil {
		return err
	}
	d.Body = strings.TrimSpace(text + "\n" + d.Body)
	return a.Store.SaveDraft(ctx, d)
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
	ctx := c.Request().Context()
	conv, err := a.Store.ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if refused {
		return a.rewrite(c, f, conv, mode, problems, status)
	}
	p, err := a.composer(c, conv, "") // back to what fits the session
	if err != nil {
		return err
	}
	p.Sent, p.Chosen, p.Values = true, nil, models.Values{}
	thread, err := a.thread(c, conv)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, inbox.Taken(p, thread))
}

// rewrite shows a composer with what was refused, and why.
func (a *App) rewrite(c echo.Context, f form, conv *models.Conversation, mode string, problems map[string]string, status int) error {
	p, err := a.composer(c, conv, mode)
	if err != nil {
		return err
	}
	p.Problems, p.Typed = problems, f.get("text")
	if mode != "template" {
		p.Text, p.Quote = f.Get("body"), f.get("quote")
	}
	for n, v := range f.prefixed("value-") {
		p.Values[n] = v
	}
	if mode == "reply" && !p.Open { // the session closed while typing: the text is offered as a note, or for later
		if err := a.Store.SaveDraft(c.Request().Context(), models.Draft{UserID: userOf(c).ID, ConversationID: conv.ID, Mode: "reply", Body: cut(f.text("body"), 8000), QuoteSid: f.get("quote")}); err != nil {
			return err
		}
		p.Mode, p.Text, p.Closed = "note", f.Get("body"), true
	}
	if !wantsPart(c) {
		return a.conversationPage(c, conv, p, status)
	}
	return render(c, status, inbox.Composer(p))
}

// canned offers texts while one types: canned replies after "/", people after "@" in a note.
func (a *App) canned(c echo.Context) error {
	ctx, u, q := c.Request().Context(), userOf(c), cut(c.QueryParam("q"), 40)
	conv, err := a.Store.ConversationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	var offers []inbox.Offer
	if c.QueryParam("kind") == "people" {
		users, err := a.Store.Users(ctx)
		if err != nil {
			return err
		}
		for _, x := range users {
			if x.DisabledAt == nil && strings.Contains(strings.ToLower(x.Name), strings.ToLower(q)) && len(offers) < 8 {
				offers = append(offers, inbox.Offer{Title: x.Name, Text: "@" + x.Name + " "})
			}
		}
		return render(c, http.StatusOK, inbox.Offers(offers, "Nobody is called so."))
	}
	list, err := a.Store.CannedReplies(ctx, u.ID, q, 8)
	if err != nil {
		return err
	}
	for _, r := range list {
		offers = append(offers, inbox.Offer{ID: r.PublicID, Title: "/" + r.Shortcut, Text: messaging.Fill(r.Body, conv.Contact, u)})
	}
	return render(c, http.StatusOK, inbox.Offers(offers, "No canned reply begins so. Canned replies are kept in the inbox's menu."))
}

// usedCanned counts that somebody took a canned reply.
func (a *App) usedCanned(c echo.Context) error {
	if err := a.Store.UseCannedReply(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func int64Param(c echo.Context, name string) int64 {
	n, err := strconv.ParseInt(c.FormValue(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
