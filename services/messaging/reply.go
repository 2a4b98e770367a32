package messaging

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/models"
	"parley/whatsapp"
)

// tooLong refuses a text of n characters.
func tooLong(field string, n, limit int) error {
	return models.Invalid(field, "message.too_long", "Count", n, "Max", limit)
}

// windowClosed is the refusal of promise 1, where a person can still act on it.
func windowClosed(name string) error {
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "body",
		Code:  "The 24-hour session with " + name + " is closed, so WhatsApp takes no free-form message. Send an approved template; your text is kept here.",
	}
}

// Upload is a file that goes out with a reply, already stored in the media folder.
type Upload struct {
	File, ContentType, AccessKey, Thumb, Name string
	Size                                      int64
	Voice                                     bool
}

// ReplyForm is what a person writes in the composer.
type ReplyForm struct {
	Text    string
	Token   string // identifies the form: the same one twice makes one message
	Files   []*Upload
	Quote   string           // public id of the message that is answered, empty for none
	Contact string           // public id of whom the page showed, empty if it did not say
	Seen    string           // public id of the last message of ours by somebody else that the page showed; see Anyway
	Anyway  bool             // send even if somebody else has answered since
	To      whatsapp.Address // single of the contact's; empty for the one that the conversation answers
	Author  *int64           // who wrote it, if that is not who sends it: their drafts are left alone
}

// Reply queues a free-form message. It refuses an empty or over-long text (field body), a closed session, a
// conversation that has become another person's since the page was opened, one that only its assignee may answer,
// and, unless Anyway, an answer that somebody else has given since (conflict, field collision).
func (s *Service) Reply(ctx context.Context, a models.Actor, conversationID string, f ReplyForm) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		if again, err := taken(tx, c, f.Token, becameReply(c, f)); err != nil {
			return err
		} else if again {
			return tx.DropDraft(a.ID, c.ID, "reply")
		}
		return s.write(tx, a, c, f)
	})
}

// queue writes a message into the queue. A form that was taken already makes no second message.
func queue(tx *models.Tx, c *models.Conversation, m *models.Message) (added bool, err error) {
	want := m.Body
	if added, err = tx.QueueMessage(c, m); err == nil && !added && m.Body != want {
		err = takenOtherwise()
	}
	return added, err
}

// write queues a reply into a locked conversation.
func (s *Service) write(tx *models.Tx, a models.Actor, c *models.Conversation, f ReplyForm) error {
	text := fillPhone(clean(f.Text), c.Contact)
	if len(f.Files) == 0 || text != "" {
		if err := checkBody("body", text, whatsapp.MaxBody); err != nil {
			return err
		}
	}
	if f.Contact != "" && f.Contact != c.Contact.PublicID {
		return &models.Error{
			Kind:  models.KindConflict,
			Field: "body",
			Code:  "This conversation belongs to " + c.Contact.Title() + " now. Look at who it is, then send again.",
		}
	}
	if err := s.mayAnswer(tx, a, c); err != nil {
		return err
	}
	if f.To == (whatsapp.Address{}) {
		if err := reachable(tx, c, false); err != nil {
			return err
		}
	}
	to, err := recipientOf(tx, c, f.To)
	if err != nil {
		return err
	}
	if err := joined(tx, c, to); err != nil {
		return err
	}
	if !to.WindowOpen(tx.Now()) {
		return windowClosed(c.Contact.Title())
	}
	if err := collision(tx, a, c, f); err != nil {
		return err
	}
	if c.AssigneeID == nil && a.ID != nil {
		if err := tx.ChangeConversation(
			models.By{UserID: a.ID},
			c,
			func(c *models.Conversation) { c.AssigneeID = a.ID },
		); err != nil {
			return err
		}
	}
	author := a.ID
	if f.Author != nil {
		author = f.Author
	}
	for i, part := range parts(text, f.Files) {
		m := &models.Message{
			Body:      part.text,
			AddressID: to.AddressID,
			AuthorID:  author,
			Priority:  models.PriorityReply,
			Token:     tokenOf(f.Token),
		}
		if i > 0 && f.Token != "" {
			token := f.Token + "-" + strconv.Itoa(i)
			m.Token = &token
		}
		if i == 0 {
			if err := quote(tx, c, m, f.Quote); err != nil {
				return err
			}
		}
		if part.file != nil {
			m.Kind, m.Details.Voice = "media", part.file.Voice
		}
		added, err := queue(tx, c, m)
		if err != nil {
			return err
		}
		if !added { // taken before; a draft that came after that says the same
			break
		}
		if err := attach(tx, m, part.file); err != nil {
			return err
		}
	}
	if f.Author != nil {
		return nil
	}
	return tx.DropDraft(a.ID, c.ID, "reply")
}

