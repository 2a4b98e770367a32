package models

import (
	"context"
	"strings"
)

// Usage is a place where something is used that somebody wants to delete.
type Usage struct {
	Kind string // segment, optin, notification, schedule, template, list, macro
	ID   string // public id, empty where there is no page of its own to show
	Name string // empty for what belongs to somebody else alone
}

// openNotifications are those that still have to be put together: what changes now changes whom they reach. w is the audience
// and the fills of a notification as text.
const openNotifications = ` UNION ALL
	SELECT CASE WHEN s.id IS NULL THEN 'notification' ELSE 'schedule' END, n.public_id, n.name
	FROM notifications n LEFT JOIN schedules s ON s.pattern_id = n.id AND s.stopped_at IS NULL
	WHERE (n.state IN ('checking', 'checked', 'awaiting', 'scheduled', 'preparing') OR s.id IS NOT NULL)
		AND CAST(n.audience AS text) || CAST(n.fills AS text) LIKE @like`

// segmentUses are the segments whose filter says something, named where userID sees them.
const segmentUses = `SELECT 'segment' AS kind, CASE WHEN g.shared OR g.owner_id = @user THEN g.public_id ELSE '' END AS id,
		CASE WHEN g.shared OR g.owner_id = @user THEN g.name ELSE '' END AS name
	FROM segments g WHERE CAST(g.filter AS text) LIKE @like`

// TagUses are where a tag is used besides on contacts. userID is who asks.
func (s *Store) TagUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return s.uses(ctx, userID, publicID, `"`+publicID+`"`, segmentUses+` UNION ALL
		SELECT 'optin', o.public_id, o.name FROM optin_sources o JOIN tags t ON t.id = o.tag_id
		WHERE t.public_id = @id AND o.closed_at IS NULL`+openNotifications)
}

// FieldUses are where a field of contacts is used.
func (s *Store) FieldUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	var key string
	if err := s.read(ctx).
		Raw("SELECT key FROM contact_fields WHERE public_id = ?", publicID).
		Scan(&key).
		Error; err != nil ||
		key == "" {
		return nil, err
	}
	segments, err := s.uses(ctx, userID, publicID, `"key": "`+key+`"`, segmentUses+openNotifications)
	if err != nil {
		return nil, err
	}
	filled, err := s.uses(
		ctx,
		userID,
		publicID,
		`"field:`+key+`"`,
		`SELECT DISTINCT 'template' AS kind, t.public_id AS id, t.name
		FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE t.deleted_at IS NULL AND t.archived_at IS NULL AND CAST(v.placeholders AS text) LIKE @like`+openNotifications,
	)
	return append(segments, filled...), err
}

// TopicUses are where a topic of consent is used.
func (s *Store) TopicUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return s.uses(ctx, userID, publicID, `"topic": "`+publicID+`"`, segmentUses+` UNION ALL
		SELECT 'optin', o.public_id, o.name FROM optin_sources o JOIN topics t ON t.id = o.topic_id
		WHERE t.public_id = @id AND o.closed_at IS NULL UNION ALL
		SELECT 'template', m.public_id, m.name FROM templates m JOIN topics t ON t.id = m.topic_id
		WHERE t.public_id = @id AND m.deleted_at IS NULL AND m.archived_at IS NULL`+openNotifications)
}

// LabelUses are where a label of conversations is used besides on them.
func (s *Store) LabelUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return s.uses(ctx, userID, publicID, `"`+publicID+`"`, `SELECT 'list' AS kind, '' AS id,
			CASE WHEN f.user_id = @user THEN f.name ELSE '' END AS name
		FROM inbox_filters f WHERE '&' || f.query || '&' LIKE '%&label=' || @id || '&%' UNION ALL
		SELECT 'macro', m.public_id, m.name FROM macros m WHERE CAST(m.actions AS text) LIKE @like`)
}

// SegmentUses are the notifications that a segment was chosen for and that are still to be sent.
func (s *Store) SegmentUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return s.uses(
		ctx,
		userID,
		publicID,
		`"id": "`+publicID+`"`,
		`SELECT '' AS kind, '' AS id, '' AS name WHERE false`+openNotifications,
	)
}

func (s *Store) uses(ctx context.Context, userID int64, publicID, text, sql string) ([]Usage, error) {
	var out []Usage
	args := map[string]any{"user": userID, "id": publicID, "like": "%" + likeEscape(text) + "%"}
	sql = "SELECT * FROM (" + strings.TrimSpace(sql) + ") u ORDER BY kind, name, id LIMIT 50"
	err := s.read(ctx).Raw(sql, args).Scan(&out).Error
	return out, err
}
