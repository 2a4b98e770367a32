package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"parley/models/people/segments"
	"parley/views/components"
)

// usePlaces are the names and addresses of places where something is used.
var usePlaces = map[string]struct{ word, others, path string }{
	"segment":      {"The segment", "Somebody's own segment", "/contacts?segment="},
	"optin":        {"The opt-in page", "", "/contacts/optins/"},
	"notification": {"The notification", "", "/notifications/"},
	"schedule":     {"The repeated notification", "", "/notifications/"},
	"template":     {"The template", "", "/templates/"},
	"list":         {"Your saved list of the inbox", "Somebody's saved list of the inbox", ""},
	"macro":        {"The macro", "", "/settings/macros?edit="},
}

func useRows(uses []segments.Usage) []components.Use {
	out := make([]components.Use, len(uses))
	for i, u := range uses {
		at := usePlaces[u.Kind]
		out[i].Text = at.others
		if u.Name != "" || at.others == "" {
			out[i].Text = at.word + " “" + u.Name + "”"
		}
		if u.ID != "" && at.path != "" {
			out[i].Href = at.path + u.ID
		}
	}
	return out
}

// AskBefore asks for confirmation before something is deleted that is used elsewhere. then says what happens to these
// places.
type AskBefore struct {
	What, Then, Button, Area, Back string
}

// AskUses shows where something is used, and the form to delete it anyway.
func (site *Site) AskUses(c echo.Context, f Form, uses []segments.Usage, q AskBefore) error {
	fields := url.Values{"sure": {"1"}}
	for name, values := range f.Values {
		if name != "sure" {
			fields[name] = values
		}
	}
	p := components.QuestionProps{
		Title:  q.What + "?",
		Text:   "It is used here. " + q.Then,
		Uses:   useRows(uses),
		Action: c.Request().URL.Path,
		Fields: fields,
		Button: q.Button,
		Back:   q.Back,
	}
	return site.Page(c, View{Title: q.What, Area: q.Area, Status: http.StatusConflict}, components.Question(p), nil)
}