// part is one message of a reply: WhatsApp takes one file in each.
type part struct {
	text string
	file *Upload
}

// parts cuts a reply into messages. The text goes with the first file where WhatsApp shows it there, under pictures
// and videos; else by itself before the files.
func parts(text string, files []*Upload) []part {
	var out []part
	if len(files) == 0 || text != "" && !captioned(files[0]) {
		out = append(out, part{text: text})
		text = ""
	}
	for i, f := range files {
		p := part{file: f}
		if i == 0 {
			p.text = text
		}
		out = append(out, p)
	}
	return out
}

func captioned(f *Upload) bool {
	return strings.HasPrefix(f.ContentType, "video/") || f.ContentType == "image/jpeg" || f.ContentType == "image/png"
}

func attach(tx *models.Tx, m *models.Message, f *Upload) error {
	if f == nil {
		return nil
	}
	return tx.Create(
		&models.MediaFile{
			MessageID:   m.ID,
			ContentType: f.ContentType,
			File:        f.File,
			Size:        f.Size,
			AccessKey:   f.AccessKey,
			Thumb:       f.Thumb,
			Name:        cut(f.Name, 200),
		},
	).Error
}

func clean(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// collision warns of an answer that somebody else gave after the page was opened.
func collision(tx *models.Tx, a models.Actor, c *models.Conversation, f ReplyForm) error {
	if f.Anyway || f.Token == "" || a.ID == nil {
		return nil
	}
	last, err := tx.LastByOther(c.ID, a.ID)
	if err != nil || last == nil || last.PublicID == f.Seen || tx.Now().Sub(last.CreatedAt) > collisionFor {
		return err
	}
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "collision",
		Code:  last.Author.Name + " has answered meanwhile: “" + whatsapp.Plain(last.Body, 120) + "”. Send yours too?",
	}
}

// collisionFor is how long somebody else's answer counts as given meanwhile.
const collisionFor = 15 * time.Minute

// quote puts the message that is answered before the text, as WhatsApp's own quotes look: Twilio's API can't
// reply to a message.
func quote(tx *models.Tx, c *models.Conversation, m *models.Message, publicID string) error {
	if publicID == "" {
		return nil
	}
	q, err := tx.MessageForUpdate(publicID)
	if err != nil {
		return err
	}
	if q.ConversationID != c.ID || q.Direction == "note" || q.TwilioSid == nil {
		return models.Invalid("quote", "This message can't be quoted here.")
	}
	m.ReplyToSid = *q.TwilioSid
	if line := whatsapp.Plain(models.LineOf(q), 80); line != "" && m.Body != "" {
		m.Body = "> " + line + "\n" + m.Body
	}
	if n := whatsapp.Length(m.Body); n > whatsapp.MaxBody {
		return tooLong("body", n, whatsapp.MaxBody)
	}
	return nil
}

// mayAnswer is mayWrite for a person: where the settings say so, only the assignee answers.
func (s *Service) mayAnswer(tx *models.Tx, a models.Actor, c *models.Conversation) error {
	if err := mayWrite(c); err != nil {
		return err
	}
	others, err := answeredByOthers(tx, a, c)
	if err != nil || !others {
		return err
	}
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "body",
		Code:  "Only the person whom this chat is assigned to answers it. Take it over first; your text is kept here.",
	}
}

// answeredByOthers reports whether somebody may not answer the chat as the settings say, whether or not anything can be
// sent now.
func answeredByOthers(tx *models.Tx, a models.Actor, c *models.Conversation) (bool, error) {
	if c.AssigneeID == nil || a.ID == nil || *c.AssigneeID == *a.ID {
		return false, nil
	}
	desk, err := tx.InboxSettings()
	return desk.OnlyAssignee, err
}

// reachable refuses to answer an address in a form that Parley does not know. A template goes to the contact's number
// instead, where there is one.
func reachable(tx *models.Tx, c *models.Conversation, template bool) error {
	address, elsewhere, err := tx.Unanswerable(c)
	switch {
	case err != nil || address == "" || elsewhere && template:
		return err
	case elsewhere:
		return models.Conflict(
			"Nothing can be sent to the address that " + c.Contact.Title() + " wrote from. A template goes to their number.",
		)
	}
	return models.Conflict(
		"Nothing can be sent to " + c.Contact.Title() + ": they wrote from what is no address of WhatsApp's. Reach them another way.",
	)
}

