package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/onboarding"
	"parley/models/senders"
	onboardingservice "parley/services/onboarding"
	views "parley/views/onboarding"
)

func (a *App) showAccess(c echo.Context) error {
	p := views.ListProps{MayEdit: userOf(c).Role.Can(models.Admin), Now: a.Store.Now()}
	var err error
	if p.List, err = onboarding.Read(a.Store).AccessRequests(c.Request().Context()); err != nil {
		return err
	}
	if p.Times, err = onboarding.Read(a.Store).AccessTimes(c.Request().Context()); err != nil {
		return err
	}
	return a.page(c, view{title: "Access", area: "access", topics: []string{"access"}}, views.Page(p), views.List(p))
}

func (a *App) accessProps(c echo.Context) (views.DetailProps, error) {
	ctx := c.Request().Context()
	p := views.DetailProps{
		MayEdit:          userOf(c).Role.Can(models.Admin),
		MaySeeSubmission: userOf(c).Role.Can(models.Operator),
		Now:              a.Store.Now(),
		SimulatorURL:     a.SimulatorURL,
	}
	var err error
	if p.Zone, err = a.zone(c); err != nil {
		return p, err
	}
	if p.Request, err = onboarding.Read(a.Store).AccessRequestByPublicID(ctx, c.Param("id")); err != nil {
		return p, err
	}
	p.Typed.NextAction = p.Request.NextAction
	if at := p.Request.RemindAt; at != nil {
		p.Typed.RemindOn, p.RemindWas = at.In(p.Zone).Format(time.DateOnly), at.UTC().Format(time.RFC3339Nano)
	}
	review, err := a.Onboarding.Review(ctx, p.Request)
	if err != nil {
		return p, err
	}
	p.Score = review.Score
	p.Blockers, p.Advice, p.Good = items(review.Blockers()), items(review.Advice()), items(review.Good())
	if p.Files, err = onboarding.Read(a.Store).AccessFiles(ctx, p.Request.ID); err != nil {
		return p, err
	}
	samples, err := a.Onboarding.Samples(ctx, p.Request)
	if err != nil {
		return p, err
	}
	p.Samples = shown(samples)
	if p.Request.BasedOn != nil {
		if p.BasedOn, err = onboarding.Read(a.Store).AccessRequestByID(ctx, *p.Request.BasedOn); err != nil {
			return p, err
		}
	}
	if p.Request.State == onboarding.AccessReady && a.SimulatorURL != "" {
		if p.SubmissionJSON, err = a.submissionJSON(ctx, p.Request); err != nil {
			return p, err
		}
	}
	senders, err := senders.Read(a.Store).Senders(ctx)
	if err != nil {
		return p, err
	}
	for i := range senders {
		if senders[i].Phone == p.Request.Phone {
			p.Sender = &senders[i]
		}
	}
	p.Timeline, err = onboarding.Read(a.Store).AccessTimeline(ctx, p.Request.ID)
	return p, err
}

// submissionJSON is a request's submission, to paste into the simulator's form.
func (a *App) submissionJSON(ctx context.Context, r *onboarding.AccessRequest) (string, error) {
	submission, err := a.Onboarding.Submission(ctx, r)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(submission, "", "  ")
	return string(text), err
}

func items(list []onboardingservice.Item) []views.Item {
	out := make([]views.Item, 0, len(list))
	for _, i := range list {
		out = append(out, views.Item{Field: i.Field, Text: i.Text})
	}
	return out
}

func shown(list []onboardingservice.Sample) []views.Sample {
	out := make([]views.Sample, 0, len(list))
	for _, s := range list {
		v := views.Sample{Version: s.Version, Clean: s.Clean(), Promotional: s.Promotional()}
		if len(s.Findings) > 0 {
			v.Finding = s.Findings[0].Message
		}
		out = append(out, v)
	}
	return out
}

func (a *App) showAccessRequest(c echo.Context) error {
	p, err := a.accessProps(c)
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: p.Request.Title(), area: "access", topics: []string{"access"}},
		views.Detail(p),
		views.Fresh(p),
	)
}

