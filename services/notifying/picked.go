package notifying

import (
	"context"
	"errors"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/whatsapp"
)

// SendPicked checks and starts a notification to a few contacts who were picked by hand. If nobody may get it, it is
// refused and removed.
func (s *Service) SendPicked(ctx context.Context, a models.Actor, n *notifications.Notification) error {
	for ctx.Err() == nil {
		now, err := notifications.Read(s.store).NotificationByPublicID(ctx, n.PublicID)
		if err != nil {
			return err
		}
		switch now.State {
		case notifications.NotificationChecking:
			went, err := s.step(ctx, now.ID)
			if err != nil {
				return err
			}
			if !went { // the runner has it
				time.Sleep(5 * time.Millisecond)
			}
		case notifications.NotificationChecked:
			if now.Allowed == 0 {
				return errors.Join(notifications.DropNotification(ctx, s.store, now.ID), refuseNobody(now.Excluded))
			}
			return s.Start(ctx, a, n.PublicID)
		default: // the same form was sent twice
			return nil
		}
	}
	return ctx.Err()
}

// refuseNobody is the refusal if none of the picked contacts may get the notification, with the most frequent reason.
func refuseNobody(excluded map[whatsapp.Exclusion]int) error {
	var most whatsapp.Exclusion
	n := 0
	for why, k := range excluded {
		if k > n || k == n && why < most {
			most, n = why, k
		}
	}
	switch most {
	case whatsapp.ExcludedNotOptedIn, whatsapp.ExcludedOptedOut:
		return models.Invalid("contacts", "notification.contacts_not_opted_in")
	case "":
		return models.Invalid("contacts", "notification.contacts_gone")
	default:
		return models.Invalid("contacts", "notification.contacts_left_out", "Reason", most.Sentence())
	}
}
