package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
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
func (s *Store) CannedReplies(ctx context.Context, userID int64, query string, n int) ([]CannedReply, error) {
	q := s.read(ctx).Where("user_id IS NULL OR user_id = ?", userID)
	if like := searchPattern(query); like != "" {
		q = q.Where("shortcut LIKE ? OR lower(body) LIKE ?", like, like).Order(gorm.Expr("shortcut LIKE ? DESC", like[1:]))
	}
	var out []CannedReply
	err := q.Order("uses DESC, shortcut").Limit(n).Find(&out).Error
	return out, err
}

// SaveCannedReply makes a canned reply, or changes the one with publicID. Only an operator changes shared ones.
func (tx *Tx) SaveCannedReply(a Actor, role Role, publicID string, want CannedReply) error {
	c := &CannedReply{}
	if publicID != "" {
		var err error
		if c, err = tx.cannedReply(a, role, publicID); err != nil {
			return err
		}
	}
	if want.UserID == nil && !role.Can(Operator) {
		return &Error{Kind: KindForbidden, Code: "canned_reply.operators_only"}
	}
	c.Shortcut, c.Body, c.UserID, c.UpdatedAt = want.Shortcut, want.Body, want.UserID, tx.now
	if err := tx.Save(c).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("shortcut", "canned_reply.shortcut_taken")
		}
		return err
	}
	return tx.Audit(
		a,
		"canned_reply.saved",
		About("canned_reply", c.PublicID),
		"The canned reply /"+c.Shortcut+" was saved",
	)
}

// DeleteCannedReply removes one.
func (tx *Tx) DeleteCannedReply(a Actor, role Role, publicID string) error {
	c, err := tx.cannedReply(a, role, publicID)
	if err != nil {
		return err
	}
	return errors.Join(
		tx.Delete(c).Error,
		tx.Audit(a, "canned_reply.deleted", About("canned_reply", publicID), "The canned reply /"+c.Shortcut+" was deleted"),
	)
}

func (tx *Tx) cannedReply(a Actor, role Role, publicID string) (*CannedReply, error) {
	var c CannedReply
	if err := found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&c).Error, "canned_reply"); err != nil {
		return nil, err
	}
	if own := c.UserID != nil && a.ID != nil && *c.UserID == *a.ID; !own && (c.UserID != nil || !role.Can(Operator)) {
		return nil, &Error{Kind: KindForbidden, Code: "canned_reply.not_yours"}
	}
	return &c, nil
}

// UseCannedReply counts one use of a canned reply.
func (s *Store) UseCannedReply(ctx context.Context, publicID string) error {
	return s.read(ctx).Exec("UPDATE canned_replies SET uses = uses + 1 WHERE public_id = ?", publicID).Error
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
	Reply    string    `json:"reply,omitempty"` // with {{name}} and the like
	Note     string    `json:"note,omitempty"`
	Assign   string    `json:"assign,omitempty"` // me, nobody, next, or a user's public id
	Add      []string  `json:"add,omitempty"`    // labels' public ids
	Remove   []string  `json:"remove,omitempty"`
	Priority *Priority `json:"priority,omitempty"`
	State    string    `json:"state,omitempty"`  // open, resolved, snoozed
	Snooze   string    `json:"snooze,omitempty"` // see messaging.SnoozeUntil
}

// Macros are all, by name.
func (s *Store) Macros(ctx context.Context) ([]Macro, error) {
	var out []Macro
	err := s.read(ctx).Order("lower(name)").Find(&out).Error
	return out, err
}

// MacroByPublicID finds one.
func (s *Store) MacroByPublicID(ctx context.Context, id string) (*Macro, error) {
	var m Macro
	return &m, found(s.read(ctx).Where("public_id = ?", id).Take(&m).Error, "macro")
}

// SaveMacro makes a macro, or changes the one with publicID.
func (tx *Tx) SaveMacro(a Actor, publicID, name string, actions MacroActions) error {
	m := &Macro{}
	if publicID != "" {
		if err := found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(m).Error, "macro"); err != nil {
			return err
		}
	}
	m.Name, m.Actions, m.UpdatedAt = name, actions, tx.now
	if err := tx.Save(m).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("name", "macro.name_taken")
		}
		return err
	}
	return tx.Audit(a, "macro.saved", About("macro", m.PublicID), "The macro "+name+" was saved")
}

// DeleteMacro removes one.
func (tx *Tx) DeleteMacro(a Actor, publicID string) error {
	var m Macro
	if err := found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&m).Error, "macro"); err != nil {
		return err
	}
	return errors.Join(
		tx.Delete(&m).Error,
		tx.Audit(a, "macro.deleted", About("macro", publicID), "The macro "+m.Name+" was deleted"),
	)
}
