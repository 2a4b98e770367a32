package onboarding

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// AccessFile is a document of an access request: evidence of the opt-in, or an attachment of a step.
type AccessFile struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	RequestID   int64
	EventID     *int64 // nil: evidence of the opt-in
	Name        string
	ContentType string
	Size        int64  // bytes
	SHA256      []byte `gorm:"column:sha256"`
	File        string // name in the media store
	UploadedBy  *int64
	CreatedAt   time.Time `gorm:"default:now()"`
}

// Picture reports whether the document can be shown as a picture.
func (f *AccessFile) Picture() bool {
	return f.ContentType == "image/png" || f.ContentType == "image/jpeg" || f.ContentType == "image/webp" ||
		f.ContentType == "image/gif"
}

// AccessFiles are all documents of a request, first one first.
func (r Reads) AccessFiles(ctx context.Context, requestID int64) ([]AccessFile, error) {
	var out []AccessFile
	err := r.read(ctx).Where("request_id = ?", requestID).Order("id").Find(&out).Error
	return out, err
}

// AccessFileByPublicID finds a document.
func (r Reads) AccessFileByPublicID(ctx context.Context, id string) (*AccessFile, error) {
	var out AccessFile
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "document")
}

// AddAccessEvidence stores a picture or a text that shows how people opt in.
func AddAccessEvidence(tx *models.Tx, a models.Actor, r *AccessRequest, f *AccessFile) error {
	f.RequestID, f.UploadedBy = r.ID, a.ID
	if err := base.DB(tx).Create(f).Error; err != nil {
		return err
	}
	tx.Publish("access")
	return models.Audit(
		tx,
		a,
		"access.file_added",
		models.About("access_request", r.PublicID),
		"The document "+f.Name+" was added",
	)
}

// RemoveAccessEvidence removes a document and returns its name in the media store. Attachments of steps stay.
func RemoveAccessEvidence(tx *models.Tx, a models.Actor, r *AccessRequest, publicID string) (string, error) {
	var f AccessFile
	if err := models.Found(
		base.DB(tx).Where("public_id = ? AND request_id = ? AND event_id IS NULL", publicID, r.ID).Take(&f).Error,
		"document",
	); err != nil {
		return "", err
	}
	if err := base.DB(tx).Delete(&f).Error; err != nil {
		return "", err
	}
	tx.Publish("access")
	return f.File, models.Audit(
		tx,
		a,
		"access.file_removed",
		models.About("access_request", r.PublicID),
		"The document "+f.Name+" was removed",
	)
}
