package notifying

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"parley/models"
	"parley/services/messaging"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// The ones whom a notification can go to again.
const (
	AgainFailed    = "failed"    // it failed for a passing reason
	AgainUnread    = "unread"    // it arrived and was not read
	AgainUnreplied = "unreplied" // it arrived and was not answered
)

// mostAgain is how many people a notification goes to again at most.
const mostAgain = 100_000

// Resend drafts a new notification with everything from an old one, for those of its people who are meant. Its dry run
// is made; it is looked at and sent like any other.
func (s *Service) Resend(ctx context.Context, a models.Actor, id, who string) (*models.Notification, error) {
	if who != AgainFailed && who != AgainUnread && who != AgainUnreplied {
		return nil, models.Invalid("who", "Choose whom it goes to again.")
	}
	old, err := s.store.NotificationByPublicID(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := s.store.ContactsOfRecipients(ctx, old.ID, who, whatsapp.Passing, mostAgain)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, models.Conflict("There is nobody of that kind now.")
	}
	words := map[string]string{
		AgainFailed:    "those whom it failed to reach",
		AgainUnread:    "those who did not read it",
		AgainUnreplied: "those who did not answer",
	}
	n := &models.Notification{
		Name:      cutName(old.Name + ": " + words[who]),
		VersionID: old.VersionID,
		SenderID:  old.SenderID,
		UseCase:   old.UseCase,
		State:     models.NotificationChecking,
		Audience: models.Audience{
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
		Excluded:    map[string]int{},
		Token:       rand.Text(),
		BasedOn:     &old.ID,
		CreatedBy:   a.ID,
		Version:     1,
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n.CreatedAt, n.UpdatedAt = tx.Now(), tx.Now()
		if old.Audience.Kind == "list" { // the columns of the list go with the people
			n.Audience = models.Audience{Kind: "list", Columns: old.Audience.Columns, Rows: len(people), Name: words[who]}
			n.Audience.Country, n.Audience.Number = old.Audience.Country, old.Audience.Number
			n.Fills = old.Fills
		}
		if _, err := tx.AddNotification(n); err != nil {
			return err
		}
		var err error
		if n.Audience.Kind == "list" {
			err = tx.CopySomeRows(old.ID, n.ID, people)
		}
		return errors.Join(
			err,
			tx.CopyEditors(old.ID, n.ID),
			tx.NoteEditor(n, a, models.EditorWrote),
			tx.Audit(
				a,
				"notification.drafted",
				"notification",
				n.PublicID,
				fmt.Sprintf("%s was drafted again for %d people", old.Name, len(people)),
				nil,
			),
			tx.Publish("notifications"),
		)
	})
	s.nudge()
	return n, err
}

func cutName(s string) string { return whatsapp.Plain(s, 100) }

func withoutColumns(f models.Fills) models.Fills {
	out := models.Fills{}
	for k, x := range f {
		if x.From == "column" {
			x = models.Fill{From: "fixed", Value: x.Default}
		}
		out[k] = x
	}
	return out
}

// Test sends a notification's message to one phone first, one's own: as a reply to whoever belongs to the number, with
// all the checks that hold for anybody. It returns the conversation.
func (s *Service) Test(
	ctx context.Context,
	a models.Actor,
	role models.Role,
	m *messaging.Service,
	id, to string,
) (string, error) {
	number, err := phone.Read(to, "") // a doubtful number is no contact's, or somebody confirmed it
	if err != nil {
		return "", models.InvalidBecause("phone", err)
	}
	match := whatsapp.MatchPhone(number.E164)
	n, err := s.store.NotificationByPublicID(ctx, id)
	if err != nil {
		return "", err
	}
	sender, err := s.store.SenderByID(ctx, n.SenderID)
	if err != nil {
		return "", err
	}
	found, err := s.store.ContactsAtMatches(ctx, []string{match})
	if err != nil {
		return "", err
	}
	contact := found[match]
	if contact == nil {
		return "", models.Invalid(
			"phone",
			"No contact has this number: add yourself as a contact and record your own opt-in first.",
		)
	}
	conv, err := m.Converse(ctx, contact.PublicID, sender)
	if err != nil {
		return "", err
	}
	var version string
	var own models.Values
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionByID(n.VersionID)
		if err != nil {
			return err
		}
		g, err := tx.GroupOf(v)
		if err != nil {
			return err
		}
		t := g.For(contact.Language)
		columns, err := tx.FirstColumns(n.ID)
		if err != nil {
			return err
		}
		version = t.PublicID
		own, _ = values(&n.Notification, g, t, models.EligibilityRow{Contact: contact, Columns: columns})
		return nil
	})
	if err != nil {
		return "", err
	}
	err = m.SendTemplateTo(ctx, a, role, messaging.TemplateForm{
		ConversationID: conv.PublicID,
		VersionID:      version,
		Values:         own,
		Token:          "test-" + n.PublicID + "-" + rand.Text(),
		To:             whatsapp.Address{Phone: number.E164},
	})
	if fields := models.FieldsOf(err); len(fields) > 0 {
		return "", models.Invalid("phone", "For this contact a placeholder has no value: give it a default.")
	}
	if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.KindConflict {
		return "", models.InvalidBecause("phone", e)
	}
	return conv.PublicID, err
}
