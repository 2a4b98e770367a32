// Package accounts decides who may sign in and what they may do: passwords, attempts, roles. Cookies belong to the
// handlers.
package accounts

import (
	"context"
	"errors"
	"net/mail"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// maxEmail is how long an e-mail address may be, in bytes.
const maxEmail = 200

// Service signs people in and keeps users.
type Service struct {
	store  *models.Store
	hasher hasher
	// DemoUsers allows the demo's users to sign in: only while everything is simulated.
	DemoUsers bool
}

// New makes the service.
func New(store *models.Store) *Service {
	return &Service{store: store, hasher: make(hasher, HashesAtOnce)}
}

// NewUser is a user to add.
type NewUser struct {
	Email, Name, Password string
	Role                  models.Role
}

// Add makes a user. Refusals name the field.
func (s *Service) Add(ctx context.Context, a models.Actor, in NewUser) (*accounts.User, error) {
	in.Name = strings.TrimSpace(in.Name)
	var errs []error
	if addr, err := mail.ParseAddress(strings.TrimSpace(in.Email)); err != nil || addr.Name != "" ||
		len(in.Email) > maxEmail {
		errs = append(errs, models.Invalid("email", "form.not_an_email"))
	}
	if in.Name == "" || whatsapp.Length(in.Name) > 100 {
		errs = append(errs, models.Invalid("name", "form.name_length"))
	}
	if !in.Role.Can(models.Agent) {
		errs = append(errs, models.Invalid("role", "user.role_unknown"))
	}
	if err := checkPassword(in.Password, in.Email, in.Name); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	u := &accounts.User{Email: in.Email, Name: in.Name, Role: in.Role, PasswordHash: hash}
	return u, s.store.InTx(ctx, func(tx *models.Tx) error { return accounts.CreateUser(tx, a, u) })
}

// SetPassword gives a user a new password and ends all their sessions.
func (s *Service) SetPassword(ctx context.Context, a models.Actor, userID, password string) error {
	u, err := accounts.Read(s.store).UserByPublicID(ctx, userID)
	if err != nil {
		return err
	}
	if err := checkPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		u, err := accounts.UserForUpdate(tx, userID)
		if err != nil {
			return err
		}
		u.PasswordHash, u.Demo = hash, false
		if err := accounts.SaveUser(tx, a, u, "user.password", "The password of "+u.Name+" was changed"); err != nil {
			return err
		}
		return accounts.EndSessionsOf(tx, u.ID)
	})
}

// SetDisabled disables a user, or enables them again. The last admin can't be disabled. A disabled user's chats go back
// to the queue, and stay there when the user is enabled again.
func (s *Service) SetDisabled(ctx context.Context, a models.Actor, userID string, disabled bool) error {
	return s.retried(ctx, func(tx *models.Tx) error {
		u, err := accounts.UserForUpdate(tx, userID)
		if err != nil {
			return err
		}
		if !disabled {
			u.DisabledAt = nil
			return accounts.SaveUser(tx, a, u, "user.enabled", u.Name+" may sign in again")
		}
		if err := requireAnAdmin(tx, u); err != nil {
			return err
		}
		return disable(tx, a, u)
	})
}

// retried is one transaction, tried again after a deadlock: assigning locks chats before the user, disabling locks the
// user before the chats.
func (s *Service) retried(ctx context.Context, fn func(*models.Tx) error) error {
	return models.Retry(func() error { return s.store.InTx(ctx, fn) })
}

// disable ends everything that a user has under way.
func disable(tx *models.Tx, a models.Actor, u *accounts.User) error {
	u.DisabledAt = new(tx.Now())
	why := "took the assignment from " + u.Name + ", who can't sign in any more"
	n, err := conversations.ReleaseConversationsOf(tx, conversations.By{UserID: a.ID}, u.ID, why)
	if err != nil {
		return err
	}
	held, err := inbox.HoldScheduledRepliesOf(tx, u.ID, u.Name+" can't sign in any more. Send it or take it back.")
	if err != nil {
		return err
	}
	said := u.Name + " may not sign in any more"
	if n > 0 {
		said += "; chats that went back to the queue: " + strconv.Itoa(n)
	}
	if held > 0 {
		said += "; scheduled replies that wait for somebody's decision: " + strconv.Itoa(held)
	}
	if err := accounts.SaveUser(tx, a, u, "user.disabled", said); err != nil {
		return err
	}
	return accounts.EndSessionsOf(tx, u.ID)
}

// SetRole changes what a user may do. The last admin stays one.
func (s *Service) SetRole(ctx context.Context, a models.Actor, userID string, role models.Role) error {
	if !role.Can(models.Agent) {
		return models.Invalid("role", "user.role_unknown")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		u, err := accounts.UserForUpdate(tx, userID)
		if err != nil || u.Role == role {
			return err
		}
		if role != models.Admin {
			if err := requireAnAdmin(tx, u); err != nil {
				return err
			}
		}
		u.Role = role
		return accounts.SaveUser(tx, a, u, "user.role", u.Name+" became "+string(role))
	})
}

func requireAnAdmin(tx *models.Tx, u *accounts.User) error {
	if u.Role != models.Admin || u.DisabledAt != nil {
		return nil
	}
	n, err := accounts.ActiveAdmins(tx)
	if err != nil {
		return err
	}
	if n <= 1 {
		return models.Conflict("user.last_admin", "Name", u.Name)
	}
	return nil
}
