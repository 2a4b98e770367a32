package models

import (
	"context"
	"time"
)

// StoredList is an uploaded file with a list of numbers whose columns the uploader still has to check.
type StoredList struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	UserID    int64
	Name      string // of the file
	Content   []byte
	CreatedAt time.Time `gorm:"default:now()"`
}

// TableName names the table.
func (StoredList) TableName() string { return "kept_lists" }

// StoreList stores a file while its uploader checks its columns, two days at most.
func (s *Store) StoreList(ctx context.Context, l *StoredList) error {
	return s.read(ctx).Create(l).Error
}

// StoredListByPublicID finds a file that a user uploaded.
func (s *Store) StoredListByPublicID(ctx context.Context, userID int64, publicID string) (*StoredList, error) {
	var out StoredList
	return &out, found(s.read(ctx).Where("user_id = ? AND public_id = ?", userID, publicID).Take(&out).Error, "list")
}

// DeleteList deletes a file that is not needed any more.
func (s *Store) DeleteList(ctx context.Context, userID int64, publicID string) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE user_id = ? AND public_id = ?", userID, publicID).Error
}

// DeleteOldLists deletes files that nobody continued with for two days.
func (s *Store) DeleteOldLists(ctx context.Context) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE created_at < now() - interval '2 days'").Error
}
