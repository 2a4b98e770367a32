package onboarding

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models"
	"parley/models/onboarding"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/messaging"
	view "parley/views/onboarding"
	"parley/whatsapp"
)

// startProps is the checklist. Steps are ticked from the actual state.
func (h *Handlers) startProps(c echo.Context) (view.StartProps, error) {
	ctx := c.Request().Context()
	p := view.StartProps{
		Now:          h.Store.Now(),
		Simulated:    h.Site.Simulation.URL != "",
		SimulatorURL: h.Site.Simulation.URL,
		PublicURL:    h.Site.PublicURL,
		MayTest:      web.User(c).Role.Can(models.Admin),
		MayWrite:     web.User(c).Role.Can(models.Operator),
	}
	var err error
	if p.Facts, err = onboarding.Read(h.Store).Production(ctx); err != nil {
		return p, err
	}
	if p.Checks, err = models.Read(h.Store).Checks(ctx); err != nil {
		return p, err
	}
	if p.Vitals, err = models.Read(h.Store).Vitals(ctx); err != nil {
		return p, err
	}
	senders, err := senders.Read(h.Store).Senders(ctx)
	if err != nil {
		return p, err
	}
	for i := range senders {
		if senders[i].Sandbox() {
			p.Sandbox = &senders[i]
		}
	}
	clean, _, err := h.Onboarding.Candidates(ctx)
	p.Clean = len(clean)
	return p, err
}

func (h *Handlers) showStart(c echo.Context) error {
	p, err := h.startProps(c)
	if err != nil {
		return err
	}
	page := view.Start(p)
	return h.Site.Page(
		c,
		web.View{
			Title:  "Getting started",
			Area:   "access",
			Topics: []string{"checks", "health", "access", "home", "senders", "contacts"},
		},
		page,
		page,
	)
}

// testConnection starts a job that tests the credentials or the webhooks; the page shows the result when it arrives.
func (h *Handlers) testConnection(c echo.Context) error {
	what := c.Param("what")
	if what != models.CheckTwilio && what != models.CheckWebhooks {
		return web.NotFound(c)
	}
	if err := h.Health.Ask(c.Request().Context(), what); err != nil {
		return err
	}
	back := "/start"
	if u, err := url.Parse(c.Request().Referer()); err == nil && u.Path == "/settings/health" {
		back = u.Path
	}
	return web.Done(c, back, "It is being tested: the answer stands here in a moment.")
}

// mostMembers is how many Sandbox members the page lists.
const mostMembers = 200

func (h *Handlers) sandboxProps(c echo.Context) (view.SandboxProps, error) {
	ctx := c.Request().Context()
	p := view.SandboxProps{
		Now:          h.Store.Now(),
		MayEdit:      web.User(c).Role.Can(models.Admin),
		MaySend:      web.User(c).Role.Can(models.Agent),
		SimulatorURL: h.Site.Simulation.URL,
		Values:       templates.Values{},
	}
	senders, err := senders.Read(h.Store).Senders(ctx)
	if err != nil {
		return p, err
	}
	for i := range senders {
		if senders[i].Sandbox() {
			p.Sender = &senders[i]
		}
	}
	if p.Sender == nil {
		return p, nil
	}
	p.Link = "https://wa.me/" + strings.TrimPrefix(p.Sender.Phone, "+")
	if p.Sender.JoinWords != "" {
		p.Link += "?text=" + url.QueryEscape("join "+p.Sender.JoinWords)
	}
	if p.Members, err = onboarding.Read(h.Store).SandboxMembers(ctx, mostMembers); err != nil {
		return p, err
	}
	if err := mask.ReadMemberNumbers(ctx, h.Store, p.Members); err != nil {
		return p, err
	}
	p.Templates, err = onboarding.Read(h.Store).SandboxVersions(ctx)
	return p, err
}

func (h *Handlers) showSandbox(c echo.Context) error {
	p, err := h.sandboxProps(c)
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Sandbox", Area: "access", Topics: []string{"contacts", "inbox", "senders", "access"}},
		view.Sandbox(p),
		view.Members(p),
	)
}

func (h *Handlers) saveJoinWords(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	words := strings.TrimSpace(strings.TrimPrefix(strings.ToLower(f.Get("join_words")), "join "))
	err = h.Accounts.SetJoinWords(c.Request().Context(), web.Actor(c), words)
	if problems, status, ok := web.Problems(err); ok {
		p, err := h.sandboxProps(c)
		if err != nil {
			return err
		}
		p.Problems, p.TypedWords = problems, f.Get("join_words")
		return h.Site.Page(c, web.View{Title: "Sandbox", Area: "access", Status: status}, view.Sandbox(p), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/sandbox", "Saved. Send the new words to those who should join.")
}

// sendFromSandbox sends one of the three pre-approved templates to a person who joined.
func (h *Handlers) sendFromSandbox(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p, err := h.sandboxProps(c)
	if err != nil {
		return err
	}
	p.Version, p.To, p.Values = f.Get("template"), f.Get("to"), templates.Values(f.Prefixed("value-"))
	err = h.Messaging.SendTemplate(c.Request().Context(), web.Actor(c), web.User(c).Role, messaging.TemplateForm{
		ConversationID: p.To,
		VersionID:      p.Version,
		Values:         p.Values,
		Token:          f.Get("token"),
	})
	if models.KindOf(err) == models.KindNotFound {
		err = models.Invalid("to", "setup.receiver_missing")
	}
	if problems, status, ok := web.Problems(err); ok {
		p.Problems = problems
		return h.Site.Page(c, web.View{Title: "Sandbox", Area: "access", Status: status}, view.Sandbox(p), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/inbox/"+p.To, "On its way.")
}

func (h *Handlers) showHealth(c echo.Context) error {
	ctx := c.Request().Context()
	p := view.HealthProps{Now: h.Store.Now(), PublicURL: h.Site.PublicURL}
	var err error
	if p.Checks, err = models.Read(h.Store).Checks(ctx); err != nil {
		return err
	}
	if p.Vitals, err = models.Read(h.Store).Vitals(ctx); err != nil {
		return err
	}
	list, err := models.Read(h.Store).LatestErrors(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		p.Errors = append(p.Errors, view.ErrorRow{ErrorCount: e, Advice: whatsapp.Explain(e.ErrorCode, e.Reason)})
	}
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Health", Area: "settings", Topics: []string{"health", "checks", "senders"}},
		view.Health(p),
		view.Vital(p),
	)
}
