package models

import (
	"context"
	"time"
)

// KeptList is a file with a list of numbers that somebody uploaded and whose columns they are still to look at.
type KeptList struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	UserID    int64
	Name      string // of the file
	Content   []byte
	CreatedAt time.Time `gorm:"default:now()"`
}

// KeepList keeps a file while its uploader looks at its columns, two days at most.
func (s *Store) KeepList(ctx context.Context, l *KeptList) error { return s.read(ctx).Create(l).Error }

// KeptListByPublicID finds a file that a user uploaded.
func (s *Store) KeptListByPublicID(ctx context.Context, userID int64, publicID string) (*KeptList, error) {
	var out KeptList
	return &out, found(s.read(ctx).Where("user_id = ? AND public_id = ?", userID, publicID).Take(&out).Error, "list")
}

// ForgetList drops a file that is not needed any more.
func (s *Store) ForgetList(ctx context.Context, userID int64, publicID string) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE user_id = ? AND public_id = ?", userID, publicID).Error
}

// ForgetOldLists drops files that nobody went on with for two days.
func (s *Store) ForgetOldLists(ctx context.Context) error {
	return s.read(ctx).Exec("DELETE FROM kept_lists WHERE created_at < now() - interval '2 days'").Error
}
