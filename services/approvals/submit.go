package approvals

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parley/models"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// SubmitArgs asks a job to submit a version to Twilio.
type SubmitArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (SubmitArgs) Kind() string { return "submit_template" }

// ErrWarnings says that the lint has warnings: the user can submit all the same by confirming.
var ErrWarnings = models.Conflict("template.warnings")

// Submit submits a draft for WhatsApp's approval: it is checked, marked as submitted and sent to Twilio by a job. An
// error of the lint refuses it and names the field; so does a warning unless confirmed. A type that WhatsApp has no
// templates of becomes ready for open sessions instead.
func (s *Service) Submit(ctx context.Context, a models.Actor, opened Revision, confirmed bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionForUpdate(tx, opened.VersionID)
		if err != nil {
			return err
		}
		if v.Version != opened.Version {
			return models.ErrStale("template")
		}
		if v.State != whatsapp.Draft {
			return models.Conflict("template.submitted_already")
		}
		if v.Template.ArchivedAt != nil {
			return models.Conflict("template.archived")
		}
		facts, err := templates.Facts(tx, v.Template, v)
		if err != nil {
			return err
		}
		facts.OwnBase = s.publicURL
		if err := refusals(lint.Check(facts), confirmed); err != nil {
			return err
		}
		v.WhatsappName = nameAtWhatsapp(v)
		if err := templates.MoveApproval(tx, a, v, whatsapp.Submitted, ""); err != nil {
			return err
		}
		return tx.Enqueue(SubmitArgs{VersionID: v.ID}, nil)
	})
}

func refusals(findings []lint.Finding, confirmed bool) error {
	var errs []error
	warned := false
	for _, f := range findings {
		switch {
		case f.Severity == lint.Error:
			errs = append(errs, models.Invalid(f.Field, "template.finding", "Reason", f.Message))
		case f.Rule != "unapprovable":
			warned = true
		}
	}
	if len(errs) == 0 && warned && !confirmed {
		return ErrWarnings
	}
	return errors.Join(errs...)
}

// nameAtWhatsapp is the name that a version is submitted under. A name and a language belong to one
// content for good, so each later version gets a name of its own.
func nameAtWhatsapp(v *templates.TemplateVersion) string {
	if v.Number == 1 {
		return v.Template.Name
	}
	suffix := "_v" + strconv.Itoa(v.Number)
	return v.Template.Name[:min(len(v.Template.Name), whatsapp.MaxTemplateName-len(suffix))] + suffix
}

// SubmitNow is the job behind Submit. Each answer of Twilio's is stored before the next call, so that a second run
// (again) continues where the first one stopped.
func (s *Service) SubmitNow(ctx context.Context, id int64, again bool) error {
	v, err := templates.Read(s.store).VersionByID(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil || v.State != whatsapp.Submitted || v.TwilioState != "" {
		return err
	}
	if v.ContentSid == nil {
		sid, err := s.createContent(ctx, contentOf(v, ""), again)
		if err != nil {
			return s.notTaken(ctx, v, err)
		}
		v.ContentSid = &sid
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return templates.SaveSubmission(tx, v) }); err != nil {
			return err
		}
	}
	if v.ContentType.SessionOnly() {
		return s.apply(ctx, id, twilio.Approval{Status: "unsubmitted"}, true)
	}
	// After a crash between the calls, WhatsApp may have it already.
	answer, err := s.twilio.FetchApproval(*v.ContentSid)
	if err == nil && answer.Status == "unsubmitted" || twilio.CodeOf(err) == 20404 {
		answer, err = s.twilio.SubmitContent(*v.ContentSid, v.WhatsappName, string(v.Template.Category))
	}
	if err != nil {
		return s.notTaken(ctx, v, err)
	}
	return s.apply(ctx, id, answer, true)
}

func contentOf(v *templates.TemplateVersion, suffix string) twilio.Content {
	name := v.Template.Title()
	c := twilio.Content{
		FriendlyName: fmt.Sprintf("%s_%s_v%d%s", name[:min(len(name), 100)], v.Language, v.Number, suffix),
		Language:     v.Language,
		Content:      *v.Whole().Numbered(),
		Samples:      map[string]string{},
	}
	samples := v.Samples()
	for i, name := range v.Names() {
		c.Samples[strconv.Itoa(i+1)] = samples[name]
	}
	return c
}

// notTaken turns a refusal of Twilio's into a rejection with its reason; the job tries again after any other error.
func (s *Service) notTaken(ctx context.Context, v *templates.TemplateVersion, cause error) error {
	e, ok := errors.AsType[*twilio.Error](cause)
	if !ok || e.Outcome != twilio.Refused || e.Code == 20003 {
		v.SubmitError = "Twilio did not take it yet; Parley tries again."
		if e != nil && e.Code == 20003 {
			v.SubmitError = "Twilio did not accept the credentials: check the account SID and the auth token."
		}
		err := s.store.InTx(ctx, func(tx *models.Tx) error { return templates.SaveSubmission(tx, v) })
		return errors.Join(cause, err)
	}
	s.log.Warn("twilio refused a template", "template", v.Template.Name, "error", cause)
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionForUpdate(tx, v.PublicID)
		if err != nil || v.State != whatsapp.Submitted {
			return err
		}
		refused := decision{state: whatsapp.Rejected, reason: "Twilio did not take the template: " + e.Message}
		return s.decided(tx, models.System("Twilio"), v, refused)
	})
}

// schedulePoll starts the job that polls for the decision.
func schedulePoll(tx *models.Tx, id int64) error {
	return tx.Enqueue(PollApprovalArgs{VersionID: id}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{
		ByArgs: true,
		ByState: []rivertype.JobState{
			rivertype.JobStateAvailable,
			rivertype.JobStatePending,
			rivertype.JobStateRetryable,
			rivertype.JobStateRunning,
			rivertype.JobStateScheduled,
		},
	}})
}

// wordsOf is the text of a refusal, Twilio's or ours.
func wordsOf(err error) string {
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		return "Twilio says: " + e.Message
	}
	if e, ok := errors.AsType[*models.Error](err); ok {
		return e.Message()
	}
	return "Something went wrong; it is in the log."
}
