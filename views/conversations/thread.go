package conversations

import (
	"context"
	"mime"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/conversations/mediafiles"
	"parley/models/inbox"
	"parley/models/people"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// ThreadProps are what a thread shows.
type ThreadProps struct {
	Conversation *conversations.Conversation
	Messages     []conversations.Message
	Older        bool // older messages exist
	Events       []conversations.ConversationEvent
	Later        []inbox.ScheduledReply
	Addresses    []people.ContactAddress          // of the contact
	Quoted       map[string]conversations.Message // by sid
	Reactions    map[string]string                // by sid
	// FirstUnread is the id of the first message that was unread when the page was opened, 0 for none
	FirstUnread int64
	At          string // public id of the message that was requested
	User        *accounts.User
	Now         time.Time
}

// item is a line of the thread: a day, the line above unread messages, an event, a change of the person's address, or a
// message.
type item struct {
	ID      string
	Day     *time.Time
	Unread  bool
	Event   *conversations.ConversationEvent
	Address *people.ContactAddress
	Message *conversations.Message
}

// items are messages and events in chronological order. A reaction is shown at its message; a reaction to a message
// that is not here is a line of its own.
func (p ThreadProps) items() []item {
	var out []item
	day := ""
	e := 0
	var wrote *int64 // the address of the previous message
	at := func(t time.Time, id string) {
		if d := t.UTC().Format(time.DateOnly); d != day {
			day = d
			out = append(out, item{ID: "day-" + id, Day: &t})
		}
	}
	events := func(until time.Time, all bool) {
		for ; e < len(p.Events) && (all || !p.Events[e].CreatedAt.After(until)); e++ {
			at(p.Events[e].CreatedAt, "e"+components.Int(p.Events[e].ID))
			out = append(out, item{Event: &p.Events[e]})
		}
	}
	for i := range p.Messages {
		m := &p.Messages[i]
		if m.Kind == whatsapp.KindReaction && (m.Body == "" || p.quoted(*m) != nil) {
			continue
		}
		events(m.CreatedAt, false)
		at(m.CreatedAt, m.PublicID)
		if m.Direction == whatsapp.Inbound && m.AddressID != nil {
			if wrote != nil && *wrote != *m.AddressID {
				if a := addressWith(p.Addresses, m.AddressID); a != nil {
					out = append(out, item{ID: "address-" + m.PublicID, Address: a})
				}
			}
			wrote = m.AddressID
		}
		out = append(out, item{Unread: m.ID == p.FirstUnread, Message: m})
	}
	events(time.Time{}, true)
	return out
}

// FirstUnread is the id of the first of the last n inbound messages.
func FirstUnread(list []conversations.Message, n int) int64 {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Direction == whatsapp.Inbound && list[i].Kind != whatsapp.KindReaction {
			if n--; n == 0 {
				return list[i].ID
			}
		}
	}
	return 0
}

// QuotedSids are the sids of the messages that others quote.
func QuotedSids(list []conversations.Message) (sids []string) {
	for _, m := range list {
		if m.ReplyToSid != "" {
			sids = append(sids, m.ReplyToSid)
		}
	}
	return sids
}

func (p ThreadProps) topics() string {
	return p.Conversation.Topic() + "," + p.Conversation.PeopleTopic() + ",contact-" + p.Conversation.Contact.PublicID
}

// lastOther is the latest message by another user, which tells which answers of others the reader has seen.
func (p ThreadProps) lastOther() string {
	for i := len(p.Messages) - 1; i >= 0; i-- {
		if m := p.Messages[i]; m.Direction == whatsapp.Outbound && m.AuthorID != nil &&
			(p.User == nil || *m.AuthorID != p.User.ID) {
			return m.PublicID
		}
	}
	return ""
}

func (p ThreadProps) quoted(m conversations.Message) *conversations.Message {
	if q, ok := p.Quoted[m.ReplyToSid]; ok && m.ReplyToSid != "" {
		return &q
	}
	return nil
}

// mostShown is how many characters of a text a bubble shows at first: as many as WhatsApp's apps allow in a message.
// The rest is folded.
const mostShown = 4096

func (p ThreadProps) reaction(m conversations.Message) string {
	if m.TwilioSid == nil {
		return ""
	}
	return p.Reactions[*m.TwilioSid]
}

// shownBody is a message's text without the quote that we put before it, since the quote is shown above it.
func shownBody(m conversations.Message, p ThreadProps) string {
	if len(m.Details.Answers) > 0 {
		return strings.TrimSuffix(strings.TrimSuffix(m.Body, conversations.AnswersText(m.Details.Answers)), "\n")
	}
	if m.Direction == whatsapp.Outbound && m.Kind != whatsapp.KindTemplate && strings.HasPrefix(m.Body, "> ") &&
		p.quoted(m) != nil {
		if _, rest, ok := strings.Cut(m.Body, "\n"); ok {
			return rest
		}
	}
	return m.Body
}

