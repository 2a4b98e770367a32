package whatsapp

import "strings"

// Consent is where a person stands: only an opted-in person may be sent a template.
type Consent string

// The states of consent.
const (
	ConsentNone Consent = "none"
	OptedIn     Consent = "opted_in"
	OptedOut    Consent = "opted_out"
)

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
	SourceErasure     ConsentSource = "erasure" // an erased person's opt-out lives on
	SourceUndo        ConsentSource = "undo"    // an import was taken back
)

// IsJoin reports whether a message to the Sandbox is its join phrase, "join two-words".
func IsJoin(body, words string) bool {
	return words != "" && strings.EqualFold(strings.Join(strings.Fields(body), " "), "join "+words)
}
