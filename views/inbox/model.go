// Package inbox shows conversations: the list, one thread, and the composer.
package inbox

import (
	"net/url"
	"strconv"
	"time"

	"parley/models"
	"parley/services/whatsapp"
)

// ListProps are what the list shows.
type ListProps struct {
	View     models.InboxView
	Query    string
	Rows     []models.InboxRow
	Next     string // cursor
	Counters models.Counters
	Selected string // public id of the open conversation
	Now      time.Time
}

func (p ListProps) url(view models.InboxView) string {
	q := url.Values{"view": {string(view)}}
	if p.Query != "" {
		q.Set("q", p.Query)
	}
	return "/inbox?" + q.Encode()
}

func (p ListProps) more() string {
	q := url.Values{"view": {string(p.View)}, "after": {p.Next}, "sel": {p.Selected}}
	if p.Query != "" {
		q.Set("q", p.Query)
	}
	return "/inbox?" + q.Encode()
}

func (p ListProps) self() string {
	q := url.Values{"view": {string(p.View)}, "sel": {p.Selected}}
	if p.Query != "" {
		q.Set("q", p.Query)
	}
	return "/inbox?" + q.Encode()
}

func (p ListProps) open(id string) string {
	if p.View == models.ViewAll && p.Query == "" {
		return "/inbox/" + id
	}
	q := url.Values{"view": {string(p.View)}}
	if p.Query != "" {
		q.Set("q", p.Query)
	}
	return "/inbox/" + id + "?" + q.Encode()
}

func (p ListProps) total(v models.InboxView) int {
	switch v {
	case models.ViewAll:
		return p.Counters.All
	case models.ViewMine:
		return p.Counters.Mine
	case models.ViewUnassigned:
		return p.Counters.Unassigned
	case models.ViewWaiting:
		return p.Counters.Waiting
	case models.ViewFailed:
		return p.Counters.Failed
	}
	return 0
}

var viewNames = map[models.InboxView]string{
	models.ViewAll: "All", models.ViewMine: "Mine", models.ViewUnassigned: "Unassigned",
	models.ViewWaiting: "Waiting", models.ViewFailed: "Failed", models.ViewResolved: "Resolved",
}

// ThreadProps are what a thread shows.
type ThreadProps struct {
	Conversation *models.Conversation
	Messages     []models.Message
	Older        int64 // id before which there are older messages, 0 if there are none
	Now          time.Time
}

func (p ThreadProps) newDay(i int) bool {
	return i == 0 || p.Messages[i].CreatedAt.UTC().Format("2006-01-02") != p.Messages[i-1].CreatedAt.UTC().Format("2006-01-02")
}

func side(m models.Message) string {
	switch m.Direction {
	case "inbound":
		return "in"
	case "note":
		return "note"
	}
	return "out"
}

func authorOf(m models.Message) string {
	if m.Author == nil || m.Author.ID == 0 {
		return ""
	}
	return m.Author.Name
}

func mapURL(m models.Message) string {
	lat, lng := strconv.FormatFloat(*m.Latitude, 'f', 6, 64), strconv.FormatFloat(*m.Longitude, 'f', 6, 64)
	return "https://www.openstreetmap.org/?mlat=" + lat + "&mlon=" + lng + "#map=16/" + lat + "/" + lng
}

func place(m models.Message) string {
	return strconv.FormatFloat(*m.Latitude, 'f', 5, 64) + ", " + strconv.FormatFloat(*m.Longitude, 'f', 5, 64)
}

// ComposerProps are what the composer shows. Mode is reply, note or template.
type ComposerProps struct {
	Conversation *models.Conversation
	Mode         string
	Open         bool // the session
	Token        string
	Text         string
	Problems     map[string]string
	Sent         bool // the form was taken: the draft may go
	// the template picker
	Templates  []models.TemplateVersion
	OwnBlocked []models.TemplateVersion // approved, but not through the Sandbox
	Chosen     *models.TemplateVersion
	Typed      string // a template of the Sandbox's, written out
	Values     models.Values
	OwnSender  *models.Sender // through which those go, if the reader may send notifications
	Now        time.Time
}

func (p ComposerProps) base() string { return "/conversations/" + p.Conversation.PublicID }

func (p ComposerProps) modeURL(mode string) string { return p.base() + "/composer?mode=" + mode }

// state is what the live check compares: nothing changes on the page while it is the same.
func (p ComposerProps) state() string {
	s := "closed"
	if p.Open {
		s = "open"
	}
	return s + "-" + string(p.Conversation.Contact.Consent) + "-" + strconv.FormatBool(p.Conversation.Contact.BlockedAt != nil)
}

// State is the composer's state for the live check.
func (p ComposerProps) State() string { return p.state() }

func (p ComposerProps) consented() bool { return p.Conversation.Contact.Consent == whatsapp.OptedIn }

func number(i int) string { return strconv.Itoa(i + 1) }

func summary(v models.TemplateVersion) string { return whatsapp.Plain(v.Body, 90) }

// rich is what a template's message has besides its text, nil if it is text alone. A draft's test shows its
// text only: the draft may have changed since.
func rich(m models.Message) *whatsapp.Content {
	if m.Version == nil || m.Version.ID == 0 || m.Version.ContentType == whatsapp.TypeText || m.Version.State == whatsapp.Draft {
		return nil
	}
	return m.Version.Filled(m.Variables)
}

// typed reads what was written out as one of the templates: the one that it is, or the nearest with the difference.
func (p ComposerProps) typed() (match bool, name string, changes []whatsapp.Change) {
	var bodies []string
	var names []string
	for _, v := range p.Templates {
		if v.Template == nil || !v.Template.Sandbox {
			continue
		}
		if _, ok := whatsapp.Match(v.Body, p.Typed); ok {
			return true, v.Template.Name, nil
		}
		bodies, names = append(bodies, v.Body), append(names, v.Template.Name)
	}
	i := whatsapp.Nearest(bodies, p.Typed)
	if i < 0 {
		return false, "", nil
	}
	return false, names[i], whatsapp.Diff(bodies[i], p.Typed)
}
