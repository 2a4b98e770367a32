package models

import (
	"context"
	"time"

	"parley/whatsapp"
)

// OptinFact is one way in which people opted in, as the records show it.
type OptinFact struct {
	Source  string // of the consent events
	Wording string // what people agreed to
	People  int64
	Latest  time.Time
}

// OptinFacts are the ways in which people opted in and still are, the one with the most people first. Joining the
// Sandbox proves nothing to WhatsApp and is left out, and so is what is not an act of the person.
func (s *Store) OptinFacts(ctx context.Context) ([]OptinFact, error) {
	var out []OptinFact
	err := s.read(ctx).Raw(`SELECT source, wording, count(DISTINCT contact_id) AS people, max(at) AS latest FROM (
			SELECT e.source, CASE WHEN e.source IN ('web_form', 'api', 'keyword') THEN e.wording ELSE '' END AS wording, e.contact_id, e.occurred_at AS at
			FROM consent_events e JOIN contacts c ON c.id = e.contact_id
			WHERE e.kind = 'opted_in' AND e.scope = 'all' AND c.consent = 'opted_in' AND c.consent_scope = 'all' AND e.source IN ('web_form', 'paper', 'import', 'api', 'keyword', 'by_hand', 'inbound_message')) x
		GROUP BY source, wording ORDER BY people DESC, latest DESC LIMIT 12`).Scan(&out).Error
	return out, err
}

// ProductionFacts are what stands behind a move to production, and behind the first steps.
type ProductionFacts struct {
	OptedIn         int64 // people who may be sent templates
	OnlyJoined      int64 // of these, to the Sandbox alone
	Approved        int64 // templates of the business's own that may be sent
	InReview        int64
	LintClean       int64 // drafts and versions beyond of the business's own
	SandboxOpen     int64 // open sessions at the Sandbox
	Joined          int64 // who belongs to the Sandbox now
	Inbound         bool  // a message came in
	OutboundReply   bool  // a reply went out
	RecordedOptin   bool  // an opt-in other than joining
	AccessSent      bool  // a request is beyond ready
	QueuedAtSandbox int64
}

// Production reads them in one go.
func (s *Store) Production(ctx context.Context) (ProductionFacts, error) {
	var f ProductionFacts
	now := s.Now()
	err := s.read(ctx).Raw(`SELECT
		(SELECT count(*) FROM contacts WHERE consent = 'opted_in' AND gone = '') AS opted_in,
		(SELECT count(*) FROM contacts WHERE consent_scope = 'sandbox' AND gone = '') AS only_joined,
		(SELECT count(DISTINCT t.id) FROM templates t JOIN template_versions v ON v.template_id = t.id WHERE NOT t.sandbox AND t.deleted_at IS NULL AND v.state = 'approved' AND coalesce(nullif(v.category, ''), t.category) <> 'MARKETING') AS approved,
		(SELECT count(DISTINCT t.id) FROM templates t JOIN template_versions v ON v.template_id = t.id WHERE NOT t.sandbox AND t.deleted_at IS NULL AND v.state IN ('submitted', 'pending')) AS in_review,
		(SELECT count(*) FROM conversations v JOIN senders s ON s.id = v.sender_id WHERE s.kind = 'sandbox' AND v.window_closes_at > @now) AS sandbox_open,
		(SELECT count(*) FROM conversations WHERE sandbox_joined_at > @since) AS joined,
		(SELECT count(*) FROM messages m JOIN senders s ON s.id = m.sender_id WHERE s.kind = 'sandbox' AND m.status = 'queued') AS queued_at_sandbox,
		EXISTS (SELECT 1 FROM messages WHERE direction = 'inbound') AS inbound,
		EXISTS (SELECT 1 FROM messages WHERE direction = 'outbound' AND author_id IS NOT NULL AND status IN ('accepted', 'sent', 'delivered', 'read')) AS outbound_reply,
		EXISTS (SELECT 1 FROM consent_events WHERE kind = 'opted_in' AND scope = 'all' AND source <> 'sandbox_join') AS recorded_optin,
		EXISTS (SELECT 1 FROM access_requests WHERE state NOT IN ('draft', 'ready')) AS access_sent`,
		map[string]any{"now": now, "since": now.Add(-whatsapp.SandboxMembership)}).Scan(&f).Error
	return f, err
}

// Member is a person who joined the Sandbox.
type Member struct {
	ContactID                                                int64
	ConversationPublicID, ContactPublicID, Name, ProfileName string
	Numbers                                                  []string `gorm:"-"` // all, where somebody asked for them
	Phone                                                    *string
	SandboxJoinedAt                                          time.Time
	Until                                                    time.Time `gorm:"-"`
	Consent                                                  string
}

// SandboxMembers are who joined the Sandbox in the last 30 days: those whose joining lasts longest on top, at most n.
func (s *Store) SandboxMembers(ctx context.Context, n int) ([]Member, error) {
	var out []Member
	err := s.read(ctx).Raw(`SELECT c.id AS contact_id, c.public_id AS contact_public_id,
			v.public_id AS conversation_public_id, c.name, c.profile_name, coalesce(a.address, c.phone) AS phone, c.consent, v.sandbox_joined_at
		FROM conversations v JOIN contacts c ON c.id = v.contact_id LEFT JOIN contact_addresses a ON a.id = v.address_id AND a.kind = 'phone' WHERE v.sandbox_joined_at > ? AND c.gone = '' ORDER BY v.sandbox_joined_at DESC LIMIT ?`, s.Now().AddDate(0, 0, -30), n).Scan(&out).Error
	for i := range out {
		out[i].Until = out[i].SandboxJoinedAt.Add(whatsapp.SandboxMembership)
	}
	return out, err
}
