package notifying

import (
	"encoding/json"
	"errors"
	"slices"

	"parley/models"
	"parley/models/notifications"
)

// unchanged reports whether an edit changes neither content, audience nor time. Hand-picked contacts are the same in
// any order, and keep the name of their list.
func unchanged(before, after *notifications.Notification) (bool, error) {
	if before.Audience.Kind == "contacts" && sameSet(before.Audience.Contacts, after.Audience.Contacts) {
		after.Audience = before.Audience
	}
	was, err1 := asked(before)
	is, err2 := asked(after)
	return was == is, errors.Join(err1, err2)
}

// asked is a notification's request in a comparable form: as it is read from the database.
func asked(n *notifications.Notification) (string, error) {
	x := notifications.Notification{
		Name:        n.Name,
		VersionID:   n.VersionID,
		SenderID:    n.SenderID,
		UseCase:     n.UseCase,
		Audience:    n.Audience,
		Fills:       n.Fills,
		LocalTime:   n.LocalTime,
		QuietFrom:   n.QuietFrom,
		QuietTo:     n.QuietTo,
		Speed:       n.Speed,
		ValidHours:  n.ValidHours,
		StopPercent: n.StopPercent,
	}
	if n.SendAt != nil {
		at := n.SendAt.UTC()
		x.SendAt = &at
	}
	b, err := json.Marshal(x)
	if err != nil {
		return "", err
	}
	var stored notifications.Notification
	if err := json.Unmarshal(b, &stored); err != nil {
		return "", err
	}
	b, err = json.Marshal(stored)
	return string(b), err
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// recheck handles saving without a change: a draft gets another dry run, since people opt in and out; one that is
// scheduled or waits for approval stays as it is.
func (s *Service) recheck(tx *models.Tx, n *notifications.Notification) error {
	if n.State != notifications.NotificationChecked {
		return nil
	}
	n.State, n.Cursor = notifications.NotificationChecking, 0
	return notifications.SaveNotification(tx, n)
}
