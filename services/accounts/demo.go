package accounts

import (
	"context"
	"slices"

	"parley/models"
)

// AddDemo adds a user of the demo, whose password need not be hard to guess: it opens nothing but a simulation.
func (s *Service) AddDemo(ctx context.Context, a models.Actor, in NewUser) error {
	hash, err := s.hasher.hash(ctx, in.Password)
	if err != nil {
		return err
	}
	u := &models.User{Email: in.Email, Name: in.Name, Role: in.Role, PasswordHash: hash, Demo: true}
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.CreateUser(a, u) })
}

// SetDemoPassword gives the demo's users this password, where theirs is another. Those who chose one themselves keep it.
func (s *Service) SetDemoPassword(ctx context.Context, a models.Actor, password string) error {
	return s.eachUser(ctx, func(u models.User) error {
		if !u.Demo {
			return nil
		}
		if same, err := s.hasher.matches(ctx, password, u.PasswordHash); err != nil || same {
			return err
		}
		hash, err := s.hasher.hash(ctx, password)
		if err != nil {
			return err
		}
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			u, err := tx.UserForUpdate(u.PublicID)
			if err != nil || !u.Demo {
				return err
			}
			u.PasswordHash = hash
			if err := tx.SaveUser(a, u, "user.password", "The demo's password of "+u.Name+" was changed"); err != nil {
				return err
			}
			return tx.EndSessionsOf(u.ID)
		})
	})
}

// CloseDemo disables the demo's users. Those whom an earlier version made are told by their address and password.
func (s *Service) CloseDemo(ctx context.Context, a models.Actor, emails []string, password string) error {
	return s.eachUser(ctx, func(u models.User) error {
		demo := u.Demo
		if !demo && slices.Contains(emails, u.Email) {
			var err error
			if demo, err = s.hasher.matches(ctx, password, u.PasswordHash); err != nil {
				return err
			}
		}
		if !demo || u.Demo && u.DisabledAt != nil {
			return nil
		}
		return s.store.InTx(ctx, func(tx *models.Tx) error {
			u, err := tx.UserForUpdate(u.PublicID)
			if err != nil {
				return err
			}
			u.Demo = true
			return disable(tx, a, u)
		})
	})
}

func (s *Service) eachUser(ctx context.Context, do func(models.User) error) error {
	users, err := s.store.Users(ctx)
	for _, u := range users {
		if err == nil {
			err = do(u)
		}
	}
	return err
}
