package onboarding

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

// OptinFacts are the ways in which people who are still opted in have opted in, the most frequent first. Joining the
// Sandbox proves nothing to WhatsApp and is left out, and so is every opt-in that the person did not make themselves.
func (r Reads) OptinFacts(ctx context.Context) ([]OptinFact, error) {
	var out []OptinFact
	err := r.read(ctx).Raw(optinFacts).Scan(&out).Error
	return out, err
}

// ProductionFacts are the numbers that the move to production and the first steps are checked against.
type ProductionFacts struct {
	OptedIn         int64 // people who can get templates
	OnlyJoined      int64 // of these, for the Sandbox alone
	Approved        int64 // the business's own templates that may be sent
	InReview        int64
	LintClean       int64 // the business's own drafts without findings, and versions past the draft
	SandboxOpen     int64 // open sessions at the Sandbox
	Joined          int64 // people who belong to the Sandbox now
	Inbound         bool  // a message came in
	OutboundReply   bool  // a reply went out
	RecordedOptin   bool  // an opt-in other than joining
	AccessSent      bool  // a request is past the state ready
	QueuedAtSandbox int64
}

// Production reads them in one query.
func (r Reads) Production(ctx context.Context) (ProductionFacts, error) {
	var f ProductionFacts
	now := r.store.Now()
	err := r.read(ctx).
		Raw(productionFacts, map[string]any{"now": now, "since": now.Add(-whatsapp.SandboxMembership)}).
		Scan(&f).
		Error
	return f, err
}

// Member is a person who joined the Sandbox.
type Member struct {
	ContactID                                                int64
	ConversationPublicID, ContactPublicID, Name, ProfileName string
	Numbers                                                  []string `gorm:"-"` // all numbers, only where they were read
	Phone                                                    *string
	SandboxJoinedAt                                          time.Time
	Until                                                    time.Time `gorm:"-"`
	Consent                                                  string
}

// SandboxMembers are the people who joined the Sandbox in the last 30 days, at most n: the latest expiry first.
func (r Reads) SandboxMembers(ctx context.Context, n int) ([]Member, error) {
	var out []Member
	err := r.read(ctx).
		Raw(sandboxMembers, map[string]any{"since": r.store.Now().AddDate(0, 0, -30), "n": n}).
		Scan(&out).
		Error
	for i := range out {
		out[i].Until = out[i].SandboxJoinedAt.Add(whatsapp.SandboxMembership)
	}
	return out, err
}
