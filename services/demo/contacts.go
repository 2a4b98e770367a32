package demo

import (
	"context"
	"errors"
	"fmt"

	"parley/models"
	"parley/models/people"
	"parley/models/people/optins"
	"parley/models/senders"
	peopleservice "parley/services/people"
)

// words defines a clinic's tags, fields and topics, and where people opt in.
func (d *Demo) words(ctx context.Context, a models.Actor) error {
	err := errors.Join(
		d.People.AddField(ctx, a, peopleservice.Field{Label: "Patient number", Kind: people.TextField}),
		d.People.AddField(ctx, a, peopleservice.Field{
			Label:   "Insurance",
			Kind:    people.ChoiceField,
			Choices: []string{"Public", "Private", "None"},
		}),
		d.People.AddField(ctx, a, peopleservice.Field{Label: "Next check-up", Kind: people.DateField}),
		d.People.AddTag(ctx, a, "Diabetes group"),
		d.People.AddTag(ctx, a, "Needs interpreter"),
		d.People.AddTag(ctx, a, "VIP"),
		d.People.AddTopic(ctx, a, "Appointment reminders"),
	)
	if err != nil {
		return fmt.Errorf("demo words: %w", err)
	}
	senders, err := senders.Read(d.Store).Senders(ctx)
	if err != nil {
		return err
	}
	for _, s := range senders {
		if s.Sandbox() {
			continue
		}
		page := optins.OptinSource{
			Name:     "Front desk",
			Slug:     "front-desk",
			Business: "Harbor Clinic",
			Headline: "Appointment reminders on WhatsApp",
			Wording: "I agree to get appointment reminders and answers to my questions from Harbor Clinic on WhatsApp. " +
				"I can stop at any time by writing STOP.",
			Color:   "blue",
			Keyword: "JOIN CLINIC",
			Reply:   "Welcome! You will get reminders from {{business}} here. Write STOP at any time to end them.",
			Confirm: true,
		}
		_, err := d.People.SaveOptin(ctx, a, peopleservice.OptinForm{Page: page, SenderID: s.PublicID})
		if err != nil {
			return fmt.Errorf("demo opt-in page: %w", err)
		}
	}
	return nil
}
