package accounts

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"parley/models"
	"parley/models/senders"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Sender is what a sender's form holds.
type Sender struct {
	ID                           string // the public id, empty for a new one
	Version                      int    // the one that the form was opened with
	Name, Phone, JoinWords, Rate string
	State                        whatsapp.SenderState
	PhoneConfirmed               string // the number in E.164, if somebody confirmed a number to check
	Countries                    string // two letters each, with spaces between
	Default                      bool
}

var joinWords = regexp.MustCompile(`^([a-z]+-[a-z]+)?$`)

// SaveSender stores a sender. The number of an existing one stays. Refusals name the field.
func (s *Service) SaveSender(ctx context.Context, a models.Actor, in Sender) error {
	typed, err := in.read()
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		row, version := typed.newRow(), 0
		if in.ID != "" {
			if row, err = senders.SenderForUpdate(tx, in.ID); err != nil {
				return err
			}
			version = in.Version
		}
		row.Name, row.State, row.JoinWords = in.Name, in.State, in.JoinWords
		row.IsDefault, row.Countries = in.Default, typed.countries
		if err := oneForEach(tx, row); err != nil {
			return err
		}
		if typed.rate > 0 && (in.ID != "" || row.Kind != whatsapp.SandboxSender) {
			row.MessagesPerSecond = typed.rate
		}
		return senders.SaveSender(tx, a, row, version)
	})
}

// typedSender is what was read of a sender's form.
type typedSender struct {
	number    string  // of a new sender, in E.164
	rate      float64 // messages a second, 0 for the usual ones
	countries string
}

// read returns all problems at once.
func (in Sender) read() (out typedSender, err error) {
	var errs []error
	if n := whatsapp.Length(in.Name); n == 0 || n > 100 {
		errs = append(errs, models.Invalid("name", "form.name_length"))
	}
	if in.State != whatsapp.SenderOnline && in.State != whatsapp.SenderOffline {
		errs = append(errs, models.Invalid("state", "sender.state_unknown"))
	}
	if !joinWords.MatchString(in.JoinWords) {
		errs = append(errs, models.Invalid("join_words", "sandbox.join_words_form"))
	}
	if out.rate, err = readRate(in.Rate); err != nil {
		errs = append(errs, err)
	}
	if out.countries, err = readCountries(in.Countries); err != nil {
		errs = append(errs, err)
	}
	if in.ID == "" {
		if out.number, err = phone.Own(in.Phone, in.PhoneConfirmed); err != nil {
			errs = append(errs, models.InvalidBecause("phone", err))
		}
	}
	return out, errors.Join(errs...)
}

// newRow is a sender with this number: the Sandbox, or one of the business's own.
func (t typedSender) newRow() *senders.Sender {
	if t.number == senders.SandboxPhone {
		return &senders.Sender{Phone: t.number, Kind: whatsapp.SandboxSender, MessagesPerSecond: senders.SandboxRate}
	}
	return &senders.Sender{Phone: t.number, Kind: whatsapp.BusinessSender, MessagesPerSecond: 80}
}

// readRate reads messages a second, 0 if the field is empty.
func readRate(typed string) (float64, error) {
	if typed == "" {
		return 0, nil
	}
	rate, err := models.ParseNumber(typed)
	if err != nil || rate < 0.01 || rate > 1000 {
		return 0, models.Invalid("rate", "sender.rate_range")
	}
	return rate, nil
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func readCountries(typed string) (string, error) {
	list := strings.FieldsFunc(strings.ToUpper(typed), func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	for _, c := range list {
		if !twoLetters.MatchString(c) || !whatsapp.KnownCountry(c) {
			return "", models.Invalid("countries", "sender.countries_form", "Text", c)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " "), nil
}

// oneForEach refuses a country that has another sender by default already.
func oneForEach(tx *models.Tx, row *senders.Sender) error {
	list, err := senders.SendersForUpdate(tx)
	for _, o := range list {
		for _, c := range strings.Fields(row.Countries) {
			if o.ID != row.ID && o.For(c) {
				return models.Invalid("countries", "sender.country_taken", "Sender", o.Name, "Country", c)
			}
		}
	}
	return err
}

// SetJoinWords changes the Sandbox's join words, and adds the Sandbox as a sender if it is not one yet. Refusals name
// join_words.
func (s *Service) SetJoinWords(ctx context.Context, a models.Actor, words string) error {
	if words == "" || !joinWords.MatchString(words) {
		return models.Invalid("join_words", "sandbox.join_words_form_at_twilio")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		list, err := senders.SendersForUpdate(tx)
		if err != nil {
			return err
		}
		row := &senders.Sender{
			Name:              "Twilio Sandbox",
			Phone:             senders.SandboxPhone,
			Kind:              whatsapp.SandboxSender,
			State:             whatsapp.SenderOnline,
			MessagesPerSecond: senders.SandboxRate,
			IsDefault:         len(list) == 0,
		}
		for i := range list {
			if list[i].Sandbox() {
				row = &list[i]
			}
		}
		row.JoinWords = words
		return senders.SaveSender(tx, a, row, row.Version)
	})
}
