package handlers

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

// askBefore asks for confirmation before something is deleted that is used elsewhere. then says what happens to these
// places.
type askBefore struct {
	what, then, button, area, back string
}

// askUses shows where something is used, and the form to delete it anyway.
func (a *App) askUses(c echo.Context, f form, uses []segments.Usage, q askBefore) error {
	fields := url.Values{"sure": {"1"}}
	for name, values := range f.Values {
		if name != "sure" {
			fields[name] = values
		}
	}
	p := components.QuestionProps{
		Title:  q.what + "?",
		Text:   "It is used here. " + q.then,
		Uses:   useRows(uses),
		Action: c.Request().URL.Path,
		Fields: fields,
		Button: q.button,
		Back:   q.back,
	}
	return a.page(c, view{title: q.what, area: q.area, status: http.StatusConflict}, components.Question(p), nil)
}
