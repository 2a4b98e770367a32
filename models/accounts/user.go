package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
)

// User is somebody who signs in.
type User struct {
	ID           int64
	PublicID     string `gorm:"default:new_public_id()"`
	Email        string
	Name         string
	Role         models.Role
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
func (u *User) Actor(requestID string) models.Actor {
	return models.Actor{ID: &u.ID, Name: u.Name, RequestID: requestID}
}

// UserByPublicID finds a user.
func (r Reads) UserByPublicID(ctx context.Context, id string) (*User, error) {
	var out User
	err := r.read(ctx).Where("public_id = ?", id).Take(&out).Error
	return &out, models.Found(err, "user")
}

// UserByEmail finds a user by e-mail address, in any case.
func (r Reads) UserByEmail(ctx context.Context, email string) (*User, error) {
	var u User
	err := r.read(ctx).Where("email = ?", strings.ToLower(strings.TrimSpace(email))).Take(&u).Error
	return &u, models.Found(err, "user")
}

// UserByID finds a user by row id.
func (r Reads) UserByID(ctx context.Context, id int64) (*User, error) {
	var u User
	return &u, models.Found(r.read(ctx).Take(&u, id).Error, "user")
}

// SetPhone stores a user's own WhatsApp number, which tests are sent to.
func SetPhone(ctx context.Context, s *models.Store, a models.Actor, u *User, phone string) error {
	if u.Phone == phone {
		return nil
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.DB(tx).Model(&User{}).Where("id = ?", u.ID).Update("phone", phone).Error; err != nil {
			return err
		}
		return models.Audit(tx, a, "user.phone", models.About("user", u.PublicID), u.Name+" set their own WhatsApp number")
	})
}

// Users are all users, by name.
func (r Reads) Users(ctx context.Context) ([]User, error) {
	var out []User
	err := r.read(ctx).Order("disabled_at IS NOT NULL, lower(name), id").Find(&out).Error
	return out, err
}

// UserForUpdate finds and locks a user by public id.
func UserForUpdate(tx *models.Tx, publicID string) (*User, error) {
	var u User
	err := base.Lock(tx, &u, publicID)
	return &u, models.Found(err, "user")
}

// CreateUser adds a user. The e-mail address must be new.
func CreateUser(tx *models.Tx, a models.Actor, u *User) error {
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
	if err := base.DB(tx).Create(u).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("email", "user.email_taken")
		}
		return err
	}
	tx.Publish("users")
	return models.Audit(
		tx,
		a,
		"user.added",
		models.About("user", u.PublicID).With(map[string]any{"email": u.Email, "role": u.Role}),
		u.Name+" was added as "+string(u.Role),
	)
}

// ActiveUsers are the users who can sign in.
func ActiveUsers(tx *models.Tx) ([]User, error) {
	var out []User
	err := base.DB(tx).Where("disabled_at IS NULL").Find(&out).Error
	return out, err
}

// ActiveAdmins counts the admins who can sign in.
func ActiveAdmins(tx *models.Tx) (int64, error) {
	var n int64
	err := base.DB(tx).Model(&User{}).Where("role = ? AND disabled_at IS NULL", models.Admin).Count(&n).Error
	return n, err
}

// SaveUser stores changed fields and records the change.
func SaveUser(tx *models.Tx, a models.Actor, u *User, action, summary string) error {
	u.UpdatedAt = tx.Now()
	if err := base.DB(tx).Save(u).Error; err != nil {
		return err
	}
	tx.Publish("users", u.RightsTopic())
	return models.Audit(tx, a, action, models.About("user", u.PublicID), summary)
}

// SetContactColumns stores which columns a user wants in the list of contacts.
func SetContactColumns(ctx context.Context, s *models.Store, userID int64, columns []string) error {
	b, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	return base.Read(ctx, s).
		Exec("UPDATE users SET contact_columns = CAST(? AS jsonb) WHERE id = ?", string(b), userID).
		Error
}
