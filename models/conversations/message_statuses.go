package conversations

import (
	"encoding/json"
	"time"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// moving is a message that callbacks are about: what it is, and when callbacks moved it on.
type moving struct {
	ID           int64           `json:"id"`
	TwilioSid    string          `json:"-"`
	Status       whatsapp.Status `json:"status"`
	Conversation string          `json:"-"` // public ids
	Notification string          `json:"-"`
	Sent         *time.Time      `json:"sent" gorm:"-"`
	Delivered    *time.Time      `json:"delivered" gorm:"-"`
	Read         *time.Time      `json:"read" gorm:"-"`
	moved        bool
}

// TakeStatuses stores many status callbacks and moves their messages on, in a handful of statements. It handles the
// plain ones: progress of a message whose sid is known. The others are StatusLeft, for TakeStatus.
func TakeStatuses(tx *models.Tx, list []StatusEvent) ([]StatusEffect, error) {
	messages, err := lockMoving(tx, list)
	if err != nil {
		return nil, err
	}
	effects := make([]StatusEffect, len(list))
	var plain []StatusEvent
	for i := range list {
		m := messages[list[i].MessageSid]
		if next, ok := whatsapp.StatusFromTwilio(list[i].Status); m == nil || !ok || next.Failure() ||
			list[i].ErrorCode != 0 {
			effects[i] = StatusLeft
			continue
		}
		list[i].MessageID = &m.ID
		plain = append(plain, list[i])
	}
	fresh, err := addEvents(tx, plain)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		key := [2]string{e.MessageSid, e.Status}
		switch {
		case effects[i] == StatusLeft:
		case fresh[key]:
			delete(fresh, key)
			effects[i] = messages[e.MessageSid].take(e)
		default:
			effects[i] = StatusRepeated
		}
	}
	return effects, saveMoved(tx, messages)
}

var (
	lockMessages = query("message_lock_moving")
	moveMessages = query("message_move")
)

// lockMoving locks the messages in the order of their ids, like every transaction that locks several.
func lockMoving(tx *models.Tx, list []StatusEvent) (map[string]*moving, error) {
	sids := make([]string, len(list))
	for i, e := range list {
		sids[i] = e.MessageSid
	}
	b, err := json.Marshal(sids)
	if err != nil {
		return nil, err
	}
	var rows []*moving
	err = base.DB(tx).Raw(lockMessages, map[string]any{"sids": string(b)}).Find(&rows).Error
	out := make(map[string]*moving, len(rows))
	for _, r := range rows {
		out[r.TwilioSid] = r
	}
	return out, err
}

// addEvents returns which of the events were not stored before, by sid and status.
func addEvents(tx *models.Tx, list []StatusEvent) (map[[2]string]bool, error) {
	type event struct {
		Sid    string `json:"sid"`
		Status string `json:"status"`
		ID     *int64 `json:"id"`
	}
	fresh, events := map[[2]string]bool{}, make([]event, len(list))
	if len(list) == 0 {
		return fresh, nil
	}
	for i, e := range list {
		events[i] = event{e.MessageSid, e.Status, e.MessageID}
	}
	b, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	var rows []struct{ MessageSid, Status string }
	err = base.DB(tx).
		Raw(`INSERT INTO status_events (message_sid, status, message_id, received_at) SELECT x.sid, x.status, x.id, ?
		FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x (sid text, status text, id bigint) ORDER BY x.sid, x.status
		ON CONFLICT DO NOTHING RETURNING message_sid, status`, tx.Now(), string(b)).
		Find(&rows).
		Error
	for _, r := range rows {
		fresh[[2]string{r.MessageSid, r.Status}] = true
	}
	return fresh, err
}

// take moves the message by one event, if it goes forward.
func (m *moving) take(e StatusEvent) StatusEffect {
	next, _ := whatsapp.StatusFromTwilio(e.Status)
	if !m.Status.CanBecome(next) {
		if next == m.Status {
			return StatusApplied
		}
		return StatusLate
	}
	m.Status, m.moved = next, true
	switch next {
	case whatsapp.Sent:
		m.Sent = &e.ReceivedAt
	case whatsapp.Delivered:
		m.Delivered = &e.ReceivedAt
	case whatsapp.Read:
		m.Read = &e.ReceivedAt
	default: // the times of the others are not kept here
	}
	return StatusApplied
}

func saveMoved(tx *models.Tx, messages map[string]*moving) error {
	var moved []*moving
	for _, m := range messages {
		if !m.moved {
			continue
		}
		moved = append(moved, m)
		tx.Publish("conversation-" + m.Conversation)
		if m.Notification != "" {
			tx.Publish("notification-" + m.Notification)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	b, err := json.Marshal(moved)
	if err != nil {
		return err
	}
	return base.DB(tx).Exec(moveMessages, map[string]any{"list": string(b)}).Error
}
