// Package notifying sends one approved template to an audience of opted-in contacts: what is asked for (request.go),
// who may get it (eligibility.go), the runner (runner.go) that checks an audience (evaluate.go) and puts it into the
// queue (enqueue.go), again to the right ones (resend.go), on a schedule (schedule.go) and for other programs (api.go).
// WhatsApp forbids promotion over this channel, so there is none here.
package notifying

import (
	"context"
	"errors"
	"log/slog"

	"parley/models"
	"parley/models/notifications"
	"parley/models/senders"
	"parley/models/templates"
)

// MaxPicked is the largest list of hand-picked contacts.
const MaxPicked = 500

// Service sends notifications.
type Service struct {
	store *models.Store
	log   *slog.Logger
	wake  chan struct{}
}

// New makes the service.
func New(store *models.Store, log *slog.Logger) *Service {
	return &Service{store: store, log: log, wake: make(chan struct{}, 1)}
}

// Save stores a notification and starts its dry run: nothing is sent. The same token makes one notification. Without a
// change, one that is scheduled or waits for approval stays so, and a draft gets another dry run. Refusals name the
// field.
func (s *Service) Save(ctx context.Context, a models.Actor, r Request) (*notifications.Notification, error) {
	planned := s.checkTime(r)
	err := r.check()
	if err != nil && planned != nil || r.ID == "" {
		err = errors.Join(err, planned)
	}
	if err != nil {
		return nil, err
	}
	sender, err := senders.Read(s.store).SenderByPublicID(ctx, r.SenderID)
	if err != nil {
		return nil, models.Invalid("sender", "sender.missing")
	}
	var n *notifications.Notification
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		v, err := requestedVersion(tx, sender, r)
		if err != nil {
			return err
		}
		if n, err = requested(tx, a, r); err != nil {
			return err
		}
		before := *n
		n.VersionID, n.SenderID = v.ID, sender.ID
		r.apply(n)
		if n.Name == "" {
			n.Name = v.Template.Name
		}
		if n.ID != 0 && r.Rows == nil {
			same, err := unchanged(&before, n)
			if err != nil {
				return err
			}
			if same {
				*n = before
				return s.recheck(tx, n)
			}
		}
		if planned != nil {
			return planned
		}
		return s.write(tx, a, n, r)
	})
	s.nudge()
	return n, err
}

// requestedVersion is the version that a request names, if its template may be sent so.
func requestedVersion(tx *models.Tx, sender *senders.Sender, r Request) (*templates.TemplateVersion, error) {
	v, err := templates.VersionForUpdate(tx, r.VersionID)
	if err != nil {
		return nil, models.Invalid("template", "template.missing")
	}
	if err := checkTemplate(sender, v, r.Role); err != nil {
		return nil, err
	}
	g, err := templates.GroupOf(tx, v)
	if err != nil {
		return nil, err
	}
	return v, checkFills(g, r)
}

// write stores a new or changed notification. It drops an approval, which was for the previous one.
func (s *Service) write(tx *models.Tx, a models.Actor, n *notifications.Notification, r Request) error {
	word, did := "changed", notifications.EditorEdited
	if n.ID == 0 {
		word, did = "drafted", notifications.EditorWrote
		added, err := notifications.AddNotification(tx, n)
		if err != nil || !added {
			return err
		}
	} else {
		n.Version++
	}
	if err := notifications.ForgetRecipients(tx, n.ID); err != nil {
		return err
	}
	if err := notifications.SaveNotification(tx, n); err != nil {
		return err
	}
	if err := notifications.NoteEditor(tx, n, a, did); err != nil {
		return err
	}
	if err := notifications.DropApprovalOf(tx, n); err != nil {
		return err
	}
	if r.Rows != nil {
		if err := notifications.SetListRows(tx, n, r.Rows); err != nil {
			return err
		}
	}
	tx.Publish("home")
	return models.Audit(
		tx,
		a,
		"notification."+word,
		models.About("notification", n.PublicID),
		"The notification "+n.Name+" was "+word,
	)
}

// requested is the notification that a request is about: a new one, or a locked one that can still be changed.
func requested(tx *models.Tx, a models.Actor, r Request) (*notifications.Notification, error) {
	if r.ID == "" {
		return &notifications.Notification{
			Token:     r.Token,
			CreatedBy: a.ID,
			CreatedAt: tx.Now(),
			UpdatedAt: tx.Now(),
			BasedOn:   r.BasedOn,
			Version:   1,
		}, nil
	}
	n, err := notifications.NotificationForUpdate(tx, r.ID)
	switch {
	case err != nil:
		return nil, err
	case !n.Editable():
		return nil, models.Conflict("notification.already_on_its_way")
	case n.Version != r.Version:
		return nil, models.ErrStale("notification")
	}
	return n, nil
}

// chosen refuses a notification whose audience can't be determined.
func chosen(n *notifications.Notification) error {
	if e, ok := errors.AsType[*models.Error](n.Audience.Problem()); ok {
		return &models.Error{Kind: models.KindConflict, Code: e.Code, Args: e.Args}
	}
	return nil
}

// Pause holds back the messages that have not left yet.
func (s *Service) Pause(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		n, err := notifications.NotificationForUpdate(tx, id)
		if err != nil {
			return err
		}
		return notifications.PauseNotification(tx, a, n, "")
	})
}

// Cancel stops the messages that have not left yet.
func (s *Service) Cancel(ctx context.Context, a models.Actor, id string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error { return notifications.CancelNotification(tx, a, id) })
}

// nudge makes the runner run at once.
func (s *Service) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
