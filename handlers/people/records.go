package people

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/people"
	peopleservice "parley/services/people"
	view "parley/views/people"
)

func (h *Handlers) addContactNote(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	err = h.People.Note(c.Request().Context(), web.Actor(c), c.Param("id"), f.Text("note"))
	return h.changed(c, err, "Noted.", func(p *view.DetailProps) { p.Note = f.Text("note") })
}

func (h *Handlers) removeContactNote(c echo.Context) error {
	note := peopleservice.ContactNote{ContactID: c.Param("id"), NoteID: c.Param("note")}
	err := h.People.RemoveNote(c.Request().Context(), web.Actor(c), web.User(c).Role, note)
	return h.changed(c, err, "The note was removed.", nil)
}

func (h *Handlers) addContactFile(c echo.Context) error {
	upload, done, err := web.Attached(c)
	if err != nil {
		return err
	}
	defer done()
	if upload == nil {
		return h.changed(c, models.Invalid("file", "file.none_chosen"), "", nil)
	}
	return h.changed(
		c,
		h.People.AddFile(c.Request().Context(), web.Actor(c), c.Param("id"), *upload),
		"The file was added.",
		nil,
	)
}

func (h *Handlers) removeContactFile(c echo.Context) error {
	return h.changed(
		c,
		h.People.RemoveFile(c.Request().Context(), web.Actor(c), c.Param("id"), c.Param("file")),
		"The file was removed.",
		nil,
	)
}

// showContactFile serves a file as a download, never inside a page of ours: uploaded content must not run here.
func (h *Handlers) showContactFile(c echo.Context) error {
	f, err := people.Read(h.Store).ContactFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	file, err := h.Media.Read(c.Request().Context(), f.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	c.Response().Header().Set("Content-Disposition", web.Disposition(f.Name))
	return c.Stream(http.StatusOK, f.ContentType, file)
}

func (h *Handlers) mergeContacts(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.changed(
		c,
		h.People.Merge(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("other")),
		"Merged: both histories are here now.",
		nil,
	)
}

func (h *Handlers) eraseContact(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.changed(
		c,
		h.People.Erase(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("confirm")),
		"Erased. The person stays opted out.",
		nil,
	)
}

// handleHint records the agent's decision about a message that may be an opt-out.
func (h *Handlers) handleHint(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	record := f.Get("do") == "record"
	conversation, err := h.People.TakeHint(c.Request().Context(), web.Actor(c), c.Param("id"), record)
	if err != nil {
		return err
	}
	if record {
		return web.Done(c, "/inbox/"+conversation, "Opted out, with this message as the proof.")
	}
	return c.Redirect(http.StatusSeeOther, "/inbox/"+conversation)
}
