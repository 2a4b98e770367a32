package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/people"
	"parley/services/contacts"
	views "parley/views/contacts"
)

func (a *App) addContactNote(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	err = a.Contacts.Note(c.Request().Context(), actor(c), c.Param("id"), f.text("note"))
	return a.changed(c, err, "Noted.", func(p *views.DetailProps) { p.Note = f.text("note") })
}

func (a *App) removeContactNote(c echo.Context) error {
	note := contacts.ContactNote{ContactID: c.Param("id"), NoteID: c.Param("note")}
	err := a.Contacts.RemoveNote(c.Request().Context(), actor(c), userOf(c).Role, note)
	return a.changed(c, err, "The note was removed.", nil)
}

func (a *App) addContactFile(c echo.Context) error {
	upload, done, err := attached(c)
	if err != nil {
		return err
	}
	defer done()
	if upload == nil {
		return a.changed(c, models.Invalid("file", "file.none_chosen"), "", nil)
	}
	return a.changed(
		c,
		a.Contacts.AddFile(c.Request().Context(), actor(c), c.Param("id"), *upload),
		"The file was added.",
		nil,
	)
}

func (a *App) removeContactFile(c echo.Context) error {
	return a.changed(
		c,
		a.Contacts.RemoveFile(c.Request().Context(), actor(c), c.Param("id"), c.Param("file")),
		"The file was removed.",
		nil,
	)
}

// showContactFile serves a file as a download, never inside a page of ours: uploaded content must not run here.
func (a *App) showContactFile(c echo.Context) error {
	f, err := people.Read(a.Store).ContactFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	file, err := a.Media.Read(c.Request().Context(), f.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	c.Response().Header().Set("Content-Disposition", disposition(f.Name))
	return c.Stream(http.StatusOK, f.ContentType, file)
}

func (a *App) mergeContacts(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return a.changed(
		c,
		a.Contacts.Merge(c.Request().Context(), actor(c), c.Param("id"), f.get("other")),
		"Merged: both histories are here now.",
		nil,
	)
}

func (a *App) eraseContact(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	return a.changed(
		c,
		a.Contacts.Erase(c.Request().Context(), actor(c), c.Param("id"), f.get("confirm")),
		"Erased. The person stays opted out.",
		nil,
	)
}

// handleHint records the agent's decision about a message that may be an opt-out.
func (a *App) handleHint(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	record := f.get("do") == "record"
	conversation, err := a.Contacts.TakeHint(c.Request().Context(), actor(c), c.Param("id"), record)
	if err != nil {
		return err
	}
	if record {
		return a.done(c, "/inbox/"+conversation, "Opted out, with this message as the proof.")
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+conversation)
}
