package models

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
)

// AccessState is where a request for production access stands.
type AccessState string

// The states of an access request.
const (
	AccessDraft      AccessState = "draft"
	AccessReady      AccessState = "ready"
	AccessSubmitted  AccessState = "submitted"
	AccessInReview   AccessState = "in_review"
	AccessMoreInfo   AccessState = "more_information"
	AccessApproved   AccessState = "approved"
	AccessRejected   AccessState = "rejected"
	AccessRegistered AccessState = "registered"
	AccessLive       AccessState = "live"
)

// AccessStates lists the states in the order of the way.
func AccessStates() []AccessState {
	return []AccessState{AccessDraft, AccessReady, AccessSubmitted, AccessInReview, AccessMoreInfo, AccessApproved, AccessRejected, AccessRegistered, AccessLive}
}

var accessMoves = map[AccessState][]AccessState{
	AccessDraft:      {AccessReady},
	AccessReady:      {AccessSubmitted, AccessDraft},
	AccessSubmitted:  {AccessInReview, AccessMoreInfo, AccessApproved, AccessRejected},
	AccessInReview:   {AccessMoreInfo, AccessApproved, AccessRejected},
	AccessMoreInfo:   {AccessSubmitted, AccessInReview, AccessRejected},
	AccessApproved:   {AccessRegistered},
	AccessRejected:   {AccessDraft},
	AccessRegistered: {AccessLive},
}

// Next are the states that can follow s.
func (s AccessState) Next() []AccessState { return accessMoves[s] }

// AccessRequest is the business's request to use WhatsApp in production with a number of its own.
type AccessRequest struct {
	ID                 int64
	PublicID           string      `gorm:"default:new_public_id()"`
	State              AccessState `gorm:"default:draft"`
	LegalName          string
	DisplayName        string
	Website            string
	Country            string
	Address            string
	ContactName        string
	ContactEmail       string
	AccountSid         string
	FacebookBusinessID string
	Phone              string
	Vertical           string
	UseCase            string
	MonthlyVolume      int
	OptinDescription   string
	CreatedBy          *int64
	Version            int `gorm:"default:1"`
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Editable reports whether the form can still be changed.
func (r *AccessRequest) Editable() bool {
	return r.State == AccessDraft || r.State == AccessReady || r.State == AccessMoreInfo
}

// AccessEvent is one step of a request.
type AccessEvent struct {
	ID        int64
	RequestID int64
	FromState string
	ToState   string
	Note      string
	ActorID   *int64
	Actor     *User
	CreatedAt time.Time
}

// AccessRequests are all requests, latest first.
func (s *Store) AccessRequests(ctx context.Context) ([]AccessRequest, error) {
	var out []AccessRequest
	return out, s.read(ctx).Order("id DESC").Find(&out).Error
}

// AccessRequestByPublicID finds a request.
func (s *Store) AccessRequestByPublicID(ctx context.Context, id string) (*AccessRequest, error) {
	var out AccessRequest
	return &out, found(s.read(ctx).Where("public_id = ?", id).Take(&out).Error, "request")
}

// AccessTimeline is a request's steps, first one first.
func (s *Store) AccessTimeline(ctx context.Context, requestID int64) ([]AccessEvent, error) {
	var out []AccessEvent
	return out, s.read(ctx).Joins("Actor").Where("request_id = ?", requestID).Order("access_events.id").Find(&out).Error
}

// AccessRequestForUpdate finds and locks a request.
func (tx *Tx) AccessRequestForUpdate(publicID string) (*AccessRequest, error) {
	var out AccessRequest
	return &out, found(tx.Clauses(forUpdate).Where("public_id = ?", publicID).Take(&out).Error, "request")
}

// SaveAccessRequest stores a request, new or not. version is the one that the form was opened with.
func (tx *Tx) SaveAccessRequest(a Actor, r *AccessRequest, version int) error {
	action, summary := "access.edited", "The access request was edited"
	if r.ID == 0 {
		action, summary = "access.begun", "An access request was begun"
		r.CreatedBy, r.CreatedAt = a.ID, tx.now
	} else if r.Version != version {
		return ErrStale("request")
	}
	isNew := r.ID == 0
	r.Version, r.UpdatedAt = version+1, time.Now()
	if err := tx.Save(r).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return Invalid("phone", "There is already a request for this number.")
		}
		return err
	}
	if isNew {
		e := AccessEvent{RequestID: r.ID, ToState: string(r.State), ActorID: a.ID, CreatedAt: tx.now}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
	}
	return errors.Join(tx.Audit(a, action, "access_request", r.PublicID, summary, nil), tx.Tell("access", "home"))
}

// MoveAccessRequest moves a locked request one step on, with the step on record.
func (tx *Tx) MoveAccessRequest(a Actor, r *AccessRequest, next AccessState, note string) error {
	if !slices.Contains(r.State.Next(), next) {
		return Conflict("A request can't go from this step to that one: reload the page to see where it stands.")
	}
	e := AccessEvent{RequestID: r.ID, FromState: string(r.State), ToState: string(next), Note: note, ActorID: a.ID, CreatedAt: tx.now}
	r.State, r.UpdatedAt = next, time.Now()
	r.Version++
	return errors.Join(tx.Save(r).Error, tx.Create(&e).Error,
		tx.Audit(a, "access."+string(next), "access_request", r.PublicID, "The access request moved on", map[string]any{"to": next, "note": note}),
		tx.Tell("access", "home"))
}
