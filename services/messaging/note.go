package messaging

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/whatsapp"
)

// NoteForm is an internal note as a user writes it.
type NoteForm struct {
	Text  string
	Token string // identifies the form: the same one twice makes one note
}

// Note writes an internal note, which is never sent. Users named in it (@name) are alerted.
func (s *Service) Note(ctx context.Context, a models.Actor, conversationID string, f NoteForm) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, conversationID)
		if err != nil {
			return err
		}
		return s.keepNote(tx, a, c, f)
	})
}

func (s *Service) keepNote(tx *models.Tx, a models.Actor, c *conversations.Conversation, f NoteForm) error {
	text := clean(f.Text)
	if err := checkBody("body", text, 4000); err != nil {
		return err
	}
	m := &conversations.Message{
		ConversationID: c.ID,
		SenderID:       c.SenderID,
		Direction:      whatsapp.InternalNote,
		Status:         whatsapp.Noted,
		Body:           text,
		AuthorID:       a.ID,
		Token:          tokenOf(f.Token),
	}
	added, err := conversations.AddMessage(tx, m)
	if err == nil && !added && (m.Body != text || m.Direction != whatsapp.InternalNote) {
		return takenOtherwise()
	}
	if err != nil {
		return err
	}
	if !added {
		return dropSentDraft(tx, a, c, inbox.Draft{Mode: "note", Body: text})
	}
	users, err := mentioned(tx, text)
	if err != nil {
		return err
	}
	if err := conversations.AddMentions(tx, a, c, m, users); err != nil {
		return err
	}
	tx.Publish(c.Topic())
	return inbox.DropDraft(tx, a.ID, c.ID, "note")
}

// mentioned are the users that a note names: @ and the whole name, or a first name that only one of them has.
func mentioned(tx *models.Tx, text string) ([]int64, error) {
	if !strings.Contains(text, "@") {
		return nil, nil
	}
	users, err := accounts.ActiveUsers(tx)
	if err != nil {
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

// named reports whether text contains @name as a whole word.
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
