package notifying

import (
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// exclusionOf is why one candidate is left out, empty if they get it.
func exclusionOf(
	n *models.Notification,
	sender *models.Sender,
	g *models.TemplateGroup,
	rules models.NotifyRules,
	c models.EligibilityRow,
	now time.Time,
) whatsapp.Exclusion {
	p := c.Contact
	switch {
	case c.Invalid:
		return whatsapp.ExcludedBadNumber
	case p == nil:
		return whatsapp.ExcludedUnknown
	case c.Duplicate:
		return whatsapp.ExcludedDuplicate
	case p.Gone != "":
		return whatsapp.ExcludedUnknown
	case p.BlockedAt != nil:
		return whatsapp.ExcludedBlocked
	}
	consent := p.ConsentFor(sender)
	if g.Main.Template.TopicID != nil {
		consent = whatsapp.Consent(c.TopicConsent)
	}
	switch {
	case consent == whatsapp.OptedOut:
		return whatsapp.ExcludedOptedOut
	case consent == whatsapp.SandboxOnly:
		return whatsapp.ExcludedSandboxOnly
	case consent != whatsapp.OptedIn:
		return whatsapp.ExcludedNotOptedIn
	case c.AddressID == nil:
		return whatsapp.ExcludedNoNumber
	case sender.Sandbox() && (c.SandboxJoinedAt == nil || now.Sub(*c.SandboxJoinedAt) >= whatsapp.SandboxMembership):
		return whatsapp.ExcludedNotJoined
	case oneTimeCode(g.For(p.Language)): // somebody waits for it
	case rules.PerDay > 0 && c.NotifiedToday >= rules.PerDay:
		return whatsapp.ExcludedCapToday
	case rules.MinHours > 0 && c.LastNotified != nil && now.Sub(*c.LastNotified) < time.Duration(rules.MinHours)*time.Hour:
		return whatsapp.ExcludedCapRecent
	}
	if g.For(p.Language).Unfillable != "" {
		return whatsapp.ExcludedUnfillable
	}
	if _, complete := values(n, g, g.For(p.Language), c); !complete {
		return whatsapp.ExcludedNoValue
	}
	if late(n, g.For(p.Language), p, now) {
		return whatsapp.ExcludedExpired
	}
	return ""
}

// values are a version's values for a candidate, by the version's own numbers: what the fill says, else what the
// template itself fills in, else the default.
func values(
	n *models.Notification,
	g *models.TemplateGroup,
	v *models.TemplateVersion,
	c models.EligibilityRow,
) (own models.Values, complete bool) {
	typed := models.Values{}
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

// message is what goes into the queue for a candidate.
func message(n *models.Notification, g *models.TemplateGroup, c models.EligibilityRow, now time.Time) models.Queued {
	v := g.For(c.Contact.Language)
	own, _ := values(n, g, v, c)
	for k, x := range own {
		own[k] = strings.TrimSpace(x)
	}
	body := v.Filled(own).Body
	return models.Queued{
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

// oneTimeCode reports whether a version is a one-time code: neither quiet hours nor the frequency cap hold it back, since
// the person asked for it and it is worth nothing later.
func oneTimeCode(v *models.TemplateVersion) bool { return v.EffectiveCategory() == "AUTHENTICATION" }

// sendAt is the moment at which a contact's message may leave: at once or at the set time, by the contact's own clock
// where that is wanted, and outside of the quiet hours there.
func sendAt(n *models.Notification, v *models.TemplateVersion, c *models.Contact, now time.Time) time.Time {
	at := wanted(n, c, now)
	if at.Before(now) {
		at = now
	}
	if oneTimeCode(v) {
		return at.In(zoneOf(c))
	}
	return outOfQuiet(at.In(zoneOf(c)), n.QuietFrom, n.QuietTo)
}

// wanted is the hour that was asked for: the set one, by the contact's own clock where that is wanted, else now.
func wanted(n *models.Notification, c *models.Contact, now time.Time) time.Time {
	switch {
	case n.SendAt == nil:
		return now
	case n.LocalTime:
		w := n.SendAt.UTC()
		return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), 0, 0, zoneOf(c))
	}
	return *n.SendAt
}

// outOfQuiet moves a moment to the end of the quiet hours if it is within them.
func outOfQuiet(at time.Time, from, to *int) time.Time {
	if from == nil || to == nil {
		return at
	}
	minute := at.Hour()*60 + at.Minute()
	end := time.Date(at.Year(), at.Month(), at.Day(), *to/60, *to%60, 0, 0, at.Location())
	switch {
	case *from < *to && minute >= *from && minute < *to:
		return end
	case *from > *to && minute >= *from:
		return end.AddDate(0, 0, 1)
	case *from > *to && minute < *to:
		return end
	}
	return at
}

func zoneOf(c *models.Contact) *time.Location {
	name, _ := c.Zone()
	if name == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// matchOf is the key by which a list's number is looked up, empty if it is no number. home is the country of numbers
// without their own.
func matchOf(address, home string) string {
	n, err := phone.Read(address, home)
	if err != nil {
		return ""
	}
	return whatsapp.MatchPhone(n.E164)
}

func number(i int) string { return strconv.Itoa(i + 1) }
