package accounts

import (
	"context"
	"encoding/json"
	"slices"

	"parley/models"
	"parley/models/internal/base"
)

// Preferences are a user's settings for the inbox.
type Preferences struct {
	EnterAdds bool `json:"enter_adds"` // Enter starts a new line, and Ctrl-Enter sends
	Sound     bool `json:"sound"`
	Notices   bool `json:"notices"` // browser notifications
	// Zone is the IANA name of the time zone in which times are shown, empty for the browser's
	Zone string `json:"zone,omitempty"`
}

// SetPreferences stores a user's preferences.
func SetPreferences(ctx context.Context, s *models.Store, userID int64, p Preferences) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return base.Read(ctx, s).Exec("UPDATE users SET preferences = CAST(? AS jsonb) WHERE id = ?", string(b), userID).Error
}

// Availability says whether a user takes new conversations now.
type Availability string

// The availabilities.
const (
	Available Availability = "available"
	Away      Availability = "away"
)

// Availabilities are all availabilities.
func Availabilities() []Availability {
	return []Availability{Available, Away}
}

// SetAvailability says whether a user takes conversations now: available or away.
func SetAvailability(ctx context.Context, s *models.Store, u *User, availability Availability) error {
	if !slices.Contains(Availabilities(), availability) {
		return models.Invalid("availability", "user.availability_unknown")
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish("people")
		return base.DB(tx).Exec("UPDATE users SET availability = ? WHERE id = ?", availability, u.ID).Error
	})
}

// NoteAssigned notes that a user was given a conversation now: round robin goes on with somebody else.
func NoteAssigned(tx *models.Tx, userID int64) error {
	return base.DB(tx).Exec("UPDATE users SET last_assigned_at = clock_timestamp() WHERE id = ?", userID).Error
}
