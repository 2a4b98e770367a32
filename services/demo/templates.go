package demo

import (
	"context"
	"fmt"

	"parley/models"
	"parley/models/templates"
	"parley/services/approvals"
	"parley/whatsapp"
)

// templates writes a few: one in two languages, one with buttons, one that is rejected, and one that stays a
// draft because the editor says why it can't be submitted.
func (d *Demo) templates(ctx context.Context, a models.Actor) error {
	text := func(body string) whatsapp.Content { return whatsapp.Content{Type: whatsapp.TypeText, Body: body} }
	samples := map[string]string{"Name": "Noor", "Date": "2 May", "Time": "9:30"}
	reminder := text("Hello {{Name}}, this is a reminder of your appointment on {{Date}} at {{Time}}. " +
		"Reply here if you can't come.")
	v, err := d.template(ctx, a, draft{"appointment_reminder", reminder, samples})
	if err != nil {
		return err
	}
	spanish, err := d.Approvals.AddLanguage(ctx, a, v.PublicID, "es")
	if err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	in := approvals.TextOf(spanish)
	in.Content = text("Hola {{Name}}, te recordamos tu cita del {{Date}} a las {{Time}}. " +
		"Responde aquí si no puedes venir.")
	if spanish, err = d.Approvals.Save(ctx, a, approvals.RevisionOf(spanish), in); err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	if err := d.Approvals.Submit(ctx, a, approvals.RevisionOf(spanish), true); err != nil {
		return fmt.Errorf("demo template: %w", err)
	}
	confirm := whatsapp.Content{
		Type: whatsapp.TypeQuickReply,
		Body: "Hello {{Name}}, can you come to your appointment on {{Date}} at our clinic?",
		Actions: []whatsapp.Action{
			{Type: whatsapp.ActionReply, Title: "Yes, I'll be there", ID: "yes"},
			{Type: whatsapp.ActionReply, Title: "Another day, please", ID: "move"},
		},
	}
	results := text("Hello {{Name}}, your results are ready. " +
		"Call us or reply to this message and we will talk them through with you.")
	feedback := text("Hello {{Name}}, how was your visit on {{Date}}? " +
		"It is about mismatched expectations, so tell us what you think.")
	offer := text("Hello {{Name}}, book a check-up this week and get a 20% discount on your next visit.")
	for _, t := range []draft{
		{"appointment_confirm", confirm, samples},
		{"lab_results_ready", results, samples},
		{"visit_feedback", feedback, samples},
		{"spring_offer", offer, samples},
	} {
		if _, err := d.template(ctx, a, t); err != nil {
			return err
		}
	}
	return nil
}

// draft is a template in English.
type draft struct {
	name    string
	content whatsapp.Content
	samples map[string]string
}

// template drafts one and submits it, if the lint lets it pass.
func (d *Demo) template(ctx context.Context, a models.Actor, t draft) (*templates.TemplateVersion, error) {
	v, err := d.Approvals.Create(ctx, a, approvals.Text{
		Name:     t.name,
		Category: whatsapp.Utility,
		Language: "en",
		Content:  t.content,
		Samples:  t.samples,
		Fields:   map[string]string{"Name": "first_name"},
	})
	if err != nil {
		return nil, fmt.Errorf("demo template: %w", err)
	}
	err = d.Approvals.Submit(ctx, a, approvals.RevisionOf(v), true)
	if err != nil && models.KindOf(err) != models.KindInvalid {
		return nil, fmt.Errorf("demo template: %w", err)
	}
	return v, nil
}
