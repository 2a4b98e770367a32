package models

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
)

// User is somebody who signs in.
type User struct {
	ID           int64
	PublicID     string `gorm:"default:new_public_id()"`
	Email        string
	Name         string
	Role         Role
	PasswordHash string
	Demo         bool   // made by the demo, and nobody has changed the password
	Phone        string // one's own WhatsApp number, for tests
	// ContactColumns are those of the list of contacts; empty: the usual ones
	ContactColumns []string     `gorm:"type:jsonb;serializer:json;default:'[]'"`
	Availability   Availability `gorm:"default:available"`
	Preferences    Preferences  `gorm:"type:jsonb;serializer:json;default:'{}'"`
	LastAssignedAt *time.Time
	DisabledAt     *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Actor is the user as an actor.
func (u *User) Actor(requestID string) Actor {
	return Actor{ID: &u.ID, Name: u.Name, RequestID: requestID}
}

// UserByPublicID finds a user.
func (s *Store) UserByPublicID(ctx context.Context, id string) (*User, error) {
	var out User
	err := s.read(ctx).Where("public_id = ?", id).Take(&out).Error
	return &out, found(err, "user")
}

// UserByEmail finds a user by e-mail address, in any case.
func (s *Store) UserByEmail(ctx context.Context, email string) (*User, error) {
	var u User
	err := s.read(ctx).Where("email = ?", strings.ToLower(strings.TrimSpace(email))).Take(&u).Error
	return &u, found(err, "user")
}

// UserByID finds a user by row id.
func (s *Store) UserByID(ctx context.Context, id int64) (*User, error) {
	var u User
	return &u, found(s.read(ctx).Take(&u, id).Error, "user")
}

// SetPhone stores a user's own WhatsApp number, which tests are sent to.
func (s *Store) SetPhone(ctx context.Context, a Actor, u *User, phone string) error {
	if u.Phone == phone {
		return nil
	}
	return s.InTx(ctx, func(tx *Tx) error {
		return errors.Join(tx.Model(&User{}).Where("id = ?", u.ID).Update("phone", phone).Error,
			tx.Audit(a, "user.phone", About("user", u.PublicID), u.Name+" set their own WhatsApp number"))
	})
}

// Users are all users, by name.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var out []User
	err := s.read(ctx).Order("disabled_at IS NOT NULL, lower(name), id").Find(&out).Error
	return out, err
}

// UserForUpdate finds and locks a user by public id.
func (tx *Tx) UserForUpdate(publicID string) (*User, error) {
	var u User
	err := tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&u).Error
	return &u, found(err, "user")
}

// CreateUser adds a user. The e-mail address must be new.
func (tx *Tx) CreateUser(a Actor, u *User) error {
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
	if err := tx.Create(u).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("email", "user.email_taken")
		}
		return err
	}
	return errors.Join(
		tx.Audit(
			a,
			"user.added",
			About("user", u.PublicID).With(map[string]any{"email": u.Email, "role": u.Role}),
			u.Name+" was added as "+string(u.Role),
		),
		tx.Publish("users"),
	)
}

// ActiveUsers are the users who can sign in.
func (tx *Tx) ActiveUsers() ([]User, error) {
	var out []User
	err := tx.Where("disabled_at IS NULL").Find(&out).Error
	return out, err
}

// ActiveAdmins counts the admins who can sign in.
func (tx *Tx) ActiveAdmins() (int64, error) {
	var n int64
	err := tx.Model(&User{}).Where("role = ? AND disabled_at IS NULL", Admin).Count(&n).Error
	return n, err
}

// SaveUser stores changed fields and records the change.
func (tx *Tx) SaveUser(a Actor, u *User, action, summary string) error {
	u.UpdatedAt = time.Now()
	if err := tx.Save(u).Error; err != nil {
		return err
	}
	return errors.Join(tx.Audit(a, action, About("user", u.PublicID), summary), tx.Publish("users", u.RightsTopic()))
}

// SetContactColumns stores which columns a user wants in the list of contacts.
func (s *Store) SetContactColumns(ctx context.Context, userID int64, columns []string) error {
	b, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	return s.read(ctx).Exec("UPDATE users SET contact_columns = CAST(? AS jsonb) WHERE id = ?", string(b), userID).Error
}
