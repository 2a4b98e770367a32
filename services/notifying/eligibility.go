package notifying

import (
	"strconv"
	"strings"
	"time"

	"parley/models/notifications"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// eligibility has the data that decides who gets a notification.
type eligibility struct {
	n      *notifications.Notification
	sender *senders.Sender
	group  *templates.TemplateGroup
	rules  notifications.NotifyRules
}

// exclusionRules are the rules in the order in which they decide: each gives a reason, or nothing.
var exclusionRules = []func(eligibility, notifications.EligibilityRow, time.Time) whatsapp.Exclusion{
	eligibility.notAContact,
	eligibility.withoutConsent,
	eligibility.withoutAddress,
	eligibility.capped,
	eligibility.unfillable,
	eligibility.expired,
}

// exclusionOf is why one person is left out, empty if they get it.
func (e eligibility) exclusionOf(c notifications.EligibilityRow, now time.Time) whatsapp.Exclusion {
	for _, rule := range exclusionRules {
		if reason := rule(e, c, now); reason != "" {
			return reason
		}
	}
	return ""
}

func (e eligibility) notAContact(c notifications.EligibilityRow, _ time.Time) whatsapp.Exclusion {
	switch {
	case c.Invalid:
		return whatsapp.ExcludedBadNumber
	case c.Contact == nil:
		return whatsapp.ExcludedUnknown
	case c.Duplicate:
		return whatsapp.ExcludedDuplicate
	case c.Contact.Gone != "":
		return whatsapp.ExcludedUnknown
	case c.Contact.BlockedAt != nil:
		return whatsapp.ExcludedBlocked
	}
	return ""
}

// withoutConsent requires consent to the template's topic, or to this sender if it has no topic.
func (e eligibility) withoutConsent(c notifications.EligibilityRow, _ time.Time) whatsapp.Exclusion {
	consent := c.Contact.ConsentFor(e.sender)
	if e.group.Main.Template.TopicID != nil {
		consent = whatsapp.Consent(c.TopicConsent)
	}
	switch consent {
	case whatsapp.OptedIn:
		return ""
	case whatsapp.OptedOut:
		return whatsapp.ExcludedOptedOut
	case whatsapp.SandboxOnly:
		return whatsapp.ExcludedSandboxOnly
	default:
		return whatsapp.ExcludedNotOptedIn
	}
}

func (e eligibility) withoutAddress(c notifications.EligibilityRow, now time.Time) whatsapp.Exclusion {
	if c.AddressID == nil {
		return whatsapp.ExcludedNoNumber
	}
	left := c.SandboxJoinedAt == nil || now.Sub(*c.SandboxJoinedAt) >= whatsapp.SandboxMembership
	if e.sender.Sandbox() && left {
		return whatsapp.ExcludedNotJoined
	}
	return ""
}

// capped applies the frequency cap. One-time codes are not capped: the person waits for them.
func (e eligibility) capped(c notifications.EligibilityRow, now time.Time) whatsapp.Exclusion {
	if oneTimeCode(e.group.For(c.Contact.Language)) {
		return ""
	}
	if e.rules.PerDay > 0 && c.NotifiedToday >= e.rules.PerDay {
		return whatsapp.ExcludedCapToday
	}
	apart := time.Duration(e.rules.MinHours) * time.Hour
	if apart > 0 && c.LastNotified != nil && now.Sub(*c.LastNotified) < apart {
		return whatsapp.ExcludedCapRecent
	}
	return ""
}

func (e eligibility) unfillable(c notifications.EligibilityRow, _ time.Time) whatsapp.Exclusion {
	v := e.group.For(c.Contact.Language)
	if v.Unfillable != "" {
		return whatsapp.ExcludedUnfillable
	}
	if _, complete := values(e.n, e.group, v, c); !complete {
		return whatsapp.ExcludedNoValue
	}
	return ""
}

func (e eligibility) expired(c notifications.EligibilityRow, now time.Time) whatsapp.Exclusion {
	if late(e.n, e.group.For(c.Contact.Language), c.Contact, now) {
		return whatsapp.ExcludedExpired
	}
	return ""
}

// values are a version's values for a person, by the version's own numbers: from the fill, else what the template
// itself fills in, else the default.
func values(
	n *notifications.Notification,
	g *templates.TemplateGroup,
	v *templates.TemplateVersion,
	c notifications.EligibilityRow,
) (own templates.Values, complete bool) {
	typed := templates.Values{}
	for number, f := range n.Fills {
		value := ""
		switch f.From {
		case "", "fixed":
			value = f.Value
		case "field":
			value = strings.Join(strings.Fields(c.Contact.Field(f.Value)), " ")
		case "column":
			value = strings.Join(strings.Fields(c.Columns[f.Value]), " ")
		}
		if value == "" {
			value = f.Default
		}
		typed[number] = value
	}
	return g.ValuesFor(v, c.Contact, typed)
}

// message is the queue entry for a person.
func message(
	n *notifications.Notification,
	g *templates.TemplateGroup,
	c notifications.EligibilityRow,
	now time.Time,
) notifications.Queued {
	v := g.For(c.Contact.Language)
	own, _ := values(n, g, v, c)
	for k, x := range own {
		own[k] = strings.TrimSpace(x)
	}
	body := v.Filled(own).Body
	return notifications.Queued{
		Recipient: c.RecipientID,
		Contact:   c.Contact.ID,
		Address:   c.AddressID,
		Version:   v.ID,
		Body:      body,
		Line:      whatsapp.Plain(body, 120),
		Variables: own,
		SendAt:    sendAt(n, v, c.Contact, now),
	}
}

// matchOf is the key by which a list's number is looked up, empty if the text is not a number. home is the country of
// national numbers.
func matchOf(address, home string) string {
	n, err := phone.Read(address, home)
	if err != nil {
		return ""
	}
	return whatsapp.MatchPhone(n.E164)
}

func number(i int) string { return strconv.Itoa(i + 1) }
