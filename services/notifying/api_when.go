package notifying

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"parley/models"
	"parley/whatsapp"
)

// For how long a message of the API is wanted, in seconds, where the caller does not say, and at most. A one-time code is
// wanted for ten minutes, as long as WhatsApp tries to deliver one, or for as long as it says itself that it counts; its
// text can't promise more than 90 minutes. Source: Meta, "Time-to-live", and Twilio, whatsapp/authentication.
const (
	shortestValidity = 30
	defaultValidity  = 24 * 60 * 60
	longestValidity  = 30 * 24 * 60 * 60
	codeValidity     = 10 * 60
	longestCode      = 90 * 60
)

// What a message of the API waits for, as the answer says it.
const (
	waitsOffline = "sender_offline"
	waitsQuiet   = "quiet_hours"
)

// apiMessage is what a call comes to: who gets which version from which sender, with which values.
type apiMessage struct {
	to      string // as the caller gave the number, in E.164
	address int64  // of the contact, which has that number
	sender  *models.Sender
	contact *models.Contact
	group   *models.TemplateGroup
	version *models.TemplateVersion
}

// sending is when a message of the API may leave, until when it is wanted, and what it waits for.
type sending struct {
	at, until time.Time
	waits     string
}

// senderFor is the sender of a call: the one that it names, else the one for the contact's country, or the default one.
// One that is offline is refused, unless the caller would rather wait.
func senderFor(list []models.Sender, c *models.Contact, in Call) (*models.Sender, *Answer) {
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
		a := notNow(
			http.StatusConflict,
			"sender",
			waitsOffline,
			sender.Name+" is offline, so nothing can be sent from it now. Ask again later, or send \"wait\": true to have the message wait while it is valid.",
		)
		return nil, &a
	}
	return sender, nil
}

// meantFor is the sender for a contact as models.PickSender has it. The Sandbox is no stand-in for a number that is offline,
// nor the other way round: they have different templates.
func meantFor(list []models.Sender, c *models.Contact) *models.Sender {
	live := models.PickSender(list, c.Country)
	for _, fits := range []func(*models.Sender) bool{
		func(s *models.Sender) bool { return s.For(c.Country) },
		func(s *models.Sender) bool { return s.IsDefault },
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

// when decides when a call's message may leave: at once, or after the quiet hours where the contact is, if it is still
// wanted then. One-time codes know no quiet hours.
func (c *apiMessage) when(now time.Time, rules models.NotifyRules, in Call) (sending, *Answer) {
	seconds, most := defaultValidity, longestValidity
	if oneTimeCode(c.version) {
		seconds, most = codeValidity, longestCode
		if minutes := c.version.Whole().Minutes; minutes > 0 {
			seconds = min(seconds, minutes*60)
		}
	}
	if in.ValidFor != nil {
		seconds = *in.ValidFor
	}
	if seconds < shortestValidity || seconds > most {
		a := refusal(
			http.StatusUnprocessableEntity,
			"valid_for",
			"invalid_valid_for",
			fmt.Sprintf("Give seconds from %d to %d for this template.", shortestValidity, most),
		)
		return sending{}, &a
	}
	out := sending{at: now, until: now.Add(time.Duration(seconds) * time.Second)}
	if !c.sender.Live() {
		out.waits = waitsOffline
	}
	if oneTimeCode(c.version) {
		return out, nil
	}
	if at := outOfQuiet(now.In(zoneOf(c.contact)), rules.QuietFrom, rules.QuietTo); at.After(now) {
		if !at.Before(out.until) {
			a := notNow(
				http.StatusConflict,
				"to",
				waitsQuiet,
				fmt.Sprintf("It is %s where the contact is, and quiet until %s: the message would not be valid any more then.",
					now.In(zoneOf(c.contact)).Format("15:04"), at.Format("15:04")),
			)
			return sending{}, &a
		}
		out.at, out.waits = at, waitsQuiet
	}
	return out, nil
}

// judge says whether the contact may get the call's message, as anybody's who is on a notification's list, and with which
// values; else the reason. language is the one that decides about the version.
func (c *apiMessage) judge(
	tx *models.Tx,
	rules models.NotifyRules,
	in Call,
	language string,
) (own models.Values, reason whatsapp.Exclusion, err error) {
	fills := models.Fills{}
	for i, name := range c.group.Names() {
		value, ok := in.Values[name]
		if !ok {
			value = in.Values[number(i)]
		}
		fills[number(i)] = models.Fill{From: "fixed", Value: value}
	}
	n := &models.Notification{SenderID: c.sender.ID, Fills: fills}
	asked := *c.contact
	asked.Language = language
	list := []models.EligibilityRow{
		{Contact: &asked, RecipientID: -1, AddressID: &c.address},
	} // the number that the caller names, whichever is chosen
	if err := tx.LoadEligibility(n, c.group.Main.Template.TopicID, list); err != nil {
		return nil, "", err
	}
	if reason := exclusionOf(n, c.sender, c.group, rules, list[0], tx.Now()); reason != "" {
		return nil, reason, nil
	}
	list[0].Contact = c.contact
	own, _ = values(n, c.group, c.version, list[0])
	return own, "", nil
}

// queue writes the message into the queue and says so.
func (c *apiMessage) queue(tx *models.Tx, m *models.Message, at sending) (Answer, error) {
	conv, err := tx.ConversationWith(c.contact, c.sender)
	if err != nil {
		return Answer{}, err
	}
	m.Priority, m.Rule, m.AddressID = models.PriorityTemplate, models.RuleAPI, &c.address
	m.SendAt, m.ValidUntil = &at.at, &at.until
	if _, err := tx.QueueMessage(conv, m); err != nil {
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
