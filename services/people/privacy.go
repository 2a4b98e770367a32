package people

import (
	"context"
	"errors"

	"parley/models"
	"parley/models/people"
	"parley/models/privacy"
)

// Erase removes everything about a person except what keeps them opted out. confirm must be the person's name or number
// as the page shows it: it can't be undone.
func (s *Service) Erase(ctx context.Context, a models.Actor, id, confirm string) error {
	var files []string
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := people.ContactForUpdate(tx, id)
		if err != nil {
			return err
		}
		if confirm != "ERASE" {
			return models.Invalid("confirm", "contact.erasure_unconfirmed")
		}
		files, err = privacy.Erase(tx, a, c)
		return err
	})
	for _, f := range files {
		err = errors.Join(err, s.files.Delete(ctx, f))
	}
	return err
}

// Retain removes content that is older than the retention periods: messages, receipts of webhooks, and files, none of
// which waits for the others. It is called every hour.
func (s *Service) Retain(ctx context.Context) error {
	p, err := models.Read(s.store).Privacy(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.retainMessages(ctx, p), s.retainReceipts(ctx, p), s.retainMedia(ctx, p))
}

func (s *Service) retainMessages(ctx context.Context, p models.Privacy) error {
	last, err := privacy.RetainMessages(ctx, s.store, p, 0)
	for last > 0 && err == nil {
		last, err = privacy.RetainMessages(ctx, s.store, p, last)
	}
	return err
}

func (s *Service) retainReceipts(ctx context.Context, p models.Privacy) error {
	for {
		n, err := privacy.RetainReceipts(ctx, s.store, p)
		if n == 0 || err != nil {
			return err
		}
	}
}

func (s *Service) retainMedia(ctx context.Context, p models.Privacy) error {
	for {
		files, err := privacy.RetainMedia(ctx, s.store, p)
		for _, f := range files {
			err = errors.Join(err, s.files.Delete(ctx, f))
		}
		if len(files) == 0 || err != nil {
			return err
		}
	}
}

// CheckPrivacy refuses settings that make no sense. Refusals name message_months, media_months or masked.
func (s *Service) CheckPrivacy(p models.Privacy) error {
	var errs []error
	for field, n := range map[string]int{"message_months": p.MessageMonths, "media_months": p.MediaMonths} {
		if n < 0 || n > 240 {
			errs = append(errs, models.Invalid(field, "privacy.months_range"))
		}
	}
	for _, r := range p.Masked {
		if r != models.Agent && r != models.Operator {
			errs = append(errs, models.Invalid("masked", "privacy.mask_unknown"))
		}
	}
	return errors.Join(errs...)
}

// SavePrivacy sets the periods and who sees whole numbers.
func (s *Service) SavePrivacy(ctx context.Context, a models.Actor, p models.Privacy) error {
	if err := s.CheckPrivacy(p); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return models.SavePrivacy(tx, a, p) })
}
