package notifying

import (
	"context"
	"crypto/rand"
	"errors"

	"parley/models"
	"parley/models/notifications"
	"parley/models/senders"
	"parley/models/templates"
	"parley/services/messaging"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// TestMessage is a notification's message that somebody sends to their own phone first.
type TestMessage struct {
	NotificationID string // its public id
	To             string // a number as it was typed
	Role           models.Role
}

// Test sends a notification's message to one's own phone first, in the conversation of the number's contact, with all
// the usual checks. It returns the conversation.
func (s *Service) Test(ctx context.Context, a models.Actor, m *messaging.Service, t TestMessage) (string, error) {
	number, err := phone.Read(t.To, "") // a number to check belongs to no contact, or somebody confirmed it
	if err != nil {
		return "", models.InvalidBecause("phone", err)
	}
	match := whatsapp.MatchPhone(number.E164)
	n, err := notifications.Read(s.store).NotificationByPublicID(ctx, t.NotificationID)
	if err != nil {
		return "", err
	}
	sender, err := senders.Read(s.store).SenderByID(ctx, n.SenderID)
	if err != nil {
		return "", err
	}
	found, err := notifications.Read(s.store).ContactsAtMatches(ctx, []string{match})
	if err != nil {
		return "", err
	}
	contact := found[match]
	if contact == nil {
		return "", models.Invalid("phone", "notification.test_contact_unknown")
	}
	conv, err := m.Converse(ctx, contact.PublicID, sender)
	if err != nil {
		return "", err
	}
	var version string
	var own templates.Values
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := templates.VersionByID(tx, n.VersionID)
		if err != nil {
			return err
		}
		g, err := templates.GroupOf(tx, v)
		if err != nil {
			return err
		}
		translation := g.For(contact.Language)
		columns, err := notifications.FirstColumns(tx, n.ID)
		if err != nil {
			return err
		}
		version = translation.PublicID
		own, _ = values(&n.Notification, g, translation, notifications.EligibilityRow{Contact: contact, Columns: columns})
		return nil
	})
	if err != nil {
		return "", err
	}
	err = m.SendTemplate(ctx, a, t.Role, messaging.TemplateForm{
		ConversationID: conv.PublicID,
		VersionID:      version,
		Values:         own,
		Token:          "test-" + n.PublicID + "-" + rand.Text(),
		To:             whatsapp.Address{Phone: number.E164},
	})
	if fields := models.FieldsOf(err); len(fields) > 0 {
		return "", models.Invalid("phone", "notification.test_value_missing")
	}
	if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.KindConflict {
		return "", models.InvalidBecause("phone", e)
	}
	return conv.PublicID, err
}
