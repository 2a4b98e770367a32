package accounts

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
)

// RightsTopic is the live event after which the rights of this user's open streams are checked again.
func (u *User) RightsTopic() string { return models.RightsTopic + "-" + u.PublicID }

// Rights decide what a signed-in browser is shown.
type Rights struct {
	Role   models.Role
	Masked bool // phone numbers are masked
}

// RightsOf are the rights that a session's token gives now. It returns nil, nil if it gives none: the session has
// ended, or its user was disabled. A database error is an error.
func (r Reads) RightsOf(ctx context.Context, tokenHash []byte) (*Rights, error) {
	row := struct {
		Role    models.Role
		Privacy *string
	}{}
	err := r.read(ctx).Raw(`SELECT u.role, (SELECT CAST(value AS text) FROM settings WHERE key = 'privacy') AS privacy
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = ? AND s.expires_at > now() AND u.disabled_at IS NULL`, tokenHash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var p models.Privacy
	if err := models.DecodeSetting("privacy", row.Privacy, &p); err != nil {
		return nil, err
	}
	return &Rights{Role: row.Role, Masked: p.Masks(row.Role)}, nil
}

// publishRights makes the open streams of a user, by row id, check their rights again.
func publishRights(tx *models.Tx, userID int64) error {
	var publicID string
	err := base.DB(tx).Raw("SELECT public_id FROM users WHERE id = ?", userID).Scan(&publicID).Error
	if err != nil || publicID == "" {
		return err
	}
	tx.Publish((&User{PublicID: publicID}).RightsTopic())
	return nil
}
