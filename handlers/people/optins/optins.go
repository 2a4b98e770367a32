package optins

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/people/optins"
	"parley/models/senders"
	peopleservice "parley/services/people"
	"parley/views/components"
	view "parley/views/people/optins"
)

func (h *Handlers) showOptins(c echo.Context) error {
	list, err := optins.Read(h.Store).OptinSources(c.Request().Context())
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Opt-in pages", Area: "contacts", Topics: []string{"optins"}},
		view.List(view.ListProps{List: list, Base: h.Site.PublicURL}),
		nil,
	)
}

func (h *Handlers) newOptin(c echo.Context) error {
	return h.optinForm(
		c,
		view.FormProps{
			Source: optins.OptinSource{Color: "green", Confirm: true, Keyword: "JOIN", Headline: "Messages from us on WhatsApp",
				Wording: "I agree to get messages from {business} on WhatsApp. I can stop at any time by writing STOP.",
				Reply:   "You will get our messages here. Write STOP at any time to end them."},
		},
		0,
	)
}

func (h *Handlers) optinForm(c echo.Context, p view.FormProps, status int) error {
	ctx := c.Request().Context()
	var err error
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return err
	}
	if err := web.ContactWords(c.Request().Context(), h.Store, &p.Words); err != nil {
		return err
	}
	p.Base = h.Site.PublicURL
	title := "New opt-in page"
	if p.Source.PublicID != "" {
		title = p.Source.Name
	}
	return h.Site.Page(c, web.View{Title: title, Area: "contacts", Status: status}, view.Form(p), nil)
}

func (h *Handlers) optinFormOf(c echo.Context) (view.FormProps, error) {
	o, err := optins.Read(h.Store).OptinByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return view.FormProps{}, err
	}
	p := view.FormProps{Source: *o, Sender: o.Sender.PublicID, Link: peopleservice.WhatsAppLink(o.Sender.Phone, o.Keyword)}
	if o.Topic != nil {
		p.Topic = o.Topic.PublicID
	}
	if o.Tag != nil {
		p.Tag = o.Tag.PublicID
	}
	return p, nil
}

func (h *Handlers) showOptin(c echo.Context) error {
	p, err := h.optinFormOf(c)
	if err != nil {
		return err
	}
	return h.optinForm(c, p, 0)
}

func (h *Handlers) saveOptin(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	in := optins.OptinSource{
		Name:     f.Get("name"),
		Slug:     f.Get("slug"),
		Business: f.Get("business"),
		Headline: f.Get("headline"),
		Wording:  strings.ReplaceAll(strings.TrimSpace(f.Text("wording")), "{business}", f.Get("business")),
		Color:    f.Get("color"),
		Keyword:  f.Get("keyword"),
		Reply:    strings.TrimSpace(f.Text("reply")),
		Confirm:  f.Get("confirm") != "",
	}
	o, err := h.People.SaveOptin(c.Request().Context(), web.Actor(c), peopleservice.OptinForm{
		ID:       c.Param("id"),
		Version:  f.Version(),
		Page:     in,
		SenderID: f.Get("sender"),
		TopicID:  f.Get("topic"),
		TagID:    f.Get("tag"),
	})
	if problems, status, ok := web.Problems(err); ok {
		p := view.FormProps{}
		if c.Param("id") != "" {
			if p, err = h.optinFormOf(c); err != nil {
				return err
			}
			in.PublicID, in.Version = p.Source.PublicID, p.Source.Version
			in.ClosedAt, in.APIKeyHash = p.Source.ClosedAt, p.Source.APIKeyHash
		}
		p.Source, p.Sender, p.Topic, p.Tag, p.Problems = in, f.Get("sender"), f.Get("topic"), f.Get("tag"), problems
		return h.optinForm(c, p, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/contacts/optins/"+o.PublicID, "Saved.")
}

func (h *Handlers) closeOptin(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	closed := f.Get("closed") != ""
	if err := h.People.CloseOptin(c.Request().Context(), web.Actor(c), c.Param("id"), closed); err != nil {
		return web.Refused(c, err, "/contacts/optins/"+c.Param("id"))
	}
	if closed {
		return web.Done(c, "/contacts/optins/"+c.Param("id"), "Closed. What was recorded stays.")
	}
	return web.Done(c, "/contacts/optins/"+c.Param("id"), "Open again.")
}

func (h *Handlers) newOptinKey(c echo.Context) error {
	key, err := h.People.NewOptinKey(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	p, err := h.optinFormOf(c)
	if err != nil {
		return err
	}
	p.NewKey = key
	return h.optinForm(c, p, 0)
}

// optinQR serves the QR code as a file for printing.
func (h *Handlers) optinQR(c echo.Context) error {
	p, err := h.optinFormOf(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := components.QR(p.Link, "QR code to WhatsApp").Render(c.Request().Context(), &b); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", web.Disposition("qr-"+p.Source.Slug+".svg"))
	return c.Blob(
		http.StatusOK,
		"image/svg+xml",
		bytes.Replace(b.Bytes(), []byte("<svg "), []byte(`<svg xmlns="http://www.w3.org/2000/svg" `), 1),
	)
}
