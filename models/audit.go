package models

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"parley/models/internal/base"
)

// Actor is who does something: a user, or the program itself for a webhook or a job (ID nil).
type Actor struct {
	ID        *int64
	Name      string
	RequestID string
}

// System is the program acting by itself.
func System(name string) Actor { return Actor{Name: name} }

// AuditEvent is one change on record.
type AuditEvent struct {
	ID          int64
	ActorID     *int64
	ActorName   string
	Action      string
	SubjectType string
	SubjectID   string
	Summary     string
	Changes     json.RawMessage `gorm:"type:jsonb"`
	RequestID   string
	CreatedAt   time.Time
}

// Subject is the thing that an audit event is about.
type Subject struct {
	Type    string
	ID      string         // public id, or the key of a setting
	Changes map[string]any // nil if the summary is enough
}

// About is a thing by its type and public id.
func About(subjectType, id string) Subject { return Subject{Type: subjectType, ID: id} }

// With adds what changed.
func (s Subject) With(changes map[string]any) Subject {
	s.Changes = changes
	return s
}

// Audit records a change in the transaction that makes it (promise 6).
func Audit(tx *Tx, a Actor, action string, about Subject, summary string) error {
	changes := about.Changes
	if changes == nil {
		changes = map[string]any{}
	}
	b, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	e := AuditEvent{
		ActorID:     a.ID,
		ActorName:   a.Name,
		Action:      action,
		SubjectType: about.Type,
		SubjectID:   about.ID,
		Summary:     summary,
		Changes:     b,
		RequestID:   a.RequestID,
	}
	if err := base.DB(tx).Create(&e).Error; err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// AuditEvents are the latest n events, of one thing if subjectType is given.
func (r Reads) AuditEvents(ctx context.Context, subjectType, subjectID string, n int) ([]AuditEvent, error) {
	q := r.read(ctx).Order("id DESC").Limit(n)
	if subjectType != "" {
		q = q.Where("subject_type = ? AND subject_id = ?", subjectType, subjectID)
	}
	var out []AuditEvent
	err := q.Find(&out).Error
	return out, err
}
