package messaging

import (
	"time"

	"parley/models"
	"parley/whatsapp"
)

// joined refuses to write to an address that does not belong to Twilio's Sandbox: the message would fail with 63015.
func joined(tx *models.Tx, c *models.Conversation, to models.Recipient) error {
	if c.Joined(to, tx.Now()) {
		return nil
	}
	return models.Conflict(notJoined(c, to))
}

// notJoined says why nothing can be sent, and what to do.
func notJoined(c *models.Conversation, to models.Recipient) string {
	words := "the two join words"
	if c.Sender.JoinWords != "" {
		words = "“join " + c.Sender.JoinWords + "”"
	}
	why := " has not joined the Sandbox."
	if to.SandboxJoinedAt != nil {
		why = "’s joining of the Sandbox ended after three days."
	}
	return c.Contact.Title() + why + " Ask them to send " + words + " to " + whatsapp.ShowPhone(
		c.Sender.Phone,
	) + ", then send again."
}

// memberOf keeps since when somebody belongs to the Sandbox. Who writes to it belongs to it: a joining that Parley
// did not see, because it was not connected then, shows by that.
func memberOf(c *models.Conversation, body string, at time.Time) {
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
	return tx.LeaveSandbox(sid)
}
