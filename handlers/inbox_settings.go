package handlers

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people/segments"
	"parley/views/settings"
	"parley/whatsapp"
)

func (a *App) showInboxSettings(c echo.Context) error {
	d, err := conversations.Read(a.Store).InboxSettings(c.Request().Context())
	if err != nil {
		return err
	}
	return a.page(
		c,
		view{title: "Inbox settings", area: "settings"},
		settings.Inbox(settings.InboxProps{Settings: d, Shut: strings.Join(d.Hours.Shut, "\n")}),
		nil,
	)
}

// saveInboxSettings stores what the inbox does automatically. After a refusal the form is shown as it was typed.
func (a *App) saveInboxSettings(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	d, err := readInboxSettings(f)
	if problems, status, refused := problemsOf(err); refused {
		p := settings.InboxProps{Settings: d, Shut: f.text("shut"), Typed: map[string]string{}, Problems: problems}
		for name := range f.Values {
			p.Typed[name] = f.get(name)
		}
		return a.page(c, view{title: "Inbox settings", area: "settings", status: status}, settings.Inbox(p), nil)
	}
	if err != nil {
		return err
	}
	if err := a.Inbox.SaveSettings(ctx, actor(c), d); err != nil {
		return err
	}
	return a.done(c, "/settings/inbox", "Saved. It counts from now on.")
}

