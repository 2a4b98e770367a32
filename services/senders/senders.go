// Package senders registers a business's own numbers at Twilio and polls them there: registering and the code
// (register.go), their state, quality and limits (poll.go), and the move from the Sandbox to production and back
// (switch.go).
package senders

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"

	"parley/models"
	"parley/models/senders"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/policy"
)

// Service manages the senders at Twilio.
type Service struct {
	store     *models.Store
	twilio    *twilio.Client
	publicURL string
	log       *slog.Logger
}

// New makes the service. publicURL is where Twilio reaches Parley.
func New(store *models.Store, client *twilio.Client, publicURL string, log *slog.Logger) *Service {
	return &Service{store: store, twilio: client, publicURL: publicURL, log: log}
}

// CallbackURL is where Twilio should send incoming messages.
func (s *Service) CallbackURL() string { return s.publicURL + "/webhooks/twilio/messages" }

// StatusURL is where Twilio should send statuses.
func (s *Service) StatusURL() string { return s.publicURL + "/webhooks/twilio/status" }

// Registration is what the form for a new number holds.
type Registration struct {
	Phone, WabaID, CodeMethod string
	PhoneConfirmed            string // the number in E.164, if somebody was asked about a doubtful one
	Profile                   senders.Profile
}

var wabaID = regexp.MustCompile(`^[0-9]{5,30}$`)

// checkProfile refuses what Twilio would. Limits: Twilio, WhatsApp Senders API.
func checkProfile(p senders.Profile, legalName string) error {
	var errs []error
	bad := func(field, code string, args ...any) { errs = append(errs, models.Invalid(field, code, args...)) }
	if p.Name == "" {
		bad("profile_name", "sender.display_name_missing")
	}
	for _, f := range policy.DisplayName(p.Name, policy.Business{LegalName: legalName}) {
		if f.Blocks {
			bad("profile_name", "sender.display_name_refused", "Reason", f.Text)
			break
		}
	}
	for _, f := range []struct {
		field, value string
		most         int
	}{
		{"about", p.About, 139},
		{"address", p.Address, 256},
		{"description", p.Description, 512},
		{"email", p.Email, 128},
		{"website", p.Website, 256},
		{"logo_url", p.LogoURL, 500},
	} {
		if n := whatsapp.Length(f.value); n > f.most {
			bad(f.field, "form.text_too_long", "Max", f.most, "Count", n)
		}
	}
	for field, address := range map[string]string{"website": p.Website, "logo_url": p.LogoURL} {
		if address != "" && !webPage(address) {
			bad(field, "form.address_incomplete")
		}
	}
	if p.Email != "" && !regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`).MatchString(p.Email) {
		bad("email", "form.not_an_email")
	}
	if why := policy.VerticalProblem(p.Vertical); why != "" {
		bad("vertical", "sender.vertical_refused", "Reason", why)
	}
	return errors.Join(errs...)
}

func webPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Host, ".")
}

func profileOut(p senders.Profile) twilio.SenderProfile {
	return twilio.SenderProfile{
		Name:        p.Name,
		About:       p.About,
		Address:     p.Address,
		Description: p.Description,
		LogoURL:     p.LogoURL,
		Vertical:    p.Vertical,
		Website:     p.Website,
		Email:       p.Email,
	}
}

func profileIn(p twilio.SenderProfile) senders.Profile {
	return senders.Profile{
		Name:        p.Name,
		About:       p.About,
		Address:     p.Address,
		Description: p.Description,
		LogoURL:     p.LogoURL,
		Vertical:    p.Vertical,
		Website:     p.Website,
		Email:       p.Email,
	}
}

// said is Twilio's refusal as shown to a user.
func said(err error) string {
	if e, ok := errors.AsType[*twilio.Error](err); ok {
		return whatsapp.Plain(e.Message, 400)
	}
	return "Twilio did not take it."
}

// ProfileEdit is a profile as somebody wrote it.
type ProfileEdit struct {
	Version int // of the sender with which the form was opened
	Profile senders.Profile
}

// SaveProfile changes what people see of a sender, and has a job send it to Twilio. Refusals name the field.
func (s *Service) SaveProfile(ctx context.Context, a models.Actor, id string, edit ProfileEdit) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderForUpdate(tx, id)
		if err != nil {
			return err
		}
		if sender.TwilioSid == nil {
			return models.Conflict("sender.no_profile")
		}
		if err := checkProfile(edit.Profile, sender.Profile.Name); err != nil {
			return err
		}
		sender.Profile, sender.ProfileSentAt, sender.Problem = edit.Profile, nil, ""
		if err := senders.SaveSender(tx, a, sender, edit.Version); err != nil {
			return err
		}
		return tx.Enqueue(ChangeArgs{SenderID: sender.ID, What: "profile"}, nil)
	})
}

// FixWebhooks has a job set a sender's webhooks at Twilio to Parley's.
func (s *Service) FixWebhooks(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderForUpdate(tx, id)
		if err != nil {
			return err
		}
		if sender.TwilioSid == nil {
			return models.Conflict("sender.no_webhooks")
		}
		if err := models.Audit(
			tx,
			a,
			"sender.webhooks",
			models.About("sender", sender.PublicID),
			"The webhooks of "+sender.Name+" were pointed here",
		); err != nil {
			return err
		}
		return tx.Enqueue(ChangeArgs{SenderID: sender.ID, What: "webhooks"}, nil)
	})
}

// ChangeArgs asks a job to send Twilio a change: profile, webhooks or code.
type ChangeArgs struct {
	SenderID int64  `json:"sender_id"`
	What     string `json:"what"`
	Code     string `json:"code,omitempty"`
}

// Kind names the job.
func (ChangeArgs) Kind() string { return "change_sender" }

// ChangeNow is the job behind a change. A refusal of Twilio's is stored with the sender.
func (s *Service) ChangeNow(ctx context.Context, a ChangeArgs) error {
	sender, err := senders.Read(s.store).SenderByID(ctx, a.SenderID)
	if err != nil || sender.TwilioSid == nil {
		return err
	}
	switch a.What {
	case "profile":
		_, err = s.twilio.SetSenderProfile(*sender.TwilioSid, profileOut(sender.Profile))
	case "webhooks":
		_, err = s.twilio.SetSenderWebhooks(*sender.TwilioSid, s.CallbackURL(), s.StatusURL())
	case "code":
		err = s.handOver(*sender.TwilioSid, a.Code)
	}
	if err != nil && twilio.OutcomeOf(err) != twilio.Refused {
		// River retries: setting the same values twice does no harm, and a code is submitted only while one is awaited.
		return err
	}
	problem := ""
	if err != nil {
		problem = said(err)
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		now, err := senders.SenderByIDForUpdate(tx, a.SenderID)
		if err != nil {
			return err
		}
		old := *now
		if now.Problem = problem; a.What == "profile" && problem == "" {
			at := tx.Now()
			now.ProfileSentAt = &at
		}
		if err := senders.StoreTwilioState(tx, now, old); err != nil {
			return err
		}
		return tx.Enqueue(PollSenderArgs{SenderID: a.SenderID}, nil)
	})
	return err
}

// handOver sends Twilio the code that a number received, unless none is awaited any more: an earlier call without an
// answer may have been accepted, and five wrong codes end a registration.
func (s *Service) handOver(sid, code string) error {
	got, err := s.twilio.FetchSender(sid)
	if err != nil || got.Status != "PENDING_VERIFICATION" {
		return err
	}
	_, err = s.twilio.VerifySender(sid, code)
	return err
}
