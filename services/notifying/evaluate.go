package notifying

import (
	"context"
	"errors"

	"parley/models"
	"parley/whatsapp"
)

// evaluate evaluates the next part of the audience. While checking, that is the dry run; while preparing, it is
// repeated when the notification is sent, because people opt out and segments change.
func (s *Service) evaluate(tx *models.Tx, w *work) error {
	n := w.n
	if n.Cursor == 0 {
		n.Excluded, n.Allowed = map[whatsapp.Exclusion]int{}, 0
		if err := tx.ForgetRecipients(n.ID); err != nil {
			return err
		}
	}
	list := w.people
	if len(list) == 0 {
		return s.checked(tx, w)
	}
	if err := tx.LoadEligibility(n, w.group.Main.Template.TopicID, list); err != nil {
		return err
	}
	out := make([]models.Evaluated, len(list))
	for i, c := range list {
		j := models.Evaluated{
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
	return errors.Join(tx.AddRecipients(n, out), tx.SaveNotification(n))
}

// audience is the next part of the audience, after the cursor.
func (s *Service) audience(ctx context.Context, n *models.Notification) ([]models.EligibilityRow, error) {
	var out []models.EligibilityRow
	of := func(contacts []models.Contact, err error) ([]models.EligibilityRow, error) {
		for i := range contacts {
			out = append(out, models.EligibilityRow{At: contacts[i].ID, Contact: &contacts[i]})
		}
		return out, err
	}
	switch n.Audience.Kind {
	case "contacts":
		return of(s.store.PickedPart(ctx, n.Audience.Contacts, n.Cursor, part))
	case "filter":
		return of(s.store.FilterPart(ctx, n.Audience.Matching(), n.Cursor, part))
	}
	rows, err := s.store.ListPart(ctx, n.ID, n.Cursor, part)
	if err != nil {
		return nil, err
	}
	matches := make([]string, len(rows))
	for i, r := range rows {
		matches[i] = matchOf(r.Address, n.Audience.Country)
	}
	found, err := s.store.ContactsAtMatches(ctx, matches)
	for i, r := range rows {
		c := models.EligibilityRow{
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
	if n.State == models.NotificationChecking {
		n.State = models.NotificationChecked
		return tx.SaveNotification(n)
	}
	if NeedsApproval(w.rules, n) {
		return askApproval(tx, n)
	}
	n.State, n.StartedAt = models.NotificationRunning, &now
	if n.ValidUntil == nil {
		until := n.End(now)
		n.ValidUntil = &until
	}
	return tx.SaveNotification(n)
}
