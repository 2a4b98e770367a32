package models

import (
	"context"
	"time"
)

// StoredList is a file with a list of numbers that somebody uploaded and whose columns they are still to look at.
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

// StoreList keeps a file while its uploader looks at its columns, two days at most.
func (s *Store) StoreList(ctx context.Context, l *StoredList) error {
	return s.read(ctx).Create(l).Error
}

// StoredListByPublicID finds a file that a user uploaded.
func (s *Store) StoredListByPublicID(ctx context.Context, userID int64, publicID string) (*StoredList, error) {
	var out StoredList
	return &out, found(s.read(ctx).Where("user_id = ? AND public_id = ?", userID, publicID).Take(&out).Error, "list")
}

// DeleteList drops a file that is not needed any more.
func (s *Store) DeleteList(ctx context.Context, userID int64, publicID string) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE user_id = ? AND public_id = ?", userID, publicID).Error
}

// DeleteOldLists drops files that nobody went on with for two days.
func (s *Store) DeleteOldLists(ctx context.Context) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE created_at < now() - interval '2 days'").Error
}
