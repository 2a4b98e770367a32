package accounts

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"parley/models"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Sender is what a sender's form holds.
type Sender struct {
	Name, Phone, JoinWords, Rate string
	State                        whatsapp.SenderState
	PhoneConfirmed               string // the number in E.164, if somebody was asked about a doubtful one
	Countries                    string // two letters each, with spaces between
	Default                      bool
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
	rate, err := models.ParseNumber(in.Rate)
	if in.Rate == "" {
		rate, err = 0, nil
	}
	if err != nil || rate < 0 || rate > 1000 || in.Rate != "" && rate < 0.01 {
		errs = append(errs, models.Invalid("rate", "Write a number from 0.01 to 1000."))
	}
	countries, err := readCountries(in.Countries)
	if err != nil {
		errs = append(errs, err)
	}
	number := ""
	if id == "" {
		if number, err = phone.Own(in.Phone, in.PhoneConfirmed); err != nil {
			errs = append(errs, models.InvalidBecause("phone", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		row := &models.Sender{Phone: number, Kind: "business", MessagesPerSecond: 80}
		if id == "" {
			version = 0
			if number == models.SandboxPhone {
				row.Kind, row.MessagesPerSecond = "sandbox", models.SandboxRate
			}
		} else if row, err = tx.SenderForUpdate(id); err != nil {
			return err
		}
		row.Name, row.State, row.JoinWords, row.IsDefault, row.Countries = in.Name, in.State, in.JoinWords, in.Default, countries
		if err := oneForEach(tx, row); err != nil {
			return err
		}
		if rate > 0 && (id != "" || row.Kind != "sandbox") {
			row.MessagesPerSecond = rate
		}
		return tx.SaveSender(a, row, version)
	})
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

func readCountries(typed string) (string, error) {
	list := strings.FieldsFunc(strings.ToUpper(typed), func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
	for _, c := range list {
		if !twoLetters.MatchString(c) || !whatsapp.KnownCountry(c) {
			return "", models.Invalid(
				"countries",
				"Write countries by their two letters, for example DE AT CH: “"+c+"” is none.",
			)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " "), nil
}

// oneForEach refuses a country that has another sender by default already.
func oneForEach(tx *models.Tx, row *models.Sender) error {
	list, err := tx.SendersForUpdate()
	for _, o := range list {
		for _, c := range strings.Fields(row.Countries) {
			if o.ID != row.ID && o.For(c) {
				return models.Invalid("countries", o.Name+" is the default sender for "+c+" already: take it away there first.")
			}
		}
	}
	return err
}

// SetJoinWords changes the Sandbox's join words, and adds the Sandbox as a sender if it is none yet. Refusals name
// join_words.
func (s *Service) SetJoinWords(ctx context.Context, a models.Actor, words string) error {
	if words == "" || !joinWords.MatchString(words) {
		return models.Invalid(
			"join_words",
			"Write the two words with a dash, for example calm-harbor. They stand in Twilio's Console under Messaging, Try it out.",
		)
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		list, err := tx.SendersForUpdate()
		if err != nil {
			return err
		}
		row := &models.Sender{
			Name:              "Twilio Sandbox",
			Phone:             models.SandboxPhone,
			Kind:              "sandbox",
			State:             "online",
			MessagesPerSecond: models.SandboxRate,
			IsDefault:         len(list) == 0,
		}
		for i := range list {
			if list[i].Sandbox() {
				row = &list[i]
			}
		}
		row.JoinWords = words
		return tx.SaveSender(a, row, row.Version)
	})
}
