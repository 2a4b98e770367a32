package people

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// ErasureKey makes the hashes of erased people's addresses. It is created when it is first needed and stored in the
// settings. Phone numbers are so few that hashes without a key could be found by trying all of them.
type ErasureKey []byte

// Hash is the keyed hash of an address's match.
func (k ErasureKey) Hash(match string) []byte {
	h := hmac.New(sha256.New, k)
	h.Write([]byte(match))
	return h.Sum(nil)
}

// EnsureErasureKey is the key, made if there is none yet.
func EnsureErasureKey(tx *models.Tx) (ErasureKey, error) {
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	text, err := json.Marshal(hex.EncodeToString(fresh))
	if err != nil {
		return nil, err
	}
	stored, err := models.KeepSetting(tx, "erasure_key", string(text))
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(stored)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("the setting erasure_key is damaged: %w", err)
	}
	return key, nil
}

// ExistingErasureKey is the key if anybody was erased, else nil.
func ExistingErasureKey(ctx context.Context, s *models.Store) (key ErasureKey, err error) {
	err = s.InTx(ctx, func(tx *models.Tx) error {
		any, err := anyErased(tx)
		if err != nil || !any {
			return err
		}
		key, err = EnsureErasureKey(tx)
		return err
	})
	return key, err
}

// KeepOptedOut opts out a contact that was just created at the address of an erased person.
func KeepOptedOut(tx *models.Tx, c *Contact, a whatsapp.Address) error {
	any, err := anyErased(tx)
	if err != nil || !any {
		return err
	}
	key, err := EnsureErasureKey(tx)
	if err != nil {
		return err
	}
	var erased bool
	err = base.DB(tx).Raw("SELECT EXISTS (SELECT 1 FROM erasures WHERE hash = ?)", key.Hash(a.Match())).Scan(&erased).Error
	if err != nil || !erased {
		return err
	}
	return RecordConsent(tx, models.System("Parley"), c, ConsentEvent{
		Kind:   whatsapp.OptedOut,
		Source: whatsapp.SourceErasure,
		Proof:  "This person was erased before and stays opted out until they opt in themselves.",
	})
}

// anyErased reports whether anybody was ever erased: most installations need no key.
func anyErased(tx *models.Tx) (yes bool, err error) {
	err = base.DB(tx).Raw("SELECT EXISTS (SELECT 1 FROM erasures)").Scan(&yes).Error
	return yes, err
}
