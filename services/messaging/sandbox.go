package messaging

import (
	"time"

	"parley/models"
	"parley/models/conversations"
	"parley/whatsapp"
)

// joined refuses to write to an address that has not joined Twilio's Sandbox: the message would fail with 63015.
func joined(tx *models.Tx, c *conversations.Conversation, to conversations.Recipient) error {
	if c.Joined(to, tx.Now()) {
		return nil
	}
	return notJoined(c, to)
}

// notJoined says why nothing can be sent, and what to do.
func notJoined(c *conversations.Conversation, to conversations.Recipient) error {
	name, words, number := c.Contact.Title(), c.Sender.JoinWords, whatsapp.ShowPhone(c.Sender.Phone)
	switch {
	case to.SandboxJoinedAt != nil && words == "":
		return models.Conflict("sandbox.joining_ended_words_unknown", "Name", name, "Number", number)
	case to.SandboxJoinedAt != nil:
		return models.Conflict("sandbox.joining_ended", "Name", name, "Words", words, "Number", number)
	case words == "":
		return models.Conflict("sandbox.not_joined_words_unknown", "Name", name, "Number", number)
	}
	return models.Conflict("sandbox.not_joined", "Name", name, "Words", words, "Number", number)
}

// memberOf stores since when a person has belonged to the Sandbox. Only members can write to it, so a message also
// shows a join that Parley did not receive because it was not connected then.
func memberOf(c *conversations.Conversation, body string, at time.Time) {
	if !c.Sender.Sandbox() || c.SandboxJoinedAt != nil && c.SandboxJoinedAt.After(at) {
		return
	}
	if whatsapp.IsJoin(body, c.Sender.JoinWords) || !c.Joined(c.Recipient(), at) {
		c.SandboxJoinedAt = &at
	}
}

// forgetMember is for error 63015: Twilio says that the person does not belong to the Sandbox any more.
func forgetMember(tx *models.Tx, sid string, code int) error {
	if code != 63015 {
		return nil
	}
	return conversations.LeaveSandbox(tx, sid)
}
