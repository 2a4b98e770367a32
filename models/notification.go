package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm/clause"
)

// Notification is one template sent to an audience of opted-in contacts.
type Notification struct {
	ID           int64
	PublicID     string `gorm:"default:new_public_id()"`
	VersionID    int64
	SenderID     int64
	Sender       *Sender
	UseCase      string
	State        string `gorm:"default:running"`
	Variables    Values `gorm:"type:jsonb;serializer:json"`
	Token        string
	PausedReason string // why it was paused, and not by a person
	CreatedBy    *int64
	Creator      *User `gorm:"foreignKey:CreatedBy"`
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// NotificationRow is a notification as lists show it, with how its messages stand.
type NotificationRow struct {
	Notification
	TemplateName, Language, Body, SenderName, CreatorName string
	Total, Excluded, Waiting, Sent, Delivered, Read       int
	Failed                                                int
}

const notificationSQL = `SELECT n.*, t.name AS template_name, v.language, v.body, s.name AS sender_name, coalesce(u.name, '') AS creator_name, x.*
	FROM notifications n JOIN template_versions v ON v.id = n.version_id JOIN templates t ON t.id = v.template_id
	JOIN senders s ON s.id = n.sender_id LEFT JOIN users u ON u.id = n.created_by
	CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE r.excluded <> '') AS excluded,
		count(*) FILTER (WHERE m.status IN ('queued', 'sending', 'in_doubt', 'accepted')) AS waiting,
		count(*) FILTER (WHERE m.status IN ('sent', 'delivered', 'read')) AS sent,
		count(*) FILTER (WHERE m.status IN ('delivered', 'read')) AS delivered,
		count(*) FILTER (WHERE m.status = 'read') AS read,
		count(*) FILTER (WHERE m.status IN ('failed', 'undelivered', 'refused', 'canceled')) AS failed
		FROM notification_recipients r LEFT JOIN messages m ON m.id = r.message_id WHERE r.notification_id = n.id) x `

// Notifications are the latest n.
func (s *Store) Notifications(ctx context.Context, before int64, n int) ([]NotificationRow, error) {
	var out []NotificationRow
	return out, s.read(ctx).Raw(notificationSQL+"WHERE ? = 0 OR n.id < ? ORDER BY n.id DESC LIMIT ?", before, before, n).Scan(&out).Error
}

// NotificationByPublicID finds a notification.
func (s *Store) NotificationByPublicID(ctx context.Context, id string) (*NotificationRow, error) {
	var out []NotificationRow
	if err := s.read(ctx).Raw(notificationSQL+"WHERE n.public_id = ?", id).Scan(&out).Error; err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, NotFound("notification")
	}
	return &out[0], nil
}

// RecipientRow is one person of a notification's audience.
type RecipientRow struct {
	ID                                        int64
	Excluded                                  string
	ContactPublicID, Name, ProfileName, Phone string
	ConversationPublicID                      string
	Status                                    string
	ErrorCode                                 int
	ErrorMessage                              string
	SentAt, DeliveredAt, ReadAt, FailedAt     *time.Time
}

// Recipients are a notification's audience, in the order in which it was put together.
func (s *Store) Recipients(ctx context.Context, notificationID, after int64, n int) ([]RecipientRow, error) {
	var out []RecipientRow
	return out, s.read(ctx).Raw(`SELECT r.id, r.excluded, c.public_id AS contact_public_id, c.name, c.profile_name, coalesce(c.phone, '') AS phone,
		coalesce(v.public_id, '') AS conversation_public_id, coalesce(m.status, '') AS status, coalesce(m.error_code, 0) AS error_code,
		coalesce(m.error_message, '') AS error_message, m.sent_at, m.delivered_at, m.read_at, m.failed_at
		FROM notification_recipients r JOIN contacts c ON c.id = r.contact_id
		LEFT JOIN messages m ON m.id = r.message_id LEFT JOIN conversations v ON v.id = m.conversation_id
		WHERE r.notification_id = ? AND r.id > ? ORDER BY r.id LIMIT ?`, notificationID, after, n).Scan(&out).Error
}

// AddNotification writes a notification. It returns false if the form with this token was taken already.
func (tx *Tx) AddNotification(n *Notification) (bool, error) {
	token := n.Token
	res := tx.Omit("Sender", "Creator").Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "token"}}, DoNothing: true}).Create(n)
	if res.Error != nil || res.RowsAffected > 0 {
		return res.RowsAffected > 0, res.Error
	}
	*n = Notification{}
	return false, tx.Where("token = ?", token).Take(n).Error
}

// AddRecipient puts a contact on a notification's list: with its message, or with why it is left out.
func (tx *Tx) AddRecipient(notificationID, contactID int64, messageID *int64, excluded string) error {
	return tx.Exec("INSERT INTO notification_recipients (notification_id, contact_id, message_id, excluded) VALUES (?, ?, ?, ?)",
		notificationID, contactID, messageID, excluded).Error
}

// ContactsByPublicID finds and locks contacts, by name.
func (tx *Tx) ContactsByPublicID(ids []string) ([]Contact, error) {
	var out []Contact
	return out, tx.Clauses(forUpdate).Where("public_id IN ? AND gone = ''", ids).Order("id").Find(&out).Error
}

// CancelNotification stops what has not left yet.
func (tx *Tx) CancelNotification(a Actor, publicID string) error {
	var n Notification
	if err := tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&n).Error; err != nil {
		return found(err, "notification")
	}
	if n.State == "canceled" {
		return nil
	}
	err := tx.Model(&Notification{}).Where("id = ?", n.ID).Update("state", "canceled").Error
	return errors.Join(err, tx.Audit(a, "notification.canceled", "notification", n.PublicID, "A notification was canceled", nil),
		tx.Tell("notification-"+n.PublicID, "notifications"), tx.wakeDispatchers())
}

// ResumeNotification lets a paused notification go on. Its template must be one that may be sent.
func (tx *Tx) ResumeNotification(a Actor, publicID string) error {
	var n Notification
	if err := tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&n).Error; err != nil {
		return found(err, "notification")
	}
	if n.State != "paused" {
		return Conflict("This notification is not paused.")
	}
	var bad []string
	err := tx.Raw(`SELECT DISTINCT t.name || ' (' || v.language || ') is ' || CASE WHEN v.state <> 'approved' THEN v.state ELSE 'promotion now' END
		FROM template_versions v JOIN templates t ON t.id = v.template_id WHERE (v.id = ? OR v.id IN (SELECT version_id FROM messages WHERE notification_id = ? AND status = 'queued'))
		AND (v.state <> 'approved' OR coalesce(nullif(v.category, ''), t.category) = 'MARKETING')`, n.VersionID, n.ID).Scan(&bad).Error
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return Conflict("It can't go on: the template " + bad[0] + ". Cancel it, or wait until WhatsApp approves the template again.")
	}
	err = tx.Model(&Notification{}).Where("id = ?", n.ID).Updates(map[string]any{"state": "running", "paused_reason": ""}).Error
	return errors.Join(err, tx.Audit(a, "notification.resumed", "notification", n.PublicID, "A notification was resumed", nil),
		tx.Tell("notifications", "notification-"+n.PublicID), tx.wakeDispatchers())
}
