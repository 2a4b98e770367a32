// Package layout is the frame of every page: the document, the sidebar, the status line, toasts.
package layout

import (
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/inbox"
	"parley/models/senders"
	"parley/static"
	"parley/whatsapp"
)

// Shell is what a full page needs besides its own content.
type Shell struct {
	Title    string
	Area     string // the sidebar's entry: home, inbox, contacts, templates, notifications, access, settings
	User     *accounts.User
	Counters inbox.Counters
	Sender   *senders.Sender // the default one
	// Simulated says that Twilio is the local stand-in; SimulatorURL leads to the phones.
	Simulated    bool
	SimulatorURL string
	Topics       []string // live events that the page subscribes to
	Flash        *Flash
	Unseen       int           // alerts
	NewestAlert  *models.Alert // of those, nil if there is none
	Troubles     []string      // why sending or receiving does not work
	Wide         bool          // the page uses the whole width and height
	Answer       bool          // the page answers a form: its fields are the server's version
}

// Flash is a message for the page after a redirect.
type Flash struct {
	Tone whatsapp.Tone
	Text string
}

func asset(name string) string { return static.URL(name) }

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func topics(s Shell) string {
	return strings.Join(
		append([]string{"shell", "health", "inbox", "templates", "alerts-" + s.User.PublicID}, s.Topics...),
		",",
	)
}

func shownCount(n int) string {
	if n == 0 {
		return ""
	}
	return count(n)
}

// keyHelp are the keyboard shortcuts with their meaning; static/src/js/live/shortcuts.js handles them.
var keyHelp = [][2]string{
	{"Ctrl K", "Command palette: go anywhere, find anything"},
	{"/", "Search"},
	{"j  k", "Next and previous conversation"},
	{"r", "Write a reply"},
	{"t", "Send a template"},
	{"n", "Write a note"},
	{
		"e",
		"Resolve, or open again",
	},
	{"a", "Assign to me"},
	{"s", "Snooze"},
	{"u", "Back to the list"},
	{"g i", "Inbox"},
	{"g h", "Home"},
	{"Enter", "Send (Shift-Enter: a new line; the other way round by choice in your account)"},
	{"Esc", "Out of the text, close a menu"},
	{"?", "This list"},
}

func count(n int) string {
	if n > 999 {
		return "999+"
	}
	return strconv.Itoa(n)
}

type link struct {
	Area, Href, Icon, Label string
	Role                    models.Role
}

var links = []link{
	{"home", "/", "house", "Home", models.Agent},
	{"inbox", "/inbox", "inbox", "Inbox", models.Agent},
	{"contacts", "/contacts", "users", "Contacts", models.Agent},
	{"templates", "/templates", "file-text", "Templates", models.Agent},
	{"notifications", "/notifications", "send", "Notifications", models.Operator},
	{"reports", "/reports", "chart-no-axes-column", "Reports", models.Operator},
	{"access", "/access", "badge-check", "Access", models.Agent},
	{"settings", "/settings/users", "settings", "Settings", models.Admin},
}

func badge(l link, c inbox.Counters) int {
	switch l.Area {
	case "templates":
		return c.ApprovalsRejected
	}
	return 0
}

func statusText(status int) string {
	switch status {
	case 403:
		return "Not allowed"
	case 404:
		return "Not found"
	case 429:
		return "Too many requests"
	}
	if status >= 500 {
		return "Something went wrong"
	}
	return "That did not work"
}
