package approvals

import (
	"context"
	"time"

	"parley/models"
	"parley/services/twilio"
	"parley/services/whatsapp"
)

// FollowArgs asks a job to ask for WhatsApp's decision until it is there.
type FollowArgs struct {
	VersionID int64 `json:"version_id"`
}

// Kind names the job.
func (FollowArgs) Kind() string { return "follow_approval" }

// Follow asks once where a version stands and returns when to ask again, 0 if it is decided.
func (s *Service) Follow(ctx context.Context, id int64) (time.Duration, error) {
	v, err := s.store.VersionByID(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return 0, nil
	}
	if err != nil || v.ContentSid == nil || v.State == whatsapp.Draft {
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
	return askAgain(v), nil
}

// askAgain is soon after submitting, then slower: a review takes minutes mostly, 48 hours at the most.
func askAgain(v *models.TemplateVersion) time.Duration {
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

// apply stores what Twilio says. An unknown word is kept and changes no state; so is a move that can't be.
func (s *Service) apply(ctx context.Context, id int64, answer twilio.Approval, first bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionByIDForUpdate(id)
		if err != nil {
			return err
		}
		now := time.Now()
		v.TwilioState, v.CheckedAt, v.SubmitError = answer.Status, &now, ""
		next, known := whatsapp.ApprovalFromTwilio(answer.Status)
		if first && (!known || !next.Decided()) {
			if err := follow(tx, id); err != nil {
				return err
			}
		}
		if !known || next == v.State || !v.State.CanBecome(next) {
			return tx.SaveSubmission(v)
		}
		return tx.MoveApproval(models.System("WhatsApp"), v, next, answer.RejectionReason)
	})
}

// Sweep makes sure that no submission is forgotten: it starts the following of every open one anew.
// A job that follows already is not started twice.
func (s *Service) Sweep(ctx context.Context) error {
	ids, err := s.store.OpenSubmissions(ctx)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		for _, id := range ids {
			if err := follow(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
