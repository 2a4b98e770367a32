package notifications

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
	"parley/models/people/segments"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// NotificationState is the state of a notification.
type NotificationState string

// The states of a notification.
const (
	NotificationChecking  NotificationState = "checking"  // the dry run is under way
	NotificationChecked   NotificationState = "checked"   // the dry run is done
	NotificationAwaiting  NotificationState = "awaiting"  // a second person has to approve it
	NotificationScheduled NotificationState = "scheduled" // it waits for its time
	NotificationPreparing NotificationState = "preparing" // its audience is evaluated again
	NotificationRunning   NotificationState = "running"
	NotificationPaused    NotificationState = "paused"
	NotificationCanceled  NotificationState = "canceled"
	NotificationFinished  NotificationState = "finished"
	NotificationExpired   NotificationState = "expired" // its validity ended before anything could be sent
)

// NotificationStates lists all of them.
func NotificationStates() []NotificationState {
	return []NotificationState{
		NotificationChecking,
		NotificationChecked,
		NotificationAwaiting,
		NotificationScheduled,
		NotificationPreparing,
		NotificationRunning,
		NotificationPaused,
		NotificationCanceled,
		NotificationFinished,
		NotificationExpired,
	}
}

// Special values of the form's segment field, besides a segment's public id.
const (
	SegmentEverybody = "everybody" // everybody who is opted in
	SegmentKept      = "kept"      // the notification's own segment, as it was when it was chosen
)

// Audience is the set of people that a notification is for.
type Audience struct {
	Kind     string                 `json:"kind"`               // contacts, filter or list
	Contacts []string               `json:"contacts,omitempty"` // public ids
	Filter   segments.ContactFilter `json:"filter,omitzero"`    // without a segment; empty for everybody who is opted in
	Segment  *segments.KeptSegment  `json:"segment,omitempty"`
	Tags     []segments.KeptTag     `json:"tags,omitempty"`    // all of them, besides the segment
	Name     string                 `json:"name,omitempty"`    // of the people or the file, as shown
	Columns  []string               `json:"columns,omitempty"` // of the list, besides the number
	Rows     int                    `json:"rows,omitempty"`
	Number   string                 `json:"number,omitempty"`  // the title of the list's column with the numbers
	Country  string                 `json:"country,omitempty"` // of the list's national numbers
}

// Fill says where a placeholder's value comes from.
type Fill struct {
	From    string `json:"from"`            // fixed, field or column
	Value   string `json:"value,omitempty"` // the text, the field's key, or the column's name
	Default string `json:"default,omitempty"`
}

// Fills are the fills of a template's placeholders, by number among TemplateGroup.Names.
type Fills map[string]Fill

