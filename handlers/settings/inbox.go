package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

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
	var errs []error
	number := func(name string, most int) int {
		n, err := strconv.Atoi(f.Get(name))
		if f.Get(name) == "" {
			return 0
		}
		if err != nil || n < 0 || n > most {
			errs = append(errs, models.Invalid(name, "inbox.number_range", "Max", most))
			return 0
		}
		return n
	}
	rule := func(name string, most int) conversations.Rule {
		r := conversations.Rule{On: f.Get(name+"_on") != "", Text: strings.TrimSpace(f.Text(name + "_text"))}
		switch n := whatsapp.Length(r.Text); {
		case r.On && n == 0:
			errs = append(errs, models.Invalid(name+"_text", "inbox.rule_text_missing"))
		case n > most:
			errs = append(errs, models.Invalid(name+"_text", "inbox.rule_text_too_long", "Count", n, "Max", most))
		}
		return r
	}
	d := conversations.InboxSettings{
		Away:         rule("away", whatsapp.MaxBody),
		Greeting:     rule("greeting", whatsapp.MaxBody),
		Nudge:        rule("nudge", whatsapp.MaxBody),
		Rating:       rule("rating", 1024),
		NudgeMin:     number("nudge_min", 23*60),
		Assign:       f.Get("assign") != "",
		AssignLimit:  number("assign_limit", 10000),
		ResolveDays:  number("resolve_days", 3650),
		RespondMin:   number("respond_min", 100000),
		ResolveHrs:   number("resolve_hrs", 10000),
		AlertMin:     number("alert_min", 23*60),
		OnlyAssignee: f.Get("only_assignee") != "",
		Typing:       f.Get("typing") != "",
	}
	if whatsapp.Placeholder.MatchString(d.Rating.Text) { // sent as a content with buttons: nothing fills placeholders
		errs = append(errs, models.Invalid("rating_text", "inbox.rating_placeholder"))
	}
	if d.Nudge.On && d.NudgeMin == 0 {
		errs = append(errs, models.Invalid("nudge_min", "inbox.nudge_minutes_missing"))
	}
	var err error
	d.Hours, err = readHours(f)
	return d, errors.Join(append(errs, err)...)
}

var clockTime = regexp.MustCompile(`^([01]?\d|2[0-4]):([0-5]\d)$`)

func readHours(f web.Form) (whatsapp.Hours, error) {
	h := whatsapp.Hours{On: f.Get("hours_on") != "", Zone: f.Get("zone")}
	minutes := func(s string) (int, error) {
		m := clockTime.FindStringSubmatch(s)
		if s != "" && m == nil {
			return 0, models.Invalid("hours", "inbox.hours_no_time", "Text", web.Cut(s, 20))
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
		h.Shut = append(h.Shut, web.Cut(s, 20))
	}
	if p := h.Problem(); p != "" {
		return h, models.Invalid("hours", "inbox.hours_refused", "Reason", p)
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
		Name:     web.Cut(f.Get("name"), 61),
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
	err = h.checkMacro(m, f.Get("state"))
	if err == nil {
		err = h.Inbox.SaveMacro(c.Request().Context(), web.Actor(c), m)
	}
	if problems, status, refused := web.Problems(err); refused {
		return h.macrosPage(c, view.MacrosProps{Edit: m, Problems: problems}, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/settings/macros", "Saved. It stands in every conversation's menu.")
}

func (h *Handlers) checkMacro(m inbox.Macro, then string) error {
	var errs []error
	if n := whatsapp.Length(m.Name); n == 0 || n > 60 {
		errs = append(errs, models.Invalid("name", "macro.name_length"))
	}
	if whatsapp.Length(m.Actions.Reply) > whatsapp.MaxBody {
		errs = append(errs, models.Invalid("reply", "macro.reply_too_long"))
	}
	if !view.KnownThen(then) {
		errs = append(errs, models.Invalid("state", "macro.state_unknown"))
	}
	return errors.Join(errs...)
}

func (h *Handlers) deleteMacro(c echo.Context) error {
	if err := h.Inbox.DeleteMacro(c.Request().Context(), web.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return web.Done(c, "/settings/macros", "The macro is gone.")
}

func (h *Handlers) repliesPage(c echo.Context, edit inbox.CannedReply, problems map[string]string, status int) error {
	list, err := inbox.Read(h.Store).CannedReplies(c.Request().Context(), web.User(c).ID, "", 500)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.PublicID == c.QueryParam("edit") && edit.PublicID == "" {
			edit = r
		}
	}
	return h.Site.Page(
		c,
		web.View{Title: "Canned replies", Area: "inbox", Status: status},
		view.Replies(view.RepliesProps{List: list, User: web.User(c), Edit: edit, Problems: problems}),
		nil,
	)
}

func (h *Handlers) showReplies(c echo.Context) error {
	return h.repliesPage(c, inbox.CannedReply{}, nil, 0)
}

var shortcut = regexp.MustCompile(`^[a-z0-9_-]{1,30}$`)

func (h *Handlers) saveReply(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	u := web.User(c)
	r := inbox.CannedReply{
		PublicID: c.Param("id"),
		Shortcut: strings.TrimPrefix(strings.ToLower(f.Get("shortcut")), "/"),
		Body:     strings.TrimSpace(f.Text("body")),
	}
	if f.Get("mine") != "" || !u.Role.Can(models.Operator) {
		r.UserID = &u.ID
	}
	var errs []error
	if !shortcut.MatchString(r.Shortcut) {
		errs = append(errs, models.Invalid("shortcut", "canned_reply.shortcut_form"))
	}
	if n := whatsapp.Length(r.Body); n == 0 || n > whatsapp.MaxBody {
		errs = append(errs, models.Invalid("body", "canned_reply.body_length", "Max", whatsapp.MaxBody, "Count", n))
	}
	if err = errors.Join(errs...); err == nil {
		err = h.Inbox.SaveCannedReply(c.Request().Context(), web.Actor(c), u.Role, r)
	}
	if problems, status, refused := web.Problems(err); refused {
		return h.repliesPage(c, r, problems, status)
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/replies", "Saved. Type /"+r.Shortcut+" in a reply.")
}

func (h *Handlers) deleteReply(c echo.Context) error {
	err := h.Inbox.DeleteCannedReply(c.Request().Context(), web.Actor(c), web.User(c).Role, c.Param("id"))
	if err != nil {
		return err
	}
	return web.Done(c, "/replies", "The canned reply is gone.")
}
