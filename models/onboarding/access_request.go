package onboarding

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/accounts"
	"parley/models/internal/base"
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

// AccessStates lists the states in the order in which a request passes through them.
func AccessStates() []AccessState {
	return []AccessState{
		AccessDraft,
		AccessReady,
		AccessSubmitted,
		AccessInReview,
		AccessMoreInfo,
		AccessApproved,
		AccessRejected,
		AccessRegistered,
		AccessLive,
	}
}

// accessMoves are the allowed changes of state. A rejected request is fixed and restarted, or appealed: then WhatsApp
// reviews it again unchanged.
var accessMoves = map[AccessState][]AccessState{
	AccessDraft:      {AccessReady},
	AccessReady:      {AccessSubmitted, AccessDraft},
	AccessSubmitted:  {AccessInReview, AccessMoreInfo, AccessApproved, AccessRejected},
	AccessInReview:   {AccessMoreInfo, AccessApproved, AccessRejected},
	AccessMoreInfo:   {AccessSubmitted, AccessInReview, AccessRejected},
	AccessApproved:   {AccessRegistered},
	AccessRejected:   {AccessDraft, AccessInReview},
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
	Country            string // two letters
	Address            string
	ContactName        string
	ContactEmail       string
	ContactPhone       string
	AccountSid         string
	FacebookBusinessID string
	Phone              string // E.164
	PhoneCode          string // how it receives WhatsApp's code: sms, voice, no; empty: not said
	PhoneFree          string // in no other WhatsApp account: yes, no; empty: not said
	Vertical           string
	UseCase            string
	MonthlyVolume      int
	OptinDescription   string
	OptinLinks         string     // one address a line
	Samples            models.IDs `gorm:"type:bigint[]"` // versions of templates
	BasedOn            *int64
	CaseNumber         string
	NextAction         string
	RemindAt           *time.Time
	WebsiteState       string // answers, fails, unknown; empty: not checked yet
	WebsiteSaid        string
	WebsiteCheckedAt   *time.Time
	CreatedBy          *int64
	Version            int `gorm:"default:1"`
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// Title is what the team calls the request.
func (r *AccessRequest) Title() string {
	switch {
	case r.DisplayName != "":
		return r.DisplayName
	case r.LegalName != "":
		return r.LegalName
	}
	return "Unnamed request"
}

// Editable reports whether the form can still be changed.
func (r *AccessRequest) Editable() bool {
	return r.State == AccessDraft || r.State == AccessReady || r.State == AccessMoreInfo
}

// AccessEvent is one step of a request, or a note on it: then both states are the same.
type AccessEvent struct {
	ID         int64
	RequestID  int64
	FromState  string
	ToState    string
	Note       string
	ActorID    *int64
	Actor      *accounts.User
	HappenedAt time.Time // as the team says; CreatedAt is when they said so
	CreatedAt  time.Time
	Files      []AccessFile `gorm:"-"`
}

// Step reports whether the request moved on.
func (e *AccessEvent) Step() bool { return e.FromState != e.ToState }

// AccessRequests are all requests, latest first.
func (r Reads) AccessRequests(ctx context.Context) ([]AccessRequest, error) {
	var out []AccessRequest
	err := r.read(ctx).Order("id DESC").Find(&out).Error
	return out, err
}

// AccessRequestByPublicID finds a request.
func (r Reads) AccessRequestByPublicID(ctx context.Context, id string) (*AccessRequest, error) {
	var out AccessRequest
	return &out, models.Found(r.read(ctx).Where("public_id = ?", id).Take(&out).Error, "request")
}

// AccessRequestByID finds the request that another one is based on.
func (r Reads) AccessRequestByID(ctx context.Context, id int64) (*AccessRequest, error) {
	var out AccessRequest
	return &out, models.Found(r.read(ctx).Take(&out, id).Error, "request")
}

// AccessTimeline is a request's steps and notes with their documents, first one first.
func (r Reads) AccessTimeline(ctx context.Context, requestID int64) ([]AccessEvent, error) {
	var out []AccessEvent
	if err := r.read(ctx).
		Joins("Actor").
		Where("request_id = ?", requestID).
		Order("access_events.id").
		Find(&out).
		Error; err != nil {
		return nil, err
	}
	files, err := r.AccessFiles(ctx, requestID)
	for _, f := range files {
		for i := range out {
			if f.EventID != nil && out[i].ID == *f.EventID {
				out[i].Files = append(out[i].Files, f)
			}
		}
	}
	return out, err
}

// StepTime is how long requests stayed in a state.
type StepTime struct {
	State  AccessState
	N      int           // requests that have left it
	Median time.Duration // of those
	Most   time.Duration
}

var accessTimes = query("access_times")

// AccessTimes are how long each step took, over all requests.
func (r Reads) AccessTimes(ctx context.Context) ([]StepTime, error) {
	var rows []struct {
		State        AccessState
		N            int
		Median, Most float64
	}
	err := r.read(ctx).Raw(accessTimes).Scan(&rows).Error
	var out []StepTime
	for _, state := range AccessStates() {
		for _, row := range rows {
			if row.State == state {
				out = append(
					out,
					StepTime{
						State:  state,
						N:      row.N,
						Median: time.Duration(row.Median * float64(time.Second)),
						Most:   time.Duration(row.Most * float64(time.Second)),
					},
				)
			}
		}
	}
	return out, err
}

// AccessRequestForUpdate finds and locks a request.
func AccessRequestForUpdate(tx *models.Tx, publicID string) (*AccessRequest, error) {
	var out AccessRequest
	return &out, models.Found(base.Lock(tx, &out, publicID), "request")
}

// SaveAccessRequest stores a request, new or not. version is the one that the form was opened with.
func SaveAccessRequest(tx *models.Tx, a models.Actor, r *AccessRequest, version int) error {
	action, summary := "access.edited", "The access request was edited"
	if r.ID == 0 {
		action, summary = "access.begun", "An access request was begun"
		r.CreatedBy, r.CreatedAt = a.ID, tx.Now()
	} else if r.Version != version {
		return models.ErrStale("request")
	}
	isNew := r.ID == 0
	r.Version, r.UpdatedAt = version+1, tx.Now()
	if err := base.DB(tx).Save(r).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Invalid("phone", "request.number_taken")
		}
		return err
	}
	if isNew {
		e := AccessEvent{RequestID: r.ID, ToState: string(r.State), ActorID: a.ID, HappenedAt: tx.Now(), CreatedAt: tx.Now()}
		if err := base.DB(tx).Create(&e).Error; err != nil {
			return err
		}
	}
	tx.Publish("access", "home")
	return models.Audit(tx, a, action, models.About("access_request", r.PublicID), summary)
}

