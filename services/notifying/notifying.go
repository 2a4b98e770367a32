// Package notifying sends one approved template to an audience of opted-in contacts. WhatsApp forbids
// promotion over this channel, so there is none here.
package notifying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"parley/models"
	"parley/services/messaging"
	"parley/services/whatsapp"
)

// MaxAudience is the largest list of hand-picked contacts.
const MaxAudience = 500

// Service sends notifications.
type Service struct {
	store *models.Store
	log   *slog.Logger
}

// New makes the service.
func New(store *models.Store, log *slog.Logger) *Service { return &Service{store: store, log: log} }

// Request is a notification to send.
type Request struct {
	VersionID, SenderID string
	ContactIDs          []string
	Values              models.Values // by number among TemplateGroup.Names
	UseCase             string        // customer_care, notification, mixed
	Role                models.Role   // of who sends
	Token               string        // identifies the form
}

// Exclusion is why a contact may not be sent a template now, empty if they may.
func Exclusion(c *models.Contact) string {
	switch {
	case c.BlockedAt != nil:
		return "blocked"
	case c.Consent == whatsapp.OptedOut:
		return "opted_out"
	case c.Consent != whatsapp.OptedIn:
		return "not_opted_in"
	}
	return ""
}

// Send writes the notification, one message for every contact who may get it, and for each other one
// the reason why not, in one transaction. The same token sends once.
func (s *Service) Send(ctx context.Context, a models.Actor, r Request) (*models.Notification, error) {
	if err := checkRequest(r); err != nil {
		return nil, err
	}
	n := &models.Notification{UseCase: r.UseCase, Variables: r.Values, Token: r.Token, CreatedBy: a.ID}
	sender, err := s.store.SenderByPublicID(ctx, r.SenderID)
	if err != nil {
		return nil, models.Invalid("sender", "Choose a sender.")
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := tx.VersionForUpdate(r.VersionID)
		if err != nil {
			return models.Invalid("template", "Choose a template.")
		}
		if err := checkTemplate(sender, v); err != nil {
			return err
		}
		if !r.Role.Can(v.Template.SendRole) {
			return models.Invalid("template", "Only "+string(v.Template.SendRole)+"s may send this template.")
		}
		g, err := tx.GroupOf(v)
		if err != nil {
			return err
		}
		if err := g.Check(r.Values); err != nil {
			return err
		}
		contacts, err := tx.ContactsByPublicID(r.ContactIDs)
		if err != nil {
			return err
		}
		if err := tx.ConsentTo(v.Template, contacts); err != nil {
			return err
		}
		if !slices.ContainsFunc(contacts, func(c models.Contact) bool { return Exclusion(&c) == "" }) {
			return models.Invalid("contacts", "None of these contacts may be sent a template: they are not opted in.")
		}
		n.VersionID, n.SenderID = v.ID, sender.ID
		n.CreatedAt, n.UpdatedAt = tx.Now(), tx.Now()
		added, err := tx.AddNotification(n)
		if err != nil || !added {
			return err
		}
		for i := range contacts {
			if err := s.addRecipient(tx, n, sender, g, &contacts[i], r.Values); err != nil {
				return err
			}
		}
		return errors.Join(tx.Tell("notifications", "home"),
			tx.Audit(a, "notification.sent", "notification", n.PublicID, fmt.Sprintf("%s was sent to %d contacts", v.Template.Name, len(contacts)), nil))
	})
	return n, err
}

func (s *Service) addRecipient(tx *models.Tx, n *models.Notification, sender *models.Sender, g *models.TemplateGroup, c *models.Contact, values models.Values) error {
	if why := Exclusion(c); why != "" {
		return tx.AddRecipient(n.ID, c.ID, nil, why)
	}
	v := g.For(c.Language)
	own, complete := g.ValuesFor(v, c, values)
	if !complete {
		return tx.AddRecipient(n.ID, c.ID, nil, "no_value")
	}
	conv, err := tx.ConversationWith(c, sender)
	if err != nil {
		return err
	}
	if !conv.Joined(tx.Now()) {
		return tx.AddRecipient(n.ID, c.ID, nil, "not_joined")
	}
	waiting, unread := conv.WaitingSince, conv.UnreadCount
	m := messaging.TemplateMessage(v, own)
	m.AuthorID, m.NotificationID, m.Priority = n.CreatedBy, &n.ID, models.PriorityNotification
	token := fmt.Sprintf("n%d-c%d", n.ID, c.ID)
	m.Token = &token
	if _, err := tx.QueueMessage(conv, m); err != nil {
		return err
	}
	// A notification answers nobody: who waited still waits.
	if waiting != nil {
		conv.WaitingSince, conv.UnreadCount = waiting, unread
		if err := tx.SaveConversation(conv); err != nil {
			return err
		}
	}
	return tx.AddRecipient(n.ID, c.ID, &m.ID, "")
}

func checkRequest(r Request) error {
	var errs []error
	if len(r.ContactIDs) == 0 {
		errs = append(errs, models.Invalid("contacts", "Choose at least one contact."))
	}
	if len(r.ContactIDs) > MaxAudience {
		errs = append(errs, models.Invalid("contacts", fmt.Sprintf("Choose at most %d contacts at once.", MaxAudience)))
	}
	if r.UseCase != "customer_care" && r.UseCase != "notification" && r.UseCase != "mixed" {
		errs = append(errs, models.Invalid("use_case", "Choose what the notification is for."))
	}
	if r.VersionID == "" {
		errs = append(errs, models.Invalid("template", "Choose a template."))
	}
	if r.Token == "" {
		errs = append(errs, models.Invalid("contacts", "The form has expired: open it again."))
	}
	return errors.Join(errs...)
}

func checkTemplate(s *models.Sender, v *models.TemplateVersion) error {
	// Consent is checked for each contact; here a contact who may be sent anything stands in.
	err := messaging.MaySend(&models.Contact{Consent: whatsapp.OptedIn}, s, v)
	if e, ok := errors.AsType[*models.Error](err); ok {
		return models.Invalid("template", e.Message)
	}
	if s.State != "online" {
		return models.Invalid("sender", "This sender is offline.")
	}
	return err
}

// Cancel stops what has not left yet.
func (s *Service) Cancel(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.CancelNotification(a, id) })
}

// Resume lets a paused notification go on, if its template may be sent again.
func (s *Service) Resume(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.ResumeNotification(a, id) })
}
