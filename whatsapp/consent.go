package whatsapp

import (
	"strings"
	"time"
)

// Consent is a person's consent: templates may only be sent to people who opted in.
type Consent string

// The states of consent.
const (
	ConsentNone Consent = "none"
	OptedIn     Consent = "opted_in"
	OptedOut    Consent = "opted_out"
)

// Consents are what a contact's consent can be.
func Consents() []Consent {
	return []Consent{ConsentNone, OptedIn, OptedOut}
}

// SandboxOnly is how an opt-in of the scope sandbox counts for every other sender. It is computed, never stored.
const SandboxOnly Consent = "sandbox_only"

// ConsentScope says from which senders an opt-in allows templates.
type ConsentScope string

// The scopes. Joining Twilio's Sandbox opts in to the Sandbox only: WhatsApp requires an opt-in to name the business
// that will send. Source: WhatsApp Business Platform, "Get opt-in for WhatsApp".
const (
	ScopeAll     ConsentScope = "all"
	ScopeSandbox ConsentScope = "sandbox"
)

// ConsentScopes are all scopes of a consent.
func ConsentScopes() []ConsentScope {
	return []ConsentScope{ScopeAll, ScopeSandbox}
}

// ConsentState is the state that follows from a person's general consent events. The zero value is the state without
// any event.
type ConsentState struct {
	Consent Consent
	Scope   ConsentScope
	At      time.Time // when the event that counts happened
	// OptedOutAt is set with the scope sandbox if the person opted out before: since when they have been opted out for
	// every sender except the Sandbox.
	OptedOutAt *time.Time
}

// After is the state after one more event. An opt-in for the Sandbox alone changes nothing about an opt-in for all
// senders, and leaves an earlier opt-out in effect for all other senders.
func (s ConsentState) After(kind Consent, scope ConsentScope, at time.Time) ConsentState {
	next := ConsentState{Consent: kind, Scope: ScopeAll, At: at}
	if kind != OptedIn || scope != ScopeSandbox {
		return next
	}
	if s.Consent == OptedIn && s.Scope != ScopeSandbox {
		return s
	}
	next.Scope, next.OptedOutAt = ScopeSandbox, s.OptedOutAt
	if s.Consent == OptedOut {
		next.OptedOutAt = &s.At
	}
	return next
}

// For is the consent that counts for a sender.
func (s ConsentState) For(sandbox bool) Consent {
	if s.Consent == OptedIn && s.Scope == ScopeSandbox && !sandbox {
		return SandboxOnly
	}
	return s.Consent
}

// ConsentSource says how a consent event came about.
type ConsentSource string

// The sources, as the schema knows them.
const (
	SourceSandboxJoin ConsentSource = "sandbox_join"
	SourceInbound     ConsentSource = "inbound_message"
	SourceWebForm     ConsentSource = "web_form"
	SourcePaper       ConsentSource = "paper"
	SourceImport      ConsentSource = "import"
	SourceAPI         ConsentSource = "api"
	SourceKeyword     ConsentSource = "keyword"
	SourceByHand      ConsentSource = "by_hand"
	SourceTwilio      ConsentSource = "twilio"
	SourceMerge       ConsentSource = "merge"   // two contacts became one
	SourceErasure     ConsentSource = "erasure" // an erased person stays opted out
	SourceUndo        ConsentSource = "undo"    // an import was undone
)

// ConsentSources are all ways in which a consent event comes about.
func ConsentSources() []ConsentSource {
	return []ConsentSource{
		SourceSandboxJoin,
		SourceInbound,
		SourceWebForm,
		SourcePaper,
		SourceImport,
		SourceAPI,
		SourceKeyword,
		SourceByHand,
		SourceTwilio,
		SourceMerge,
		SourceErasure,
		SourceUndo,
	}
}

// IsJoin reports whether a message to the Sandbox is its join phrase, "join two-words".
func IsJoin(body, words string) bool {
	return words != "" && strings.EqualFold(strings.Join(strings.Fields(body), " "), "join "+words)
}
