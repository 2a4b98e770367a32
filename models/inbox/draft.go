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
	// Token identifies the composer's form that it was written in, as it does for the form's message. It is empty for a
	// draft that was written in no form.
	Token string `gorm:"-"`
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

var draftSave = query("draft_save")

// SaveDraft stores a draft; one without text is removed. A draft can reach the server after the message that was
// written in the same form, and would offer the sent text again: it is refused (conflict).
func SaveDraft(ctx context.Context, s *models.Store, d Draft) error {
	if strings.TrimSpace(d.Body) == "" {
		d.Body = ""
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		// Whoever takes a message locks the conversation for update. Its token is visible once that lock is released, and
		// only to a statement that begins afterwards. The draft's foreign key takes the same lock, but too late.
		if d.Token != "" {
			lock := base.DB(tx).Exec("SELECT FROM conversations WHERE id = ? FOR KEY SHARE", d.ConversationID)
			if lock.Error != nil {
				return lock.Error
			}
		}
		var taken bool
		err := base.DB(tx).Raw(draftSave, map[string]any{
			"user":         d.UserID,
			"conversation": d.ConversationID,
			"mode":         d.Mode,
			"body":         d.Body,
			"quote":        d.QuoteSid,
			"token":        d.Token,
		}).Scan(&taken).Error
		if err == nil && taken {
			err = models.Conflict("draft.message_taken")
		}
		return err
	})
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

// DropSentDraft removes a draft whose text was sent. Another text is the next message's.
func DropSentDraft(tx *models.Tx, sent Draft) error {
	return base.DB(tx).
		Exec(`DELETE FROM drafts WHERE user_id = ? AND conversation_id = ? AND mode = ?
			AND btrim(replace(body, E'\r\n', E'\n'), E' \n\t') = ?`,
			sent.UserID, sent.ConversationID, sent.Mode, strings.TrimSpace(sent.Body)).
		Error
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
