package accounts

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
)

// Session is one browser's sign-in. Times here are the real clock's, never the simulator's.
type Session struct {
	ID         int64
	PublicID   string `gorm:"default:new_public_id()"`
	TokenHash  []byte
	UserID     *int64
	User       *User
	Data       []byte
	IP         string `gorm:"column:ip"`
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

// SessionByToken finds a live session by its token's hash, with its user. It returns nil, nil for an
// unknown or ended one; a database error is an error, never "no session".
func (r Reads) SessionByToken(ctx context.Context, hash []byte) (*Session, error) {
	var out Session
	err := r.read(ctx).
		Joins("User").
		Where("sessions.token_hash = ? AND sessions.expires_at > now()", hash).
		Take(&out).
		Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// SaveSession writes a session, new or not.
func SaveSession(ctx context.Context, s *models.Store, row *Session) error {
	return base.Read(ctx, s).Omit("User").Save(row).Error
}

// DeleteSession ends the session with this token's hash, and its open streams.
func DeleteSession(ctx context.Context, s *models.Store, hash []byte) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		var users []int64
		err := base.DB(tx).
			Raw("DELETE FROM sessions WHERE token_hash = ? RETURNING coalesce(user_id, 0)", hash).
			Scan(&users).
			Error
		if err != nil {
			return err
		}
		for _, id := range users {
			if err := publishRights(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// SessionsOf are a user's live sessions, latest first.
func (r Reads) SessionsOf(ctx context.Context, userID int64) ([]Session, error) {
	var out []Session
	err := r.read(ctx).Where("user_id = ? AND expires_at > now()", userID).Order("last_seen_at DESC").Find(&out).Error
	return out, err
}

// RevokeSession ends one of a user's sessions.
func RevokeSession(ctx context.Context, s *models.Store, a models.Actor, userID int64, publicID string) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		res := base.DB(tx).Where("user_id = ? AND public_id = ?", userID, publicID).Delete(&Session{})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return models.NotFound("session")
		}
		err := models.Audit(tx, a, "session.revoked", models.About("session", publicID), "A session was ended")
		if err != nil {
			return err
		}
		return publishRights(tx, userID)
	})
}

// EndSessionsOf ends all sessions of a user, and their open streams.
func EndSessionsOf(tx *models.Tx, userID int64) error {
	if err := base.DB(tx).Where("user_id = ?", userID).Delete(&Session{}).Error; err != nil {
		return err
	}
	return publishRights(tx, userID)
}

// SignInTry is a sign-in attempt, and the limits on attempts since a moment.
type SignInTry struct {
	Email, Network       string
	ByAccount, ByNetwork int // for the account from the network, and from the network in total
	Since                time.Time
}

var countSignInTry = query("signin_try")

// CountSignInTry counts an attempt before its password is checked and returns its id; 0, and nothing is counted, if
// there were too many. Attempts from one network are counted one after another, so that parallel ones can't exceed the
// limit.
func CountSignInTry(ctx context.Context, s *models.Store, t SignInTry) (id int64, err error) {
	err = s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.LockKey(tx, "signin", t.Network); err != nil {
			return err
		}
		return base.DB(tx).Raw(countSignInTry, map[string]any{
			"email":      t.Email,
			"network":    t.Network,
			"since":      t.Since,
			"by_network": t.ByNetwork,
			"by_account": t.ByAccount,
		}).Scan(&id).Error
	})
	return id, err
}

// TakeBackSignInTry uncounts an attempt whose password was not checked in the end.
func TakeBackSignInTry(ctx context.Context, s *models.Store, id int64) error {
	return base.Read(ctx, s).Exec("DELETE FROM signin_failures WHERE id = ?", id).Error
}

// ForgetSignInTries removes an account's failed attempts from a network, after a successful one.
func ForgetSignInTries(ctx context.Context, s *models.Store, t SignInTry) error {
	return base.Read(ctx, s).Exec("DELETE FROM signin_failures WHERE email = ? AND ip = ?", t.Email, t.Network).Error
}
