package whatsapp

import (
	"strings"
	"unicode"
)

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
)

// Keyword is what a whole message of one of Twilio's standard words asks for.
type Keyword int

// The keywords' meanings.
const (
	NoKeyword Keyword = iota
	StopKeyword
	StartKeyword
	HelpKeyword
)

// Twilio's default English words. Source: Twilio, "Support for opt-out keywords".
var keywords = map[string]Keyword{
	"stop": StopKeyword, "unsubscribe": StopKeyword, "cancel": StopKeyword, "end": StopKeyword, "quit": StopKeyword,
	"stopall": StopKeyword, "revoke": StopKeyword, "optout": StopKeyword,
	"start": StartKeyword, "yes": StartKeyword, "unstop": StartKeyword,
	"help": HelpKeyword, "info": HelpKeyword,
}

// KeywordOfTap reads a tapped button as a keyword. A button that says Yes, Cancel or Help answers the question
// above it, an appointment perhaps, and says nothing about consent; one that says Stop can mean nothing else.
func KeywordOfTap(title string) Keyword {
	switch strings.ToLower(strings.TrimSpace(title)) {
	case "stop", "unsubscribe", "stopall", "optout", "opt out":
		return StopKeyword
	case "start", "unstop":
		return StartKeyword
	}
	return NoKeyword
}

// KeywordOf reads a message as a keyword: the whole message, in any case, without the space and
// punctuation around it. A message that merely contains the word is none.
func KeywordOf(body string) Keyword {
	return keywords[strings.ToLower(strings.TrimFunc(body, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r)
	}))]
}

// IsJoin reports whether a message to the Sandbox is its join phrase, "join two-words".
func IsJoin(body, words string) bool {
	return words != "" && strings.EqualFold(strings.Join(strings.Fields(body), " "), "join "+words)
}
