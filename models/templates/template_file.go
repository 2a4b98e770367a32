package templates

import (
	"context"
	"time"

	"parley/models"
	"parley/models/internal/base"
)

// TemplateFile is a picture or document of a template. WhatsApp loads it from an address that contains its key.
type TemplateFile struct {
	ID          int64
	PublicID    string `gorm:"default:new_public_id()"`
	AccessKey   string
	File        string
	ContentType string
	Size        int64
	CreatedBy   *int64
	CreatedAt   time.Time `gorm:"default:now()"`
}

// AddTemplateFile stores an uploaded file.
func AddTemplateFile(ctx context.Context, s *models.Store, a models.Actor, f *TemplateFile) error {
	f.CreatedBy = a.ID
	return s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.DB(tx).Create(f).Error; err != nil {
			return err
		}
		return models.Audit(
			tx,
			a,
			"template.file_added",
			models.About("template_file", f.PublicID).With(map[string]any{"content_type": f.ContentType, "size": f.Size}),
			"A file for templates was uploaded",
		)
	})
}

// TemplateFileByPublicID finds a file.
func (r Reads) TemplateFileByPublicID(ctx context.Context, id string) (*TemplateFile, error) {
	var out TemplateFile
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "file")
}
