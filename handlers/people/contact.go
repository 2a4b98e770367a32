package people

import (
	"context"
	"net/http"
	"strconv"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/conversations"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/senders"
	peopleservice "parley/services/people"
	"parley/views/components"
	view "parley/views/people"
	"parley/whatsapp"
)

func (h *Handlers) newContact(c echo.Context) error {
	return h.Site.Page(c, web.View{Title: "Add contact", Area: "contacts"}, view.New(view.NewProps{}), nil)
}

func (h *Handlers) addContact(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	in := peopleservice.NewContact{
		Phone:          f.Get("phone"),
		PhoneConfirmed: f.Get("phone_confirmed"),
		Name:           f.Get("name"),
		Language:       f.Get("language"),
	}
	contact, err := h.People.Add(c.Request().Context(), web.Actor(c), in)
	if problems, status, ok := web.Problems(err); ok {
		p := view.NewProps{
			Name:           in.Name,
			Phone:          in.Phone,
			PhoneConfirmed: in.PhoneConfirmed,
			Language:       in.Language,
			Problems:       problems,
		}
		return h.Site.Page(c, web.View{Title: "Add contact", Area: "contacts", Status: status}, view.New(p), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/contacts/"+contact.PublicID, components.NameOf(c.Request().Context(), contact)+" was added.")
}

func (h *Handlers) showContact(c echo.Context) error {
	p, err := h.contactDetail(c)
	if err != nil {
		return err
	}
	switch c.QueryParam("part") {
	case "summary":
		return web.Render(c, http.StatusOK, view.Summary(p))
	case "history":
		return web.Render(c, http.StatusOK, view.History(p))
	case "sessions":
		return web.Render(c, http.StatusOK, view.Sessions(p))
	case "addresses":
		return web.Render(c, http.StatusOK, view.Addresses(p))
	}
	return h.contactPage(c, p, 0)
}

func (h *Handlers) contactPage(c echo.Context, p view.DetailProps, status int) error {
	return h.Site.Page(
		c,
		web.View{
			Title:  components.NameOf(c.Request().Context(), p.Contact),
			Area:   "contacts",
			Topics: []string{"contact-" + p.Contact.PublicID},
			Status: status,
		},
		view.Detail(p),
		nil,
	)
}

// mergeChoices is how many contacts are offered to merge with.
const mergeChoices = 8

func (h *Handlers) contactDetail(c echo.Context) (view.DetailProps, error) {
	ctx := c.Request().Context()
	p := view.DetailProps{
		MayEdit:    web.User(c).Role.Can(models.Operator),
		Admin:      web.User(c).Role.Can(models.Admin),
		Me:         web.User(c).ID,
		Now:        h.Store.Now(),
		MergeQuery: plaintext.Cut(c.QueryParam("merge"), 100),
	}
	var err error
	if p.Contact, err = people.Read(h.Store).ContactByPublicID(ctx, c.Param("id")); err != nil {
		return p, err
	}
	if p.Contact.MergedInto != nil {
		if p.Into, err = people.Read(h.Store).ContactByID(ctx, *p.Contact.MergedInto); err != nil {
			return p, err
		}
		return p, mask.ReadNumbers(ctx, h.Store, p.Contact, p.Into)
	}
	if err := web.ContactWords(c.Request().Context(), h.Store, &p.Words); err != nil {
		return p, err
	}
	if err := h.contactRecords(ctx, &p); err != nil {
		return p, err
	}
	if p.MergeQuery != "" && p.MayEdit {
		if err := h.mergeCandidates(c, &p); err != nil {
			return p, err
		}
	}
	p.Edit = editOf(&p)
	maskContact(ctx, &p)
	p.Senders, err = senders.Read(h.Store).Senders(ctx)
	return p, err
}

// contactRecords reads everything that is stored about a contact except the profile.
func (h *Handlers) contactRecords(ctx context.Context, p *view.DetailProps) (err error) {
	id := p.Contact.ID
	if p.Addresses, err = people.Read(h.Store).AddressesOf(ctx, id); err != nil {
		return err
	}
	if p.Conversations, err = conversations.Read(h.Store).ConversationsOf(ctx, id); err != nil {
		return err
	}
	if p.History, err = people.Read(h.Store).ConsentHistory(ctx, id); err != nil {
		return err
	}
	if p.Topical, err = people.Read(h.Store).TopicConsents(ctx, id); err != nil {
		return err
	}
	if p.Notes, err = people.Read(h.Store).ContactNotes(ctx, id); err != nil {
		return err
	}
	if p.Files, err = people.Read(h.Store).ContactFiles(ctx, id); err != nil {
		return err
	}
	p.Received, err = notifications.Read(h.Store).ReceivedBy(ctx, id, 10)
	return err
}

// mergeCandidates are the contacts that the search for a merge found.
func (h *Handlers) mergeCandidates(c echo.Context, p *view.DetailProps) error {
	ctx := c.Request().Context()
	found, err := segments.Read(h.Store).Contacts(
		ctx,
		segments.ContactFilter{Query: p.MergeQuery, Limit: mergeChoices, Whole: mask.Applies(c)},
	)
	if err != nil {
		return err
	}
	for _, o := range found.Rows {
		if o.ID != p.Contact.ID {
			p.MergeRows = append(p.MergeRows, o)
		}
	}
	return mask.ReadNumbersOf(ctx, h.Store, p.MergeRows)
}

// editOf fills the profile's form from the stored profile.
func editOf(p *view.DetailProps) view.EditProps {
	c := p.Contact
	e := view.EditProps{
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
func (h *Handlers) saveContact(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	in := peopleservice.Profile{
		Version:        f.Version(),
		Name:           f.Get("name"),
		Language:       f.Get("language"),
		TimeZone:       f.Get("time_zone"),
		Phone:          f.Get("phone"),
		PhoneConfirmed: f.Get("phone_confirmed"),
		Tags:           f.Values["tag"],
		Fields:         f.Prefixed("field-"),
	}
	stored, err := h.unmasked(c, in)
	if err != nil {
		return err
	}
	err = h.People.Save(c.Request().Context(), web.Actor(c), c.Param("id"), stored)
	problems, status, refused := web.Problems(err)
	if err != nil && !refused {
		return err
	}
	if !refused && !web.WantsPart(c) {
		return web.Done(c, "/contacts/"+c.Param("id"), "Saved.")
	}
	p, err := h.contactDetail(c)
	if err != nil {
		return err
	}
	if refused {
		p.Edit = view.EditProps{
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
		if !web.WantsPart(c) {
			return h.contactPage(c, p, status)
		}
	} else {
		status, p.Edit.Saved = http.StatusOK, true
	}
	return web.Render(c, status, view.Profile(p))
}

func (h *Handlers) recordConsent(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	upload, done, err := web.Attached(c)
	if err != nil {
		return err
	}
	defer done()
	err = h.People.RecordConsent(
		c.Request().Context(),
		web.Actor(c),
		c.Param("id"),
		peopleservice.ReportedConsent{
			Event: people.ConsentEvent{
				Kind:    whatsapp.Consent(f.Get("kind")),
				Source:  whatsapp.ConsentSource(f.Get("source")),
				Proof:   f.Get("proof"),
				Wording: f.Get("wording"),
			},
			TopicID: f.Get("topic"),
			File:    upload,
		},
	)
	if problems, status, ok := web.Problems(err); ok {
		p, err := h.contactDetail(c)
		if err != nil {
			return err
		}
		p.Consent = view.ConsentProps{
			Kind:     f.Get("kind"),
			Source:   f.Get("source"),
			Topic:    f.Get("topic"),
			Proof:    f.Get("proof"),
			Wording:  f.Get("wording"),
			Problems: problems,
		}
		return h.contactPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/contacts/"+c.Param("id"), "Recorded.")
}

func (h *Handlers) blockContact(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	blocked := f.Get("blocked") == "1"
	if err := h.People.SetBlocked(c.Request().Context(), web.Actor(c), c.Param("id"), blocked); err != nil {
		return err
	}
	if blocked {
		return web.Done(c, "/contacts/"+c.Param("id"), "Blocked. Nothing is sent to this contact until you unblock it.")
	}
	return web.Done(c, "/contacts/"+c.Param("id"), "Unblocked.")
}

// chooseNumber sets which of a contact's numbers templates are sent to.
func (h *Handlers) chooseNumber(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(f.Get("number"), 10, 64)
	if err != nil {
		id = 0 // not an address of this contact: the refusal says what to do
	}
	return h.changed(
		c,
		h.People.ChooseNumber(c.Request().Context(), web.Actor(c), c.Param("id"), id),
		"Chosen. Templates go to this number now.",
		nil,
	)
}

func (h *Handlers) openConversation(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	sender, err := senders.Read(h.Store).SenderByPublicID(c.Request().Context(), f.Get("sender"))
	if err != nil {
		return err
	}
	conv, err := h.Messaging.Converse(c.Request().Context(), c.Param("id"), sender)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
}

// changed answers a change to a contact with its outcome: a refusal is shown on the contact's page, beside the field.
func (h *Handlers) changed(c echo.Context, err error, said string, keep func(*view.DetailProps)) error {
	if problems, status, ok := web.Problems(err); ok {
		p, err := h.contactDetail(c)
		if err != nil {
			return err
		}
		p.Problems = problems
		if keep != nil {
			keep(&p)
		}
		return h.contactPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/contacts/"+c.Param("id"), said)
}
