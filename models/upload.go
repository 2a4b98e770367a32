package models

import (
	"context"
	"time"

	"parley/models/internal/base"
)

// Upload is a file in somebody's composer that is not sent yet.
type Upload struct {
	ID             int64
	PublicID       string `gorm:"default:new_public_id()"`
	UserID         int64
	ConversationID int64
	File, Thumb    string
	ContentType    string
	Size           int64 // bytes
	Name           string
	AccessKey      string
	Voice          bool
	CreatedAt      time.Time `gorm:"default:now()"`
}

// mostUploads is how many files one reply holds.
const mostUploads = 10

// AddUpload stores a file for a composer. More than mostUploads are refused (field file).
func AddUpload(ctx context.Context, s *Store, u *Upload) error {
	var n int64
	if err := base.Read(ctx, s).
		Model(&Upload{}).
		Where("user_id = ? AND conversation_id = ?", u.UserID, u.ConversationID).
		Count(&n).
		Error; err != nil {
		return err
	}
	if n >= mostUploads {
		return Invalid("file", "upload.too_many")
	}
	return base.Read(ctx, s).Create(u).Error
}

// Uploads are the files in somebody's composer, in the order in which they came.
func (r Reads) Uploads(ctx context.Context, userID, conversationID int64) ([]Upload, error) {
	var out []Upload
	err := r.read(ctx).
		Where("user_id = ? AND conversation_id = ?", userID, conversationID).
		Order("id").
		Find(&out).
		Error
	return out, err
}

// DropUploads removes the files with these public ids from a composer and returns them.
func DropUploads(ctx context.Context, s *Store, userID int64, publicIDs []string) ([]Upload, error) {
	var out []Upload
	err := base.Read(ctx, s).
		Raw("DELETE FROM uploads WHERE user_id = ? AND public_id IN ? RETURNING *",
			userID, append([]string{""}, publicIDs...)).
		Scan(&out).
		Error
	return out, err
}

// OldUploads removes files that nobody sent within two days, and returns them.
func OldUploads(ctx context.Context, s *Store) ([]Upload, error) {
	var out []Upload
	err := base.Read(ctx, s).
		Raw(`DELETE FROM uploads WHERE id IN (
			SELECT id FROM uploads WHERE created_at < now() - interval '2 days' LIMIT 500) RETURNING *`).
		Scan(&out).
		Error
	return out, err
}

// UploadByPublicID finds a file in somebody's own composer.
func (r Reads) UploadByPublicID(ctx context.Context, userID int64, publicID string) (*Upload, error) {
	var out Upload
	return &out, Found(r.read(ctx).Where("user_id = ? AND public_id = ?", userID, publicID).Take(&out).Error, "file")
}