// readInboxSettings reads the settings' form. Refusals name their fields.
func readInboxSettings(f form) (conversations.InboxSettings, error) {
	var errs []error
	number := func(name string, most int) int {
		n, err := strconv.Atoi(f.get(name))
		if f.get(name) == "" {
			return 0
		}
		if err != nil || n < 0 || n > most {
			errs = append(errs, models.Invalid(name, "inbox.number_range", "Max", most))
			return 0
		}
		return n
	}
	rule := func(name string, most int) conversations.Rule {
		r := conversations.Rule{On: f.get(name+"_on") != "", Text: strings.TrimSpace(f.text(name + "_text"))}
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
		Assign:       f.get("assign") != "",
		AssignLimit:  number("assign_limit", 10000),
		ResolveDays:  number("resolve_days", 3650),
		RespondMin:   number("respond_min", 100000),
		ResolveHrs:   number("resolve_hrs", 10000),
		AlertMin:     number("alert_min", 23*60),
		OnlyAssignee: f.get("only_assignee") != "",
		Typing:       f.get("typing") != "",
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

func readHours(f form) (whatsapp.Hours, error) {
	h := whatsapp.Hours{On: f.get("hours_on") != "", Zone: f.get("zone")}
	minutes := func(s string) (int, error) {
		m := clockTime.FindStringSubmatch(s)
		if s != "" && m == nil {
			return 0, models.Invalid("hours", "inbox.hours_no_time", "Text", cut(s, 20))
		}
		if m == nil {
			return 0, nil
		}
		hours, _ := strconv.Atoi(m[1]) // two digits: this can't fail
		mins, _ := strconv.Atoi(m[2])
		return hours*60 + mins, nil
	}
	for d := range h.Days {
		from, err1 := minutes(f.get(fmt.Sprintf("from-%d", d)))
		to, err2 := minutes(f.get(fmt.Sprintf("to-%d", d)))
		if err := errors.Join(err1, err2); err != nil {
			return h, err
		}
		h.Days[d] = whatsapp.Day{From: from, To: to}
		if (f.get(fmt.Sprintf("from-%d", d)) == "") != (f.get(fmt.Sprintf("to-%d", d)) == "") {
			return h, models.Invalid("hours", "inbox.hours_half", "Day", time.Weekday(d))
		}
	}
	for _, s := range strings.Fields(f.text("shut")) {
		h.Shut = append(h.Shut, cut(s, 20))
	}
	if p := h.Problem(); p != "" {
		return h, models.Invalid("hours", "inbox.hours_refused", "Reason", p)
	}
	return h, nil
}

func (a *App) macrosPage(c echo.Context, p settings.MacrosProps, status int) error {
	ctx := c.Request().Context()
	var errs [3]error
	p.Labels, errs[0] = inbox.Read(a.Store).Labels(ctx)
	p.Macros, errs[1] = inbox.Read(a.Store).Macros(ctx)
	p.Users, errs[2] = accounts.Read(a.Store).Users(ctx)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for _, m := range p.Macros {
		if m.PublicID == c.QueryParam("edit") {
			p.Edit = m
		}
	}
	return a.page(c, view{title: "Labels and macros", area: "settings", status: status}, settings.Macros(p), nil)
}

func (a *App) showMacros(c echo.Context) error { return a.macrosPage(c, settings.MacrosProps{}, 0) }

func (a *App) saveLabel(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if f.get("delete") != "" && f.get("sure") == "" {
		uses, err := segments.Read(a.Store).LabelUses(c.Request().Context(), userOf(c).ID, c.Param("id"))
		if err != nil {
			return err
		}
		if len(uses) > 0 {
			return a.askUses(c, f, uses, askBefore{
				what:   "Delete the label",
				then:   "Lists that ask for it are empty then, and macros that set it are refused.",
				button: "Delete it all the same",
				area:   "settings",
				back:   "/settings/macros",
			})
		}
	}
	l := inbox.Label{
		PublicID: c.Param("id"),
		Name:     strings.Join(strings.Fields(f.get("name")), " "),
		Color:    f.get("color"),
	}
	if f.get("delete") != "" {
		err = a.Inbox.DeleteLabel(c.Request().Context(), actor(c), l.PublicID)
	} else {
		err = a.Inbox.SaveLabel(c.Request().Context(), actor(c), l)
	}
	if problems, status, refused := problemsOf(err); refused {
		return a.macrosPage(c, settings.MacrosProps{Label: l, Problems: map[string]string{"label": problems["name"]}}, status)
	}
	if models.Refused(err) {
		return a.macrosPage(
			c,
			settings.MacrosProps{Label: l, Problems: map[string]string{"label": "Choose one of the colours."}},
			422,
		)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/macros", "Saved.")
}

func (a *App) saveMacro(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	m := inbox.Macro{
		PublicID: c.Param("id"),
		Name:     cut(f.get("name"), 61),
		Actions: inbox.MacroActions{Reply: strings.TrimSpace(f.text("reply")), Note: strings.TrimSpace(f.text("note")),
			Assign: f.get("assign"), Add: f.Values["label_add"], Remove: f.Values["label_remove"]},
	}
	switch then := f.get("state"); then {
	case "", "resolved", "open":
		m.Actions.State = then
	default:
		m.Actions.State, m.Actions.Snooze = string(conversations.ConversationSnoozed), then
	}
	if n, err := strconv.Atoi(f.get("priority")); err == nil {
		p := conversations.Priority(n)
		m.Actions.Priority = &p
	}
	err = a.checkMacro(m, f.get("state"))
	if err == nil {
		err = a.Inbox.SaveMacro(c.Request().Context(), actor(c), m)
	}
	if problems, status, refused := problemsOf(err); refused {
		return a.macrosPage(c, settings.MacrosProps{Edit: m, Problems: problems}, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/settings/macros", "Saved. It stands in every conversation's menu.")
}

func (a *App) checkMacro(m inbox.Macro, then string) error {
	var errs []error
	if n := whatsapp.Length(m.Name); n == 0 || n > 60 {
		errs = append(errs, models.Invalid("name", "macro.name_length"))
	}
	if whatsapp.Length(m.Actions.Reply) > whatsapp.MaxBody {
		errs = append(errs, models.Invalid("reply", "macro.reply_too_long"))
	}
	if !settings.KnownThen(then) {
		errs = append(errs, models.Invalid("state", "macro.state_unknown"))
	}
	return errors.Join(errs...)
}

func (a *App) deleteMacro(c echo.Context) error {
	if err := a.Inbox.DeleteMacro(c.Request().Context(), actor(c), c.Param("id")); err != nil {
		return err
	}
	return a.done(c, "/settings/macros", "The macro is gone.")
}

func (a *App) repliesPage(c echo.Context, edit inbox.CannedReply, problems map[string]string, status int) error {
	list, err := inbox.Read(a.Store).CannedReplies(c.Request().Context(), userOf(c).ID, "", 500)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.PublicID == c.QueryParam("edit") && edit.PublicID == "" {
			edit = r
		}
	}
	return a.page(
		c,
		view{title: "Canned replies", area: "inbox", status: status},
		settings.Replies(settings.RepliesProps{List: list, User: userOf(c), Edit: edit, Problems: problems}),
		nil,
	)
}

func (a *App) showReplies(c echo.Context) error {
	return a.repliesPage(c, inbox.CannedReply{}, nil, 0)
}

var shortcut = regexp.MustCompile(`^[a-z0-9_-]{1,30}$`)

func (a *App) saveReply(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	u := userOf(c)
	r := inbox.CannedReply{
		PublicID: c.Param("id"),
		Shortcut: strings.TrimPrefix(strings.ToLower(f.get("shortcut")), "/"),
		Body:     strings.TrimSpace(f.text("body")),
	}
	if f.get("mine") != "" || !u.Role.Can(models.Operator) {
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
		err = a.Inbox.SaveCannedReply(c.Request().Context(), actor(c), u.Role, r)
	}
	if problems, status, refused := problemsOf(err); refused {
		return a.repliesPage(c, r, problems, status)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/replies", "Saved. Type /"+r.Shortcut+" in a reply.")
}

func (a *App) deleteReply(c echo.Context) error {
	err := a.Inbox.DeleteCannedReply(c.Request().Context(), actor(c), userOf(c).Role, c.Param("id"))
	if err != nil {
		return err
	}
	return a.done(c, "/replies", "The canned reply is gone.")
}
