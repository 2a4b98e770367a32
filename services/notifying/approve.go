package notifying

import (
	"context"
	"errors"
	"fmt"

	"parley/models"
	"parley/models/notifications"
	"parley/models/templates"
	"parley/whatsapp"
)

// Start sends a checked notification: now, at its time, or once a second person has approved it. One that waits for
// approval can be started if the rules no longer require it.
func (s *Service) Start(ctx context.Context, a models.Actor, id string) error {
	rules, err := notifications.Read(s.store).NotifyRules(ctx)
	if err != nil {
		return err
	}
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		switch {
		case err != nil:
			return err
		case n.State == notifications.NotificationChecking:
			return models.Conflict("notification.dry_run_under_way")
		case n.State == notifications.NotificationAwaiting && NeedsApproval(rules, n):
			return models.Conflict("notification.awaiting_approval")
		case n.State != notifications.NotificationChecked && n.State != notifications.NotificationAwaiting:
			return models.Conflict("notification.already_started")
		case n.Allowed == 0 && n.StartedAt == nil:
			return models.Conflict("notification.nobody_allowed")
		case n.Over(tx.Now()):
			return models.Conflict("notification.time_over")
		}
		if err := chosen(n); err != nil {
			return err
		}
		if err := maySend(tx, a, n.VersionID); err != nil {
			return err
		}
		if err := notifications.NoteEditor(tx, n, a, notifications.EditorStarted); err != nil {
			return err
		}
		if NeedsApproval(rules, n) {
			return handOver(tx, a, n)
		}
		return s.start(tx, a, n)
	})
	s.nudge()
	return err
}

// NeedsApproval reports whether a second person has to approve a notification, by the number of people that the last
// evaluation of its audience allowed.
func NeedsApproval(rules notifications.NotifyRules, n *notifications.Notification) bool {
	return rules.ApproveAbove > 0 && n.Allowed > rules.ApproveAbove && n.ApprovedBy == nil
}

// handOver records that a user asks for the approval, and asks for it.
func handOver(tx *models.Tx, a models.Actor, n *notifications.Notification) error {
	about := models.About("notification", n.PublicID)
	err := models.Audit(tx, a, "notification.handed_over", about, "Approval by a second person was asked for")
	if err != nil {
		return err
	}
	return askApproval(tx, n)
}

// askApproval makes a notification wait for a second person and alerts the users who may approve it.
func askApproval(tx *models.Tx, n *notifications.Notification) error {
	n.State, n.ValidUntil = notifications.NotificationAwaiting, nil
	if n.SendAt != nil { // "now" means once it is approved
		until := n.End(tx.Now())
		n.ValidUntil = &until
	}
	if err := notifications.SaveNotification(tx, n); err != nil {
		return err
	}
	tx.Publish("home")
	return models.AddAlert(tx, nil, models.Alert{
		Tone:  whatsapp.ToneWarn,
		Title: n.Name + " waits for approval",
		Body: fmt.Sprintf("%d people would get it. An operator or admin who had no hand in it has to approve it.",
			n.Allowed),
		Href: "/notifications/" + n.PublicID,
	})
}

func (s *Service) start(tx *models.Tx, a models.Actor, n *notifications.Notification) error {
	if n.ValidUntil == nil {
		until := n.End(tx.Now())
		n.ValidUntil = &until
	}
	summary := fmt.Sprintf("%s was started for %d people", n.Name, n.Allowed)
	if err := notifications.ReleaseNotification(tx, n); err != nil {
		return err
	}
	return models.Audit(tx, a, "notification.sent", models.About("notification", n.PublicID), summary)
}

// Approve approves a notification as its second person: a user who may send it and did not take part in it. The first
// approval of a schedule's notification covers everything that the schedule sends, until the pattern is edited.
func (s *Service) Approve(ctx context.Context, a models.Actor, id string) error {
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		switch {
		case err != nil:
			return err
		case n.State != notifications.NotificationAwaiting:
			return models.Conflict("notification.not_awaiting_approval")
		case n.Over(tx.Now()):
			return models.Conflict("notification.time_over")
		}
		if err := chosen(n); err != nil {
			return err
		}
		if err := mayApprove(tx, a, n); err != nil {
			return err
		}
		n.ApprovedBy = a.ID
		if n.ScheduleID != nil {
			err = notifications.ApproveSchedule(tx, *n.ScheduleID, a.ID)
		}
		about := models.About("notification", n.PublicID)
		said := models.Audit(tx, a, "notification.approved", about, "It was approved by a second person")
		if err != nil {
			return err
		}
		if said != nil {
			return said
		}
		return s.start(tx, a, n)
	})
	s.nudge()
	return err
}

// mayApprove refuses users who took part in a notification.
func mayApprove(tx *models.Tx, a models.Actor, n *notifications.Notification) error {
	if a.ID == nil {
		return models.Conflict("notification.approve_as_person")
	}
	did, err := notifications.DidWith(tx, n.ID, *a.ID)
	if err := errors.Join(err, refuseEditor(did)); err != nil {
		return err
	}
	return maySend(tx, a, n.VersionID)
}

// refuseEditor refuses a user by what they did to the notification before.
func refuseEditor(did notifications.EditorDid) error {
	switch did {
	case notifications.EditorWrote:
		return models.Conflict("notification.approve_drafted")
	case notifications.EditorEdited:
		return models.Conflict("notification.approve_edited")
	case notifications.EditorStarted:
		return models.Conflict("notification.approve_started")
	case "":
		return nil
	default: // EditorRepeated
		return models.Conflict("notification.approve_repeated")
	}
}

// maySend refuses users without the role that a version's template requires.
func maySend(tx *models.Tx, a models.Actor, versionID int64) error {
	v, err := templates.VersionByID(tx, versionID)
	if err != nil {
		return err
	}
	role, err := notifications.RoleOf(tx, a)
	if err == nil && !role.Can(v.Template.SendRole) {
		err = models.Conflict("template.role_needed", "Role", v.Template.SendRole)
	}
	return err
}
