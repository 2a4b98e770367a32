package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
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
func (s *Store) SessionByToken(ctx context.Context, hash []byte) (*Session, error) {
	var out Session
	err := s.read(ctx).
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
func (s *Store) SaveSession(ctx context.Context, row *Session) error {
	return s.read(ctx).Omit("User").Save(row).Error
}

// DeleteSession ends the session with this token's hash, and its open streams.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	return s.InTx(ctx, func(tx *Tx) error {
		var users []int64
		err := tx.Raw("DELETE FROM sessions WHERE token_hash = ? RETURNING coalesce(user_id, 0)", hash).Scan(&users).Error
		for _, id := range users {
			err = errors.Join(err, tx.publishRights(id))
		}
		return err
	})
}

// SessionsOf are a user's live sessions, latest first.
func (s *Store) SessionsOf(ctx context.Context, userID int64) ([]Session, error) {
	var out []Session
	err := s.read(ctx).Where("user_id = ? AND expires_at > now()", userID).Order("last_seen_at DESC").Find(&out).Error
	return out, err
}

// RevokeSession ends one of a user's sessions.
func (s *Store) RevokeSession(ctx context.Context, a Actor, userID int64, publicID string) error {
	return s.InTx(ctx, func(tx *Tx) error {
		res := tx.Where("user_id = ? AND public_id = ?", userID, publicID).Delete(&Session{})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return NotFound("session")
		}
		return errors.Join(
			tx.Audit(a, "session.revoked", About("session", publicID), "A session was ended"),
			tx.publishRights(userID),
		)
	})
}

// EndSessionsOf ends all sessions of a user, and their open streams.
func (tx *Tx) EndSessionsOf(userID int64) error {
	return errors.Join(tx.Where("user_id = ?", userID).Delete(&Session{}).Error, tx.publishRights(userID))
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
func (s *Store) CountSignInTry(ctx context.Context, t SignInTry) (id int64, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		if err := tx.lockKey("signin", t.Network); err != nil {
			return err
		}
		return tx.Raw(countSignInTry, map[string]any{
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
func (s *Store) TakeBackSignInTry(ctx context.Context, id int64) error {
	return s.read(ctx).Exec("DELETE FROM signin_failures WHERE id = ?", id).Error
}

// ForgetSignInTries removes an account's failed attempts from a network, after a successful one.
func (s *Store) ForgetSignInTries(ctx context.Context, t SignInTry) error {
	return s.read(ctx).Exec("DELETE FROM signin_failures WHERE email = ? AND ip = ?", t.Email, t.Network).Error
}
