package whatsapp

// Exclusion is why a notification leaves a person out.
type Exclusion string

// The exclusions. Unknown means that no contact has the number; NotJoined, that a phone has not joined the Sandbox, or
// did so longer than SandboxMembership ago; CapToday and CapRecent are the limits of the operator's own rules.
const (
	ExcludedUnfillable  Exclusion = "unfillable"
	ExcludedSandboxOnly Exclusion = "sandbox_only"
	ExcludedNotOptedIn  Exclusion = "not_opted_in"
	ExcludedOptedOut    Exclusion = "opted_out"
	ExcludedBlocked     Exclusion = "blocked"
	ExcludedNotJoined   Exclusion = "not_joined"
	ExcludedNoValue     Exclusion = "no_value"
	ExcludedBadNumber   Exclusion = "bad_number"
	ExcludedUnknown     Exclusion = "unknown"
	ExcludedDuplicate   Exclusion = "duplicate"
	ExcludedCapToday    Exclusion = "cap_today"
	ExcludedCapRecent   Exclusion = "cap_recent"
	ExcludedNoNumber    Exclusion = "no_number"
	ExcludedExpired     Exclusion = "expired"
)

// exclusions has the texts for each exclusion, in the order in which they are shown: what the people left out have in
// common, what to do about it, and the sentence about one person.
var exclusions = []struct {
	reason                  Exclusion
	title, advice, sentence string
}{
	{
		ExcludedUnfillable,
		"Parley can't fill the template in their language",
		"The template's page says why: choose another template, or make a new version in that language.",
		"Parley can't fill the variables of this template: its page says why.",
	},
	{
		ExcludedSandboxOnly,
		"Joined the Sandbox only: no consent for this sender",
		"Record an opt-in with its proof, or let them use an opt-in page.",
		"Joined the Sandbox only: no consent for this sender.",
	},
	{
		ExcludedNotOptedIn,
		"Not opted in",
		"Record their opt-in with its proof, or let them use an opt-in page.",
		"The contact is not opted in.",
	},
	{ExcludedOptedOut, "Opted out", "They come back by writing START.", "The contact opted out."},
	{ExcludedBlocked, "Blocked", "Unblock the contact first.", "The contact is blocked."},
	{
		ExcludedNotJoined,
		"Have not joined the Sandbox",
		"They send the join words again.",
		"The phone does not belong to the Sandbox.",
	},
	{
		ExcludedNoValue,
		"A placeholder has no value",
		"Give it a default, or fill the contact's field.",
		"A placeholder has no value, or one that WhatsApp refuses.",
	},
	{ExcludedBadNumber, "The number is not valid", "Correct it in the list.", "The number is not valid."},
	{
		ExcludedUnknown,
		"No contact has this number",
		"Import the list with the proof of consent first.",
		"No contact has this number.",
	},
	{ExcludedDuplicate, "Twice in the list", "Nothing: they get it once.", "It is in the list twice."},
	{
		ExcludedCapToday,
		"Reached the limit for today",
		"Send it tomorrow.",
		"The contact has got as many notifications today as the rules allow.",
	},
	{
		ExcludedCapRecent,
		"Got a notification a short time ago",
		"Wait, or change the rules.",
		"The contact got a notification too short a time ago.",
	},
	{ExcludedNoNumber, "No number", "", "The contact has no number."},
	{
		ExcludedExpired,
		"Its time ends before it could be sent",
		"Let it be tried for longer, or shorten the quiet hours.",
		"Its time ends before it could be sent.",
	},
}

// Exclusions are all exclusions, in the order in which they are shown.
func Exclusions() []Exclusion {
	out := make([]Exclusion, len(exclusions))
	for i, e := range exclusions {
		out[i] = e.reason
	}
	return out
}

// Title says in a few words what the people left out have in common. An unknown one is shown as it is.
func (e Exclusion) Title() string {
	for _, x := range exclusions {
		if x.reason == e {
			return x.title
		}
	}
	return string(e)
}

// Advice says what can be done about it, empty if nothing can.
func (e Exclusion) Advice() string {
	for _, x := range exclusions {
		if x.reason == e {
			return x.advice
		}
	}
	return ""
}

// Sentence says why one person was left out.
func (e Exclusion) Sentence() string {
	for _, x := range exclusions {
		if x.reason == e {
			return x.sentence
		}
	}
	return string(e)
}
