package senders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/onboarding"
	"parley/models/senders"
	"parley/services/twilio"
	"parley/whatsapp"
)

// Poll reads all of the account's senders from Twilio: state, quality, limit and profile. A number that Parley did not
// know is added. Then it warns of a sender whose limit is near, and notes which access requests are live.
func (s *Service) Poll(ctx context.Context) error {
	list, err := s.twilio.Senders(ctx)
	if err != nil {
		return err
	}
	have, err := senders.Read(s.store).Senders(ctx)
	if err != nil {
		return err
	}
	byPhone := map[string]senders.Sender{}
	for _, h := range have {
		byPhone[h.Phone] = h
	}
	latest := map[string]twilio.Sender{}
	for _, t := range list {
		// A number that was registered again is listed with its offline past.
		if l, ok := latest[t.Phone]; !ok || l.Status == "OFFLINE" {
			latest[t.Phone] = t
		}
	}
	var errs []error
	for _, t := range latest {
		h, ok := byPhone[t.Phone]
		switch {
		case !ok && strings.HasPrefix(t.Status, "ONLINE"):
			errs = append(errs, s.add(ctx, t))
		case ok && h.TwilioStatus != senders.TwilioAsked:
			errs = append(errs, s.keep(ctx, h.ID, t))
		}
	}
	return errors.Join(append(errs, s.tiers(ctx))...)
}

// add adds a number that the account has and Parley does not know.
func (s *Service) add(ctx context.Context, t twilio.Sender) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderByPhone(tx, t.Phone)
		if err != nil {
			return err
		}
		old := *sender
		if t.Profile.Name != "" {
			sender.Name = t.Profile.Name
		}
		s.take(tx, sender, t)
		return senders.StoreTwilioState(tx, sender, old)
	})
}

// take copies what Twilio says.
func (s *Service) take(tx *models.Tx, sender *senders.Sender, t twilio.Sender) {
	sender.TwilioSid, sender.TwilioStatus, sender.Quality = &t.Sid, t.Status, t.Quality
	sender.MessagingLimit, sender.Tier = t.MessagingLimit, whatsapp.Tier(t.MessagingLimit)
	sender.CallbackURL = t.CallbackURL
	if t.WabaID != "" {
		sender.WabaID = t.WabaID
	}
	// A profile that is on its way to Twilio is not overwritten by the one that Twilio still has.
	if sent := sender.ProfileSentAt; t.Profile.Name != "" &&
		(sender.Profile.Name == "" || sent != nil && tx.Now().Sub(*sent) > time.Minute) {
		sender.Profile = profileIn(t.Profile)
	}
	sender.OfflineReasons = []senders.OfflineReason{}
	for _, r := range t.OfflineReasons {
		sender.OfflineReasons = append(sender.OfflineReasons, senders.OfflineReason{Code: r.Code, Message: r.Message})
	}
}

// keep stores what Twilio says about a sender, and handles what changed.
func (s *Service) keep(ctx context.Context, id int64, t twilio.Sender) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		sender, err := senders.SenderByIDForUpdate(tx, id)
		if err != nil || sender.TwilioStatus == senders.TwilioAsked {
			return err
		}
		old := *sender
		s.take(tx, sender, t)
		if err := s.moved(tx, sender, old); err != nil {
			return err
		}
		if err := s.quality(tx, sender, old); err != nil {
			return err
		}
		if err := senders.StoreTwilioState(tx, sender, old); err != nil {
			return err
		}
		return s.live(tx, sender)
	})
}

func online(status string) bool { return strings.HasPrefix(status, "ONLINE") }

// moved switches a sender on when it comes online at Twilio and off when it goes offline there, so that its messages
// wait instead of failing.
func (s *Service) moved(tx *models.Tx, sender *senders.Sender, old senders.Sender) error {
	href := "/settings/senders/" + sender.PublicID
	switch was, is := online(old.TwilioStatus), online(sender.TwilioStatus); {
	case is && !was && old.TwilioStatus != "":
		sender.State, sender.Problem = whatsapp.SenderOnline, ""
		r, err := onboarding.OpenAccessRequest(tx, sender.Phone, onboarding.AccessApproved)
		if err == nil && r != nil {
			err = onboarding.MoveAccessRequest(
				tx,
				models.System("Twilio"),
				r,
				onboarding.AccessRegistered,
				onboarding.AccessStep{
					Note:       "The number is online at Twilio.",
					NextAction: "Move to production, then send a first template.",
				},
			)
		}
		if err != nil {
			return err
		}
		return models.AddAlert(
			tx,
			nil,
			models.Alert{
				Tone:  whatsapp.ToneGood,
				Title: sender.Name + " is online",
				Body:  "Messages can be sent from " + whatsapp.ShowPhone(sender.Phone) + " now.",
				Href:  href,
			},
		)
	case was && sender.TwilioStatus == "OFFLINE":
		sender.State = whatsapp.SenderOffline
		why := "Twilio gives no reason."
		if len(sender.OfflineReasons) > 0 {
			why = sender.OfflineReasons[0].Message
		}
		return models.AddAlert(
			tx,
			nil,
			models.Alert{
				Tone:  whatsapp.ToneBad,
				Title: sender.Name + " is offline at Twilio",
				Body:  why + " Messages wait until it is online again.",
				Href:  href,
			},
		)
	case old.TwilioStatus != "PENDING_VERIFICATION" && sender.TwilioStatus == "PENDING_VERIFICATION":
		return models.AddAlert(
			tx,
			nil,
			models.Alert{
				Tone:  whatsapp.ToneWarn,
				Title: "A code is needed for " + sender.Name,
				Body:  "WhatsApp sent a code to " + whatsapp.ShowPhone(sender.Phone) + ": type it in at the sender.",
				Href:  href,
			},
		)
	}
	return nil
}

