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
	err := s.read(ctx).Joins("User").Where("sessions.token_hash = ? AND sessions.expires_at > now()", hash).Take(&out).Error
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

// DeleteSession ends the session with this token's hash.
func (s *Store) DeleteSession(ctx context.Context, hash []byte) error {
	return s.read(ctx).Where("token_hash = ?", hash).Delete(&Session{}).Error
}

// SessionsOf are a user's live sessions, latest first.
func (s *Store) SessionsOf(ctx context.Context, userID int64) ([]Session, error) {
	var out []Session
	return out, s.read(ctx).Where("user_id = ? AND expires_at > now()", userID).Order("last_seen_at DESC").Find(&out).Error
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
		return tx.Audit(a, "session.revoked", "session", publicID, "A session was ended", nil)
	})
}

// EndSessionsOf ends all sessions of a user.
func (tx *Tx) EndSessionsOf(userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&Session{}).Error
}

// SignInFailures counts failed tries since a moment, by account and by address.
func (s *Store) SignInFailures(ctx context.Context, email, ip string, since time.Time) (byEmail, byIP int64, err error) {
	row := struct{ ByEmail, ByIP int64 }{}
	err = s.read(ctx).Raw(`SELECT count(*) FILTER (WHERE email = @email) AS by_email, count(*) FILTER (WHERE ip = @ip) AS by_ip
		FROM signin_failures WHERE created_at > @since AND (email = @email OR ip = @ip)`,
		map[string]any{"email": email, "ip": ip, "since": since}).Scan(&row).Error
	return row.ByEmail, row.ByIP, err
}

// AddSignInFailure remembers a failed try.
func (s *Store) AddSignInFailure(ctx context.Context, email, ip string) error {
	return s.read(ctx).Exec("INSERT INTO signin_failures (email, ip) VALUES (?, ?)", email, ip).Error
}

// ClearSignInFailures forgets an account's failed tries after a good one.
func (s *Store) ClearSignInFailures(ctx context.Context, email string) error {
	return s.read(ctx).Exec("DELETE FROM signin_failures WHERE email = ?", email).Error
}

// Prune removes what has served its time: ended sessions, old sign-in failures, and webhook receipts
// (unsigned ones after a week, signed ones after ReceiptDays), alerts after half a year, drafts after 90 days.
func (s *Store) Prune(ctx context.Context) error {
	days, err := s.ReceiptDays(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, q := range []string{
		"DELETE FROM sessions WHERE expires_at < now()",
		"DELETE FROM signin_failures WHERE created_at < now() - interval '1 day'",
		`DELETE FROM webhook_receipts WHERE received_at < now() - CASE WHEN verdict = 'bad_signature'
			THEN interval '7 days' ELSE interval '1 day' * ` + itoa(days) + ` END`,
		"DELETE FROM conversation_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM user_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM drafts WHERE updated_at < now() - interval '90 days'",
		"DELETE FROM draft_presence WHERE seen_at < now() - interval '1 day'",
		"DELETE FROM api_calls WHERE created_at < now() - interval '31 days'",
		"DELETE FROM alerts WHERE created_at < now() - interval '180 days'",
	} {
		errs = append(errs, s.read(ctx).Exec(q).Error)
	}
	return errors.Join(errs...)
}
