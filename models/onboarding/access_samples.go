package onboarding

import (
	"context"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/templates"
)

// LatestVersions are the latest n versions of the business's own templates, one for each template and language.
func (r Reads) LatestVersions(ctx context.Context, n int) ([]templates.TemplateVersion, error) {
	var out []templates.TemplateVersion
	err := r.read(ctx).
		Joins("Template").
		Where(`NOT "Template".sandbox AND "Template".deleted_at IS NULL AND "Template".archived_at IS NULL`).
		Where("template_versions.body <> '' AND template_versions.state NOT IN ('rejected', 'disabled')").
		Where(`NOT EXISTS (SELECT 1 FROM template_versions o WHERE o.template_id = template_versions.template_id
			AND o.language = template_versions.language AND o.number > template_versions.number)`).
		Order("template_versions.state = 'approved' DESC, template_versions.updated_at DESC").
		Limit(n).
		Find(&out).
		Error
	return out, err
}

// VersionsByID are versions of templates with their templates, by id.
func (r Reads) VersionsByID(ctx context.Context, ids models.IDs) ([]templates.TemplateVersion, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var out []templates.TemplateVersion
	err := r.read(ctx).
		Joins("Template").
		Where("template_versions.id IN ?", []int64(ids)).
		Order(`"Template".name, template_versions.language`).
		Find(&out).
		Error
	return out, err
}

// KnownVersions refuses ids that don't belong to a version of the business's own templates.
func KnownVersions(tx *models.Tx, ids models.IDs) error {
	var n int64
	err := base.DB(tx).Raw(`SELECT count(*) FROM template_versions v JOIN templates t ON t.id = v.template_id
		WHERE v.id IN ? AND NOT t.sandbox`, []int64(ids)).Scan(&n).Error
	if err != nil {
		return err
	}
	if int(n) != len(ids) {
		return models.Invalid("samples", "request.sample_gone")
	}
	return nil
}

// SandboxVersions are the versions of the Sandbox's pre-approved templates that can be sent, by name.
func (r Reads) SandboxVersions(ctx context.Context) ([]templates.TemplateVersion, error) {
	var out []templates.TemplateVersion
	err := r.read(ctx).
		Joins("Template").
		Where(`"Template".sandbox AND template_versions.state = 'approved'`).
		Order(`"Template".name, template_versions.id`).
		Find(&out).
		Error
	return out, err
}
