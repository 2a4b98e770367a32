package public

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/people/optins"
	peopleservice "parley/services/people"
	view "parley/views/public"
)

// publicOptin finds an open page. For any other address it answers with a page that says so.
func (h *Handlers) publicOptin(c echo.Context) (*optins.OptinSource, error) {
	o, err := optins.Read(h.Store).OptinBySlug(c.Request().Context(), c.Param("slug"))
	if models.KindOf(err) == models.KindNotFound {
		return nil, web.Render(c, http.StatusNotFound, view.Closed())
	}
	return o, err
}

func publicProps(o *optins.OptinSource) view.PublicProps {
	return view.PublicProps{Source: *o, Link: peopleservice.WhatsAppLink(o.Sender.Phone, o.Keyword)}
}

func (h *Handlers) showJoin(c echo.Context) error {
	o, err := h.publicOptin(c)
	if err != nil || o == nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Public(publicProps(o)))
}

// join handles the form of a public page. The answer is the same whether or not the number is known.
func (h *Handlers) join(c echo.Context) error {
	o, err := h.publicOptin(c)
	if err != nil || o == nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := publicProps(o)
	p.Phone, p.Name, p.Agreed = f.Get("phone"), f.Get("name"), f.Get("agreed") != ""
	p.PhoneConfirmed = f.Get("phone_confirmed")
	if !h.tries.Allow(c.RealIP()) {
		p.Problems = map[string]string{
			"": "There were many forms from your network just now. Wait a minute and send it again.",
		}
		return web.Render(c, http.StatusTooManyRequests, view.Public(p))
	}
	if f.Get("website") != "" { // a honeypot: only programs fill in a field that people can't see
		p.Confirm = true
		return web.Render(c, http.StatusOK, view.Public(p))
	}
	language, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	language, _, _ = strings.Cut(language, "-")
	confirm, err := h.People.OptIn(
		c.Request().Context(),
		o,
		peopleservice.Form{
			Phone:          p.Phone,
			PhoneConfirmed: p.PhoneConfirmed,
			Name:           p.Name,
			Language:       strings.ToLower(strings.TrimSpace(language)),
			Agreed:         p.Agreed,
			IP:             c.RealIP(),
			UserAgent:      c.Request().UserAgent(),
		},
	)
	if problems, status, ok := web.Problems(err); ok {
		p.Problems = problems
		return web.Render(c, status, view.Public(p))
	}
	if err != nil {
		return err
	}
	p.Confirm, p.Done = confirm, !confirm
	return web.Render(c, http.StatusOK, view.Public(p))
}
