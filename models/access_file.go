package models

import (
	"context"
	"errors"
	"time"
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
func (s *Store) AccessFiles(ctx context.Context, requestID int64) ([]AccessFile, error) {
	var out []AccessFile
	err := s.read(ctx).Where("request_id = ?", requestID).Order("id").Find(&out).Error
	return out, err
}

// AccessFileByPublicID finds a document.
func (s *Store) AccessFileByPublicID(ctx context.Context, id string) (*AccessFile, error) {
	var out AccessFile
	return &out, found(s.read(ctx).Where("public_id = ?", id).Take(&out).Error, "document")
}

// AddAccessEvidence stores a picture or a text that shows how people opt in.
func (tx *Tx) AddAccessEvidence(a Actor, r *AccessRequest, f *AccessFile) error {
	f.RequestID, f.UploadedBy = r.ID, a.ID
	return errors.Join(
		tx.Create(f).Error,
		tx.Audit(a, "access.file_added", About("access_request", r.PublicID), "The document "+f.Name+" was added"),
		tx.Publish("access"),
	)
}

// RemoveAccessEvidence removes a document and returns its name in the media store. Attachments of steps stay.
func (tx *Tx) RemoveAccessEvidence(a Actor, r *AccessRequest, publicID string) (string, error) {
	var f AccessFile
	if err := found(
		tx.Where("public_id = ? AND request_id = ? AND event_id IS NULL", publicID, r.ID).Take(&f).Error,
		"document",
	); err != nil {
		return "", err
	}
	err := errors.Join(
		tx.Delete(&f).Error,
		tx.Audit(a, "access.file_removed", About("access_request", r.PublicID), "The document "+f.Name+" was removed"),
		tx.Publish("access"),
	)
	return f.File, err
}
