// Package notifications shows notifications: the list, the form, the dry run, and how each one's messages stand.
package notifications

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/models/accounts"
	"parley/models/notifications"
	"parley/models/people"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

func titleOf(ctx context.Context, r notifications.RecipientRow) string {
	if r.ContactPublicID == "" {
		return components.Cell(ctx, r.Address)
	}
	return components.NameOf(ctx, r.Who())
}

// DetailProps are what a notification's page shows.
type DetailProps struct {
	Row            notifications.NotificationRow
	Audience       string
	AudienceNote   string // what happened to its segment
	Recipients     []notifications.RecipientRow
	Filter         notifications.RecipientFilter
	Address        url.Values        // the filter in the page's address
	Gone           []components.Gone // filter values that do not exist
	Next           int64
	Failures       []Failure
	Doubt, Unknown int
	Left           int // not in the queue yet
	Estimate       *Estimate
	Schedule       *notifications.Schedule
	BasedOn        *notifications.NotificationRow
	NeedsApproval  bool            // still needs a second person
	MayApprove     bool            // the reader may approve
	Approvers      []accounts.User // who may approve
	Zone           *time.Location
	MaySend        bool
	SenderRate     float64
	Typed          url.Values // what was typed into a refused form
	Problems       map[string]string
	Now            time.Time
}

func (p DetailProps) repeatRefused() bool {
	return p.Problems["days"]+p.Problems["dates"]+p.Problems["weeks"]+p.Problems["at"]+p.Problems["zone"] != ""
}

func (p DetailProps) repeatTime() string {
	if p.Typed.Has("at") {
		return p.Typed.Get("at")
	}
	return "09:00"
}

// Failure is a kind of failure with what to do about it.
type Failure struct {
	notifications.FailureCount
	Advice whatsapp.Advice
}

// Estimate is what a dry run shows in addition to the counts.
type Estimate struct {
	Previews []Preview
	Duration time.Duration
	Headroom int
	Days     int
	Cost     string
	PricesOf string
}

// Preview is the message as one real recipient will see it.
type Preview struct {
	Contact  people.Contact
	Language string
	Content  *whatsapp.Content
	At       time.Time
}

func (p DetailProps) url(rest string) string { return "/notifications/" + p.Row.PublicID + rest }

// ended reports whether nothing more will be sent.
func (p DetailProps) ended() bool {
	switch p.Row.State {
	case notifications.NotificationFinished, notifications.NotificationCanceled, notifications.NotificationExpired:
		return true
	default:
		return false
	}
}

// done is the progress in percent of the people who get it: while it runs, those whose message is settled; at the end,
// those who were reached.
func (p DetailProps) done() string {
	if p.ended() {
		return percent(p.Row.Reached(), max(p.Row.Allowed, p.Row.Queued))
	}
	return percent(p.Row.Settled, p.Row.Allowed)
}

// renewing reports whether resuming needs a new time.
func (p DetailProps) renewing() bool {
	return p.Row.State == notifications.NotificationPaused && p.Row.Over(p.Now)
}

// whoApproves says who may approve a waiting notification, for readers who may not.
func (p DetailProps) whoApproves() string {
	if len(p.Approvers) == 0 {
		return "A second person has to approve it, and there is none: it takes an operator or admin who did not write, " +
			"edit or start it. An admin can add one under Settings, or raise the limit under Rules and API."
	}
	var names []string
	for _, u := range p.Approvers {
		names = append(names, u.Name)
	}
	const most = 5
	if n := len(names); n > most {
		names = append(names[:most], strconv.Itoa(n-most)+" more")
	}
	last := len(names) - 1
	text := names[last]
	if last > 0 {
		text = strings.Join(names[:last], ", ") + " or " + text
	}
	return "A second person has to approve it: " + text + ". Whoever wrote, edited or started it can't."
}

// pace says how fast messages are sent and how much time remains.
func (p DetailProps) pace() string {
	n := p.Row
	if n.State != notifications.NotificationRunning || n.StartedAt == nil || n.Settled == 0 {
		return ""
	}
	took := p.Now.Sub(*n.StartedAt).Seconds()
	if took < 1 {
		return ""
	}
	rate := float64(n.Settled) / took
	return fmt.Sprintf(
		"%.1f a second · %s left",
		rate,
		Duration(time.Duration(float64(n.Allowed-n.Settled)/rate*float64(time.Second))),
	)
}

// Duration formats a duration in words.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under a second"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days"
}

// filters are the ways of looking at the recipients.
var filters = []struct{ Key, Label string }{
	{"", "All"},
	{"left", "Not queued yet"},
	{"waiting", "Waiting"},
	{"sent", "Sent"},
	{"delivered", "Delivered"},
	{"read", "Read"},
	{"unread", "Not read"},
	{"replied", "Replied"},
	{"unreplied", "Not replied"},
	{
		"failed",
		"Failed",
	},
	{"in_doubt", "In doubt"},
	{"unknown", "Unknown"},
	{"canceled", "Canceled"},
	{"excluded", "Left out"},
}

// KnownFilter reports whether a state is a valid filter.
func KnownFilter(s string) bool {
	return slices.ContainsFunc(filters, func(f struct{ Key, Label string }) bool { return f.Key == s })
}

func (p DetailProps) settledOrRunning() bool {
	switch p.Row.State {
	case notifications.NotificationRunning,
		notifications.NotificationPaused,
		notifications.NotificationFinished,
		notifications.NotificationCanceled,
		notifications.NotificationExpired:
		return true
	default:
		return p.Row.StartedAt != nil
	}
}

// badNumber is the reason why the number in a list's row can't be read, and its position.
func (p DetailProps) badNumber(r notifications.RecipientRow) string {
	return BadNumber(p.Row.Audience, r)
}

// BadNumber is the reason why the number in a list's row can't be read, and its position; empty if it can be read.
func BadNumber(a notifications.Audience, r notifications.RecipientRow) string {
	if r.Excluded != whatsapp.ExcludedBadNumber {
		return ""
	}
	_, err := phone.Read(r.Address, a.Country)
	if err == nil {
		return ""
	}
	if r.Line == 0 {
		return err.Error()
	}
	return "Line " + components.Int(r.Line) + ": " + err.Error()
}

func statusOf(r notifications.RecipientRow) whatsapp.Status { return whatsapp.Status(r.Status) }

func adviceOf(r notifications.RecipientRow) whatsapp.Advice {
	return whatsapp.Explain(r.ErrorCode, r.ErrorMessage)
}

// latest is the time of the latest event of a recipient's message.
func latest(r notifications.RecipientRow) *time.Time {
	for _, t := range []*time.Time{r.RepliedAt, r.ReadAt, r.DeliveredAt, r.FailedAt, r.SentAt, r.SendingAt} {
		if t != nil {
			return t
		}
	}
	return nil
}

// newHours is the validity in hours of a notification that resumes with a new time.
func (p DetailProps) newHours() string {
	if p.Typed.Has("valid_hours") {
		return p.Typed.Get("valid_hours")
	}
	return components.Int(p.Row.ValidHours)
}