// AccessStep is what the team enters about a request when its state changes.
type AccessStep struct {
	Note       string
	HappenedAt *time.Time // now if nil
	File       *AccessFile
	NextAction string
	RemindAt   *time.Time
	CaseNumber string // as it was if empty
}

// MoveAccessRequest moves a locked request to its next state, or adds a note if the request is in that state already.
func MoveAccessRequest(tx *models.Tx, a models.Actor, r *AccessRequest, next AccessState, step AccessStep) error {
	if next != r.State && !slices.Contains(r.State.Next(), next) {
		return models.Conflict("request.step_refused")
	}
	e := AccessEvent{
		RequestID:  r.ID,
		FromState:  string(r.State),
		ToState:    string(next),
		Note:       step.Note,
		ActorID:    a.ID,
		HappenedAt: tx.Now(),
		CreatedAt:  tx.Now(),
	}
	if step.HappenedAt != nil {
		e.HappenedAt = *step.HappenedAt
	}
	action, summary := "access."+string(next), "The access request moved on"
	if next == r.State {
		action, summary = "access.noted", "A note was put on the access request"
	}
	r.State, r.UpdatedAt, r.NextAction, r.RemindAt = next, tx.Now(), step.NextAction, step.RemindAt
	if step.CaseNumber != "" {
		r.CaseNumber = step.CaseNumber
	}
	r.Version++
	if err := base.DB(tx).Save(r).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Conflict("request.another_for_number")
		}
		return err
	}
	if err := base.DB(tx).Create(&e).Error; err != nil {
		return err
	}
	if step.File != nil {
		step.File.RequestID, step.File.EventID, step.File.UploadedBy = r.ID, &e.ID, a.ID
		if err := base.DB(tx).Create(step.File).Error; err != nil {
			return err
		}
	}
	tx.Publish("access", "home")
	return models.Audit(
		tx,
		a,
		action,
		models.About("access_request", r.PublicID).With(map[string]any{"to": next, "note": step.Note}),
		summary,
	)
}

// DueAccessReminders are the requests whose reminder is due; each is returned once.
func DueAccessReminders(tx *models.Tx) ([]AccessRequest, error) {
	var out []AccessRequest
	err := base.DB(tx).Raw("UPDATE access_requests SET remind_at = NULL WHERE remind_at <= ? RETURNING *", tx.Now()).
		Scan(&out).
		Error
	return out, err
}

// OpenAccessRequest is the locked request for a number in one of some states, nil if there is none.
func OpenAccessRequest(tx *models.Tx, phone string, states ...AccessState) (*AccessRequest, error) {
	var out []AccessRequest
	err := base.DB(tx).Clauses(base.ForUpdate).
		Where("phone = ? AND state IN ?", phone, states).
		Order("id DESC").
		Limit(1).
		Find(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// NoteWebsite stores the result of checking a request's website, if the request still has the address that was checked.
func NoteWebsite(tx *models.Tx, publicID, website, state, said string) error {
	tx.Publish("access")
	return base.DB(tx).Exec(`UPDATE access_requests SET website_state = ?, website_said = ?, website_checked_at = ?
			WHERE public_id = ? AND website = ?`, state, said, tx.Now(), publicID, website).Error
}
