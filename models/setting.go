package models

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"gorm.io/gorm"

	"parley/models/internal/base"
	"parley/whatsapp/intent"
)

// Setting reads a value of the settings into v, which stays as it is if nothing was set.
func Setting(db *gorm.DB, key string, v any) error {
	var text *string
	if err := db.Raw("SELECT CAST(value AS text) FROM settings WHERE key = ?", key).Scan(&text).Error; err != nil {
		return err
	}
	return DecodeSetting(key, text, v)
}

// DecodeSetting reads a setting's JSON into v, which stays as it is if text is nil.
func DecodeSetting(key string, text *string, v any) error {
	if text == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(*text), v); err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return nil
}

// SaveSetting stores a setting and records the change, unless it is the stored one.
func SaveSetting(tx *Tx, a Actor, key string, v any, summary string) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	res := base.DB(tx).Exec(`INSERT INTO settings (key, value) VALUES (?, CAST(? AS jsonb))
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
		WHERE settings.value IS DISTINCT FROM excluded.value`, key, string(b))
	if res.Error != nil || res.RowsAffected == 0 { // saved unchanged
		return res.Error
	}
	tx.Publish("settings")
	return Audit(tx, a, "settings.changed", About("settings", key), summary)
}

// KeepSetting stores a text, given as JSON, under a key that has no value yet, and returns the one that is stored.
func KeepSetting(tx *Tx, key, value string) (stored string, err error) {
	err = base.DB(tx).Exec(`INSERT INTO settings (key, value) VALUES (?, CAST(? AS jsonb))
		ON CONFLICT (key) DO NOTHING`, key, value).Error
	if err != nil {
		return "", err
	}
	err = base.DB(tx).Raw("SELECT value #>> '{}' FROM settings WHERE key = ?", key).Scan(&stored).Error
	return stored, err
}

// Keywords are the current lists and replies.
func (r Reads) Keywords(ctx context.Context) (intent.Keywords, error) {
	k := intent.DefaultKeywords()
	err := Setting(r.read(ctx), "keywords", &k)
	return k, err
}

// SaveKeywords stores new lists and replies.
func SaveKeywords(tx *Tx, a Actor, k intent.Keywords) error {
	return SaveSetting(tx, a, "keywords", k, "The keywords and their replies were changed")
}

// Privacy is how long content is stored, and who sees whole numbers.
type Privacy struct {
	MessageMonths int    `json:"message_months"` // 0: forever
	MediaMonths   int    `json:"media_months"`
	Masked        []Role `json:"masked"` // roles that see masked numbers
}

// Masks reports whether a role sees masked numbers. Admins never do.
func (p Privacy) Masks(r Role) bool {
	if r.Can(Admin) {
		return false
	}
	for _, m := range p.Masked {
		if m == r {
			return true
		}
	}
	return false
}

// Privacy are the current settings.
func (r Reads) Privacy(ctx context.Context) (p Privacy, err error) {
	err = Setting(r.read(ctx), "privacy", &p)
	return p, err
}

// SavePrivacy stores new settings.
func SavePrivacy(tx *Tx, a Actor, p Privacy) error {
	tx.Publish(RightsTopic)
	return SaveSetting(
		tx,
		a,
		"privacy",
		p,
		fmt.Sprintf("Privacy: messages are kept %s, files %s", months(p.MessageMonths), months(p.MediaMonths)),
	)
}

func months(n int) string {
	if n == 0 {
		return "for ever"
	}
	return strconv.Itoa(n) + " months"
}

// MonthsOfMedia is the shorter period: a file does not outlive its message.
func (p Privacy) MonthsOfMedia() int {
	if p.MediaMonths == 0 || p.MessageMonths > 0 && p.MessageMonths < p.MediaMonths {
		return p.MessageMonths
	}
	return p.MediaMonths
}
