package templates

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// AddTemplate makes a template with its first draft.
func AddTemplate(tx *models.Tx, a models.Actor, t *Template, v *TemplateVersion) error {
	t.CreatedBy = a.ID
	if t.FallbackLanguage == "" {
		t.FallbackLanguage = v.Language
	}
	if err := base.DB(tx).Omit("Versions").Create(t).Error; err != nil {
		return nameTaken(err)
	}
	v.TemplateID, v.Number, v.AuthorID, v.Template = t.ID, 1, a.ID, t
	if err := addVersion(tx, a, v); err != nil {
		return err
	}
	return models.Audit(
		tx,
		a,
		"template.added",
		models.About("template", t.PublicID).With(map[string]any{"language": v.Language}),
		"Template "+t.Title()+" was drafted",
	)
}

// Title is the template's name, or a word for one that has none yet.
func (t *Template) Title() string {
	if t.Name == "" {
		return "Untitled"
	}
	return t.Name
}

func nameTaken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return models.Invalid("name", "template.name_taken")
	}
	return err
}

// AddVersion makes the next draft of a template in a language. At most one draft of a language exists at a time.
func AddVersion(tx *models.Tx, a models.Actor, t *Template, v *TemplateVersion) error {
	if err := nextNumber(tx, t, v); err != nil {
		return err
	}
	v.TemplateID, v.AuthorID, v.Template = t.ID, a.ID, t
	if err := addVersion(tx, a, v); err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Conflict("template.draft_exists")
		}
		return err
	}
	tx.Publish(t.Topic())
	return models.Audit(
		tx,
		a,
		"template.version_added",
		models.About("template", t.PublicID),
		"Version "+strconv.Itoa(v.Number)+" in "+v.Language+" of "+t.Title()+" was drafted",
	)
}

// nextNumber gives a version the number after the last one of its template in its language.
func nextNumber(tx *models.Tx, t *Template, v *TemplateVersion) error {
	return base.DB(tx).Raw(`SELECT coalesce(max(number), 0) + 1 FROM template_versions
		WHERE template_id = ? AND language = ?`, t.ID, v.Language).Scan(&v.Number).Error
}

func addVersion(tx *models.Tx, a models.Actor, v *TemplateVersion) error {
	if v.Placeholders == nil {
		v.Placeholders = []Placeholder{}
	}
	v.EditedBy, v.EditedAt = a.ID, new(tx.Now())
	if err := base.DB(tx).Omit("Template", "Author").Create(v).Error; err != nil {
		return err
	}
	tx.Publish("templates", "home")
	return nil
}

// editStretch is how long a user's edits of a draft are recorded as one.
const editStretch = 10 * time.Minute

// SaveDraft stores a draft's text and its template's name and category. version is the one that the
// form was opened with.
func SaveDraft(tx *models.Tx, a models.Actor, v *TemplateVersion, version int) error {
	if v.Version != version {
		return models.ErrStale("template")
	}
	if v.State != whatsapp.Draft {
		return models.Conflict("template.submitted")
	}
	same := v.EditedBy != nil && a.ID != nil && *v.EditedBy == *a.ID && v.EditedAt != nil &&
		tx.Now().Sub(*v.EditedAt) < editStretch
	if !same {
		err := models.Audit(
			tx,
			a,
			"template.edited",
			models.About("template", v.Template.PublicID),
			"Version "+strconv.Itoa(v.Number)+" in "+v.Language+" of "+v.Template.Title()+" was edited",
		)
		if err != nil {
			return err
		}
		v.EditedAt = new(tx.Now())
	}
	v.Version++
	v.EditedBy, v.UpdatedAt, v.SubmitError = a.ID, tx.Now(), ""
	if err := base.DB(tx).Omit("Template", "Author").Save(v).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("language", "template.language_exists")
		}
		return err
	}
	v.Template.UpdatedAt = tx.Now()
	if err := base.DB(tx).Omit("Versions").Save(v.Template).Error; err != nil {
		return nameTaken(err)
	}
	tx.Publish("templates", v.Template.Topic(), v.Topic())
	return nil
}

// Facts are the stored facts about a draft that its text does not show.
func (r Reads) Facts(ctx context.Context, t *Template, v *TemplateVersion) (lint.Draft, error) {
	return facts(r.read(ctx), r.store.Now(), t, v)
}

// Facts are the same within a transaction.
func Facts(tx *models.Tx, t *Template, v *TemplateVersion) (lint.Draft, error) {
	return facts(base.DB(tx), tx.Now(), t, v)
}

var (
	templateNameTaken = query("template_name_taken")
	templateSameText  = query("template_same_text")
	visitDraft        = query("draft_visit")
)

// nameLock is how long WhatsApp keeps the name of a deleted template.
const nameLock = 30 * 24 * time.Hour

func facts(db *gorm.DB, now time.Time, t *Template, v *TemplateVersion) (lint.Draft, error) {
	d := lint.Draft{Name: t.Name, Category: t.Category, Language: v.Language, Content: *v.Whole(), Samples: v.Samples()}
	if d.Name != "" { // a template at WhatsApp first, then a deleted one, then an older draft
		var others []struct{ DeletedAt, FixedAt *time.Time }
		err := db.Raw(templateNameTaken, map[string]any{
			"name":   d.Name,
			"id":     t.ID,
			"locked": now.Add(-nameLock),
		}).Scan(&others).Error
		if err != nil {
			return d, err
		}
		for _, o := range others {
			switch {
			case o.DeletedAt != nil:
				d.NameLocked = o.DeletedAt.Add(nameLock)
			case o.FixedAt != nil:
				d.NameUsedBy = "another template at WhatsApp"
			default:
				d.NameUsedBy = "another draft"
			}
		}
	}
	body := strings.TrimSpace(d.Content.Body)
	if body == "" || d.Content.Type == whatsapp.TypeAuthentication {
		return d, nil
	}
	err := db.Raw(templateSameText, map[string]any{
		"body": body,
		"id":   t.ID,
		"type": d.Content.Type,
	}).Scan(&d.SameTextAs).Error
	return d, err
}

