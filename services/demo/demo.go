// Package demo fills an empty database with a small demo, through the real code paths: people are added as an admin
// adds them, customers write from the simulator's phones over HTTP, agents reply through the queue, templates go
// through review.
package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"parley/models"
	"parley/models/accounts"
	"parley/models/onboarding"
	"parley/models/senders"
	accountservice "parley/services/accounts"
	"parley/services/approvals"
	"parley/services/messaging"
	onboardingservice "parley/services/onboarding"
	peopleservice "parley/services/people"
	"parley/whatsapp"
)

// Password is the demo users' password if only this machine can reach the demo.
const Password = "parley-demo"

// Email is the demo admin's address.
const Email = "ada@example.com"

// Emails are the addresses of all the demo's users.
func Emails() []string { return []string{Email, "otto@example.com", "ana@example.com"} }

// Demo fills a database with the demo.
type Demo struct {
	Store      *models.Store
	Accounts   *accountservice.Service
	People     *peopleservice.Service
	Messaging  *messaging.Service
	Approvals  *approvals.Service
	Onboarding *onboardingservice.Service
	PhonesURL  string // the simulator's pages
}

var system = models.System("Demo")

// Users adds the demo's three users with a password. It does nothing if there is any user.
func (d *Demo) Users(ctx context.Context, password string) error {
	users, err := accounts.Read(d.Store).Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	for _, u := range []accountservice.NewUser{
		{Email: Email, Name: "Ada Adler", Role: models.Admin},
		{Email: "otto@example.com", Name: "Otto Okafor", Role: models.Operator},
		{Email: "ana@example.com", Name: "Ana Alvarez", Role: models.Agent},
	} {
		u.Password = password
		if err := d.Accounts.AddDemo(ctx, system, u); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// Senders adds Twilio's Sandbox and the simulated business number, and the Sandbox's templates.
func (d *Demo) Senders(ctx context.Context, businessPhone, joinWords string) error {
	list, err := senders.Read(d.Store).Senders(ctx)
	if err != nil {
		return err
	}
	for _, s := range []accountservice.Sender{
		{
			Name:      "Twilio Sandbox",
			Phone:     senders.SandboxPhone,
			State:     whatsapp.SenderOnline,
			JoinWords: joinWords,
			Default:   true,
		},
		{Name: "Harbor Clinic", Phone: businessPhone, State: whatsapp.SenderOnline, Rate: "80"},
	} {
		// Polling Twilio may have added the business's number already.
		if slices.ContainsFunc(list, func(o senders.Sender) bool { return o.Phone == s.Phone }) {
			continue
		}
		if err := d.Accounts.SaveSender(ctx, system, s); err != nil && models.KindOf(err) != models.KindInvalid {
			return err
		}
	}
	return nil
}

// Seed adds the demo's customers, chats, templates and an access request. It returns when the first chats are in the
// inbox.
func (d *Demo) Seed(ctx context.Context) error {
	ada, err := accounts.Read(d.Store).UserByEmail(ctx, Email)
	if err != nil {
		return err
	}
	actor := ada.Actor("demo")
	if err := d.templates(ctx, actor); err != nil {
		return err
	}
	if err := d.request(ctx, actor); err != nil {
		return err
	}
	if err := d.words(ctx, actor); err != nil {
		return err
	}
	return errors.Join(d.chats(ctx, actor), d.desk(ctx, actor))
}

func (d *Demo) request(ctx context.Context, a models.Actor) error {
	_, err := d.Onboarding.Save(ctx, a, onboardingservice.Form{Typed: onboarding.AccessRequest{
		AccountSid:    d.Onboarding.AccountSID(),
		Phone:         "+493022334455",
		PhoneCode:     "voice",
		PhoneFree:     "yes",
		Address:       "Kai 12, 10115 Berlin",
		LegalName:     "Harbor Clinic GmbH",
		DisplayName:   "Harbor Clinic",
		Website:       "https://harbor-clinic.example.com",
		Country:       "DE",
		ContactName:   "Ada Adler",
		ContactEmail:  Email,
		Vertical:      "Medical and Health",
		UseCase:       "mixed",
		MonthlyVolume: 4000,
	}})
	return err
}
