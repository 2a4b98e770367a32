package whatsapp

import "slices"

// Approval is the state of WhatsApp's decision on a template version.
type Approval string

// The states; received at Twilio is our submitted.
const (
	Draft     Approval = "draft"
	Submitted Approval = "submitted"
	Pending   Approval = "pending"
	Approved  Approval = "approved"
	Rejected  Approval = "rejected"
	Paused    Approval = "paused"
	Disabled  Approval = "disabled"
	// Ready is the state of a content type that needs no approval: it is sent in open sessions only.
	Ready Approval = "ready"
)

// moves are the decisions that can follow each state. WhatsApp may skip steps, and may change a decision at any time,
// so only the return to draft and submitted is impossible.
var moves = map[Approval][]Approval{
	Draft:     {Submitted},
	Submitted: {Pending, Approved, Rejected, Paused, Disabled, Ready},
	Pending:   {Approved, Rejected, Paused, Disabled},
	Approved:  {Rejected, Paused, Disabled},
	Rejected:  {Approved, Pending},
	Paused:    {Approved, Disabled, Rejected},
	Disabled:  {Approved, Rejected, Paused},
}

// CanBecome reports whether b can follow a.
func (a Approval) CanBecome(b Approval) bool { return slices.Contains(moves[a], b) }

// Decided reports whether WhatsApp has decided.
func (a Approval) Decided() bool { return a != Draft && a != Submitted && a != Pending }

// ApprovalFromTwilio reads the Content API's status. Unknown words return false: keep the raw value.
func ApprovalFromTwilio(s string) (Approval, bool) {
	switch s {
	case "received":
		return Submitted, true
	case "pending", "in_appeal":
		return Pending, true
	case "approved":
		return Approved, true
	case "rejected":
		return Rejected, true
	case "paused":
		return Paused, true
	case "disabled":
		return Disabled, true
	}
	return "", false
}

// Approvals lists every state.
func Approvals() []Approval {
	return []Approval{Draft, Submitted, Pending, Approved, Rejected, Paused, Disabled, Ready}
}

// Known reports whether a is one of the states.
func (a Approval) Known() bool { return slices.Contains(Approvals(), a) }
