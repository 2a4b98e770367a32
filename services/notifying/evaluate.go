package notifying

import (
	"context"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// evaluate evaluates the next part of the audience. While checking, that is the dry run; while preparing, it is
// repeated when the notification is sent, because people opt out and segments change.
func (s *Service) evaluate(tx *models.Tx, w *work) error {
	n := w.n
	if n.Cursor == 0 {
		n.Excluded, n.Allowed = map[whatsapp.Exclusion]int{}, 0
		if err := notifications.ForgetRecipients(tx, n.ID); err != nil {
			return err
		}
	}
	list := w.people
	if len(list) == 0 {
		return s.checked(tx, w)
	}
	if err := notifications.LoadEligibility(tx, n, w.group.Main.Template.TopicID, list); err != nil {
		return err
	}
	out := make([]notifications.Evaluated, len(list))
	for i, c := range list {
		j := notifications.Evaluated{
			Line:     c.Line,
			Address:  c.Address,
			Columns:  c.Columns,
			Excluded: w.exclusionOf(c, tx.Now()),
		}
		if c.Contact != nil {
			j.Contact = &c.Contact.ID
		}
		if j.Excluded == "" {
			n.Allowed++
		} else {
			n.Excluded[j.Excluded]++
		}
		out[i] = j
	}
	n.Cursor = list[len(list)-1].At
	if err := notifications.AddRecipients(tx, n, out); err != nil {
		return err
	}
	return notifications.SaveNotification(tx, n)
}

// audience is the next part of the audience, after the cursor.
func (s *Service) audience(ctx context.Context, n *notifications.Notification) ([]notifications.EligibilityRow, error) {
	var out []notifications.EligibilityRow
	of := func(contacts []people.Contact, err error) ([]notifications.EligibilityRow, error) {
		for i := range contacts {
			out = append(out, notifications.EligibilityRow{At: contacts[i].ID, Contact: &contacts[i]})
		}
		return out, err
	}
	switch n.Audience.Kind {
	case "contacts":
		return of(notifications.Read(s.store).PickedPart(ctx, n.Audience.Contacts, n.Cursor, part))
	case "filter":
		return of(segments.Read(s.store).FilterPart(ctx, n.Audience.Matching(), n.Cursor, part))
	}
	rows, err := notifications.Read(s.store).ListPart(ctx, n.ID, n.Cursor, part)
	if err != nil {
		return nil, err
	}
	matches := make([]string, len(rows))
	for i, r := range rows {
		matches[i] = matchOf(r.Address, n.Audience.Country)
	}
	found, err := notifications.Read(s.store).ContactsAtMatches(ctx, matches)
	for i, r := range rows {
		c := notifications.EligibilityRow{
			At:      int64(r.N),
			Line:    r.N,
			Address: whatsapp.Plain(r.Address, 100),
			Columns: r.Columns,
			Invalid: matches[i] == "",
		}
		if !c.Invalid {
			c.Contact = found[matches[i]]
		}
		out = append(out, c)
	}
	return out, err
}

// checked ends a dry run, or starts the sending, unless so many people would get it now that a second person has to
// approve it. Every path to sending comes through here, so the rule applies to all of them.
func (s *Service) checked(tx *models.Tx, w *work) error {
	n, now := w.n, tx.Now()
	n.CheckedAt, n.Cursor = &now, 0
	if n.State == notifications.NotificationChecking {
		n.State = notifications.NotificationChecked
		return notifications.SaveNotification(tx, n)
	}
	if NeedsApproval(w.rules, n) {
		return askApproval(tx, n)
	}
	n.State, n.StartedAt = notifications.NotificationRunning, &now
	if n.ValidUntil == nil {
		until := n.End(now)
		n.ValidUntil = &until
	}
	return notifications.SaveNotification(tx, n)
}
