package inbox

import (
	"context"
	"errors"
	"iter"

	"parley/models"
	"parley/models/conversations"
	"parley/whatsapp"
)

// number is one of the settings that are whole numbers: 0 turns it off.
type number struct {
	field string
	most  int
	of    func(*conversations.InboxSettings) *int
}

// numbers and their limits. Minutes until a session closes stay within its 24 hours.
var numbers = []number{
	{"nudge_min", 23 * 60, func(d *conversations.InboxSettings) *int { return &d.NudgeMin }},
	{"alert_min", 23 * 60, func(d *conversations.InboxSettings) *int { return &d.AlertMin }},
	{"assign_limit", 10_000, func(d *conversations.InboxSettings) *int { return &d.AssignLimit }},
	{"resolve_days", 3650, func(d *conversations.InboxSettings) *int { return &d.ResolveDays }},
	{"respond_min", 100_000, func(d *conversations.InboxSettings) *int { return &d.RespondMin }},
	{"resolve_hrs", 10_000, func(d *conversations.InboxSettings) *int { return &d.ResolveHrs }},
}

// maxRating is how many characters the question for a rating may have: it is sent with buttons.
// https://developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-reply-buttons-messages
const maxRating = 1024

// Numbers are the settings that are whole numbers, by the names of their fields.
func Numbers(d *conversations.InboxSettings) iter.Seq2[string, *int] {
	return func(yield func(string, *int) bool) {
		for _, n := range numbers {
			if !yield(n.field, n.of(d)) {
				return
			}
		}
	}
}

// CheckSettings refuses settings that can't work. Refusals name the fields of the form.
func CheckSettings(d conversations.InboxSettings) error {
	var errs []error
	for _, n := range numbers {
		if v := *n.of(&d); v < 0 || v > n.most {
			errs = append(errs, models.Invalid(n.field, "inbox.number_range", "Max", n.most))
		}
	}
	errs = append(errs,
		checkRule("away_text", d.Away, whatsapp.MaxBody),
		checkRule("greeting_text", d.Greeting, whatsapp.MaxBody),
		checkRule("nudge_text", d.Nudge, whatsapp.MaxBody),
		checkRule("rating_text", d.Rating, maxRating),
	)
	if whatsapp.Placeholder.MatchString(d.Rating.Text) { // sent as a content with buttons: nothing fills placeholders
		errs = append(errs, models.Invalid("rating_text", "inbox.rating_placeholder"))
	}
	if d.Nudge.On && d.NudgeMin == 0 {
		errs = append(errs, models.Invalid("nudge_min", "inbox.nudge_minutes_missing"))
	}
	if p := d.Hours.Problem(); p != "" {
		errs = append(errs, models.Invalid("hours", "inbox.hours_refused", "Reason", p))
	}
	return errors.Join(errs...)
}

func checkRule(field string, r conversations.Rule, most int) error {
	switch n := whatsapp.Length(r.Text); {
	case r.On && n == 0:
		return models.Invalid(field, "inbox.rule_text_missing")
	case n > most:
		return models.Invalid(field, "inbox.rule_text_too_long", "Count", n, "Max", most)
	}
	return nil
}

// SaveSettings stores what the inbox does automatically. The rating question's content at Twilio stays as it is.
// Refusals name the fields of the form.
func (s *Service) SaveSettings(ctx context.Context, a models.Actor, d conversations.InboxSettings) error {
	if err := CheckSettings(d); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		now, err := conversations.InboxSettingsForUpdate(tx)
		if err != nil {
			return err
		}
		d.RatingSid, d.RatingText = now.RatingSid, now.RatingText
		return conversations.SaveInboxSettings(tx, a, d)
	})
}
