// Package accounts knows who may sign in and what they may do: passwords, tries, roles. It knows no
// cookies; those are the handlers'.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"parley/models"
	"parley/services/whatsapp"
)

// Limits of signing in: failed tries in TriesWindow by account and by address.
const (
	TriesByEmail = 8
	TriesByIP    = 40
	TriesWindow  = 15 * time.Minute
	MinPassword  = 10
	maxPassword  = 200
)

// params follow OWASP's advice for argon2id: 19 MiB, two passes, one thread.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummy is compared against when there is no such user, so that the time tells nothing.
var dummy = func() string {
	h, err := argon2id.CreateHash("no such user", params)
	if err != nil {
		panic(err) // no randomness: nothing can be signed in safely
	}
	return h
}()

// Service signs people in and keeps users.
type Service struct{ store *models.Store }

// New makes the service.
func New(store *models.Store) *Service { return &Service{store: store} }

var errWrong = &models.Error{Kind: models.KindInvalid, Field: "password", Message: "This e-mail address and password don't belong together. Check both and try again."}

// SignIn checks an e-mail address and a password. Too many failed tries are refused for a while
// (too_many), whether the password is right or not.
func (s *Service) SignIn(ctx context.Context, email, password, ip string) (*models.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	byEmail, byIP, err := s.store.SignInFailures(ctx, email, ip, time.Now().Add(-TriesWindow))
	if err != nil {
		return nil, err
	}
	if byEmail >= TriesByEmail || byIP >= TriesByIP {
		return nil, &models.Error{Kind: models.KindTooMany, Field: "password", Message: "Too many failed tries. Wait 15 minutes, then try again."}
	}
	u, err := s.store.UserByEmail(ctx, email)
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return nil, err
	}
	hash := dummy
	if err == nil {
		hash = u.PasswordHash
	}
	ok := false
	if len(password) <= maxPassword {
		if ok, err = argon2id.ComparePasswordAndHash(password, hash); err != nil {
			return nil, fmt.Errorf("compare password: %w", err)
		}
	}
	if !ok || u == nil || u.ID == 0 || u.DisabledAt != nil {
		if err := s.store.AddSignInFailure(ctx, email, ip); err != nil {
			return nil, err
		}
		return nil, errWrong
	}
	if byEmail > 0 {
		err = s.store.ClearSignInFailures(ctx, email)
	}
	return u, err
}

// NewUser is a user to add.
type NewUser struct {
	Email, Name, Password string
	Role                  models.Role
}

// Add makes a user. Refusals name the field.
func (s *Service) Add(ctx context.Context, a models.Actor, in NewUser) (*models.User, error) {
	in.Name = strings.TrimSpace(in.Name)
	var errs []error
	if addr, err := mail.ParseAddress(strings.TrimSpace(in.Email)); err != nil || addr.Name != "" || len(in.Email) > 200 {
		errs = append(errs, models.Invalid("email", "This is not an e-mail address."))
	}
	if in.Name == "" || whatsapp.Length(in.Name) > 100 {
		errs = append(errs, models.Invalid("name", "Write a name of at most 100 characters."))
	}
	if !in.Role.Can(models.Agent) {
		errs = append(errs, models.Invalid("role", "Choose agent, operator or admin."))
	}
	if err := checkPassword(in.Password); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	hash, err := argon2id.CreateHash(in.Password, params)
	if err != nil {
		return nil, err
	}
	u := &models.User{Email: in.Email, Name: in.Name, Role: in.Role, PasswordHash: hash}
	return u, s.store.InTx(ctx, func(tx *models.Tx) error { return tx.CreateUser(a, u) })
}

func checkPassword(p string) error {
	switch {
	case len(p) < MinPassword:
		return models.Invalid("password", fmt.Sprintf("A password has at least %d characters.", MinPassword))
	case len(p) > maxPassword:
		return models.Invalid("password", fmt.Sprintf("A password has at most %d characters.", maxPassword))
	}
	return nil
}

// SetPassword gives a user a new password and ends all their sessions.
func (s *Service) SetPassword(ctx context.Context, a models.Actor, userID, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		u, err := tx.UserForUpdate(userID)
		if err != nil {
			return err
		}
		u.PasswordHash = hash
		return errors.Join(tx.SaveUser(a, u, "user.password", "The password of "+u.Name+" was changed"), tx.EndSessionsOf(u.ID))
	})
}

// SetDisabled lets a user in no longer, or again. The last admin can't be disabled.
func (s *Service) SetDisabled(ctx context.Context, a models.Actor, userID string, disabled bool) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		u, err := tx.UserForUpdate(userID)
		if err != nil {
			return err
		}
		if !disabled {
			u.DisabledAt = nil
			return tx.SaveUser(a, u, "user.enabled", u.Name+" may sign in again")
		}
		if err := keepAnAdmin(tx, u); err != nil {
			return err
		}
		now := time.Now()
		u.DisabledAt = &now
		return errors.Join(tx.SaveUser(a, u, "user.disabled", u.Name+" may not sign in any more"), tx.EndSessionsOf(u.ID))
	})
}

// SetRole changes what a user may do. The last admin stays one.
func (s *Service) SetRole(ctx context.Context, a models.Actor, userID string, role models.Role) error {
	if !role.Can(models.Agent) {
		return models.Invalid("role", "Choose agent, operator or admin.")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		u, err := tx.UserForUpdate(userID)
		if err != nil || u.Role == role {
			return err
		}
		if role != models.Admin {
			if err := keepAnAdmin(tx, u); err != nil {
				return err
			}
		}
		u.Role = role
		return tx.SaveUser(a, u, "user.role", u.Name+" became "+string(role))
	})
}

func keepAnAdmin(tx *models.Tx, u *models.User) error {
	if u.Role != models.Admin || u.DisabledAt != nil {
		return nil
	}
	n, err := tx.ActiveAdmins()
	if err != nil {
		return err
	}
	if n <= 1 {
		return models.Conflict(u.Name + " is the only admin: make somebody else an admin first.")
	}
	return nil
}
