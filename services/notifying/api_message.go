package notifying

import (
	"cmp"
	"encoding/json"
	"net/http"

	"parley/models"
	"parley/models/conversations"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// apiMessage is a resolved call: who gets which version from which sender, with which values.
type apiMessage struct {
	to      string // the call's number, in E.164
	address int64  // of the contact, which has that number
	sender  *senders.Sender
	contact *people.Contact
	group   *templates.TemplateGroup

	language string                     // picks the version
	version  *templates.TemplateVersion // of the group
}

// findContact finds the contact with the call's number.
func (c *apiMessage) findContact(tx *models.Tx, in Call) (*Answer, error) {
	to, err := phone.Read(in.To, "")
	if err != nil {
		return badNumber("to", err), nil
	}
	c.to = to.E164
	c.contact, c.address, err = people.ContactAtMatch(tx, whatsapp.MatchPhone(to.E164))
	if err != nil || c.contact != nil {
		return nil, err
	}
	if to.Verdict != phone.Valid { // a contact's number was confirmed, or it wrote to us
		_, err := phone.Confirmed(in.To, "", "")
		return badNumber("to", err), nil
	}
	a := refusal(http.StatusUnprocessableEntity, "to", string(whatsapp.ExcludedUnknown),
		"No contact has this number, so no opt-in is on record.")
	return &a, nil
}

// findSender finds the sender that the call names, or the contact's, and locks the contact: calls for one person run
// one after another, so that the frequency cap is kept.
func (c *apiMessage) findSender(tx *models.Tx, in Call) (refused *Answer, err error) {
	senders, err := senders.SendersForUpdate(tx)
	if err != nil {
		return nil, err
	}
	if in.Sender != "" {
		from, err := phone.Read(in.Sender, "")
		if err != nil {
			return badNumber("sender", err), nil
		}
		in.Sender = from.E164
	}
	if c.sender, refused = senderFor(senders, c.contact, in); refused != nil {
		return refused, nil
	}
	c.contact, err = people.ContactByIDForUpdate(tx, c.contact.ID)
	return nil, err
}

// findVersion finds the template that the call names, in the call's language or the contact's.
func (c *apiMessage) findVersion(tx *models.Tx, in Call) (*Answer, error) {
	main, err := templates.ApprovedByName(tx, in.Template, c.sender.Sandbox())
	if err != nil {
		return nil, err
	}
	if main == nil {
		a := refusal(http.StatusUnprocessableEntity, "template", "unknown_template",
			"No template of this name is approved for this sender.")
		return &a, nil
	}
	if c.group, err = templates.GroupOf(tx, main); err != nil {
		return nil, err
	}
	c.language = cmp.Or(in.Language, c.contact.Language)
	c.version = c.group.For(c.language)
	return nil, nil
}

// senderFor is the sender of a call: the one that it names, else the one for the contact's country, or the default one.
// One that is offline is refused, unless the call sets wait.
func senderFor(list []senders.Sender, c *people.Contact, in Call) (*senders.Sender, *Answer) {
	sender := meantFor(list, c)
	for i := range list {
		if in.Sender != "" && list[i].Phone == in.Sender {
			sender = &list[i]
		}
	}
	if sender == nil || in.Sender != "" && sender.Phone != in.Sender {
		a := refusal(http.StatusUnprocessableEntity, "sender", "unknown_sender", "There is no such sender.")
		return nil, &a
	}
	if !sender.Live() && !in.Wait {
		a := notNow(http.StatusConflict, "sender", waitsOffline,
			sender.Name+" is offline, so nothing can be sent from it now. "+
				"Ask again later, or send \"wait\": true to have the message wait while it is valid.")
		return nil, &a
	}
	return sender, nil
}

// meantFor is the sender for a contact as senders.PickSender has it: the one for its country, else the default one. The
// Sandbox doesn't replace a number that is offline, nor the other way round: they have different templates.
func meantFor(list []senders.Sender, c *people.Contact) *senders.Sender {
	live := senders.PickSender(list, c.Country)
	for _, fits := range []func(*senders.Sender) bool{
		func(s *senders.Sender) bool { return s.For(c.Country) },
		func(s *senders.Sender) bool { return s.IsDefault },
	} {
		for i := range list {
			if s := &list[i]; fits(s) && (live == nil || live.Sandbox() != s.Sandbox()) {
				return s
			} else if fits(s) {
				return live
			}
		}
	}
	return live
}

// judge applies a notification's eligibility rules to the call's contact: it returns the message's values, or the
// refusal.
func (c *apiMessage) judge(
	tx *models.Tx,
	rules notifications.NotifyRules,
	in Call,
) (own templates.Values, reason whatsapp.Exclusion, err error) {
	fills := notifications.Fills{}
	for i, name := range c.group.Names() {
		value, ok := in.Values[name]
		if !ok {
			value = in.Values[number(i)]
		}
		fills[number(i)] = notifications.Fill{From: "fixed", Value: value}
	}
	n := &notifications.Notification{SenderID: c.sender.ID, Fills: fills}
	asked := *c.contact
	asked.Language = c.language
	// The number that the caller names, even if another one is chosen.
	list := []notifications.EligibilityRow{{Contact: &asked, RecipientID: -1, AddressID: &c.address}}
	if err := notifications.LoadEligibility(tx, n, c.group.Main.Template.TopicID, list); err != nil {
		return nil, "", err
	}
	e := eligibility{n: n, sender: c.sender, group: c.group, rules: rules}
	if reason := e.exclusionOf(list[0], tx.Now()); reason != "" {
		return nil, reason, nil
	}
	list[0].Contact = c.contact
	own, _ = values(n, c.group, c.version, list[0])
	return own, "", nil
}

// queue writes the message into the queue and says so.
func (c *apiMessage) queue(tx *models.Tx, m *conversations.Message, at sending) (Answer, error) {
	conv, err := conversations.ConversationWith(tx, c.contact, c.sender)
	if err != nil {
		return Answer{}, err
	}
	m.Priority, m.Rule, m.AddressID = conversations.PriorityTemplate, conversations.RuleAPI, &c.address
	m.SendAt, m.ValidUntil = &at.at, &at.until
	if _, err := conversations.QueueMessage(tx, conv, m); err != nil {
		return Answer{}, err
	}
	b, err := json.Marshal(map[string]any{
		"id":          m.PublicID,
		"status":      "queued",
		"to":          c.to,
		"template":    c.group.Main.Template.Name,
		"language":    c.version.Language,
		"sender":      c.sender.Phone,
		"body":        m.Body,
		"send_at":     at.at.UTC(),
		"valid_until": at.until.UTC(),
		"waits":       at.waits,
	})
	return Answer{Status: http.StatusCreated, Body: b}, err
}
