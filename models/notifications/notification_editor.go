package notifications

import (
	"context"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
)

// EditorDid is what a user did to a notification, so that another user has to approve it.
type EditorDid string

// What makes a user one of a notification's editors.
const (
	EditorWrote    EditorDid = "wrote"
	EditorEdited   EditorDid = "edited"
	EditorStarted  EditorDid = "started"  // or scheduled it
	EditorRepeated EditorDid = "repeated" // made the schedule that it comes from
)

// EditorDids lists all of them.
func EditorDids() []EditorDid {
	return []EditorDid{EditorWrote, EditorEdited, EditorStarted, EditorRepeated}
}

// NoteEditor records that a user took part in a notification. The program itself is not recorded.
func NoteEditor(tx *models.Tx, n *Notification, a models.Actor, did EditorDid) error {
	if a.ID == nil {
		return nil
	}
	return base.DB(tx).Exec(`INSERT INTO notification_editors (notification_id, user_id, did, at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, n.ID, *a.ID, did, tx.Now()).Error
}

// CopyEditors makes the editors of a notification the writers of another one that is made from it.
func CopyEditors(tx *models.Tx, from, to int64) error {
	return base.DB(tx).Exec(`INSERT INTO notification_editors (notification_id, user_id, did, at)
		SELECT ?, user_id, did, at FROM notification_editors WHERE notification_id = ? AND did IN ('wrote', 'edited')
		ON CONFLICT DO NOTHING`, to, from).Error
}

// DidWith is what a user did to a notification first, empty if nothing.
func DidWith(tx *models.Tx, notificationID, userID int64) (EditorDid, error) {
	var out []EditorDid
	err := base.DB(tx).Raw(`SELECT did FROM notification_editors WHERE notification_id = ? AND user_id = ?
		ORDER BY at, did LIMIT 1`, notificationID, userID).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", err
	}
	return out[0], nil
}

// Approvers are the users who may approve a notification, by name: those who may send its template and did not take
// part in it.
func (r Reads) Approvers(ctx context.Context, n *Notification) ([]accounts.User, error) {
	var need []models.Role
	err := r.read(ctx).Raw(`SELECT t.send_role FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE v.id = ?`, n.VersionID).Scan(&need).Error
	if err != nil || len(need) == 0 {
		return nil, err
	}
	var rows, out []accounts.User
	err = r.read(ctx).Where("disabled_at IS NULL").Order("lower(name), id").
		Where("id NOT IN (SELECT user_id FROM notification_editors WHERE notification_id = ?)", n.ID).Find(&rows).Error
	for _, u := range rows {
		if u.Role.Can(models.Operator) && u.Role.Can(need[0]) {
			out = append(out, u)
		}
	}
	return out, err
}

// RoleOf is the role of an actor, Admin for the program itself; a user who is gone has none.
func RoleOf(tx *models.Tx, a models.Actor) (models.Role, error) {
	if a.ID == nil {
		return models.Admin, nil
	}
	var out []models.Role
	err := base.DB(tx).Raw("SELECT role FROM users WHERE id = ? AND disabled_at IS NULL", *a.ID).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", err
	}
	return out[0], nil
}
