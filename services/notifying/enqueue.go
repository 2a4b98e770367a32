package notifying

import (
	"fmt"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/whatsapp"
)

// feed queues the next part of the recipients while there is room, and ends the notification when everything was sent.
func (s *Service) feed(tx *models.Tx, w *work) (bool, error) {
	n := w.n
	limit := ahead
	if n.Speed > 0 {
		limit = max(20, int(n.Speed*10))
	}
	waiting, progress := w.waiting, w.progress
	if why := stops(n, progress); why != "" {
		return true, stop(tx, models.System("Parley"), w, why)
	}
	if waiting >= limit {
		return false, nil
	}
	list, err := notifications.LeftRecipients(tx, n, min(part, limit-waiting))
	if err != nil {
		return false, err
	}
	if len(list) > 0 && n.Over(tx.Now()) {
		if err := notifications.ExpireRecipients(tx, n); err != nil {
			return true, err
		}
		return true, notifications.SaveNotification(tx, n)
	}
	if len(list) == 0 {
		if progress.Waiting() > 0 {
			return false, nil
		}
		return true, s.finish(tx, w)
	}
	return true, s.queue(tx, w, list)
}

func (s *Service) queue(tx *models.Tx, w *work, list []notifications.EligibilityRow) error {
	n := w.n
	if err := notifications.LoadEligibility(tx, n, w.group.Main.Template.TopicID, list); err != nil {
		return err
	}
	var out []notifications.Queued
	left := map[int64]whatsapp.Exclusion{}
	for _, c := range list {
		if why := w.exclusionOf(c, tx.Now()); why != "" {
			left[c.RecipientID] = why
			continue
		}
		q := message(n, w.group, c, tx.Now())
		if n.LocalTime && n.SendAt != nil {
			until := validUntil(n, c.Contact, tx.Now())
			q.ValidUntil = &until
		}
		if n.Speed > 0 { // a slower pace is a later time for each
			wait := time.Duration(float64(w.waiting+len(out)) / n.Speed * float64(time.Second))
			if paced := tx.Now().Add(wait); paced.After(q.SendAt) {
				q.SendAt = paced
			}
		}
		out = append(out, q)
	}
	n.Cursor = list[len(list)-1].At
	if err := notifications.QueueRecipients(tx, n, out); err != nil {
		return err
	}
	if err := notifications.LeaveOut(tx, n, left); err != nil {
		return err
	}
	return notifications.SaveNotification(tx, n)
}

// fewFailures is how many failures are needed before their share counts.
const fewFailures = 20

// stops says why a notification has to be paused automatically, empty if it need not.
func stops(n *notifications.Notification, p notifications.Progress) string {
	if p.Failed >= fewFailures && p.Failed*100 >= n.StopPercent*p.Settled {
		return fmt.Sprintf(
			"%d of %d failed, which is more than %d %%. Look at the reasons before you go on.",
			p.Failed,
			p.Settled,
			n.StopPercent,
		)
	}
	return ""
}