func (a *App) moveAccessRequest(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	upload, done, err := attached(c)
	if err != nil {
		return err
	}
	defer done()
	step := onboardingservice.Step{
		Version:    f.version(),
		To:         onboarding.AccessState(f.get("to")),
		Note:       f.get("note"),
		NextAction: f.get("next_action"),
		CaseNumber: f.get("case_number"),
		File:       upload,
	}
	zone, err := a.zoneIn(c, f)
	if err != nil {
		return err
	}
	if step.HappenedAt, err = f.day("happened_on", zone); err == nil {
		// Today means now: notes of the same day keep their order.
		if step.HappenedAt != nil &&
			step.HappenedAt.In(zone).Format(time.DateOnly) == a.Store.Now().In(zone).Format(time.DateOnly) {
			step.HappenedAt = nil
		}
		if step.RemindAt, err = f.day("remind_on", zone); err == nil {
			err = a.Onboarding.Move(c.Request().Context(), actor(c), c.Param("id"), step)
		}
	}
	if problems, status, ok := problemsOf(err); ok {
		p, err := a.accessProps(c)
		if err != nil {
			return err
		}
		p.Zone, p.RemindWas = zone, f.get("remind_on-was")
		p.Typed = views.Step{
			Note:       step.Note,
			NextAction: step.NextAction,
			CaseNumber: step.CaseNumber,
			HappenedOn: f.get("happened_on"),
			RemindOn:   f.get("remind_on"),
		}
		p.Problems = problems
		return a.page(c, view{title: p.Request.Title(), area: "access", status: status}, views.Detail(p), nil)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/access/"+c.Param("id"), "Noted.")
}

func (a *App) addAccessFile(c echo.Context) error {
	upload, done, err := attached(c)
	if err != nil {
		return err
	}
	defer done()
	to := "/access/" + c.Param("id")
	if upload == nil {
		return a.refused(c, models.Invalid("file", "file.none_chosen"), to)
	}
	if err := a.Onboarding.AddEvidence(c.Request().Context(), actor(c), c.Param("id"), *upload); err != nil {
		return a.refused(c, err, to)
	}
	return a.done(c, to, "The document was added.")
}

func (a *App) removeAccessFile(c echo.Context) error {
	if err := a.Onboarding.RemoveEvidence(c.Request().Context(), actor(c), c.Param("id"), c.Param("file")); err != nil {
		return a.refused(c, err, "/access/"+c.Param("id"))
	}
	return a.done(c, "/access/"+c.Param("id"), "The document was removed.")
}

// showAccessFile serves a document: pictures may be shown within our pages, everything else is a download.
func (a *App) showAccessFile(c echo.Context) error {
	f, err := onboarding.Read(a.Store).AccessFileByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	file, err := a.Media.Read(c.Request().Context(), f.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	if !f.Picture() {
		c.Response().Header().Set("Content-Disposition", disposition(f.Name))
	}
	return c.Stream(http.StatusOK, f.ContentType, file)
}

func (a *App) restartAccessRequest(c echo.Context) error {
	r, err := a.Onboarding.Restart(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return a.refused(c, err, "/access/"+c.Param("id"))
	}
	return a.done(
		c,
		"/access/"+r.PublicID+"/edit",
		"A new request was begun with everything from the rejected one: fix what it was rejected for.",
	)
}

// checkWebsite starts a new check of the website.
func (a *App) checkWebsite(c echo.Context) error {
	r, err := onboarding.Read(a.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if r.Website == "" {
		return a.refused(c, models.Invalid("website", "request.website_missing"), "/access/"+r.PublicID)
	}
	if err := a.Onboarding.RecheckWebsite(c.Request().Context(), r); err != nil {
		return err
	}
	return a.done(c, "/access/"+r.PublicID, "The website is being looked at.")
}

// showSubmission shows the whole request on one page, for printing.
func (a *App) showSubmission(c echo.Context) error {
	p, err := a.accessProps(c)
	if err != nil {
		return err
	}
	if p.Submission, err = a.submissionOf(c, p.Request); err != nil {
		return err
	}
	return a.page(c, view{title: "Access request of " + p.Request.Title(), area: "access"}, views.Submission(p), nil)
}

func (a *App) submissionOf(c echo.Context, r *onboarding.AccessRequest) (views.SubmissionProps, error) {
	submission, err := a.Onboarding.Submission(c.Request().Context(), r)
	out := views.SubmissionProps{Links: onboardingservice.Links(r.OptinLinks)}
	for _, s := range submission.Samples {
		out.Samples = append(
			out.Samples,
			views.SubmissionSample{Name: s.Name, Language: s.Language, Category: s.Category, Body: s.Body, Filled: s.Filled},
		)
	}
	return out, err
}

// exportSubmission exports the same as JSON, to paste or to attach.
func (a *App) exportSubmission(c echo.Context) error {
	r, err := onboarding.Read(a.Store).AccessRequestByPublicID(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	submission, err := a.Onboarding.Submission(c.Request().Context(), r)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition("access-request-"+r.PublicID+".json"))
	return c.JSONPretty(http.StatusOK, submission, "  ")
}
