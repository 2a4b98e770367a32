package segments

import (
	"context"

	"parley/models/internal/base"
)

// Usage is a place where something that somebody wants to delete is used.
type Usage struct {
	Kind string // segment, optin, notification, schedule, template, list, macro
	ID   string // public id, empty where there is no page of its own to show
	Name string // empty for what belongs to another user alone
}

var (
	usesOfTag     = query("uses_of_tag")
	usesOfField   = query("uses_of_field")
	usesOfFilling = query("uses_of_filling")
	usesOfTopic   = query("uses_of_topic")
	usesOfLabel   = query("uses_of_label")
	usesOfSegment = query("uses_of_segment")
)

// used is something whose uses are looked up: its public id, the text by which stored filters name it, and the user who
// asks.
type used struct {
	userID   int64
	publicID string
	text     string
}

// TagUses are where a tag is used besides on contacts. userID is who asks.
func (r Reads) TagUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return r.uses(ctx, usesOfTag, used{userID, publicID, `"` + publicID + `"`})
}

// FieldUses are where a field of contacts is used.
func (r Reads) FieldUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	var key string
	err := r.read(ctx).Raw("SELECT key FROM contact_fields WHERE public_id = ?", publicID).Scan(&key).Error
	if err != nil || key == "" {
		return nil, err
	}
	segments, err := r.uses(ctx, usesOfField, used{userID, publicID, `"key": "` + key + `"`})
	if err != nil {
		return nil, err
	}
	filled, err := r.uses(ctx, usesOfFilling, used{userID, publicID, `"field:` + key + `"`})
	return append(segments, filled...), err
}

// TopicUses are where a topic of consent is used.
func (r Reads) TopicUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return r.uses(ctx, usesOfTopic, used{userID, publicID, `"topic": "` + publicID + `"`})
}

// LabelUses are where a label of conversations is used besides on them.
func (r Reads) LabelUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return r.uses(ctx, usesOfLabel, used{userID, publicID, `"` + publicID + `"`})
}

// SegmentUses are the notifications that a segment was chosen for and that are still to be sent.
func (r Reads) SegmentUses(ctx context.Context, userID int64, publicID string) ([]Usage, error) {
	return r.uses(ctx, usesOfSegment, used{userID, publicID, `"id": "` + publicID + `"`})
}

func (r Reads) uses(ctx context.Context, sql string, of used) ([]Usage, error) {
	var out []Usage
	args := map[string]any{"user": of.userID, "id": of.publicID, "like": "%" + base.LikeEscape(of.text) + "%"}
	err := r.read(ctx).Raw(sql, args).Scan(&out).Error
	return out, err
}