// Visit notes that somebody has a draft open, and returns the names of the others who do.
func Visit(ctx context.Context, s *models.Store, v *TemplateVersion, userID int64) ([]string, error) {
	var others []string
	err := s.InTx(ctx, func(tx *models.Tx) error {
		res := base.DB(tx).Exec(visitDraft, map[string]any{"version": v.ID, "user": userID})
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected > 0 {
			tx.Publish(v.Topic())
		} else if err := base.DB(tx).Exec(
			"UPDATE draft_presence SET seen_at = now() WHERE version_id = ? AND user_id = ?", v.ID, userID,
		).Error; err != nil {
			return err
		}
		return base.DB(tx).Raw(`SELECT u.name FROM draft_presence p JOIN users u ON u.id = p.user_id
			WHERE p.version_id = ? AND p.user_id <> ? AND p.seen_at > now() - interval '40 seconds'
			ORDER BY u.name`, v.ID, userID).
			Scan(&others).
			Error
	})
	return others, err
}

// SaveTemplate stores a template's own settings.
func SaveTemplate(tx *models.Tx, t *Template) error {
	t.UpdatedAt = tx.Now()
	if err := base.DB(tx).Omit("Versions").Save(t).Error; err != nil {
		return nameTaken(err)
	}
	tx.Publish("templates", t.Topic())
	return nil
}

// DiscardDraft removes a draft that was never submitted, and its template if nothing else is left of it.
// It reports whether the template is gone.
func DiscardDraft(tx *models.Tx, a models.Actor, v *TemplateVersion) (bool, error) {
	if v.State != whatsapp.Draft {
		return false, models.Conflict("template.draft_only")
	}
	if err := base.DB(tx).Where("id = ?", v.ID).Delete(&TemplateVersion{}).Error; err != nil {
		if errors.Is(err, gorm.ErrForeignKeyViolated) {
			return false, models.Conflict("template.draft_tested")
		}
		return false, err
	}
	var left int64
	if err := base.DB(tx).Model(&TemplateVersion{}).Where("template_id = ?", v.TemplateID).Count(&left).Error; err != nil {
		return false, err
	}
	if left == 0 {
		if err := base.DB(tx).Where("id = ?", v.TemplateID).Delete(&Template{}).Error; err != nil {
			return false, err
		}
	}
	tx.Publish("templates", "home", v.Template.Topic(), v.Topic())
	return left == 0, models.Audit(
		tx,
		a,
		"template.discarded",
		models.About("template", v.Template.PublicID).With(map[string]any{"body": v.Body}),
		"A draft of "+v.Template.Title()+" in "+v.Language+" was discarded",
	)
}

// KnownContents are the contents at Twilio that belong to a version already.
func (r Reads) KnownContents(ctx context.Context, sids []string) (map[string]bool, error) {
	var rows []string
	err := r.read(ctx).
		Raw(`SELECT content_sid FROM template_versions WHERE content_sid IN @sids
			UNION SELECT origin_sid FROM template_versions WHERE origin_sid IN @sids
			UNION SELECT test_sid FROM template_versions WHERE test_sid IN @sids`, map[string]any{"sids": sids}).
		Scan(&rows).
		Error
	out := map[string]bool{}
	for _, row := range rows {
		out[row] = true
	}
	return out, err
}

// ImportTemplate adds a content of Twilio's to the template of its name, which is created if needed. A content that is
// known already is left alone: then the result is false.
func ImportTemplate(tx *models.Tx, a models.Actor, name string, t Template, v *TemplateVersion) (bool, error) {
	if err := base.LockKey(tx, "template", name); err != nil {
		return false, err
	}
	var there Template
	err := base.DB(tx).Where("name = ? AND fixed_at IS NOT NULL AND deleted_at IS NULL", name).Take(&there).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		there = t
		there.Name, there.Imported, there.CreatedBy, there.FallbackLanguage = name, true, a.ID, v.Language
		err = base.DB(tx).Omit("Versions").Create(&there).Error
		if err == nil {
			said := "Template " + name + " was imported from Twilio"
			err = models.Audit(tx, a, "template.imported", models.About("template", there.PublicID), said)
		}
	}
	if err != nil {
		return false, err
	}
	if err := nextNumber(tx, &there, v); err != nil {
		return false, err
	}
	v.TemplateID, v.Template = there.ID, &there
	res := base.DB(tx).Omit("Template", "Author").Clauses(clause.OnConflict{DoNothing: true}).Create(v)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	tx.Publish("templates", there.Topic(), "home")
	return true, nil
}

// StoreTest stores the content at Twilio that a draft was tested with.
func StoreTest(ctx context.Context, s *models.Store, id int64, sid string, version int) error {
	return base.Read(ctx, s).
		Exec("UPDATE template_versions SET test_sid = ?, test_of = ? WHERE id = ?", sid, version, id).
		Error
}
