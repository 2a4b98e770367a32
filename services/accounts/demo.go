package accounts

import (
	"context"
	"slices"

	"parley/models"
	"parley/models/accounts"
)

// AddDemo adds a user of the demo, whose password need not be hard to guess: it gives access to a simulation only.
func (s *Service) AddDemo(ctx context.Context, a models.Actor, in NewUser) error {
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	u := &accounts.User{Email: in.Email, Name: in.Name, Role: in.Role, PasswordHash: hash, Demo: true}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return accounts.CreateUser(tx, a, u) })
}

// DemoSource are the demo's users as the source code has them: they identify users made by a version that did not mark
// them.
type DemoSource struct {
	Emails   []string
	Password string
}

// made reports whether the demo made a user, and nobody has changed the password since.
func (s *Service) made(ctx context.Context, d DemoSource, u accounts.User) (bool, error) {
	if u.Demo || !slices.Contains(d.Emails, u.Email) {
		return u.Demo, nil
	}
	return s.hasher.matches(ctx, d.Password, u.PasswordHash)
}

// SetDemoPassword sets the password of the demo's users. Users who chose one themselves keep it.
func (s *Service) SetDemoPassword(ctx context.Context, a models.Actor, d DemoSource, password string) error {
	return s.eachUser(ctx, func(u accounts.User) error {
		demo, err := s.made(ctx, d, u)
		if err != nil || !demo {
			return err
		}
		if same, err := s.hasher.matches(ctx, password, u.PasswordHash); err != nil || same && u.Demo {
			return err
		}
		before := u.PasswordHash
		hash, err := s.hasher.hash(ctx, password)
		if err != nil {
			return err
		}
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			u, err := accounts.UserForUpdate(tx, u.PublicID)
			if err != nil || u.PasswordHash != before { // somebody chose one meanwhile
				return err
			}
			u.PasswordHash, u.Demo = hash, true
			if err := accounts.SaveUser(tx, a, u, "user.password", "The demo's password of "+u.Name+" was changed"); err != nil {
				return err
			}
			return accounts.EndSessionsOf(tx, u.ID)
		})
	})
}

// CloseDemo disables the demo's users.
func (s *Service) CloseDemo(ctx context.Context, a models.Actor, d DemoSource) error {
	return s.eachUser(ctx, func(u accounts.User) error {
		demo, err := s.made(ctx, d, u)
		if err != nil || !demo || u.Demo && u.DisabledAt != nil {
			return err
		}
		return s.retried(ctx, func(tx *models.Tx) error {
			u, err := accounts.UserForUpdate(tx, u.PublicID)
			if err != nil {
				return err
			}
			u.Demo = true
			return disable(tx, a, u)
		})
	})
}

func (s *Service) eachUser(ctx context.Context, do func(accounts.User) error) error {
	users, err := accounts.Read(s.store).Users(ctx)
	for _, u := range users {
		if err == nil {
			err = do(u)
		}
	}
	return err
}
