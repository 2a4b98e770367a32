package web

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/inbox"
	"parley/models/senders"
	"parley/views/layout"
)

type ipKey struct{}

func withIP(ctx context.Context, ip string) context.Context {
	return context.WithValue(ctx, ipKey{}, ip)
}

func clientIP(r *http.Request) string {
	ip, _ := r.Context().Value(ipKey{}).(string)
	return ip
}

// WantsPart reports whether htmx swaps the answer into an element rather than the document.
// Boosted links, hx-select and history restores ask for "full" (htmx 4).
func WantsPart(c echo.Context) bool { return c.Request().Header.Get("HX-Request-Type") == "partial" }

// View is a page to show.
type View struct {
	Title, Area string
	Topics      []string
	Wide        bool
	Status      int // 200 if 0
}

// Page answers with the whole page, or with part alone when htmx swaps an element. full must contain the same component
// as part.
func (site *Site) Page(c echo.Context, v View, full, part templ.Component) error {
	if v.Status == 0 {
		v.Status = http.StatusOK
	}
	c.Response().Header().Add(echo.HeaderVary, "HX-Request-Type")
	if part != nil && WantsPart(c) {
		return Render(c, v.Status, part)
	}
	s, err := site.shell(c, v)
	if err != nil {
		return err
	}
	return Render(c, v.Status, layout.Page(s, full))
}

func (site *Site) shell(c echo.Context, v View) (layout.Shell, error) {
	u := User(c)
	s := layout.Shell{
		Title:        v.Title,
		Area:         v.Area,
		User:         u,
		Topics:       v.Topics,
		Wide:         v.Wide,
		Answer:       c.Request().Method == http.MethodPost,
		Simulated:    site.Simulation.URL != "",
		SimulatorURL: site.Simulation.URL,
	}
	var err error
	if s.Counters, err = inbox.Read(site.Store).Count(c.Request().Context(), u.ID); err != nil {
		return s, err
	}
	senders, err := senders.Read(site.Store).Senders(c.Request().Context())
	if err != nil {
		return s, err
	}
	if len(senders) > 0 {
		s.Sender = &senders[0]
	}
	if s.Unseen, s.NewestAlert, err = models.Read(site.Store).UnseenAlerts(c.Request().Context(), u.ID); err != nil {
		return s, err
	}
	if s.Troubles, err = site.Troubles(c); err != nil {
		return s, err
	}
	s.Flash, err = popFlash(c)
	return s, err
}

// Troubles are the reasons why sending or receiving does not work, empty if both work.
func (site *Site) Troubles(c echo.Context) ([]string, error) {
	checks, err := models.Read(site.Store).Checks(c.Request().Context())
	var out []string
	for _, name := range []string{models.CheckSending, models.CheckReceiving} {
		if x, ok := checks[name]; ok && !x.OK {
			out = append(out, x.Said)
		}
	}
	return out, err
}

// Render writes a component. Nothing is sent before it has rendered, so a failure still becomes an error page.
func Render(c echo.Context, status int, comp templ.Component) error {
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := comp.Render(c.Request().Context(), buf); err != nil {
		return err
	}
	return c.HTMLBlob(status, buf.Bytes())
}
