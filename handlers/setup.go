package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/conversations/receipts"
	"parley/models/onboarding"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/views/setup"
	"parley/whatsapp"
)

// startProps is the checklist. Steps are ticked from the actual state.
func (a *App) startProps(c echo.Context) (setup.StartProps, error) {
	ctx := c.Request().Context()
	p := setup.StartProps{
		Now:          a.Store.Now(),
		Simulated:    a.SimulatorURL != "",
		SimulatorURL: a.SimulatorURL,
		PublicURL:    a.PublicURL,
		MayTest:      userOf(c).Role.Can(models.Admin),
		MayWrite:     userOf(c).Role.Can(models.Operator),
	}
	var err error
	if p.Facts, err = onboarding.Read(a.Store).Production(ctx); err != nil {
		return p, err
	}
	if p.Checks, err = models.Read(a.Store).Checks(ctx); err != nil {
		return p, err
	}
	if p.Vitals, err = models.Read(a.Store).Vitals(ctx); err != nil {
		return p, err
	}
	senders, err := senders.Read(a.Store).Senders(ctx)
	if err != nil {
		return p, err
	}
	for i := range senders {
		if senders[i].Sandbox() {
			p.Sandbox = &senders[i]
		}
	}
	clean, _, err := a.Onboarding.Candidates(ctx)
	p.Clean = len(clean)
	return p, err
}

func (a *App) showStart(c echo.Context) error {
	p, err := a.startProps(c)
	if err != nil {
		return err
	}
	page := setup.Start(p)
	return a.page(
		c,
		view{
			title:  "Getting started",
			area:   "access",
			topics: []string{"checks", "health", "access", "home", "senders", "contacts"},
		},
		page,
		page,
	)
}

// testConnection starts a job that tests the credentials or the webhooks; the page shows the result when it arrives.
func (a *App) testConnection(c echo.Context) error {
	what := c.Param("what")
	if what != models.CheckTwilio && what != models.CheckWebhooks {
		return a.notFound(c)
	}
	if err := a.Health.Ask(c.Request().Context(), what); err != nil {
		return err
	}
	back := "/start"
	if u, err := url.Parse(c.Request().Referer()); err == nil && u.Path == "/settings/health" {
		back = u.Path
	}
	return a.done(c, back, "It is being tested: the answer stands here in a moment.")
}

// receiveTest answers Parley's own signed call: the test passes if the call arrives here.
func (a *App) receiveTest(c echo.Context) error {
	d, err := a.signedDelivery(c, receipts.TestReceipt)
	if d.TokenNo == 0 {
		return err
	}
	r := receipts.WebhookReceipt{
		Kind:      receipts.TestReceipt,
		Verdict:   receipts.VerdictAccepted,
		Effect:    "A test of the webhooks by Parley itself",
		RequestID: requestIDOf(c),
		TokenNo:   d.TokenNo,
	}
	if err := receipts.LogReceipt(c.Request().Context(), a.Store, &r); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// mostMembers is how many Sandbox members the page lists.
const mostMembers = 200

func (a *App) sandboxProps(c echo.Context) (setup.SandboxProps, error) {
	ctx := c.Request().Context()
	p := setup.SandboxProps{
		Now:          a.Store.Now(),
		MayEdit:      userOf(c).Role.Can(models.Admin),
		MaySend:      userOf(c).Role.Can(models.Agent),
		SimulatorURL: a.SimulatorURL,
		Values:       templates.Values{},
	}
	senders, err := senders.Read(a.Store).Senders(ctx)
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
	if p.Members, err = onboarding.Read(a.Store).SandboxMembers(ctx, mostMembers); err != nil {
		return p, err
	}
	if err := a.knowMembers(ctx, p.Members); err != nil {
		return p, err
	}
	p.Templates, err = onboarding.Read(a.Store).SandboxVersions(ctx)
	return p, err
}

func (a *App) showSandbox(c echo.Context) error {
	p, err := a.sandboxProps(c)
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Sandbox", area: "access", topics: []string{"contacts", "inbox", "senders", "access"}},
		setup.Sandbox(p),
		setup.Members(p),
	)
}

func (a *App) saveJoinWords(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	words := strings.TrimSpace(strings.TrimPrefix(strings.ToLower(f.get("join_words")), "join "))
	err = a.Accounts.SetJoinWords(c.Request().Context(), actor(c), words)
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.sandboxProps(c)
		if err != nil {
			return err
		}
		p.Problems, p.TypedWords = problems, f.get("join_words")
		return a.page(c, view{title: "Sandbox", area: "access", status: status}, setup.Sandbox(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/sandbox", "Saved. Send the new words to those who should join.")
}

// sendFromSandbox sends one of the three pre-approved templates to a person who joined.
func (a *App) sendFromSandbox(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p, err := a.sandboxProps(c)
	if err != nil {
		return err
	}
	p.Version, p.To, p.Values = f.get("template"), f.get("to"), templates.Values(f.prefixed("value-"))
	err = a.Messaging.SendTemplate(c.Request().Context(), actor(c), userOf(c).Role, messaging.TemplateForm{
		ConversationID: p.To,
		VersionID:      p.Version,
		Values:         p.Values,
		Token:          f.get("token"),
	})
	if models.KindOf(err) == models.KindNotFound {
		err = models.Invalid("to", "setup.receiver_missing")
	}
	if problems, status, ok := problemsOf(err); ok {
		p.Problems = problems
		return a.page(c, view{title: "Sandbox", area: "access", status: status}, setup.Sandbox(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/inbox/"+p.To, "On its way.")
}

func (a *App) showHealth(c echo.Context) error {
	ctx := c.Request().Context()
	p := setup.HealthProps{Now: a.Store.Now(), PublicURL: a.PublicURL}
	var err error
	if p.Checks, err = models.Read(a.Store).Checks(ctx); err != nil {
		return err
	}
	if p.Vitals, err = models.Read(a.Store).Vitals(ctx); err != nil {
		return err
	}
	list, err := models.Read(a.Store).LatestErrors(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		p.Errors = append(p.Errors, setup.ErrorRow{ErrorCount: e, Advice: whatsapp.Explain(e.ErrorCode, e.Reason)})
	}
	if p.Senders, err = senders.Read(a.Store).Senders(ctx); err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Health", area: "settings", topics: []string{"health", "checks", "senders"}},
		setup.Health(p),
		setup.Vital(p),
	)
}
