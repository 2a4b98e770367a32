package onboarding

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/onboarding"
	"parley/models/senders"
	onboardingservice "parley/services/onboarding"
	view "parley/views/onboarding"
)

func (h *Handlers) showAccess(c echo.Context) error {
	p := view.ListProps{MayEdit: web.User(c).Role.Can(models.Admin), Now: h.Store.Now()}
	var err error
	if p.List, err = onboarding.Read(h.Store).AccessRequests(c.Request().Context()); err != nil {
		return err
	}
	if p.Times, err = onboarding.Read(h.Store).AccessTimes(c.Request().Context()); err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Access", Area: "access", Topics: []string{"access"}},
		view.Page(p),
		view.List(p),
	)
}

func (h *Handlers) accessProps(c echo.Context) (view.DetailProps, error) {
	ctx := c.Request().Context()
	p := view.DetailProps{
		MayEdit:          web.User(c).Role.Can(models.Admin),
		MaySeeSubmission: web.User(c).Role.Can(models.Operator),
		Now:              h.Store.Now(),
		SimulatorURL:     h.Site.Simulation.URL,
	}
	var err error
	if p.Zone, err = h.Site.Zone(c); err != nil {
		return p, err
	}
	if p.Request, err = onboarding.Read(h.Store).AccessRequestByPublicID(ctx, c.Param("id")); err != nil {
		return p, err
	}
	p.Typed.NextAction = p.Request.NextAction
	if at := p.Request.RemindAt; at != nil {
		p.Typed.RemindOn, p.RemindWas = at.In(p.Zone).Format(time.DateOnly), at.UTC().Format(time.RFC3339Nano)
	}
	review, err := h.Onboarding.Review(ctx, p.Request)
	if err != nil {
		return p, err
	}
	p.Score = review.Score
	p.Blockers, p.Advice, p.Good = items(review.Blockers()), items(review.Advice()), items(review.Good())
	if p.Files, err = onboarding.Read(h.Store).AccessFiles(ctx, p.Request.ID); err != nil {
		return p, err
	}
	samples, err := h.Onboarding.Samples(ctx, p.Request)
	if err != nil {
		return p, err
	}
	p.Samples = shown(samples)
	if p.Request.BasedOn != nil {
		if p.BasedOn, err = onboarding.Read(h.Store).AccessRequestByID(ctx, *p.Request.BasedOn); err != nil {
			return p, err
		}
	}
	if p.Request.State == onboarding.AccessReady && h.Site.Simulation.URL != "" {
		if p.SubmissionJSON, err = h.submissionJSON(ctx, p.Request); err != nil {
			return p, err
		}
	}
	senders, err := senders.Read(h.Store).Senders(ctx)
	if err != nil {
		return p, err
	}
	for i := range senders {
		if senders[i].Phone == p.Request.Phone {
			p.Sender = &senders[i]
		}
	}
	p.Timeline, err = onboarding.Read(h.Store).AccessTimeline(ctx, p.Request.ID)
	return p, err
}

// submissionJSON is a request's submission, to paste into the simulator's form.
func (h *Handlers) submissionJSON(ctx context.Context, r *onboarding.AccessRequest) (string, error) {
	submission, err := h.Onboarding.Submission(ctx, r)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(submission, "", "  ")
	return string(text), err
}

func items(list []onboardingservice.Item) []view.Item {
	out := make([]view.Item, 0, len(list))
	for _, i := range list {
		out = append(out, view.Item{Field: i.Field, Text: i.Text})
	}
	return out
}

func shown(list []onboardingservice.Sample) []view.Sample {
	out := make([]view.Sample, 0, len(list))
	for _, s := range list {
		v := view.Sample{Version: s.Version, Clean: s.Clean(), Promotional: s.Promotional()}
		if len(s.Findings) > 0 {
			v.Finding = s.Findings[0].Message
		}
		out = append(out, v)
	}
	return out
}

func (h *Handlers) showAccessRequest(c echo.Context) error {
	p, err := h.accessProps(c)
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: p.Request.Title(), Area: "access", Topics: []string{"access"}},
		view.Detail(p),
		view.Fresh(p),
	)
}

