package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/whatsapp"
	"parley/views/contacts"
)

// contactsPage is how many contacts a page of the list shows.
const contactsPage = 50

func (a *App) showContacts(c echo.Context) error {
	f := models.ContactFilter{Query: cut(c.QueryParam("q"), 100), Consent: whatsapp.Consent(c.QueryParam("consent")),
		Session: c.QueryParam("session"), After: int64Param(c, "after"), Limit: contactsPage + 1}
	if f.Consent != whatsapp.OptedIn && f.Consent != whatsapp.OptedOut && f.Consent != whatsapp.ConsentNone {
		f.Consent = ""
	}
	rows, err := a.Store.Contacts(c.Request().Context(), f)
	if err != nil {
		return err
	}
	p := contacts.ListProps{Filter: f, Rows: rows, MayEdit: userOf(c).Role.Can(models.Operator), Now: a.Store.Now()}
	if len(rows) > contactsPage {
		p.Rows = rows[:contactsPage]
		p.Next = p.Rows[contactsPage-1].ID
	}
	return a.page(c, view{title: "Contacts", area: "contacts", topics: []string{"contacts"}}, contacts.Page(p), contacts.List(p))
}

func (a *App) newContact(c echo.Context) error {
	return a.page(c, view{title: "Add contact", area: "contacts"}, contacts.New(contacts.NewProps{}), nil)
}

func (a *App) addContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	contact, err := a.Contacts.Add(c.Request().Context(), actor(c), f.get("phone"), f.get("name"), f.get("language"))
	if problems, status, ok := problemsOf(err); ok {
		return a.page(c, view{title: "Add contact", area: "contacts", status: status},
			contacts.New(contacts.NewProps{Name: f.get("name"), Phone: f.get("phone"), Language: f.get("language"), Problems: problems}), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/"+contact.PublicID, contact.Title()+" was added.")
}

func (a *App) showContact(c echo.Context) error {
	p, err := a.oneContact(c)
	if err != nil {
		return err
	}
	switch c.QueryParam("part") {
	case "summary":
		return render(c, http.StatusOK, contacts.Summary(p))
	case "history":
		return render(c, http.StatusOK, contacts.History(p))
	case "sessions":
		return render(c, http.StatusOK, contacts.Sessions(p))
	}
	return a.contactPage(c, p, 0)
}

func (a *App) contactPage(c echo.Context, p contacts.OneProps, status int) error {
	return a.page(c, view{title: p.Contact.Title(), area: "contacts", topics: []string{"contact-" + p.Contact.PublicID}, status: status}, contacts.One(p), nil)
}

func (a *App) oneContact(c echo.Context) (contacts.OneProps, error) {
	ctx := c.Request().Context()
	p := contacts.OneProps{MayEdit: userOf(c).Role.Can(models.Operator), Now: a.Store.Now()}
	var err error
	if p.Contact, err = a.Store.ContactByPublicID(ctx, c.Param("id")); err != nil {
		return p, err
	}
	if p.Conversations, err = a.Store.ConversationsOf(ctx, p.Contact.ID); err != nil {
		return p, err
	}
	if p.History, err = a.Store.ConsentHistory(ctx, p.Contact.ID); err != nil {
		return p, err
	}
	p.Edit = contacts.EditProps{Name: p.Contact.Name, Language: p.Contact.Language, Version: p.Contact.Version}
	p.Senders, err = a.Store.Senders(ctx)
	return p, err
}

func (a *App) saveContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.Save(c.Request().Context(), actor(c), c.Param("id"), f.version(), f.get("name"), f.get("language"))
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.oneContact(c)
		if err != nil {
			return err
		}
		p.EditOpen = true
		p.Edit = contacts.EditProps{Name: f.get("name"), Language: f.get("language"), Version: p.Contact.Version, Problems: problems}
		return a.contactPage(c, p, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/contacts/"+c.Param("id"), "Saved.")
}

func (a *App) recordConsent(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.RecordConsent(c.Request().Context(), actor(c), c.Param("id"), models.ConsentEvent{Kind: whatsapp.Consent(f.get("kind")),
		Source: whatsapp.ConsentSource(f.get("source")), Proof: f.get("proof"), Wording: f.get("wording")})
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.oneContact(c)
		if err != nil {
			return err
		}
		p.Consent = contacts.ConsentProps{Kind: f.get("kind"), Source: f.get("source"), Proof: f.get("proof"), Wording: f.get("wording"), Problems: problems}
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

func (a *App) openConversation(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	sender, err := a.Store.SenderByPublicID(c.Request().Context(), f.get("sender"))
	if err != nil {
		return err
	}
	conv, err := a.Messaging.Converse(c.Request().Context(), c.Param("id"), sender)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+conv.PublicID)
}
