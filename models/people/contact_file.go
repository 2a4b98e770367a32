package people

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
)

// ContactFile is a file about a contact: a signed form, a letter. The proof of a whole import has no contact.
type ContactFile struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	ContactID   *int64
	Name        string
	ContentType string
	Size        int64  // bytes
	SHA256      []byte `gorm:"column:sha256"`
	File        string // name under the media folder, empty after the person was erased
	UploadedBy  *int64
	CreatedAt   time.Time `gorm:"default:now()"`
}

// Fingerprint is how a consent event's proof names the file.
func (f *ContactFile) Fingerprint() string {
	return fmt.Sprintf("File %s, SHA-256 %s", f.Name, hex.EncodeToString(f.SHA256))
}

// AddContactFile stores a file of a contact.
func AddContactFile(tx *models.Tx, a models.Actor, c *Contact, f *ContactFile) error {
	f.UploadedBy = a.ID
	if c != nil {
		f.ContactID = &c.ID
	}
	if err := base.DB(tx).Create(f).Error; err != nil || c == nil {
		return err
	}
	tx.Publish("contact-" + c.PublicID)
	return models.Audit(
		tx,
		a,
		"contact.file_added",
		models.About("contact", c.PublicID),
		"The file "+f.Name+" was added to "+c.Title(),
	)
}

// ContactFiles are a contact's files, latest first.
func (r Reads) ContactFiles(ctx context.Context, contactID int64) ([]ContactFile, error) {
	var out []ContactFile
	err := r.read(ctx).Where("contact_id = ? AND file <> ''", contactID).Order("id DESC").Find(&out).Error
	return out, err
}

// ContactFileByPublicID finds a file.
func (r Reads) ContactFileByPublicID(ctx context.Context, id string) (*ContactFile, error) {
	var out ContactFile
	return &out, models.Found(r.read(ctx).Where("public_id = ? AND file <> ''", id).Take(&out).Error, "file")
}

// RemoveContactFile removes a file and returns its name under the media folder. A file that proves a consent stays.
func RemoveContactFile(tx *models.Tx, a models.Actor, c *Contact, publicID string) (string, error) {
	var f ContactFile
	err := models.Found(base.DB(tx).Where("public_id = ? AND contact_id = ?", publicID, c.ID).Take(&f).Error, "file")
	if err != nil {
		return "", err
	}
	var proofs int64
	if err := base.DB(tx).Model(&ConsentEvent{}).Where("file_id = ?", f.ID).Count(&proofs).Error; err != nil {
		return "", err
	}
	if proofs > 0 {
		return "", models.Conflict("file.is_proof")
	}
	if err := base.DB(tx).Delete(&f).Error; err != nil {
		return "", err
	}
	tx.Publish("contact-" + c.PublicID)
	return f.File, models.Audit(
		tx,
		a,
		"contact.file_removed",
		models.About("contact", c.PublicID),
		"The file "+f.Name+" was removed from "+c.Title(),
	)
}

// ContactNote is something the team should know about a contact. It is never sent.
type ContactNote struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	ContactID int64
	AuthorID  *int64
	Author    *accounts.User
	Body      string
	CreatedAt time.Time `gorm:"default:now()"`
}

// ContactNotes are a contact's notes, latest first.
func (r Reads) ContactNotes(ctx context.Context, contactID int64) ([]ContactNote, error) {
	var out []ContactNote
	err := r.read(ctx).
		Joins("Author").
		Where("contact_id = ?", contactID).
		Order("contact_notes.id DESC").
		Limit(200).
		Find(&out).
		Error
	return out, err
}

// AddContactNote writes a note.
func AddContactNote(tx *models.Tx, a models.Actor, c *Contact, body string) error {
	n := ContactNote{ContactID: c.ID, AuthorID: a.ID, Body: body}
	if err := base.DB(tx).Create(&n).Error; err != nil {
		return err
	}
	tx.Publish("contact-" + c.PublicID)
	return models.Audit(tx, a, "contact.note_added", models.About("contact", c.PublicID), "A note was added to "+c.Title())
}

// RemoveContactNote removes a note: one's own, or anybody's if the actor is an operator (any).
func RemoveContactNote(tx *models.Tx, a models.Actor, any bool, c *Contact, publicID string) error {
	res := base.DB(tx).Where("public_id = ? AND contact_id = ? AND (author_id = ? OR ?)", publicID, c.ID, a.ID, any).
		Delete(&ContactNote{})
	if res.Error == nil && res.RowsAffected == 0 {
		return models.NotFound("note")
	}
	if err := res.Error; err != nil {
		return err
	}
	tx.Publish("contact-" + c.PublicID)
	return models.Audit(
		tx,
		a,
		"contact.note_removed",
		models.About("contact", c.PublicID),
		"A note on "+c.Title()+" was removed",
	)
}
