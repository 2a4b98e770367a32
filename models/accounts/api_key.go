package accounts

import (
	"context"
	"crypto/sha256"
	"strconv"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// APIKey lets another program send notifications.
type APIKey struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	Hash      []byte
	CreatedBy *int64
	Creator   *User     `gorm:"foreignKey:CreatedBy"`
	CreatedAt time.Time `gorm:"default:now()"`
	UsedAt    *time.Time
	RevokedAt *time.Time
}

// TableName names the table.
func (APIKey) TableName() string { return "api_keys" }

// APICall is an answered call. It is stored for a month, so that the same idempotency key gets the same answer.
type APICall struct {
	KeyID          int64  `gorm:"primaryKey"`
	IdempotencyKey string `gorm:"primaryKey"`
	BodyHash       []byte
	Status         int
	Answer         string // the exact response body
	MessageID      *int64
	CreatedAt      time.Time `gorm:"default:now()"`
}

// TableName names the table.
func (APICall) TableName() string { return "api_calls" }

// APIKeys are the active keys, by name.
func (r Reads) APIKeys(ctx context.Context) ([]APIKey, error) {
	var out []APIKey
	err := r.read(ctx).
		Joins("Creator").
		Where("api_keys.revoked_at IS NULL").
		Order("lower(api_keys.name)").
		Find(&out).
		Error
	return out, err
}

// APIKeyByKey finds the active key that a program sends, and notes that it was used.
func APIKeyByKey(ctx context.Context, s *models.Store, key string) (*APIKey, error) {
	h := sha256.Sum256([]byte(key))
	var out []APIKey
	err := base.Read(ctx, s).
		Raw("UPDATE api_keys SET used_at = ? WHERE hash = ? AND revoked_at IS NULL RETURNING *", s.Now(), h[:]).
		Scan(&out).
		Error
	if err == nil && len(out) == 0 {
		err = models.NotFound("api_key")
	}
	if err != nil {
		return nil, err
	}
	return &out[0], nil
}

// AddAPIKey stores a key's hash.
func AddAPIKey(tx *models.Tx, a models.Actor, name string, hash []byte) error {
	k := APIKey{Name: name, Hash: hash, CreatedBy: a.ID}
	if err := base.DB(tx).Omit("Creator").Create(&k).Error; err != nil {
		return err
	}
	tx.Publish("settings")
	return models.Audit(tx, a, "api_key.added", models.About("api_key", k.PublicID), "A key for the API was made: "+name)
}

// RevokeAPIKey revokes a key.
func RevokeAPIKey(tx *models.Tx, a models.Actor, publicID string) error {
	var k APIKey
	err := base.DB(tx).Clauses(base.ForUpdate).Where("public_id = ? AND revoked_at IS NULL", publicID).Take(&k).Error
	if err != nil {
		return models.Found(err, "api_key")
	}
	if err := base.DB(tx).Model(&APIKey{}).Where("id = ?", k.ID).Update("revoked_at", tx.Now()).Error; err != nil {
		return err
	}
	tx.Publish("settings")
	return models.Audit(tx, a, "api_key.revoked", models.About("api_key", k.PublicID), "The key "+k.Name+" was taken away")
}

// CallBefore is the earlier call with the same idempotency key by the same caller, nil if there is none. Calls with the
// same key run one after another.
func CallBefore(tx *models.Tx, keyID int64, idempotency string) (*APICall, error) {
	if err := base.LockKey(tx, "api", strconv.Itoa(int(keyID))+" "+idempotency); err != nil {
		return nil, err
	}
	var out []APICall
	err := base.DB(tx).Where("key_id = ? AND idempotency_key = ?", keyID, idempotency).Limit(1).Find(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// StoreCall stores the answer to a call.
func StoreCall(tx *models.Tx, c APICall) error { return base.DB(tx).Create(&c).Error }
