package web

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"parley/views/components"
)

// cursors are the query parameters that say where a list continues.
var cursors = []string{"after", "before"}

// GoneChip says that a list's address names something that does not exist, and links to the list without that
// condition. path is the list's own.
func GoneChip(path string, q url.Values, name, label string) components.Gone {
	rest := url.Values{}
	for k, v := range q {
		rest[k] = v
	}
	for _, k := range append([]string{name}, cursors...) {
		rest.Del(k)
	}
	if len(rest) > 0 {
		path += "?" + rest.Encode()
	}
	return components.Gone{Label: label, URL: path}
}

// Gone is goneChip for the requested page.
func Gone(c echo.Context, name, label string) components.Gone {
	return GoneChip(c.Request().URL.Path, c.QueryParams(), name, label)
}

// filterNames are the parameters that filter each route's rows, by the route's name. A value that no longer exists or
// makes no sense matches nothing; TestUnknownNarrowsToNothing checks all of them. rowsAs are the other parameters of
// these routes: where the list continues and how it is shown.
var filterNames = map[string][]string{
	"contacts": {
		"q", "consent", "topic", "session", "language", "country", "seen", "blocked", "import", "tag", "nottag", "field",
		"segment",
	},
	"contacts.count": {
		"q", "consent", "topic", "session", "language", "country", "seen", "blocked", "import", "tag", "nottag", "field",
		"segment",
	},
	"contacts.export": {
		"q", "consent", "topic", "session", "language", "country", "seen", "blocked", "import", "tag", "nottag", "field",
		"segment",
	},
	"inbox":                {"view", "q", "label", "assignee", "sender", "priority"},
	"conversation":         {"view", "q", "label", "assignee", "sender", "priority"},
	"search":               {"q", "by", "sender", "since", "until", "file", "in"},
	"reports":              {"days"},
	"reports.messages":     {"days", "by", "sender"},
	"reports.messages.csv": {"days", "by", "sender"},
	"templates":            {"state", "category", "language", "q"},
	"notification":         {"state", "reason", "code"},
	"notification.export":  {"state", "reason", "code"},
	"webhooks":             {"verdict", "kind", "q"},
}

var rowsAs = map[string][]string{
	"contacts":            {"after"},
	"contacts.export":     {"format"},
	"inbox":               {"after", "rows", "sel"},
	"conversation":        {"after", "rows", "sel", "mode", "at", "before", "sent", "take", "template", "unread", "from"},
	"search":              {"before", "zone"},
	"templates":           {"view", "after"},
	"notification":        {"after"},
	"notification.export": {"after"},
	"notifications":       {"before"},
	"webhooks":            {"before"},
}

// FilterNames are the parameters that filter a route's rows, and RowsAs its other ones, for the test that checks all of
// them.
func FilterNames(route string) (filters, others []string) { return filterNames[route], rowsAs[route] }