func (h *Handlers) moveAccessRequest(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	upload, done, err := web.Attached(c)
	if err != nil {
		return err
	}
	defer done()
	step := onboardingservice.Step{
		Version:    f.Version(),
		To:         onboarding.AccessState(f.Get("to")),
		Note:       f.Get("note"),
		NextAction: f.Get("next_action"),
		CaseNumber: f.Get("case_number"),
		File:       upload,
	}
	zone, err := h.Site.ZoneIn(c, f)
	if err != nil {
		return err
	}
	if step.HappenedAt, err = f.Day("happened_on", zone); err == nil {
		// Today means now: notes of the same day keep their order.
		if step.HappenedAt != nil &&
			step.HappenedAt.In(zone).Format(time.DateOnly) == h.Store.Now().In(zone).Format(time.DateOnly) {
			step.HappenedAt = nil
		}
		if step.RemindAt, err = f.Day("remind_on", zone); err == nil {
			err = h.Onboarding.Move(c.Request().Context(), web.Actor(c), c.Param("id"), step)
		}
	}
	if problems, status, ok := web.Problems(err); ok {
		p, err := h.accessProps(c)
		if err != nil {
			return err
		}
		p.Zone, p.RemindWas = zone, f.Get("remind_on-was")
		p.Typed = view.Step{
			Note:       step.Note,
			NextAction: step.NextAction,
			CaseNumber: step.CaseNumber,
			HappenedOn: f.Get("happened_on"),
			RemindOn:   f.Get("remind_on"),
		}
		p.Problems = problems
		return h.Site.Page(c, web.View{Title: p.Request.Title(), Area: "access", Status: status}, view.Detail(p), nil)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/access/"+c.Param("id"), "Noted.")
}

func (h *Handlers) addAccessFile(c echo.Context) error {
	upload, done, err := web.Attached(c)
	if err != nil {
		return err
	}
	defer done()
	to := "/access/" + c.Param("id")
	if upload == nil {
		return web.Refused(c, models.Invalid("file", "file.none_chosen"), to)
	}
	if err := h.Onboarding.AddEvidence(c.Request().Context(), web.Actor(c), c.Param("id"), *upload); err != nil {
		return web.Refused(c, err, to)
	}
	return web.Done(c, to, "The document was added.")
}

func (h *Handlers) removeAccessFile(c echo.Context) error {
	ctx := c.Request().Context()
	if err := h.Onboarding.RemoveEvidence(ctx, web.Actor(c), c.Param("id"), c.Param("file")); err != nil {
		return web.Refused(c, err, "/access/"+c.Param("id"))
	}
	return web.Done(c, "/access/"+c.Param("id"), "The document was removed.")
}

// showAccessFile serves a document: pictures may be shown within our pages, everything else is a download.
func (h *Handlers) showAccessFile(c echo.Context) error {
	f, err := onboarding.Read(h.Store).AccessFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	file, err := h.Media.Read(c.Request().Context(), f.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	if !f.Picture() {
		c.Response().Header().Set("Content-Disposition", web.Disposition(f.Name))
	}
	return c.Stream(http.StatusOK, f.ContentType, file)
}

func (h *Handlers) restartAccessRequest(c echo.Context) error {
	r, err := h.Onboarding.Restart(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return web.Refused(c, err, "/access/"+c.Param("id"))
	}
	return web.Done(
		c,
		"/access/"+r.PublicID+"/edit",
		"A new request was begun with everything from the rejected one: fix what it was rejected for.",
	)
}

// checkWebsite starts a new check of the website.
func (h *Handlers) checkWebsite(c echo.Context) error {
	r, err := onboarding.Read(h.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if r.Website == "" {
		return web.Refused(c, models.Invalid("website", "request.website_missing"), "/access/"+r.PublicID)
	}
	if err := h.Onboarding.RecheckWebsite(c.Request().Context(), r); err != nil {
		return err
	}
	return web.Done(c, "/access/"+r.PublicID, "The website is being looked at.")
}

// showSubmission shows the whole request on one page, for printing.
func (h *Handlers) showSubmission(c echo.Context) error {
	p, err := h.accessProps(c)
	if err != nil {
		return err
	}
	if p.Submission, err = h.submissionOf(c, p.Request); err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Access request of " + p.Request.Title(), Area: "access"},
		view.Submission(p),
		nil,
	)
}

func (h *Handlers) submissionOf(c echo.Context, r *onboarding.AccessRequest) (view.SubmissionProps, error) {
	submission, err := h.Onboarding.Submission(c.Request().Context(), r)
	out := view.SubmissionProps{Links: onboardingservice.Links(r.OptinLinks)}
	for _, s := range submission.Samples {
		out.Samples = append(
			out.Samples,
			view.SubmissionSample{Name: s.Name, Language: s.Language, Category: s.Category, Body: s.Body, Filled: s.Filled},
		)
	}
	return out, err
}

// exportSubmission exports the same as JSON, to paste or to attach.
func (h *Handlers) exportSubmission(c echo.Context) error {
	r, err := onboarding.Read(h.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	submission, err := h.Onboarding.Submission(c.Request().Context(), r)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", web.Disposition("access-request-"+r.PublicID+".json"))
	return c.JSONPretty(http.StatusOK, submission, "  ")
}
