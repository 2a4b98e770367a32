package notifying

import (
	"fmt"
	"strings"

	"parley/models"
	"parley/models/notifications"
	"parley/whatsapp"
)

// finish ends a notification that has nothing left to send. Its author is alerted if it reached nobody.
func (s *Service) finish(tx *models.Tx, w *work) error {
	n, now := w.n, tx.Now()
	if w.progress.Queued == 0 && n.Excluded[whatsapp.ExcludedExpired] > 0 {
		return s.expire(tx, n)
	}
	n.State, n.FinishedAt = notifications.NotificationFinished, &now
	if err := notifications.SaveNotification(tx, n); err != nil {
		return err
	}
	tx.Publish("home")
	if w.progress.Reached() > 0 {
		return nil
	}
	return tellAuthor(tx, n, models.Alert{
		Tone:  whatsapp.ToneBad,
		Title: n.Name + " reached nobody",
		Body:  whyUnreached(n, w.progress),
	})
}

// whyUnreached says in a sentence why nobody was reached.
func whyUnreached(n *notifications.Notification, p notifications.Progress) string {
	var parts []string
	for _, x := range []struct {
		n    int
		text string
	}{{p.Failed, "%d failed"}, {p.Refused, "%d were stopped before they left"}, {n.LeftOut(), "%d were left out"}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf(x.text, x.n))
		}
	}
	if len(parts) == 0 {
		return "Nobody was in its audience any more."
	}
	return strings.Join(parts, ", ") + ". The reasons are on its page."
}
