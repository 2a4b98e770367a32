package onboarding

import (
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/models/onboarding"
	"parley/services/media"
	"parley/whatsapp"
)

// Step is what a user enters when a request changes its state.
type Step struct {
	Version                      int                    // of the request with which the form was opened
	To                           onboarding.AccessState // the current state for a note
	Note, NextAction, CaseNumber string
	HappenedAt, RemindAt         *time.Time
	File                         *media.Upload // nil for none
}

// Move changes a request's state, or adds a note. Only a request without blockers can become ready or be submitted.
func (s *Service) Move(ctx context.Context, a models.Actor, id string, step Step) error {
	r, err := onboarding.Read(s.store).AccessRequestByPublicID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.checkStep(r, step); err != nil {
		return err
	}
	if err := s.mayReach(ctx, r, step.To); err != nil {
		return err
	}
	said := onboarding.AccessStep{
		Note:       step.Note,
		NextAction: step.NextAction,
		CaseNumber: step.CaseNumber,
		HappenedAt: step.HappenedAt,
		RemindAt:   step.RemindAt,
	}
	if step.File != nil {
		if said.File, err = s.keepFile(ctx, *step.File); err != nil {
			return err
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := onboarding.AccessRequestForUpdate(tx, id)
		if err != nil {
			return err
		}
		if r.Version != step.Version {
			return models.ErrStale("request")
		}
		if step.To == r.State && step.repeats(r) {
			return nil
		}
		return onboarding.MoveAccessRequest(tx, a, r, step.To, said)
	})
}

// mayReach refuses to make a request ready, or to submit it, while its review has blockers.
func (s *Service) mayReach(ctx context.Context, r *onboarding.AccessRequest, to onboarding.AccessState) error {
	if to == r.State || to != onboarding.AccessReady && to != onboarding.AccessSubmitted {
		return nil
	}
	review, err := s.Review(ctx, r)
	if err != nil {
		return err
	}
	if b := review.Blockers(); len(b) > 0 {
		return incomplete(b[0].Text, len(b)-1)
	}
	return nil
}

// incomplete refuses a request because of its first blocker; more is the number of others.
func incomplete(first string, more int) error {
	if more == 0 {
		return models.Conflict("request.incomplete", "First", first)
	}
	return models.Conflict("request.incomplete_and_more", "First", first, "Count", more)
}

// repeats reports whether a step contains nothing new.
func (step Step) repeats(r *onboarding.AccessRequest) bool {
	fresh := step.Note != "" || step.File != nil || step.HappenedAt != nil ||
		step.CaseNumber != "" && step.CaseNumber != r.CaseNumber
	return !fresh && step.NextAction == r.NextAction && sameMoment(step.RemindAt, r.RemindAt)
}

func sameMoment(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (s *Service) checkStep(r *onboarding.AccessRequest, step Step) error {
	var errs []error
	if whatsapp.Length(step.Note) > 2000 {
		errs = append(errs, models.Invalid("note", "request.note_too_long"))
	}
	if whatsapp.Length(step.NextAction) > 300 {
		errs = append(errs, models.Invalid("next_action", "form.too_long_300"))
	}
	if whatsapp.Length(step.CaseNumber) > 60 {
		errs = append(errs, models.Invalid("case_number", "request.case_number_too_long"))
	}
	now := s.store.Now()
	if step.HappenedAt != nil &&
		(step.HappenedAt.After(now.Add(24*time.Hour)) || step.HappenedAt.Before(now.AddDate(-5, 0, 0))) {
		errs = append(errs, models.Invalid("happened_on", "request.happened_day"))
	}
	if step.RemindAt != nil && !sameMoment(step.RemindAt, r.RemindAt) &&
		(step.RemindAt.Before(now) || step.RemindAt.After(now.AddDate(2, 0, 0))) {
		errs = append(errs, models.Invalid("remind_on", "request.reminder_day"))
	}
	return errors.Join(errs...)
}

func (s *Service) keepFile(ctx context.Context, u media.Upload) (*onboarding.AccessFile, error) {
	f, err := s.files.KeepContactFile(ctx, u.Name, u.Body)
	if err != nil {
		return nil, err
	}
	return &onboarding.AccessFile{
		Name:        f.Name,
		ContentType: f.ContentType,
		Size:        f.Size,
		SHA256:      f.SHA256,
		File:        f.File,
	}, nil
}

// AddEvidence stores a screenshot or a text of how people opt in. Refusals name file.
func (s *Service) AddEvidence(ctx context.Context, a models.Actor, id string, u media.Upload) error {
	f, err := s.keepFile(ctx, u)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := onboarding.AccessRequestForUpdate(tx, id)
		if err != nil {
			return err
		}
		return onboarding.AddAccessEvidence(tx, a, r, f)
	})
}

// RemoveEvidence removes a document.
func (s *Service) RemoveEvidence(ctx context.Context, a models.Actor, id, file string) error {
	stored := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := onboarding.AccessRequestForUpdate(tx, id)
		if err != nil {
			return err
		}
		stored, err = onboarding.RemoveAccessEvidence(tx, a, r, file)
		return err
	})
	if err != nil {
		return err
	}
	return s.files.Delete(ctx, stored)
}

// Restart starts a new request from a rejected one, with everything that was typed in it.
func (s *Service) Restart(ctx context.Context, a models.Actor, id string) (*onboarding.AccessRequest, error) {
	var out *onboarding.AccessRequest
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := onboarding.AccessRequestForUpdate(tx, id)
		if err != nil {
			return err
		}
		if old.State != onboarding.AccessRejected {
			return models.Conflict("request.not_rejected")
		}
		out = &onboarding.AccessRequest{State: onboarding.AccessDraft, BasedOn: &old.ID, CreatedAt: tx.Now()}
		copyTyped(out, old)
		if err := onboarding.SaveAccessRequest(tx, a, out, 0); err != nil {
			return err
		}
		return s.checkWebsite(tx, out)
	})
	return out, err
}

// Remind alerts the admins of the requests whose reminder is due.
func (s *Service) Remind(ctx context.Context) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		due, err := onboarding.DueAccessReminders(tx)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, r := range due {
			what := r.NextAction
			if what == "" {
				what = "Look where the request stands."
			}
			err := models.AddAlert(tx, nil, models.Alert{
				Tone:  whatsapp.ToneWarn,
				Title: "Reminder: the access request " + r.Title(),
				Body:  what,
				Href:  "/access/" + r.PublicID,
			})
			if err != nil {
				return err
			}
		}
		tx.Publish("access")
		return nil
	})
}
