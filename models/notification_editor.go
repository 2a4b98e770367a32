package models

import "context"

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
func (tx *Tx) NoteEditor(n *Notification, a Actor, did EditorDid) error {
	if a.ID == nil {
		return nil
	}
	return tx.Exec(`INSERT INTO notification_editors (notification_id, user_id, did, at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, n.ID, *a.ID, did, tx.now).Error
}

// CopyEditors makes the editors of a notification the writers of another one that is made from it.
func (tx *Tx) CopyEditors(from, to int64) error {
	return tx.Exec(`INSERT INTO notification_editors (notification_id, user_id, did, at)
		SELECT ?, user_id, did, at FROM notification_editors WHERE notification_id = ? AND did IN ('wrote', 'edited')
		ON CONFLICT DO NOTHING`, to, from).Error
}

// DidWith is what a user did to a notification first, empty if nothing.
func (tx *Tx) DidWith(notificationID, userID int64) (EditorDid, error) {
	var out []EditorDid
	err := tx.Raw(`SELECT did FROM notification_editors WHERE notification_id = ? AND user_id = ?
		ORDER BY at, did LIMIT 1`, notificationID, userID).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", err
	}
	return out[0], nil
}

// Approvers are the users who may approve a notification, by name: those who may send its template and did not take
// part in it.
func (s *Store) Approvers(ctx context.Context, n *Notification) ([]User, error) {
	var need []Role
	err := s.read(ctx).Raw(`SELECT t.send_role FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE v.id = ?`, n.VersionID).Scan(&need).Error
	if err != nil || len(need) == 0 {
		return nil, err
	}
	var rows, out []User
	err = s.read(ctx).Where("disabled_at IS NULL").Order("lower(name), id").
		Where("id NOT IN (SELECT user_id FROM notification_editors WHERE notification_id = ?)", n.ID).Find(&rows).Error
	for _, u := range rows {
		if u.Role.Can(Operator) && u.Role.Can(need[0]) {
			out = append(out, u)
		}
	}
	return out, err
}

// RoleOf is the role of an actor, Admin for the program itself; a user who is gone has none.
func (tx *Tx) RoleOf(a Actor) (Role, error) {
	if a.ID == nil {
		return Admin, nil
	}
	var out []Role
	err := tx.Raw("SELECT role FROM users WHERE id = ? AND disabled_at IS NULL", *a.ID).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return "", err
	}
	return out[0], nil
}
