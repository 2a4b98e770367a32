package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/whatsapp/plaintext"

	inboxservice "parley/services/inbox"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people/segments"
	view "parley/views/settings"
	"parley/whatsapp"
)

func (h *Handlers) showInboxSettings(c echo.Context) error {
	d, err := conversations.Read(h.Store).InboxSettings(c.Request().Context())
	if err != nil {
		return err
	}
	return h.Site.Page(
		c,
		web.View{Title: "Inbox settings", Area: "settings"},
		view.Inbox(view.InboxProps{Settings: d, Shut: strings.Join(d.Hours.Shut, "\n")}),
		nil,
	)
}

// saveInboxSettings stores what the inbox does automatically. After a refusal the form is shown as it was typed.
func (h *Handlers) saveInboxSettings(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	d, err := readInboxSettings(f)
	if problems, status, refused := web.Problems(err); refused {
		p := view.InboxProps{Settings: d, Shut: f.Text("shut"), Typed: map[string]string{}, Problems: problems}
		for name := range f.Values {
			p.Typed[name] = f.Get(name)
		}
		return h.Site.Page(c, web.View{Title: "Inbox settings", Area: "settings", Status: status}, view.Inbox(p), nil)
	}
	if err != nil {
		return err
	}
	if err := h.Inbox.SaveSettings(ctx, web.Actor(c), d); err != nil {
		return err
	}
	return web.Done(c, "/settings/inbox", "Saved. It counts from now on.")
}

// readInboxSettings reads the settings' form. Refusals name their fields.
func readInboxSettings(f web.Form) (conversations.InboxSettings, error) {
	rule := func(name string) conversations.Rule {
		return conversations.Rule{On: f.Get(name+"_on") != "", Text: strings.TrimSpace(f.Text(name + "_text"))}
	}
	d := conversations.InboxSettings{
		Away:         rule("away"),
		Greeting:     rule("greeting"),
		Nudge:        rule("nudge"),
		Rating:       rule("rating"),
		Assign:       f.Get("assign") != "",
		OnlyAssignee: f.Get("only_assignee") != "",
		Typing:       f.Get("typing") != "",
	}
	for name, into := range inboxservice.Numbers(&d) {
		if f.Get(name) == "" {
			continue
		}
		n, err := strconv.Atoi(f.Get(name))
		if err != nil {
			n = -1 // refused with the range that is allowed
		}
		*into = n
	}
	var err error
	d.Hours, err = readHours(f)
	return d, errors.Join(err, inboxservice.CheckSettings(d))
}

var clockTime = regexp.MustCompile(`^([01]?\d|2[0-4]):([0-5]\d)$`)

func readHours(f web.Form) (whatsapp.Hours, error) {
	h := whatsapp.Hours{On: f.Get("hours_on") != "", Zone: f.Get("zone")}
	minutes := func(s string) (int, error) {
		m := clockTime.FindStringSubmatch(s)
		if s != "" && m == nil {
			return 0, models.Invalid("hours", "inbox.hours_no_time", "Text", plaintext.Cut(s, 20))
		}
		if m == nil {
			return 0, nil
		}
		hours, _ := strconv.Atoi(m[1]) // two digits: this can't fail
		mins, _ := strconv.Atoi(m[2])
		return hours*60 + mins, nil
	}
	for d := range h.Days {
		from, err1 := minutes(f.Get(fmt.Sprintf("from-%d", d)))
		to, err2 := minutes(f.Get(fmt.Sprintf("to-%d", d)))
		if err := errors.Join(err1, err2); err != nil {
			return h, err
		}
		h.Days[d] = whatsapp.Day{From: from, To: to}
		if (f.Get(fmt.Sprintf("from-%d", d)) == "") != (f.Get(fmt.Sprintf("to-%d", d)) == "") {
			return h, models.Invalid("hours", "inbox.hours_half", "Day", time.Weekday(d))
		}
	}
	for _, s := range strings.Fields(f.Text("shut")) {
		h.Shut = append(h.Shut, plaintext.Cut(s, 20))
	}
	return h, nil
}

func (h *Handlers) macrosPage(c echo.Context, p view.MacrosProps, status int) error {
	ctx := c.Request().Context()
	var errs [3]error
	p.Labels, errs[0] = inbox.Read(h.Store).Labels(ctx)
	p.Macros, errs[1] = inbox.Read(h.Store).Macros(ctx)
	p.Users, errs[2] = accounts.Read(h.Store).Users(ctx)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for _, m := range p.Macros {
		if m.PublicID == c.QueryParam("edit") {
			p.Edit = m
		}
	}
	return h.Site.Page(c, web.View{Title: "Labels and macros", Area: "settings", Status: status}, view.Macros(p), nil)
}

func (h *Handlers) showMacros(c echo.Context) error {
	return h.macrosPage(c, view.MacrosProps{}, 0)
}

func (h *Handlers) saveLabel(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Get("delete") != "" && f.Get("sure") == "" {
		uses, err := segments.Read(h.Store).LabelUses(c.Request().Context(), web.User(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 {
			return h.Site.AskUses(c, f, uses, web.AskBefore{
				What:   "Delete the label",
				Then:   "Lists that ask for it are empty then, and macros that set it are refused.",
				Button: "Delete it all the same",
				Area:   "settings",
				Back:   "/settings/macros",
			})
		}
	}
	l := inbox.Label{
		PublicID: c.Param("id"),
		Name:     strings.Join(strings.Fields(f.Get("name")), " "),
		Color:    f.Get("color"),
	}
	if f.Get("delete") != "" {
		err = h.Inbox.DeleteLabel(c.Request().Context(), web.Actor(c), l.PublicID)
	} else {
		err = h.Inbox.SaveLabel(c.Request().Context(), web.Actor(c), l)
	}
	if problems, status, refused := web.Problems(err); refused {
		return h.macrosPage(c, view.MacrosProps{Label: l, Problems: map[string]string{"label": problems["name"]}}, status)
	}
	if models.Refused(err) {
		return h.macrosPage(
			c,
			view.MacrosProps{Label: l, Problems: map[string]string{"label": "Choose one of the colours."}},
			422,
		)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/macros", "Saved.")
}

func (h *Handlers) saveMacro(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	m := inbox.Macro{
		PublicID: c.Param("id"),
		Name:     plaintext.Cut(f.Get("name"), 61),
		Actions: inbox.MacroActions{Reply: strings.TrimSpace(f.Text("reply")), Note: strings.TrimSpace(f.Text("note")),
			Assign: f.Get("assign"), Add: f.Values["label_add"], Remove: f.Values["label_remove"]},
	}
	switch then := f.Get("state"); then {
	case "", "resolved", "open":
		m.Actions.State = then
	default:
		m.Actions.State, m.Actions.Snooze = string(conversations.ConversationSnoozed), then
	}
	if n, err := strconv.Atoi(f.Get("priority")); err == nil {
		p := conversations.Priority(n)
		m.Actions.Priority = &p
	}
	err = h.Inbox.SaveMacro(c.Request().Context(), web.Actor(c), m)
	if problems, status, refused := web.Problems(err); refused {
		return h.macrosPage(c, view.MacrosProps{Edit: m, Problems: problems}, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/macros", "Saved. It stands in every conversation's menu.")
}

func (h *Handlers) deleteMacro(c echo.Context) error {
	if err := h.Inbox.DeleteMacro(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return web.Done(c, "/settings/macros", "The macro is gone.")
}
