package notifying

import (
	"context"
	"crypto/rand"
	"fmt"

	"parley/models"
	"parley/models/notifications"
	"parley/whatsapp"
)

// The recipients that a resend can be for.
const (
	AgainFailed    = "failed"    // it failed for a temporary reason
	AgainUnread    = "unread"    // it arrived and was not read
	AgainUnreplied = "unreplied" // it arrived and got no reply
)

// mostAgain is how many people a resend goes to at most.
const mostAgain = 100_000

// Resend drafts a new notification with everything from an old one, for the recipients that who selects. Its dry run
// starts; it is then reviewed and sent like any other.
func (s *Service) Resend(ctx context.Context, a models.Actor, id, who string) (*notifications.Notification, error) {
	if who != AgainFailed && who != AgainUnread && who != AgainUnreplied {
		return nil, models.Invalid("who", "notification.resend_whom_missing")
	}
	old, err := notifications.Read(s.store).NotificationByPublicID(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := notifications.Read(s.store).
		ContactsOfRecipients(ctx, old.ID, notifications.Again{State: who, Codes: whatsapp.Passing}, mostAgain)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, models.Conflict("notification.nobody_to_resend")
	}
	words := map[string]string{
		AgainFailed:    "those whom it failed to reach",
		AgainUnread:    "those who did not read it",
		AgainUnreplied: "those who did not answer",
	}
	n := &notifications.Notification{
		Name:      cutName(old.Name + ": " + words[who]),
		VersionID: old.VersionID,
		SenderID:  old.SenderID,
		UseCase:   old.UseCase,
		State:     notifications.NotificationChecking,
		Audience: notifications.Audience{
			Kind:     "contacts",
			Contacts: people,
			Name:     words[who],
		},
		Fills:       withoutColumns(old.Fills),
		Variables:   old.Variables,
		QuietFrom:   old.QuietFrom,
		QuietTo:     old.QuietTo,
		Speed:       old.Speed,
		ValidHours:  old.ValidHours,
		StopPercent: old.StopPercent,
		Excluded:    map[whatsapp.Exclusion]int{},
		Token:       rand.Text(),
		BasedOn:     &old.ID,
		CreatedBy:   a.ID,
		Version:     1,
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n.CreatedAt, n.UpdatedAt = tx.Now(), tx.Now()
		if old.Audience.Kind == "list" { // the columns of the list go with the people
			n.Audience = notifications.Audience{Kind: "list", Columns: old.Audience.Columns, Rows: len(people), Name: words[who]}
			n.Audience.Country, n.Audience.Number = old.Audience.Country, old.Audience.Number
			n.Fills = old.Fills
		}
		if _, err := notifications.AddNotification(tx, n); err != nil {
			return err
		}
		var err error
		if n.Audience.Kind == "list" {
			err = notifications.CopySomeRows(tx, old.ID, n.ID, people)
		}
		if err != nil {
			return err
		}
		if err := notifications.CopyEditors(tx, old.ID, n.ID); err != nil {
			return err
		}
		if err := notifications.NoteEditor(tx, n, a, notifications.EditorWrote); err != nil {
			return err
		}
		tx.Publish("notifications")
		return models.Audit(
			tx,
			a,
			"notification.drafted",
			models.About("notification", n.PublicID),
			fmt.Sprintf("%s was drafted again for %d people", old.Name, len(people)),
		)
	})
	s.nudge()
	return n, err
}

func cutName(s string) string { return whatsapp.Plain(s, 100) }

func withoutColumns(f notifications.Fills) notifications.Fills {
	out := notifications.Fills{}
	for k, x := range f {
		if x.From == "column" {
			x = notifications.Fill{From: "fixed", Value: x.Default}
		}
		out[k] = x
	}
	return out
}
