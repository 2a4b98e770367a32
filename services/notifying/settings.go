package notifying

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/notifications"
	"parley/whatsapp"
)

// NewKey makes a key for the API and returns it: it is shown once, and stored as a hash.
func (s *Service) NewKey(ctx context.Context, a models.Actor, name string) (string, error) {
	if n := whatsapp.Length(name); n == 0 || n > 100 {
		return "", models.Invalid("name", "api_key.name_length")
	}
	key := "pk_" + rand.Text() + rand.Text()
	hash := sha256.Sum256([]byte(key))
	return key, s.store.InTx(ctx, func(tx *models.Tx) error { return accounts.AddAPIKey(tx, a, name, hash[:]) })
}

// RevokeKey revokes a key.
func (s *Service) RevokeKey(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return accounts.RevokeAPIKey(tx, a, id) })
}

// CheckRules refuses rules that make no sense. Refusals name their fields.
func CheckRules(r notifications.NotifyRules) error {
	var errs []error
	for field, v := range map[string]int{"per_day": r.PerDay, "min_hours": r.MinHours, "approve_above": r.ApproveAbove} {
		if v < 0 || v > 10_000_000 {
			errs = append(errs, models.Invalid(field, "form.number_missing"))
		}
	}
	if err := checkQuietHours(r.QuietFrom, r.QuietTo); err != nil {
		errs = append(errs, err)
	}
	if r.MinHours > 720 {
		errs = append(errs, models.Invalid("min_hours", "notification.min_hours_too_many"))
	}
	if _, err := time.Parse(time.DateOnly, r.PricesOf); err != nil {
		errs = append(errs, models.Invalid("prices_of", "notification.prices_day_form"))
	}
	if len(r.Currency) != 3 {
		errs = append(errs, models.Invalid("currency", "notification.currency_form"))
	}
	return errors.Join(errs...)
}

// SaveRules stores new rules for notifications. Refusals name the field.
func (s *Service) SaveRules(ctx context.Context, a models.Actor, r notifications.NotifyRules) error {
	if err := CheckRules(r); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return notifications.SaveNotifyRules(tx, a, r) })
}
