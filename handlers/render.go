package handlers

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

// wantsPart reports whether htmx swaps the answer into an element rather than the document.
// Boosted links, hx-select and history restores ask for "full" (htmx 4).
func wantsPart(c echo.Context) bool { return c.Request().Header.Get("HX-Request-Type") == "partial" }

// view is a page to show.
type view struct {
	title, area string
	topics      []string
	wide        bool
	status      int // 200 if 0
}

// page answers with the whole page, or with part alone when htmx swaps an element. full must contain the same component
// as part.
func (a *App) page(c echo.Context, v view, full, part templ.Component) error {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	c.Response().Header().Add(echo.HeaderVary, "HX-Request-Type")
	if part != nil && wantsPart(c) {
		return render(c, v.status, part)
	}
	s, err := a.shell(c, v)
	if err != nil {
		return err
	}
	return render(c, v.status, layout.Page(s, full))
}

func (a *App) shell(c echo.Context, v view) (layout.Shell, error) {
	u := userOf(c)
	s := layout.Shell{
		Title:        v.title,
		Area:         v.area,
		User:         u,
		Topics:       v.topics,
		Wide:         v.wide,
		Answer:       c.Request().Method == http.MethodPost,
		Simulated:    a.SimulatorURL != "",
		SimulatorURL: a.SimulatorURL,
	}
	var err error
	if s.Counters, err = inbox.Read(a.Store).Count(c.Request().Context(), u.ID); err != nil {
		return s, err
	}
	senders, err := senders.Read(a.Store).Senders(c.Request().Context())
	if err != nil {
		return s, err
	}
	if len(senders) > 0 {
		s.Sender = &senders[0]
	}
	if s.Unseen, s.NewestAlert, err = models.Read(a.Store).UnseenAlerts(c.Request().Context(), u.ID); err != nil {
		return s, err
	}
	if s.Troubles, err = a.troubles(c); err != nil {
		return s, err
	}
	s.Flash, err = a.popFlash(c)
	return s, err
}

// troubles are the reasons why sending or receiving does not work, empty if both work.
func (a *App) troubles(c echo.Context) ([]string, error) {
	checks, err := models.Read(a.Store).Checks(c.Request().Context())
	var out []string
	for _, name := range []string{models.CheckSending, models.CheckReceiving} {
		if x, ok := checks[name]; ok && !x.OK {
			out = append(out, x.Said)
		}
	}
	return out, err
}

func (a *App) showBanner(c echo.Context) error {
	list, err := a.troubles(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, layout.Banner(list, userOf(c)))
}

// render writes a component. Nothing is sent before it has rendered, so a failure still becomes an error page.
func render(c echo.Context, status int, comp templ.Component) error {
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := comp.Render(c.Request().Context(), buf); err != nil {
		return err
	}
	return c.HTMLBlob(status, buf.Bytes())
}
