package simulator

import (
	"context"
	"html"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"parley/whatsapp"
)

// verdict is a decision that the page offers.
type verdict struct{ Value, Label, Status, Reason, Category string }

// verdicts are what WhatsApp does to templates at any time.
var verdicts = []verdict{
	{Value: "approve", Label: "Approve", Status: "approved"},
	{
		Value:  "reject",
		Label:  "Reject: format",
		Status: "rejected",
		Reason: "INVALID_FORMAT: the template has formatting that is not allowed",
	},
	{
		Value:  "mismatch",
		Label:  "Reject: category",
		Status: "rejected",
		Reason: "TAG_CONTENT_MISMATCH: the text does not fit the chosen category",
	},
	{Value: "pause", Label: "Pause", Status: "paused", Reason: "Recipients blocked or reported it: paused for 3 hours"},
	{Value: "disable", Label: "Disable", Status: "disabled", Reason: "Recipients kept reporting it"},
	{Value: "marketing", Label: "Move to marketing", Category: "MARKETING"},
	{Value: "utility", Label: "Move to utility", Category: "UTILITY"},
}

func (s *Simulator) showContents(c echo.Context) error {
	list := slices.DeleteFunc(s.Contents(), func(c Content) bool { return c.Approval == nil || isSandboxTemplate(c.Sid) })
	return show(c, http.StatusOK, contentsPage(s.home(), list))
}

func (s *Simulator) decideContent(c echo.Context) error {
	i := slices.IndexFunc(verdicts, func(v verdict) bool { return v.Value == c.FormValue("verdict") })
	if i < 0 || !s.Decide(c.Param("sid"), verdicts[i].Status, verdicts[i].Reason, verdicts[i].Category) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	return c.Redirect(http.StatusSeeOther, s.opt.Path+"/templates")
}

func tone(status string) string {
	switch status {
	case "approved":
		return "good"
	case "rejected", "disabled":
		return "bad"
	case "paused":
		return "warn"
	}
	return "info"
}

// tapID is the payload of a tapped button without an ID of its own.
func tapID(id string, i int, list bool) string {
	switch {
	case id != "":
		return id
	case list:
		return "item_" + strconv.Itoa(i+1)
	}
	return "reply_" + strconv.Itoa(i+1)
}

// formatted is a text as WhatsApp shows it. It is written by hand because the bubble keeps every space.
func formatted(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, p := range whatsapp.Format(text) {
			open, shut := "", ""
			wrap := func(yes bool, tag string) {
				if yes {
					open, shut = open+"<"+tag+">", "</"+tag+">"+shut
				}
			}
			wrap(p.Bold, "strong")
			wrap(p.Italic, "em")
			wrap(p.Strike, "s")
			wrap(p.Mono, "code")
			b.WriteString(open + html.EscapeString(p.Text) + shut)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
