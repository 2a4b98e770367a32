package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/services/contacts"
	"parley/services/media"
	"parley/views/components"
	views "parley/views/contacts"
	"parley/whatsapp"
)

func (a *App) newContact(c echo.Context) error {
	return a.page(c, view{title: "Add contact", area: "contacts"}, views.New(views.NewProps{}), nil)
}

func (a *App) addContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	in := contacts.NewContact{
		Phone:          f.get("phone"),
		PhoneConfirmed: f.get("phone_confirmed"),
		Name:           f.get("name"),
		Language:       f.get("language"),
	}
	contact, err := a.Contacts.Add(c.Request().Context(), actor(c), in)
	if problems, status, ok := problemsOf(err); ok {
		p := views.NewProps{
			Name:           in.Name,
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			Language:       in.Language,
			Problems:       problems,
		}
		return a.page(c, view{title: "Add contact", area: "contacts", status: status}, views.New(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/"+contact.PublicID, components.NameOf(c.Request().Context(), contact)+" was added.")
}

func (a *App) showContact(c echo.Context) error {
	p, err := a.contactDetail(c)
	if err != nil {
		return err
	}
	switch c.QueryParam("part") {
	case "summary":
		return render(c, http.StatusOK, views.Summary(p))
	case "history":
		return render(c, http.StatusOK, views.History(p))
	case "sessions":
		return render(c, http.StatusOK, views.Sessions(p))
	case "addresses":
		return render(c, http.StatusOK, views.Addresses(p))
	}
	return a.contactPage(c, p, 0)
}

func (a *App) contactPage(c echo.Context, p views.DetailProps, status int) error {
	return a.page(
		c,
		view{
			title:  components.NameOf(c.Request().Context(), p.Contact),
			area:   "contacts",
			topics: []string{"contact-" + p.Contact.PublicID},
			status: status,
		},
		views.Detail(p),
		nil,
	)
}

// mergeChoices is how many contacts are offered to merge with.
const mergeChoices = 8

func (a *App) contactDetail(c echo.Context) (views.DetailProps, error) {
	ctx := c.Request().Context()
	p := views.DetailProps{
		MayEdit:    userOf(c).Role.Can(models.Operator),
		Admin:      userOf(c).Role.Can(models.Admin),
		Me:         userOf(c).ID,
		Now:        a.Store.Now(),
		MergeQuery: cut(c.QueryParam("merge"), 100),
	}
	var err error
	if p.Contact, err = people.Read(a.Store).ContactByPublicID(ctx, c.Param("id")); err != nil {
		return p, err
	}
	if p.Contact.MergedInto != nil {
		if p.Into, err = people.Read(a.Store).ContactByID(ctx, *p.Contact.MergedInto); err != nil {
			return p, err
		}
		return p, a.knowNumbers(ctx, p.Contact, p.Into)
	}
	if err := a.contactWords(c, &p.Words); err != nil {
		return p, err
	}
	if err := a.contactRecords(ctx, &p); err != nil {
		return p, err
	}
	if p.MergeQuery != "" && p.MayEdit {
		if err := a.mergeCandidates(c, &p); err != nil {
			return p, err
		}
	}
	p.Edit = editOf(&p)
	maskContact(ctx, &p)
	p.Senders, err = senders.Read(a.Store).Senders(ctx)
	return p, err
}

// contactRecords reads everything that is stored about a contact except the profile.
func (a *App) contactRecords(ctx context.Context, p *views.DetailProps) (err error) {
	id := p.Contact.ID
	if p.Addresses, err = people.Read(a.Store).AddressesOf(ctx, id); err != nil {
		return err
	}
	if p.Conversations, err = conversations.Read(a.Store).ConversationsOf(ctx, id); err != nil {
		return err
	}
	if p.History, err = people.Read(a.Store).ConsentHistory(ctx, id); err != nil {
		return err
	}
	if p.Topical, err = people.Read(a.Store).TopicConsents(ctx, id); err != nil {
		return err
	}
	if p.Notes, err = people.Read(a.Store).ContactNotes(ctx, id); err != nil {
		return err
	}
	if p.Files, err = people.Read(a.Store).ContactFiles(ctx, id); err != nil {
		return err
	}
	p.Received, err = notifications.Read(a.Store).ReceivedBy(ctx, id, 10)
	return err
}

// mergeCandidates are the contacts that the search for a merge found.
func (a *App) mergeCandidates(c echo.Context, p *views.DetailProps) error {
	ctx := c.Request().Context()
	found, err := segments.Read(a.Store).Contacts(
		ctx,
		segments.ContactFilter{Query: p.MergeQuery, Limit: mergeChoices, Whole: a.masked(c)},
	)
	if err != nil {
		return err
	}
	for _, o := range found.Rows {
		if o.ID != p.Contact.ID {
			p.MergeRows = append(p.MergeRows, o)
		}
	}
	return a.knowAll(ctx, p.MergeRows)
}

// editOf fills the profile's form from the stored profile.
func editOf(p *views.DetailProps) views.EditProps {
	c := p.Contact
	e := views.EditProps{
		Name:     c.Name,
		Language: c.Language,
		TimeZone: c.TimeZone,
		Version:  c.Version,
		Fields:   map[string]string{},
	}
	for i := range p.Fields {
		e.Fields[p.Fields[i].Key] = p.Fields[i].Show(c.Fields[p.Fields[i].Key])
	}
	for _, t := range p.Tags {
		for _, id := range c.Tags {
			if id == t.ID {
				e.Tags = append(e.Tags, t.PublicID)
			}
		}
	}
	return e
}

// saveContact stores the profile, sent either field by field from the page or as a whole form.
func (a *App) saveContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	in := contacts.Profile{
		Version:        f.version(),
		Name:           f.get("name"),
		Language:       f.get("language"),
		TimeZone:       f.get("time_zone"),
		Phone:          f.get("phone"),
		PhoneConfirmed: f.get("phone_confirmed"),
		Tags:           f.Values["tag"],
		Fields:         f.prefixed("field-"),
	}
	stored, err := a.unmasked(c, in)
	if err != nil {
		return err
	}
	err = a.Contacts.Save(c.Request().Context(), actor(c), c.Param("id"), stored)
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	if !refused && !wantsPart(c) {
		return a.done(c, "/contacts/"+c.Param("id"), "Saved.")
	}
	p, err := a.contactDetail(c)
	if err != nil {
		return err
	}
	if refused {
		p.Edit = views.EditProps{
			Name:           in.Name,
			Language:       in.Language,
			TimeZone:       in.TimeZone,
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			Tags:           in.Tags,
			Fields:         in.Fields,
			Version:        p.Contact.Version,
			Problems:       problems,
		}
		if !wantsPart(c) {
			return a.contactPage(c, p, status)
		}
	} else {
		status, p.Edit.Saved = http.StatusOK, true
	}
	return render(c, status, views.Profile(p))
}

// attached is the file in the form's field, nil if none was chosen. Call close when done.
func attached(c echo.Context) (up *media.Upload, done func(), err error) {
	done = func() {}
	h, err := c.FormFile("file")
	if err != nil || h.Size == 0 || h.Filename == "" {
		return nil, done, nil //nolint:nilerr // no file is no error
	}
	f, err := h.Open()
	if err != nil {
		return nil, done, err
	}
	return &media.Upload{Name: h.Filename, Body: f}, func() { _ = f.Close() }, nil
}

func (a *App) recordConsent(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	upload, done, err := attached(c)
	if err != nil {
		return err
	}
	defer done()
	err = a.Contacts.RecordConsent(
		c.Request().Context(),
		actor(c),
		c.Param("id"),
		contacts.ReportedConsent{
			Event: people.ConsentEvent{
				Kind:    whatsapp.Consent(f.get("kind")),
				Source:  whatsapp.ConsentSource(f.get("source")),
				Proof:   f.get("proof"),
				Wording: f.get("wording"),
			},
			TopicID: f.get("topic"),
			File:    upload,
		},
	)
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.contactDetail(c)
		if err != nil {
			return err
		}
		p.Consent = views.ConsentProps{
			Kind:     f.get("kind"),
			Source:   f.get("source"),
			Topic:    f.get("topic"),
			Proof:    f.get("proof"),
			Wording:  f.get("wording"),
			Problems: problems,
		}
		return a.contactPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/"+c.Param("id"), "Recorded.")
}

func (a *App) blockContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	blocked := f.get("blocked") == "1"
	if err := a.Contacts.SetBlocked(c.Request().Context(), actor(c), c.Param("id"), blocked); err != nil {
		return err
	}
	if blocked {
		return a.done(c, "/contacts/"+c.Param("id"), "Blocked. Nothing is sent to this contact until you unblock it.")
	}
	return a.done(c, "/contacts/"+c.Param("id"), "Unblocked.")
}

// chooseNumber sets which of a contact's numbers templates are sent to.
func (a *App) chooseNumber(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(f.get("number"), 10, 64)
	if err != nil {
		id = 0 // not an address of this contact: the refusal says what to do
	}
	return a.changed(
		c,
		a.Contacts.ChooseNumber(c.Request().Context(), actor(c), c.Param("id"), id),
		"Chosen. Templates go to this number now.",
		nil,
	)
}

func (a *App) openConversation(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	sender, err := senders.Read(a.Store).SenderByPublicID(c.Request().Context(), f.get("sender"))
	if err != nil {
		return err
	}
	conv, err := a.Messaging.Converse(c.Request().Context(), c.Param("id"), sender)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
}

// changed answers a change to a contact with its outcome: a refusal is shown on the contact's page, beside the field.
func (a *App) changed(c echo.Context, err error, said string, keep func(*views.DetailProps)) error {
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.contactDetail(c)
		if err != nil {
			return err
		}
		p.Problems = problems
		if keep != nil {
			keep(&p)
		}
		return a.contactPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/"+c.Param("id"), said)
}
