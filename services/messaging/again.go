package messaging

import (
	"errors"
	"maps"
	"strings"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/templates"
	"parley/whatsapp"
)

// A form may be sent again because the answer got lost. If it was handled then, it must not be refused now, even if
// something has changed since (the session closed, somebody else replied, the time passed): so its token is checked
// first.

// takenOtherwise refuses a form that was handled before with another text, which would otherwise be lost silently.
func takenOtherwise() *models.Error {
	return &models.Error{
		Kind:  models.KindConflict,
		Field: "body",
		Code:  "message.taken_before",
	}
}

// TakenOtherwise reports whether an error refuses a form because another text was taken with its token. After any other
// refusal the token is still free.
func TakenOtherwise(err error) bool {
	e, ok := errors.AsType[*models.Error](err)
	return ok && e.Code == takenOtherwise().Code
}

// taken reports whether a message was made from the form before. If that differs from the message that it asks for now,
// the form is refused.
func taken(
	tx *models.Tx, c *conversations.Conversation, token string, same func(*conversations.Message) (bool, error),
) (bool, error) {
	if token == "" {
		return false, nil
	}
	before, err := conversations.TakenBefore(tx, c.ID, token)
	if err != nil || before == nil {
		return false, err
	}
	yes, err := same(before)
	if err == nil && (!yes || before.Direction != whatsapp.Outbound) {
		err = takenOtherwise()
	}
	return true, err
}

// becameReply reports whether a message is the reply that a form asks for in a conversation.
func becameReply(c *conversations.Conversation, f ReplyForm) func(*conversations.Message) (bool, error) {
	text := fillPhone(clean(f.Text), c.Contact)
	return func(m *conversations.Message) (bool, error) {
		quoted := f.Quote != "" && strings.HasPrefix(m.Body, "> ") && strings.HasSuffix(m.Body, "\n"+text)
		return m.Body == text || quoted, nil
	}
}

// becameTemplate reports whether a message is the template that a form asks for, with its values.
func becameTemplate(
	tx *models.Tx,
	c *conversations.Conversation,
	f TemplateForm,
) func(*conversations.Message) (bool, error) {
	return func(m *conversations.Message) (bool, error) {
		if m.VersionID == nil {
			return false, nil
		}
		v, err := templates.VersionByID(tx, *m.VersionID)
		if err != nil || v.PublicID != f.VersionID {
			return false, err
		}
		return maps.Equal(m.Variables, TemplateMessage(v, f.valuesFor(c)).Variables), nil
	}
}

// keptBefore reports whether a scheduled reply was made from the form before. If its text differs, or it waits for a
// reply and the form has a time now, the form is refused.
func keptBefore(tx *models.Tx, c *conversations.Conversation, f ScheduledReplyForm) (bool, error) {
	if f.Token == "" {
		return false, nil
	}
	l, err := inbox.KeptBefore(tx, c.ID, f.Token)
	if err != nil || l == nil {
		return false, err
	}
	if l.Body != clean(f.Text) || (l.SendAt == nil) != (f.At == untilReply) {
		return true, takenOtherwise()
	}
	return true, nil
}
