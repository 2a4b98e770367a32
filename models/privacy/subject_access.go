package privacy

import (
	"context"
	"encoding/hex"
	"time"

	"parley/models/people"
	"parley/whatsapp"
)

// SubjectAccessExport is all that is stored about one person, as it is handed over to them.
type SubjectAccessExport struct {
	Contact       string                      `json:"contact"`
	Name          string                      `json:"name"`
	ProfileName   string                      `json:"whatsapp_name"`
	Addresses     []string                    `json:"addresses"`
	Language      string                      `json:"language"`
	Country       string                      `json:"country"`
	TimeZone      string                      `json:"time_zone"`
	Consent       string                      `json:"consent"`
	ConsentScope  string                      `json:"consent_scope"`
	Blocked       bool                        `json:"blocked"`
	Added         time.Time                   `json:"added"`
	LastSeen      *time.Time                  `json:"last_seen"`
	Tags          []string                    `json:"tags"`
	Fields        map[string]string           `json:"fields"`
	Events        []SubjectAccessEvent        `json:"consent_events"`
	Messages      []SubjectAccessMessage      `json:"messages"`
	Notes         []SubjectAccessNote         `json:"notes"`
	Files         []string                    `json:"files"`
	Notifications []SubjectAccessNotification `json:"notifications"`
	Forms         []SubjectAccessForm         `json:"opt_in_forms"`
}

// SubjectAccessEvent is a consent event.
type SubjectAccessEvent struct {
	Kind, Source, Scope, Proof, Wording, Topic, Hash string
	OccurredAt                                       time.Time
}

// SubjectAccessMessage is a message to or from the person.
type SubjectAccessMessage struct {
	Direction            whatsapp.Direction
	Kind                 whatsapp.MessageKind
	Body, Status, Sender string
	CreatedAt            time.Time
	Files                int
}

// SubjectAccessNote is an internal note about the person.
type SubjectAccessNote struct {
	Body      string
	CreatedAt time.Time
}

// SubjectAccessNotification is a notification that the person got or was left out of.
type SubjectAccessNotification struct {
	Template, Status, Excluded string
	CreatedAt                  time.Time
}

// SubjectAccessForm is a form of an opt-in page that was sent in for the person's number.
type SubjectAccessForm struct {
	Page, Name, IP, UserAgent string
	CreatedAt                 time.Time
}

var (
	accessAddresses     = query("access_addresses")
	accessFiles         = query("access_files")
	accessForms         = query("access_forms")
	accessMessages      = query("access_messages")
	accessNotes         = query("access_notes")
	accessNotifications = query("access_notifications")
	accessTags          = query("access_tags")
)

// SubjectAccessExport gathers all that is stored about a contact and those that were merged into it.
func (r Reads) SubjectAccessExport(ctx context.Context, publicID string) (*SubjectAccessExport, error) {
	c, err := people.Read(r.store).ContactByPublicID(ctx, publicID)
	if err != nil {
		return nil, err
	}
	zone, _ := c.Zone()
	e := &SubjectAccessExport{
		Contact:       c.PublicID,
		Name:          c.Name,
		ProfileName:   c.ProfileName,
		Language:      c.Language,
		Country:       c.Country,
		TimeZone:      zone,
		Consent:       string(c.Consent),
		ConsentScope:  string(c.ConsentScope),
		Blocked:       c.BlockedAt != nil,
		Added:         c.CreatedAt,
		LastSeen:      c.LastSeenAt,
		Addresses:     []string{},
		Tags:          []string{},
		Fields:        map[string]string{},
		Events:        []SubjectAccessEvent{},
		Messages:      []SubjectAccessMessage{},
		Notes:         []SubjectAccessNote{},
		Files:         []string{},
		Notifications: []SubjectAccessNotification{},
		Forms:         []SubjectAccessForm{},
	}
	db := r.read(ctx)
	for _, q := range []struct {
		sql  string
		into any
	}{
		{accessAddresses, &e.Addresses},
		{accessMessages, &e.Messages},
		{accessNotes, &e.Notes},
		{accessFiles, &e.Files},
		{accessNotifications, &e.Notifications},
		{accessForms, &e.Forms},
		{accessTags, &e.Tags},
	} {
		if err := db.Raw(q.sql, map[string]any{"contact": c.ID}).Scan(q.into).Error; err != nil {
			return nil, err
		}
	}
	events, err := people.Read(r.store).ConsentHistory(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range events {
		out := SubjectAccessEvent{
			Kind:       string(v.Kind),
			Source:     string(v.Source),
			Scope:      string(v.CountsFor()),
			Proof:      v.Proof,
			Wording:    v.Wording,
			OccurredAt: v.OccurredAt,
			Hash:       hex.EncodeToString(v.Hash),
		}
		if v.Topic != nil {
			out.Topic = v.Topic.Name
		}
		e.Events = append(e.Events, out)
	}
	fields, err := people.Read(r.store).ContactFields(ctx)
	for i := range fields {
		if v := fields[i].Show(c.Fields[fields[i].Key]); v != "" {
			e.Fields[fields[i].Label] = v
		}
	}
	return e, err
}
