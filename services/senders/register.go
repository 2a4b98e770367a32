package senders

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"parley/models"
	"parley/models/senders"
	"parley/services/twilio"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// RegisterArgs asks a job to register a number at Twilio.
type RegisterArgs struct {
	SenderID int64 `json:"sender_id"`
}

// Kind names the job.
func (RegisterArgs) Kind() string { return "register_sender" }

// PollSenderArgs asks a job to poll a sender at Twilio until its status is final.
type PollSenderArgs struct {
	SenderID int64 `json:"sender_id"`
}

// Kind names the job.
func (PollSenderArgs) Kind() string { return "follow_sender" }

// Register has a job register a number through Twilio's Senders API. An existing sender that Twilio does not know, or
// that is offline there, is registered (again). Refusals name the field.
func (s *Service) Register(ctx context.Context, a models.Actor, r Registration) (*senders.Sender, error) {
	var errs []error
	number, err := phone.Own(r.Phone, r.PhoneConfirmed)
	switch {
	case err != nil:
		errs = append(errs, models.InvalidBecause("phone", err))
	case number == senders.SandboxPhone:
		errs = append(errs, models.Invalid("phone", "sender.sandbox_number"))
	}
	if r.WabaID != "" && !wabaID.MatchString(r.WabaID) {
		errs = append(errs, models.Invalid("waba_id", "sender.waba_id_form"))
	}
	if r.CodeMethod != "sms" && r.CodeMethod != "voice" {
		errs = append(errs, models.Invalid("code_method", "sender.code_method_missing"))
	}
	errs = append(errs, checkProfile(r.Profile, r.Profile.Name))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var out *senders.Sender
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		list, err := senders.SendersForUpdate(tx)
		if err != nil {
			return err
		}
		out = &senders.Sender{Name: r.Profile.Name, Phone: number, Kind: whatsapp.BusinessSender, MessagesPerSecond: 80}
		for i := range list {
			if list[i].Phone == number {
				out = &list[i]
			}
		}
		if out.TwilioStatus == senders.TwilioAsked || out.TwilioSid != nil && out.TwilioStatus != "OFFLINE" {
			return models.Invalid("phone", "sender.registered_already")
		}
		out.State, out.TwilioSid, out.TwilioStatus = whatsapp.SenderOffline, nil, senders.TwilioAsked
		out.WabaID, out.CodeMethod, out.Profile, out.Problem, out.OfflineReasons = r.WabaID, r.CodeMethod, r.Profile, "", nil
		if err := senders.SaveSender(tx, a, out, out.Version); err != nil {
			return err
		}
		return tx.Enqueue(RegisterArgs{SenderID: out.ID}, nil)
	})
	return out, err
}

// RegisterNow is the job behind Register. A number is registered once: if it is unknown whether Twilio accepted it, or
// Twilio knows it already, what Twilio lists counts.
func (s *Service) RegisterNow(ctx context.Context, a RegisterArgs) error {
	sender, err := senders.Read(s.store).SenderByID(ctx, a.SenderID)
	if err != nil || sender.TwilioStatus != senders.TwilioAsked {
		return err
	}
	got, known, err := s.known(ctx, sender.Phone)
	if err != nil {
		return err
	}
	if !known {
		got, err = s.twilio.CreateSender(
			twilio.NewSender{
				Phone:       sender.Phone,
				WabaID:      sender.WabaID,
				CodeMethod:  sender.CodeMethod,
				Profile:     profileOut(sender.Profile),
				CallbackURL: s.CallbackURL(),
				StatusURL:   s.StatusURL(),
			},
		)
		if err != nil && twilio.OutcomeOf(err) != twilio.Refused {
			return err // the next run checks Twilio's list first
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		now, e := senders.SenderByIDForUpdate(tx, a.SenderID)
		if e != nil {
			return e
		}
		old := *now
		if err != nil {
			now.TwilioStatus, now.Problem = "", said(err)
			if err := senders.StoreTwilioState(tx, now, old); err != nil {
				return err
			}
			return models.AddAlert(
				tx,
				nil,
				models.Alert{
					Tone:  whatsapp.ToneBad,
					Title: "Twilio did not register " + now.Name,
					Body:  now.Problem,
					Href:  "/settings/senders/" + now.PublicID,
				},
			)
		}
		now.TwilioSid, now.TwilioStatus, now.CallbackURL = &got.Sid, got.Status, s.CallbackURL()
		if got.WabaID != "" {
			now.WabaID = got.WabaID
		}
		if err := senders.StoreTwilioState(tx, now, old); err != nil {
			return err
		}
		return tx.Enqueue(PollSenderArgs{SenderID: now.ID}, nil)
	})
}

// known looks for a number among the account's senders at Twilio; one that is offline has to be registered again.
func (s *Service) known(ctx context.Context, phone string) (twilio.Sender, bool, error) {
	list, err := s.twilio.Senders(ctx)
	for _, t := range list {
		if t.Phone == phone && t.Status != "OFFLINE" {
			return t, true, err
		}
	}
	return twilio.Sender{}, false, err
}

var code = regexp.MustCompile(`^[0-9]{4,10}$`)

// Verify submits the code that the number received. Refusals name code.
func (s *Service) Verify(ctx context.Context, a models.Actor, id, typed string) error {
	typed = strings.NewReplacer(" ", "", "-", "").Replace(typed)
	if !code.MatchString(typed) {
		return models.Invalid("code", "sender.code_form")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderForUpdate(tx, id)
		if err != nil {
			return err
		}
		if sender.TwilioSid == nil || sender.TwilioStatus != "PENDING_VERIFICATION" {
			return models.Conflict("sender.not_awaiting_code")
		}
		old := *sender
		sender.Problem = ""
		if err := senders.StoreTwilioState(tx, sender, old); err != nil {
			return err
		}
		err = models.Audit(tx, a, "sender.code", models.About("sender", sender.PublicID), "A code was given for "+sender.Name)
		if err != nil {
			return err
		}
		return tx.Enqueue(ChangeArgs{SenderID: sender.ID, What: "code", Code: typed}, nil)
	})
}

// PollSender polls one sender, and returns when to poll again; 0 if its status is final.
func (s *Service) PollSender(ctx context.Context, a PollSenderArgs) (time.Duration, error) {
	sender, err := senders.Read(s.store).SenderByID(ctx, a.SenderID)
	if err != nil || sender.TwilioSid == nil {
		return 0, err
	}
	got, err := s.twilio.FetchSender(*sender.TwilioSid)
	if err != nil {
		return 0, err
	}
	if err := s.keep(ctx, sender.ID, got); err != nil {
		return 0, err
	}
	switch got.Status {
	case "CREATING", "VERIFYING", "ONLINE:UPDATING":
		return 2 * time.Second, nil
	case "TWILIO_REVIEW", "DRAFT":
		return time.Minute, nil
	}
	return 0, nil
}
