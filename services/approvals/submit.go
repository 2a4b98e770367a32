package approvals

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// SubmitArgs asks a job to hand a version to Twilio.
type SubmitArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (SubmitArgs) Kind() string { return "submit_template" }

// Submit hands a draft over for WhatsApp's approval: it is checked, marked as submitted and sent to
// Twilio by a job. A finding of the lint that is an error refuses it.
func (s *Service) Submit(ctx context.Context, a models.Actor, versionID string, version int) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(versionID)
		if err != nil {
			return err
		}
		if v.Version != version {
			return models.ErrStale("template")
		}
		if v.State != whatsapp.Draft {
			return models.Conflict("This version was submitted already.")
		}
		var errs []error
		for _, f := range v.Lint(v.Template) {
			if f.Severity == whatsapp.SeverityError {
				errs = append(errs, models.Invalid(f.Field, f.Message))
			}
		}
		if len(errs) > 0 {
			return errors.Join(errs...)
		}
		if err := tx.MoveApproval(a, v, whatsapp.Submitted, ""); err != nil {
			return err
		}
		return tx.Enqueue(SubmitArgs{VersionID: v.ID}, nil)
	})
}

// SubmitNow is the job behind Submit. Each answer of Twilio's is stored before the next call, so that a
// second run goes on where the first one stopped.
func (s *Service) SubmitNow(ctx context.Context, id int64) error {
	v, err := s.store.VersionByID(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil || v.State != whatsapp.Submitted || v.TwilioState != "" {
		return err
	}
	if v.ContentSid == nil {
		sid, err := s.twilio.CreateContent(contentOf(v))
		if err != nil {
			return s.notTaken(ctx, v, err)
		}
		v.ContentSid = &sid
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveSubmission(v) }); err != nil {
			return err
		}
	}
	// After a crash in between, WhatsApp may have it already.
	answer, err := s.twilio.FetchApproval(*v.ContentSid)
	if err == nil && answer.Status == "unsubmitted" || twilio.CodeOf(err) == 20404 {
		answer, err = s.twilio.SubmitContent(*v.ContentSid, v.Template.Name, v.Template.Category)
	}
	if err != nil {
		return s.notTaken(ctx, v, err)
	}
	return s.apply(ctx, id, answer, true)
}

func contentOf(v *models.TemplateVersion) twilio.Content {
	c := twilio.Content{FriendlyName: fmt.Sprintf("%s_%s_v%d", v.Template.Name, v.Language, v.Number), Language: v.Language,
		Body: whatsapp.Numbered(v.Body), Samples: map[string]string{}}
	samples := v.Samples()
	for i, name := range whatsapp.Placeholders(v.Body) {
		c.Samples[strconv.Itoa(i+1)] = samples[name]
	}
	return c
}

// notTaken makes a refusal of Twilio's a rejection with its reason; anything else is tried again by the job.
func (s *Service) notTaken(ctx context.Context, v *models.TemplateVersion, cause error) error {
	e, ok := errors.AsType[*twilio.Error](cause)
	if !ok || e.Outcome != twilio.Refused || e.Code == 20003 {
		v.SubmitError = "Twilio did not take it yet; Parley tries again."
		if e != nil && e.Code == 20003 {
			v.SubmitError = "Twilio did not accept the credentials: check the account SID and the auth token."
		}
		err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.SaveSubmission(v) })
		return errors.Join(cause, err)
	}
	s.log.Warn("twilio refused a template", "template", v.Template.Name, "error", cause)
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(v.PublicID)
		if err != nil || v.State != whatsapp.Submitted {
			return err
		}
		return tx.MoveApproval(models.System("Twilio"), v, whatsapp.Rejected, "Twilio did not take the template: "+e.Message)
	})
}

// follow starts the job that asks for the decision.
func follow(tx *models.Tx, id int64) error {
	return tx.Enqueue(FollowArgs{VersionID: id}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true,
		ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}})
}
