package inbox

import (
	"context"
	"strings"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// Draft is what somebody is writing in a conversation, on every device of theirs.
type Draft struct {
	UserID         int64  `gorm:"primaryKey"`
	ConversationID int64  `gorm:"primaryKey"`
	Mode           string `gorm:"primaryKey"` // reply or note
	Body           string
	QuoteSid       string
	UpdatedAt      time.Time
}

// DraftOf is a user's draft, with an empty body if there is none.
func (r Reads) DraftOf(ctx context.Context, userID, conversationID int64, mode string) (Draft, error) {
	d := Draft{UserID: userID, ConversationID: conversationID, Mode: mode}
	err := r.read(ctx).
		Where("user_id = ? AND conversation_id = ? AND mode = ?", userID, conversationID, mode).
		Limit(1).
		Find(&d).
		Error
	return d, err
}

// SaveDraft stores a draft; one without text is removed.
func SaveDraft(ctx context.Context, s *models.Store, d Draft) error {
	if strings.TrimSpace(d.Body) == "" {
		return base.Read(ctx, s).
			Exec("DELETE FROM drafts WHERE user_id = ? AND conversation_id = ? AND mode = ?",
				d.UserID, d.ConversationID, d.Mode).
			Error
	}
	return base.Read(ctx, s).
		Exec(`INSERT INTO drafts (user_id, conversation_id, mode, body, quote_sid) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (user_id, conversation_id, mode) DO UPDATE
			SET body = excluded.body, quote_sid = excluded.quote_sid, updated_at = now()`,
			d.UserID, d.ConversationID, d.Mode, d.Body, d.QuoteSid).
		Error
}

// DropDraft removes a draft that was sent.
func DropDraft(tx *models.Tx, userID *int64, conversationID int64, mode string) error {
	return base.DB(tx).Exec(
		"DELETE FROM drafts WHERE user_id = ? AND conversation_id = ? AND mode = ?",
		userID,
		conversationID,
		mode,
	).Error
}

// InboxFilterSaved is a list of the inbox that somebody saved under a name: the query of its address.
type InboxFilterSaved struct {
	ID       int64
	PublicID string `gorm:"default:new_public_id()"`
	UserID   int64
	Name     string
	Query    string
}

// TableName names the table.
func (InboxFilterSaved) TableName() string { return "inbox_filters" }

// SavedFilters are a user's saved filters, by name.
func (r Reads) SavedFilters(ctx context.Context, userID int64) ([]InboxFilterSaved, error) {
	var out []InboxFilterSaved
	err := r.read(ctx).Where("user_id = ?", userID).Order("lower(name)").Find(&out).Error
	return out, err
}

// SaveFilter saves a list under a name and replaces the one that had it.
func SaveFilter(ctx context.Context, s *models.Store, userID int64, name, query string) error {
	return base.Read(ctx, s).
		Exec(`INSERT INTO inbox_filters (user_id, name, query) VALUES (?, ?, ?)
			ON CONFLICT (user_id, name) DO UPDATE SET query = excluded.query`, userID, name, query).
		Error
}

// DeleteFilter removes one of a user's saved filters.
func DeleteFilter(ctx context.Context, s *models.Store, userID int64, publicID string) error {
	res := base.Read(ctx, s).Exec("DELETE FROM inbox_filters WHERE user_id = ? AND public_id = ?", userID, publicID)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.NotFound("filter")
	}
	return res.Error
}