var qualityRank = map[string]int{"LOW": 1, "RED": 1, "MEDIUM": 2, "YELLOW": 2, "HIGH": 3, "GREEN": 3}

// quality alerts users when a sender's quality falls or its limit changes.
func (s *Service) quality(tx *models.Tx, sender *senders.Sender, old senders.Sender) error {
	href := "/settings/senders/" + sender.PublicID
	was, is := qualityRank[strings.ToUpper(old.Quality)], qualityRank[strings.ToUpper(sender.Quality)]
	var errs []error
	if was > 0 && is > 0 && is < was {
		tone, what := whatsapp.ToneWarn, "medium: some people block or report your messages."
		if is == 1 {
			tone = whatsapp.ToneBad
			what = "low: many people block or report your messages, and WhatsApp may lower the limit or stop the number."
		}
		if is == 1 {
			errs = append(
				errs,
				notifications.PauseNotificationsOf(
					tx,
					sender,
					"The quality of "+sender.Name+" fell to low: many people block or report its messages.",
				),
			)
		}
		errs = append(
			errs,
			models.AddAlert(
				tx,
				nil,
				models.Alert{
					Tone:  tone,
					Title: "The quality of " + sender.Name + " fell",
					Body:  "It is " + what + " Send less, and only what people expect.",
					Href:  href,
				},
			),
		)
	}
	if old.MessagingLimit != "" && sender.MessagingLimit != "" && old.MessagingLimit != sender.MessagingLimit {
		tone := whatsapp.ToneGood
		if sender.Tier != 0 && (old.Tier == 0 || sender.Tier < old.Tier) {
			tone = whatsapp.ToneWarn
		}
		errs = append(
			errs,
			models.AddAlert(
				tx,
				nil,
				models.Alert{
					Tone:  tone,
					Title: "The limit of " + sender.Name + " changed",
					Body:  "From " + old.MessagingLimit + " to " + sender.MessagingLimit + ".",
					Href:  href,
				},
			),
		)
	}
	return errors.Join(errs...)
}

// live sets an access request to live when the number's first message was delivered.
func (s *Service) live(tx *models.Tx, sender *senders.Sender) error {
	r, err := onboarding.OpenAccessRequest(tx, sender.Phone, onboarding.AccessRegistered)
	if err != nil || r == nil {
		return err
	}
	yes, err := senders.HasDelivered(tx, sender.ID)
	if err != nil || !yes {
		return err
	}
	return onboarding.MoveAccessRequest(
		tx,
		models.System("Twilio"),
		r,
		onboarding.AccessLive,
		onboarding.AccessStep{Note: "The first message from the number was delivered."},
	)
}

// tiers warns once a day about a sender that has reached four fifths of its limit of different people.
func (s *Service) tiers(ctx context.Context) error {
	reached, err := senders.Read(s.store).PeopleReached(ctx)
	if err != nil || len(reached) == 0 {
		return err
	}
	list, err := senders.Read(s.store).Senders(ctx)
	var errs []error
	for _, x := range list {
		n := reached[x.ID]
		if x.Tier == 0 || n*5 < x.Tier*4 || x.TierToldAt != nil && s.store.Now().Sub(*x.TierToldAt) < 24*time.Hour {
			continue
		}
		errs = append(errs, s.store.InTx(ctx, func(tx *models.Tx) error {
			sender, err := senders.SenderByIDForUpdate(tx, x.ID)
			if err != nil {
				return err
			}
			old, at := *sender, tx.Now()
			sender.TierToldAt = &at
			if err := senders.StoreTwilioState(tx, sender, old); err != nil {
				return err
			}
			return models.AddAlert(tx, nil, models.Alert{
				Tone:  whatsapp.ToneWarn,
				Title: x.Name + " is near its limit",
				Body:  fmt.Sprintf("%d of %d different people in 24 hours. What goes beyond waits.", n, x.Tier),
				Href:  "/settings/senders/" + x.PublicID,
			})
		}))
	}
	return errors.Join(append(errs, err)...)
}