// Notification is one template sent to an audience of opted-in contacts.
type Notification struct {
	ID           int64
	PublicID     string `gorm:"default:new_public_id()"`
	Name         string
	VersionID    int64
	SenderID     int64
	Sender       *senders.Sender
	UseCase      string
	State        NotificationState `gorm:"default:checking"`
	Audience     Audience          `gorm:"type:jsonb;serializer:json;default:'{}'"`
	Fills        Fills             `gorm:"type:jsonb;serializer:json;default:'{}'"`
	Variables    templates.Values  `gorm:"type:jsonb;serializer:json"`
	SendAt       *time.Time        // nil: as soon as it is started
	LocalTime    bool              // SendAt is each contact's local time, written as if it were UTC
	QuietFrom    *int              // minutes after midnight, where the contact is
	QuietTo      *int
	Speed        float64                    // messages a second, 0: the sender's
	ValidHours   int                        `gorm:"default:24"` // how long it is tried, from the requested time on
	StopPercent  int                        `gorm:"default:25"` // it pauses by itself when so many fail
	Cursor       int64                      // how far the check or the preparation has come
	Excluded     map[whatsapp.Exclusion]int `gorm:"type:jsonb;serializer:json;default:'{}'"` // by reason
	Allowed      int                        // how many will get it
	CheckedAt    *time.Time
	ApprovedBy   *int64
	StartedAt    *time.Time
	FinishedAt   *time.Time
	ValidUntil   *time.Time // set when it is scheduled or started; by local time, it is the end for the last contact
	BasedOn      *int64
	ScheduleID   *int64
	Token        string
	PausedReason string // why it was paused, if not by a user
	CreatedBy    *int64
	Creator      *accounts.User `gorm:"foreignKey:CreatedBy"`
	Version      int            `gorm:"default:1"`
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Topic is the live event of the notification.
func (n *Notification) Topic() string { return "notification-" + n.PublicID }

// LeftOut is how many people were left out, for any reason.
func (n *Notification) LeftOut() int {
	sum := 0
	for _, k := range n.Excluded {
		sum += k
	}
	return sum
}

// Editable reports whether content, audience and time can still be changed: not after the first message has left.
func (n *Notification) Editable() bool {
	switch n.State {
	case NotificationChecking, NotificationChecked, NotificationAwaiting, NotificationScheduled:
		return n.StartedAt == nil
	default:
		return false
	}
}

// NotificationRow is a notification as lists show it, with its progress.
type NotificationRow struct {
	Notification
	TemplateName, Language, Body, SenderName, SenderPublicID, CreatorName, VersionPublicID string
	Progress
}

// Progress is the state of a notification's messages: sums that are kept up to date, not counted.
type Progress struct {
	Queued                    int // written into the queue so far
	Settled                   int // of these, accepted, refused or canceled
	Sent, Delivered, Read     int
	Failed, Refused, Canceled int
	Replied, OptedOut         int
}

// Reached is how many people's messages Twilio accepted or WhatsApp delivered: settled, and not failed.
func (p Progress) Reached() int { return max(0, p.Settled-p.Failed-p.Refused-p.Canceled) }

// Waiting is how many messages are in the queue, on their way to Twilio or have an unknown outcome.
func (p Progress) Waiting() int { return max(0, p.Queued-p.Settled) }

var notifications = query("notifications")

// notificationRows are at most n notifications that match a filter, the latest first.
func (r Reads) notificationRows(ctx context.Context, filter clause.Expr, n int) ([]NotificationRow, error) {
	var out []NotificationRow
	err := r.read(ctx).Raw(notifications, map[string]any{"filter": filter, "n": n}).Scan(&out).Error
	for i := range out {
		// a message that failed after the end is tried again
		if row := &out[i]; row.State == NotificationFinished && row.Waiting() > 0 {
			row.State, row.FinishedAt = NotificationRunning, nil
		}
	}
	return out, err
}

// Notifications are the latest n.
func (r Reads) Notifications(ctx context.Context, before int64, n int) ([]NotificationRow, error) {
	return r.notificationRows(ctx, gorm.Expr("(? = 0 OR n.id < ?)", before, before), n)
}

// NotificationByPublicID finds a notification.
func (r Reads) NotificationByPublicID(ctx context.Context, id string) (*NotificationRow, error) {
	return r.notificationRow(ctx, gorm.Expr("n.public_id = ?", id))
}

// NotificationByID finds a notification by its row id.
func (r Reads) NotificationByID(ctx context.Context, id int64) (*NotificationRow, error) {
	return r.notificationRow(ctx, gorm.Expr("n.id = ?", id))
}

func (r Reads) notificationRow(ctx context.Context, filter clause.Expr) (*NotificationRow, error) {
	out, err := r.notificationRows(ctx, filter, 1)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, models.NotFound("notification")
	}
	return &out[0], nil
}

// AddNotification writes a notification. It returns false if the form with this token was handled already.
func AddNotification(tx *models.Tx, n *Notification) (bool, error) {
	token := n.Token
	res := base.DB(tx).Omit("Sender", "Creator").
		Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "token"}}, DoNothing: true}).
		Create(n)
	if res.Error != nil || res.RowsAffected > 0 {
		return res.RowsAffected > 0, res.Error
	}
	*n = Notification{}
	return false, base.DB(tx).Where("token = ?", token).Take(n).Error
}

// NotificationForUpdate finds and locks a notification.
func NotificationForUpdate(tx *models.Tx, publicID string) (*Notification, error) {
	var n Notification
	err := base.Lock(tx, &n, publicID)
	if err != nil {
		return nil, models.Found(err, "notification")
	}
	return &n, reopen(tx, &n)
}

// NotificationByIDForUpdate finds and locks a notification by its row id.
func NotificationByIDForUpdate(tx *models.Tx, id int64) (*Notification, error) {
	var n Notification
	err := base.DB(tx).Clauses(base.ForUpdate).Take(&n, id).Error
	if err != nil {
		return nil, models.Found(err, "notification")
	}
	return &n, reopen(tx, &n)
}

// reopen makes a locked notification that finished a running one, in memory, if a message of it failed afterwards and
// waits in the queue to be tried again.
func reopen(tx *models.Tx, n *Notification) error {
	if n.State != NotificationFinished {
		return nil
	}
	var waits bool
	err := base.DB(tx).Raw(`SELECT EXISTS (SELECT 1 FROM messages
		WHERE notification_id = ? AND sender_id = ? AND status = 'queued')`, n.ID, n.SenderID).Scan(&waits).Error
	if waits {
		n.State, n.FinishedAt = NotificationRunning, nil
	}
	return err
}

// SaveNotification stores a locked notification and publishes the change.
func SaveNotification(tx *models.Tx, n *Notification) error {
	n.UpdatedAt = tx.Now()
	tx.Publish("notifications", n.Topic())
	return base.DB(tx).Omit("Sender", "Creator").Save(n).Error
}

// DropNotification removes a draft that is of no use.
func DropNotification(ctx context.Context, s *models.Store, id int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish("notifications")
		return base.DB(tx).Exec(`DELETE FROM notifications WHERE id = ? AND state = 'checked'
				AND NOT EXISTS (SELECT 1 FROM messages WHERE notification_id = ?)`, id, id).Error
	})
}