func mayWrite(c *models.Conversation) error {
	switch {
	case c.Contact.BlockedAt != nil:
		return models.Conflict(c.Contact.Title() + " is blocked: unblock the contact before you write.")
	case c.Sender.State != "online":
		return models.Conflict("The sender " + c.Sender.Name + " is offline: nothing can be sent from it now.")
	}
	return nil
}

func tokenOf(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Note writes an internal note, which is never sent. Who is named in it (@name) is told.
func (s *Service) Note(ctx context.Context, a models.Actor, conversationID, text, token string) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := tx.ConversationForUpdate(conversationID)
		if err != nil {
			return err
		}
		return s.keepNote(tx, a, c, text, token)
	})
}

func (s *Service) keepNote(tx *models.Tx, a models.Actor, c *models.Conversation, text, token string) error {
	text = clean(text)
	if err := checkBody("body", text, 4000); err != nil {
		return err
	}
	m := &models.Message{
		ConversationID: c.ID,
		SenderID:       c.SenderID,
		Direction:      "note",
		Status:         whatsapp.Noted,
		Body:           text,
		AuthorID:       a.ID,
		Token:          tokenOf(token),
	}
	added, err := tx.AddMessage(m)
	if err == nil && !added && (m.Body != text || m.Direction != "note") {
		return takenOtherwise()
	}
	if err != nil {
		return err
	}
	if !added {
		return tx.DropDraft(a.ID, c.ID, "note")
	}
	users, err := mentioned(tx, text)
	if err != nil {
		return err
	}
	return errors.Join(tx.AddMentions(a, c, m, users), tx.DropDraft(a.ID, c.ID, "note"), tx.Publish(c.Topic()))
}

// mentioned are the users whom a note names: @ and the whole name, or a first name that only one of them has.
func mentioned(tx *models.Tx, text string) ([]int64, error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	var users []models.User
	if err := tx.Where("disabled_at IS NULL").Find(&users).Error; err != nil {
		return nil, err
	}
	first := map[string]int{}
	for _, u := range users {
		first[firstName(u.Name)]++
	}
	var out []int64
	text = strings.ToLower(text)
	for _, u := range users {
		name := strings.ToLower(u.Name)
		if named(text, name) || first[firstName(u.Name)] == 1 && named(text, firstName(u.Name)) {
			out = append(out, u.ID)
		}
	}
	return out, nil
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), " ")
	return first
}

// named reports whether @name stands in text as a whole word.
func named(text, name string) bool {
	for rest := text; name != ""; {
		i := strings.Index(rest, "@"+name)
		if i < 0 {
			break
		}
		rest = rest[i+1+len(name):]
		if r, _ := utf8.DecodeRuneInString(rest); rest == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// Retry sends a failed message again, as a new one with the same content. It passes all checks again.
// It returns the conversation's public id, also with a refusal.
func (s *Service) Retry(ctx context.Context, a models.Actor, messageID string) (conversationID string, err error) {
	err = s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.MessageForUpdate(messageID)
		if err != nil {
			return err
		}
		if old.Direction != "outbound" || !old.Status.Failure() {
			return models.Conflict("Only a failed message can be sent again.")
		}
		c, err := tx.ConversationByIDForUpdate(old.ConversationID)
		if err != nil {
			return err
		}
		conversationID = c.PublicID
		if err := s.mayAnswer(tx, a, c); err != nil {
			return err
		}
		token := "retry-" + old.PublicID
		m := &models.Message{
			Kind:       old.Kind,
			Body:       old.Body,
			ReplyToSid: old.ReplyToSid,
			Details:    old.Details,
			VersionID:  old.VersionID,
			Variables:  old.Variables,
			AuthorID:   a.ID,
			Priority:   models.PriorityReply,
			Token:      &token,
		}
		to, err := tx.RecipientOf(c)
		if err != nil {
			return err
		}
		m.AddressID = to.AddressID
		if err := joined(tx, c, to); err != nil {
			return err
		}
		if old.VersionID == nil {
			if !to.WindowOpen(tx.Now()) {
				return windowClosed(c.Contact.Title())
			}
		} else {
			v, err := tx.VersionByIDForUpdate(*old.VersionID)
			if err != nil {
				return err
			}
			m.SessionOnly, m.ContentSid = old.SessionOnly, old.ContentSid
			if err := maySendVersion(tx, c, to, v, old.SessionOnly); err != nil {
				return err
			}
			m.Priority = models.PriorityTemplate
		}
		c.FailedCount = max(0, c.FailedCount-1)
		added, err := tx.QueueMessage(c, m)
		if err != nil {
			return err
		}
		if !added {
			return models.Conflict("This message was already sent again.")
		}
		return tx.CopyMedia(old.ID, m.ID)
	})
	return conversationID, err
}
