package mediafiles

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// MediaFile is a file of an inbound or outbound message. File is empty until it has been fetched.
type MediaFile struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	MessageID   int64
	Position    int
	ContentType string
	SourceURL   string
	File        string
	Size        int64
	Error       string
	AccessKey   string
	Thumb       string // a small JPEG of a picture, empty if there is none
	Name        string // the name that it was sent under, empty if that is not known
	Tries       int    // how often somebody has requested it again
	CreatedAt   time.Time
}

// AddMedia stores a file of a message, without its content if that is fetched later.
func AddMedia(tx *models.Tx, f *MediaFile) error { return base.DB(tx).Create(f).Error }

// MediaByPublicID finds a file.
func (r Reads) MediaByPublicID(ctx context.Context, id string) (*MediaFile, error) {
	var out MediaFile
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "file")
}

// MediaByID finds a file by its row id.
func (r Reads) MediaByID(ctx context.Context, id int64) (*MediaFile, error) {
	var out MediaFile
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "file")
}

// SaveMedia stores what is known of a file and shows it on the pages of its conversation.
func SaveMedia(ctx context.Context, s *models.Store, f *MediaFile) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		var topic string
		err := base.DB(tx).Raw(`SELECT 'conversation-' || v.public_id
			FROM conversations v JOIN messages m ON m.conversation_id = v.id WHERE m.id = ?`, f.MessageID).
			Scan(&topic).
			Error
		if err != nil {
			return err
		}
		tx.Publish(topic)
		return base.DB(tx).Save(f).Error
	})
}

// CopyMedia gives a message the outgoing files of another one.
func CopyMedia(tx *models.Tx, from, to int64) error {
	return base.DB(tx).
		Exec(`INSERT INTO media_files (message_id, position, content_type, file, size, access_key, thumb, name)
		SELECT ?, position, content_type, file, size, access_key, thumb, name
		FROM media_files WHERE message_id = ?`, to, from).
		Error
}

// SignMedia is the last part of the address that Twilio fetches an outgoing file from: its expiry, and a signature with
// the file's own key.
func SignMedia(publicID, key string, until time.Time) string {
	return strconv.FormatInt(until.Unix(), 36) + "." + mediaMAC(publicID, key, until.Unix())
}

func mediaMAC(publicID, key string, until int64) string {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%s %d", publicID, until)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// Fetchable reports whether signed, from SignMedia, opens the file at now.
func (f *MediaFile) Fetchable(signed string, now time.Time) bool {
	at, mac, ok := strings.Cut(signed, ".")
	until, err := strconv.ParseInt(at, 36, 64)
	return ok && err == nil && f.AccessKey != "" && now.Unix() < until &&
		hmac.Equal([]byte(mac), []byte(mediaMAC(f.PublicID, f.AccessKey, until)))
}

// AskForMedia has a file fetched again. It returns the conversation's public id; a file that was fetched already, or
// whose address is not known any more, is refused.
func AskForMedia(tx *models.Tx, publicID string) (*MediaFile, string, error) {
	var f MediaFile
	if err := models.Found(base.Lock(tx, &f, publicID), "file"); err != nil {
		return nil, "", err
	}
	var conv string
	err := base.DB(tx).Raw(`SELECT v.public_id FROM messages m JOIN conversations v ON v.id = m.conversation_id
		WHERE m.id = ?`, f.MessageID).Scan(&conv).Error
	if err != nil {
		return nil, "", err
	}
	if f.File != "" || f.SourceURL == "" {
		return nil, conv, models.Conflict("file.nothing_to_fetch")
	}
	f.Error, f.Tries = "", f.Tries+1
	tx.Publish("conversation-" + conv)
	return &f, conv, base.DB(tx).Save(&f).Error
}
