package models

import (
	"context"
	"encoding/hex"
	"time"

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

// SubjectAccessExport gathers all that is stored about a contact and those that were merged into it.
func (s *Store) SubjectAccessExport(ctx context.Context, publicID string) (*SubjectAccessExport, error) {
	c, err := s.ContactByPublicID(ctx, publicID)
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
	db := s.read(ctx)
	for _, q := range []struct {
		sql  string
		into any
	}{
		{"SELECT address FROM contact_addresses WHERE contact_id IN (SELECT id FROM family) ORDER BY created_at", &e.Addresses},
		{`SELECT m.direction, m.kind, m.body, m.status, s.name AS sender, m.created_at, (SELECT count(*) FROM media_files f WHERE f.message_id = m.id) AS files
			FROM messages m JOIN conversations v ON v.id = m.conversation_id JOIN senders s ON s.id = m.sender_id WHERE v.contact_id IN (SELECT id FROM family) ORDER BY m.id`, &e.Messages},
		{"SELECT body, created_at FROM contact_notes WHERE contact_id IN (SELECT id FROM family) ORDER BY id", &e.Notes},
		{"SELECT name FROM contact_files WHERE contact_id IN (SELECT id FROM family) AND file <> '' ORDER BY id", &e.Files},
		{`SELECT p.name AS template, coalesce(m.status, '') AS status, r.excluded, n.created_at FROM notification_recipients r JOIN notifications n ON n.id = r.notification_id
			JOIN template_versions v ON v.id = n.version_id JOIN templates p ON p.id = v.template_id LEFT JOIN messages m ON m.id = r.message_id WHERE r.contact_id IN (SELECT id FROM family) ORDER BY r.id`, &e.Notifications},
		{`SELECT o.name AS page, r.name, r.ip, r.user_agent, r.created_at FROM optin_requests r JOIN optin_sources o ON o.id = r.source_id
			WHERE r.match IN (SELECT match FROM contact_addresses WHERE contact_id IN (SELECT id FROM family)) ORDER BY r.id`, &e.Forms},
		{"SELECT t.name FROM tags t JOIN contacts c ON c.id IN (SELECT id FROM family) AND t.id = ANY(c.tags) GROUP BY t.name ORDER BY t.name", &e.Tags},
	} {
		if err := db.Raw(family+q.sql, c.ID).Scan(q.into).Error; err != nil {
			return nil, err
		}
	}
	events, err := s.ConsentHistory(ctx, c.ID)
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
	fields, err := s.ContactFields(ctx)
	for i := range fields {
		if v := fields[i].Show(c.Fields[fields[i].Key]); v != "" {
			e.Fields[fields[i].Label] = v
		}
	}
	return e, err
}
