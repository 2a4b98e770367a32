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

var (
	optinFacts      = query("optin_facts")
	productionFacts = query("production_facts")
	sandboxMembers  = query("sandbox_members")
)

// OptinFacts are the ways in which people opted in and still are, the one with the most people first. Joining the
// Sandbox proves nothing to WhatsApp and is left out, and so is what is not an act of the person.
func (s *Store) OptinFacts(ctx context.Context) ([]OptinFact, error) {
	var out []OptinFact
	err := s.read(ctx).Raw(optinFacts).Scan(&out).Error
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
	err := s.read(ctx).
		Raw(productionFacts, map[string]any{"now": now, "since": now.Add(-whatsapp.SandboxMembership)}).
		Scan(&f).
		Error
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
	err := s.read(ctx).
		Raw(sandboxMembers, map[string]any{"since": s.Now().AddDate(0, 0, -30), "n": n}).
		Scan(&out).
		Error
	for i := range out {
		out[i].Until = out[i].SandboxJoinedAt.Add(whatsapp.SandboxMembership)
	}
	return out, err
}
