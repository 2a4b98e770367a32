package accounts

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"parley/models"
	"parley/services/whatsapp"
)

// Sender is what a sender's form holds.
type Sender struct {
	Name, Phone, State, JoinWords, Rate string
	Default                             bool
}

var joinWords = regexp.MustCompile(`^([a-z]+-[a-z]+)?$`)

// SaveSender stores a sender, new (id "") or not. The number of an existing one stays. Refusals name the field.
func (s *Service) SaveSender(ctx context.Context, a models.Actor, id string, version int, in Sender) error {
	var errs []error
	if n := whatsapp.Length(in.Name); n == 0 || n > 100 {
		errs = append(errs, models.Invalid("name", "Write a name of at most 100 characters."))
	}
	if in.State != "online" && in.State != "offline" {
		errs = append(errs, models.Invalid("state", "Choose online or offline."))
	}
	if !joinWords.MatchString(in.JoinWords) {
		errs = append(errs, models.Invalid("join_words", "Write the two words with a dash, for example calm-harbor."))
	}
	rate, err := strconv.ParseFloat(in.Rate, 64)
	if in.Rate == "" {
		rate, err = 0, nil
	}
	if err != nil || rate < 0 || rate > 1000 || in.Rate != "" && rate < 0.01 {
		errs = append(errs, models.Invalid("rate", "Write a number from 0.01 to 1000."))
	}
	phone := ""
	if id == "" {
		if phone, err = whatsapp.ParsePhone(in.Phone); err != nil {
			errs = append(errs, models.Invalid("phone", "This is not a phone number in international form, for example +49 30 1234567."))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		row := &models.Sender{Phone: phone, Kind: "business", MessagesPerSecond: 80}
		if id == "" {
			version = 0
			if phone == models.SandboxPhone {
				row.Kind, row.MessagesPerSecond = "sandbox", models.SandboxRate
			}
		} else if row, err = tx.SenderForUpdate(id); err != nil {
			return err
		}
		row.Name, row.State, row.JoinWords, row.IsDefault = in.Name, in.State, in.JoinWords, in.Default
		if rate > 0 && (id != "" || row.Kind != "sandbox") {
			row.MessagesPerSecond = rate
		}
		return tx.SaveSender(a, row, version)
	})
}
