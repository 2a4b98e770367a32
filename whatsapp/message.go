package whatsapp

// Direction says which way a message of a conversation goes.
type Direction string

// The directions. An internal note is never sent: only users see it.
const (
	Inbound      Direction = "inbound"
	Outbound     Direction = "outbound"
	InternalNote Direction = "note"
)

// Directions are all directions.
func Directions() []Direction { return []Direction{Inbound, Outbound, InternalNote} }

// MessageKind is what a message contains.
type MessageKind string

// The kinds of messages.
const (
	KindText        MessageKind = "text"
	KindMedia       MessageKind = "media"
	KindLocation    MessageKind = "location"
	KindTemplate    MessageKind = "template"
	KindContacts    MessageKind = "contacts"    // contact cards
	KindInteractive MessageKind = "interactive" // a tapped button or list item, or a form that was filled in
	KindReaction    MessageKind = "reaction"    // an emoji on an earlier message
	KindOther       MessageKind = "other"       // nothing that Parley can show
)

// MessageKinds are all kinds of messages.
func MessageKinds() []MessageKind {
	return []MessageKind{
		KindText,
		KindMedia,
		KindLocation,
		KindTemplate,
		KindContacts,
		KindInteractive,
		KindReaction,
		KindOther,
	}
}
