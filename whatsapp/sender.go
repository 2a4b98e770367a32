package whatsapp

// SenderKind says whose number a sender is.
type SenderKind string

// The kinds of senders: Twilio's shared number for trying things out, and a number of the business's own.
const (
	SandboxSender  SenderKind = "sandbox"
	BusinessSender SenderKind = "business"
)

// SenderKinds are all kinds of senders.
func SenderKinds() []SenderKind { return []SenderKind{SandboxSender, BusinessSender} }

// SenderState says whether messages leave from a sender: it is online at Twilio, as far as known, and nobody has switched
// it off here.
type SenderState string

// The states of a sender.
const (
	SenderOnline  SenderState = "online"
	SenderOffline SenderState = "offline"
)

// SenderStates are all states of a sender.
func SenderStates() []SenderState { return []SenderState{SenderOnline, SenderOffline} }