func quotedName(ctx context.Context, q conversations.Message, p ThreadProps) string {
	switch {
	case q.Direction == whatsapp.Inbound:
		return components.NameOf(ctx, p.Conversation.Contact)
	case authorOf(q) != "":
		return authorOf(q)
	}
	return "Us"
}

var ruleNames = map[string]string{
	"api":      "sent by another program",
	"away":     "away message",
	"greeting": "greeting",
	"nudge":    "before the session closes",
	"rating":   "question after the chat",
	"help":     "answer to a keyword",
}

var eventRules = map[string]string{
	"wrote":  "A new message",
	"woke":   "The snooze ended and",
	"assign": "Round robin",
	"idle":   "After days of silence, automation",
	"":       "Parley",
}

func who(e *conversations.ConversationEvent) string {
	switch {
	case e.Rule == "undo" && e.User != nil:
		return e.User.Name + ", undoing,"
	case e.User != nil && e.User.ID != 0:
		return e.User.Name
	case e.Kind == conversations.EventRated:
		return "The customer"
	}
	return eventRules[e.Rule]
}

func side(m conversations.Message) string {
	switch m.Direction {
	case whatsapp.Inbound:
		return "in"
	case whatsapp.InternalNote:
		return "note"
	case whatsapp.Outbound:
	}
	return "out"
}

func authorOf(m conversations.Message) string {
	if m.Author == nil || m.Author.ID == 0 {
		return ""
	}
	return m.Author.Name
}

// step is a stage of an outbound message's status.
type step struct {
	Name string
	At   time.Time
}

func stepsOf(m conversations.Message) (out []step) {
	for _, s := range []struct {
		name string
		at   *time.Time
	}{{"Sent", m.SentAt}, {"Delivered", m.DeliveredAt}, {"Read", m.ReadAt}, {"Failed", m.FailedAt}} {
		if s.at != nil {
			out = append(out, step{s.name, *s.at})
		}
	}
	return out
}

func statusText(m conversations.Message) string {
	text, _ := components.Status(m.Status)
	return text + "."
}

func wayOf(m conversations.Message) string {
	text, _ := components.Status(m.Status)
	return text
}

func mapURL(m conversations.Message) string {
	lat, lng := strconv.FormatFloat(*m.Latitude, 'f', 6, 64), strconv.FormatFloat(*m.Longitude, 'f', 6, 64)
	return "https://www.openstreetmap.org/?mlat=" + lat + "&mlon=" + lng + "#map=16/" + lat + "/" + lng
}

func place(m conversations.Message) string {
	return strconv.FormatFloat(*m.Latitude, 'f', 5, 64) + ", " + strconv.FormatFloat(*m.Longitude, 'f', 5, 64)
}

// rich is what a template's message has besides its text, nil if it has only text. For a draft's test only the text is
// shown, because the draft may have changed since.
func rich(m conversations.Message) *whatsapp.Content {
	if m.Version == nil || m.Version.ID == 0 || m.Version.ContentType == whatsapp.TypeText ||
		m.Version.State == whatsapp.Draft {
		return nil
	}
	return m.Version.Filled(m.Variables)
}

// class says how a file is shown; the handler decides independently how it is served.
func class(f mediafiles.MediaFile) string {
	t, _, _ := strings.Cut(f.ContentType, ";")
	switch t {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		return "picture"
	case "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac":
		return "recording"
	case "video/mp4", "video/3gpp":
		return "video"
	}
	return "document"
}

func thumbURL(f mediafiles.MediaFile) string {
	if f.Thumb != "" {
		return "/media/" + f.PublicID + "/thumb"
	}
	return "/media/" + f.PublicID
}

func pictureAlt(f mediafiles.MediaFile, m conversations.Message) string {
	switch {
	case f.ContentType == "image/webp":
		return "Sticker"
	case m.Body != "":
		return "Picture: " + whatsapp.Plain(m.Body, 80)
	}
	return "Picture"
}

func fileName(f mediafiles.MediaFile) string {
	if f.Name != "" {
		return plaintext.CleanName(f.Name)
	}
	if ext, err := mime.ExtensionsByType(f.ContentType); err == nil && len(ext) > 0 {
		return strings.ToUpper(ext[0][1:]) + " file"
	}
	return "File"
}

func openWord(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}

// token is the attribute that tells an author's own page which form became a message: its browser may still keep the
// text, because the page was left before the answer.
func (p ThreadProps) token(author *int64, token *string) templ.Attributes {
	if p.User == nil || author == nil || *author != p.User.ID || token == nil {
		return nil
	}
	return templ.Attributes{"data-token": *token}
}
