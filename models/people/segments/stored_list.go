package segments

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
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
func StoreList(ctx context.Context, s *models.Store, l *StoredList) error {
	return base.Read(ctx, s).Create(l).Error
}

// StoredListByPublicID finds a file that a user uploaded.
func (r Reads) StoredListByPublicID(ctx context.Context, userID int64, publicID string) (*StoredList, error) {
	var out StoredList
	return &out, models.Found(
		r.read(ctx).Where("user_id = ? AND public_id = ?", userID, publicID).Take(&out).Error,
		"list",
	)
}

// DeleteList deletes a file that is not needed any more.
func DeleteList(ctx context.Context, s *models.Store, userID int64, publicID string) error {
	return base.Read(ctx, s).Exec("DELETE FROM kept_lists WHERE user_id = ? AND public_id = ?", userID, publicID).Error
}

// DeleteOldLists deletes files that nobody continued with for two days.
func DeleteOldLists(ctx context.Context, s *models.Store) error {
	return base.Read(ctx, s).Exec("DELETE FROM kept_lists WHERE created_at < now() - interval '2 days'").Error
}
