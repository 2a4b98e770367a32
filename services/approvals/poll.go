package approvals

import (
	"context"
	"errors"
	"strings"
	"time"

	"parley/models"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/whatsapp"
)

// PollApprovalArgs asks a job to poll for WhatsApp's decision until it is made.
type PollApprovalArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (PollApprovalArgs) Kind() string { return "follow_approval" }

// Poll asks once for a version's approval and returns when to ask again, 0 if it is decided.
func (s *Service) Poll(ctx context.Context, id int64) (time.Duration, error) {
	v, err := templates.Read(s.store).VersionByID(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return 0, nil
	}
	if err != nil || v.ContentSid == nil || v.State == whatsapp.Draft || v.State == whatsapp.Ready || v.Template.Sandbox ||
		v.Template.DeletedAt != nil {
		return 0, err
	}
	answer, err := s.twilio.FetchApproval(*v.ContentSid)
	if err != nil {
		return 0, err
	}
	if err := s.apply(ctx, id, answer, false); err != nil {
		return 0, err
	}
	next, ok := whatsapp.ApprovalFromTwilio(answer.Status)
	if ok && next.Decided() {
		return 0, nil
	}
	return pollAfter(v), nil
}

// pollAfter is the pause before the next poll, short after submitting, then longer: a review mostly takes minutes, at
// most 48 hours.
func pollAfter(v *templates.TemplateVersion) time.Duration {
	if v.SubmittedAt == nil {
		return time.Minute
	}
	switch age := time.Since(v.UpdatedAt); {
	case age < time.Minute:
		return 2 * time.Second
	case age < 10*time.Minute:
		return 15 * time.Second
	case age < time.Hour:
		return time.Minute
	case age < 6*time.Hour:
		return 5 * time.Minute
	}
	return 30 * time.Minute
}

// PollAll reads all contents at Twilio, a page of 500 at a time, and stores what WhatsApp changed: it pauses, disables
// and recategorises approved templates without notice. Imported ones are also read again: see readAgain.
func (s *Service) PollAll(ctx context.Context) error {
	if yes, err := templates.Read(s.store).PollDue(ctx); err != nil || !yes {
		return err
	}
	var errs []error
	err := s.twilio.Contents(ctx, func(list []twilio.Listing) error {
		errs = append(errs, s.compare(ctx, list))
		return ctx.Err()
	})
	return errors.Join(append(errs, err)...)
}

func (s *Service) compare(ctx context.Context, list []twilio.Listing) error {
	sids := make([]string, 0, len(list))
	for _, l := range list {
		sids = append(sids, l.Sid)
	}
	versions, err := templates.Read(s.store).VersionsBySid(ctx, sids)
	if err != nil {
		return err
	}
	var same []int64
	errs := []error{s.readAgain(ctx, versions, list)} // what can't be stored of one version holds up no other one
	for _, l := range list {
		v := versions[l.Sid]
		if v == nil || !mayChange(v) || l.Approval.Status == "unsubmitted" {
			continue
		}
		state, known := whatsapp.ApprovalFromTwilio(l.Approval.Status)
		if known && state == v.State && v.TwilioState == l.Approval.Status &&
			(l.Approval.Category == "" || strings.EqualFold(l.Approval.Category, string(v.Category))) {
			same = append(same, v.ID)
			continue
		}
		errs = append(errs, s.apply(ctx, v.ID, l.Approval, false))
	}
	return errors.Join(append(errs, templates.TouchChecked(ctx, s.store, same, s.store.Now()))...)
}

// mayChange reports whether WhatsApp can change a version's state.
func mayChange(v *templates.TemplateVersion) bool {
	return !v.Template.Sandbox && v.Template.DeletedAt == nil && v.State != whatsapp.Ready && v.State != whatsapp.Draft
}

// apply stores Twilio's answer. An unknown status, or an impossible change of state, is stored and changes no state.
func (s *Service) apply(ctx context.Context, id int64, answer twilio.Approval, first bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionByIDForUpdate(tx, id)
		if err != nil {
			return err
		}
		now := tx.Now()
		v.TwilioState, v.CheckedAt, v.SubmitError = answer.Status, &now, ""
		moved, err := s.recategorised(tx, v, whatsapp.Category(strings.ToUpper(answer.Category)))
		if err != nil {
			return err
		}
		if v.ContentType.SessionOnly() && answer.Status == "unsubmitted" {
			return templates.MoveApproval(
				tx,
				models.System("Parley"),
				v,
				whatsapp.Ready,
				"WhatsApp approves no template of this type: it goes out in open sessions.",
			)
		}
		next, known := whatsapp.ApprovalFromTwilio(answer.Status)
		if first && (!known || !next.Decided()) {
			if err := schedulePoll(tx, id); err != nil {
				return err
			}
		}
		if !known || next == v.State || !v.State.CanBecome(next) {
			if moved {
				v.Version++
			}
			return templates.SaveSubmission(tx, v)
		}
		reason := answer.RejectionReason
		if next == whatsapp.Approved {
			reason = ""
		}
		return s.decided(tx, models.System("WhatsApp"), v, decision{state: next, reason: reason})
	})
}

// Sweep makes sure that no submission is forgotten: it restarts polling for every open one. A job that polls already is
// not started twice.
func (s *Service) Sweep(ctx context.Context) error {
	ids, err := templates.Read(s.store).OpenSubmissions(ctx)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for _, id := range ids {
			if err := schedulePoll(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
