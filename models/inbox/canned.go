package inbox

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/conversations"
	"parley/models/internal/base"
	"parley/models/people/segments"
)

// CannedReply is a text that is inserted by its shortcut. It may contain {{name}} and the like: see messaging.Fill.
type CannedReply struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Shortcut  string
	Body      string
	UserID    *int64 // the owner; nil: shared by everybody
	Uses      int64
	UpdatedAt time.Time
}

// CannedReplies are the matching canned replies that are shared or the user's own, the most used first.
func (r Reads) CannedReplies(ctx context.Context, userID int64, query string, n int) ([]CannedReply, error) {
	q := r.read(ctx).Where("user_id IS NULL OR user_id = ?", userID)
	if like := segments.SearchPattern(query); like != "" {
		q = q.Where("shortcut LIKE ? OR lower(body) LIKE ?", like, like).Order(gorm.Expr("shortcut LIKE ? DESC", like[1:]))
	}
	var out []CannedReply
	err := q.Order("uses DESC, shortcut").Limit(n).Find(&out).Error
	return out, err
}

// SaveCannedReply makes a canned reply, or changes the one with publicID. Only an operator changes shared ones.
func SaveCannedReply(tx *models.Tx, a models.Actor, role models.Role, publicID string, want CannedReply) error {
	c := &CannedReply{}
	if publicID != "" {
		var err error
		if c, err = cannedReply(tx, a, role, publicID); err != nil {
			return err
		}
	}
	if want.UserID == nil && !role.Can(models.Operator) {
		return &models.Error{Kind: models.KindForbidden, Code: "canned_reply.operators_only"}
	}
	c.Shortcut, c.Body, c.UserID, c.UpdatedAt = want.Shortcut, want.Body, want.UserID, tx.Now()
	if err := base.DB(tx).Save(c).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("shortcut", "canned_reply.shortcut_taken")
		}
		return err
	}
	return models.Audit(
		tx,
		a,
		"canned_reply.saved",
		models.About("canned_reply", c.PublicID),
		"The canned reply /"+c.Shortcut+" was saved",
	)
}

// DeleteCannedReply removes one.
func DeleteCannedReply(tx *models.Tx, a models.Actor, role models.Role, publicID string) error {
	c, err := cannedReply(tx, a, role, publicID)
	if err != nil {
		return err
	}
	if err := base.DB(tx).Delete(c).Error; err != nil {
		return err
	}
	return models.Audit(
		tx,
		a,
		"canned_reply.deleted",
		models.About("canned_reply", publicID),
		"The canned reply /"+c.Shortcut+" was deleted",
	)
}

func cannedReply(tx *models.Tx, a models.Actor, role models.Role, publicID string) (*CannedReply, error) {
	var c CannedReply
	if err := models.Found(base.Lock(tx, &c, publicID), "canned_reply"); err != nil {
		return nil, err
	}
	if own := c.UserID != nil && a.ID != nil && *c.UserID == *a.ID; !own &&
		(c.UserID != nil || !role.Can(models.Operator)) {
		return nil, &models.Error{Kind: models.KindForbidden, Code: "canned_reply.not_yours"}
	}
	return &c, nil
}

// UseCannedReply counts one use of a canned reply.
func UseCannedReply(ctx context.Context, s *models.Store, publicID string) error {
	return base.Read(ctx, s).Exec("UPDATE canned_replies SET uses = uses + 1 WHERE public_id = ?", publicID).Error
}

// Macro is several actions in one.
type Macro struct {
	ID        int64
	PublicID  string `gorm:"default:new_public_id()"`
	Name      string
	Actions   MacroActions `gorm:"type:jsonb;serializer:json"`
	UpdatedAt time.Time
}

// MacroActions are done in this order; what is empty is left out.
type MacroActions struct {
	Reply    string                  `json:"reply,omitempty"` // with {{name}} and the like
	Note     string                  `json:"note,omitempty"`
	Assign   string                  `json:"assign,omitempty"` // me, nobody, next, or a user's public id
	Add      []string                `json:"add,omitempty"`    // labels' public ids
	Remove   []string                `json:"remove,omitempty"`
	Priority *conversations.Priority `json:"priority,omitempty"`
	State    string                  `json:"state,omitempty"`  // open, resolved, snoozed
	Snooze   string                  `json:"snooze,omitempty"` // see messaging.SnoozeUntil
}

// Macros are all, by name.
func (r Reads) Macros(ctx context.Context) ([]Macro, error) {
	var out []Macro
	err := r.read(ctx).Order("lower(name)").Find(&out).Error
	return out, err
}

// MacroByPublicID finds one.
func (r Reads) MacroByPublicID(ctx context.Context, id string) (*Macro, error) {
	var m Macro
	return &m, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&m).Error, "macro")
}

// SaveMacro makes a macro, or changes the one with publicID.
func SaveMacro(tx *models.Tx, a models.Actor, publicID, name string, actions MacroActions) error {
	m := &Macro{}
	if publicID != "" {
		if err := models.Found(base.Lock(tx, m, publicID), "macro"); err != nil {
			return err
		}
	}
	m.Name, m.Actions, m.UpdatedAt = name, actions, tx.Now()
	if err := base.DB(tx).Save(m).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("name", "macro.name_taken")
		}
		return err
	}
	return models.Audit(tx, a, "macro.saved", models.About("macro", m.PublicID), "The macro "+name+" was saved")
}

// DeleteMacro removes one.
func DeleteMacro(tx *models.Tx, a models.Actor, publicID string) error {
	var m Macro
	if err := models.Found(base.Lock(tx, &m, publicID), "macro"); err != nil {
		return err
	}
	if err := base.DB(tx).Delete(&m).Error; err != nil {
		return err
	}
	return models.Audit(tx, a, "macro.deleted", models.About("macro", publicID), "The macro "+m.Name+" was deleted")
}
