package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/services/messaging"
	"parley/views/inbox"
	"parley/views/layout"
	"parley/whatsapp"
)

// change applies a decision about one or many conversations: assignment, state, labels, priority.
func (a *App) change(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	snooze, err := a.sleep(c, f)
	if err != nil {
		return a.changedConversations(c, f, changeDone{}, err)
	}
	want := messaging.Change{
		State:  conversations.ConversationState(f.get("state")),
		Snooze: snooze,
		Add:    f.Values["label_add"],
		Remove: f.Values["label_remove"],
		Unread: f.get("unread") != "",
		ByKey:  f.has("by_key"),
	}
	if want.State == "" && want.Snooze != "" {
		want.State = conversations.ConversationSnoozed
	}
	if f.has("assign") {
		to := f.get("assign")
		want.Assign = &to
	}
	if n, err := strconv.Atoi(f.get("priority")); err == nil {
		p := conversations.Priority(n)
		want.Priority = &p
	}
	done, err := a.Messaging.ChangeConversations(c.Request().Context(), actor(c), f.Values["conversation"], want)
	return a.changedConversations(c, f, changeDone{batch: done.Batch, said: saying(want, done.N)}, err)
}

// sleep reads until when to snooze, in the time zone that the form was shown with. What can't be read is refused later.
func (a *App) sleep(c echo.Context, f form) (string, error) {
	s := f.get("snooze")
	if s == "" || s == "-" || s == "reply" {
		return s, nil
	}
	zone, err := a.zoneIn(c, f)
	if err != nil {
		return s, err
	}
	t, err := messaging.SnoozeUntil(s, a.Store.Now(), zone)
	if err != nil {
		return s, err
	}
	return t.Format(time.RFC3339), nil
}

func saying(w messaging.Change, n int) string {
	what := map[conversations.ConversationState]string{
		conversations.ConversationResolved: "Resolved",
		conversations.ConversationSnoozed:  "Snoozed",
		conversations.ConversationOpen:     "Opened again",
	}[w.State]
	switch {
	case what != "":
	case w.Assign != nil:
		what = "Assigned"
	case len(w.Add)+len(w.Remove) > 0:
		what = "Labelled"
	case w.Unread:
		what = "Marked as unread"
	default:
		what = "Saved"
	}
	if n > 1 {
		return fmt.Sprintf("%s: %d conversations.", what, n)
	}
	return what + "."
}

// changeDone is a completed change of conversations: what undoes it, and the message that is shown.
type changeDone struct{ batch, said string }

// changedConversations answers a change: with a toast from which it can be undone, or back to the page.
func (a *App) changedConversations(c echo.Context, f form, done changeDone, err error) error {
	back := localPath(f.get("back"))
	if back == "/" {
		back = "/inbox"
	}
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	if refused {
		text := ""
		for _, p := range problems {
			text = p
		}
		if wantsPart(c) {
			c.Response().Header().Set("HX-Reswap", "none")
			return render(c, status, layout.ToastPart(whatsapp.ToneBad, text))
		}
		return a.refused(c, err, back)
	}
	if wantsPart(c) {
		return render(c, http.StatusOK, inbox.ChangedToast(done.said, done.batch, back))
	}
	return a.done(c, back, done.said)
}

func (a *App) undo(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	undone, left, err := a.Messaging.Undo(c.Request().Context(), actor(c), c.Param("batch"))
	text := "Undone."
	if left > 0 {
		text = fmt.Sprintf("Undone for %d; %d changed since and stay as they are.", undone, left)
	}
	return a.answered(c, f, text, err)
}

// answered answers a small form with its outcome: as a toast, or on the page that it came from.
func (a *App) answered(c echo.Context, f form, text string, err error) error {
	problems, status, refused := problemsOf(err)
	if err != nil && !refused {
		return err
	}
	back := localPath(f.get("back"))
	if back == "/" {
		back = "/inbox"
	}
	if !wantsPart(c) {
		if refused {
			return a.refused(c, err, back)
		}
		return a.done(c, back, text)
	}
	tone := whatsapp.ToneGood
	if refused {
		tone = whatsapp.ToneBad
		for _, p := range problems {
			text = p
		}
		c.Response().Header().Set("HX-Reswap", "none")
	} else {
		status = http.StatusOK
	}
	return render(c, status, layout.ToastPart(tone, text))
}

func (a *App) runMacro(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	done, err := a.Messaging.RunMacro(c.Request().Context(), userOf(c), actor(c), messaging.MacroForm{
		ConversationID: c.Param("id"),
		MacroID:        f.get("macro"),
		Token:          f.get("token"),
	})
	return a.changedConversations(c, f, changeDone{batch: done.Batch, said: "Done."}, err)
}

// setAvailability sets whether the user takes conversations now.
func (a *App) setAvailability(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	availability := accounts.Availability(f.get("availability"))
	if err := accounts.SetAvailability(c.Request().Context(), a.Store, userOf(c), availability); err != nil {
		return err
	}
	back := f.get("back")
	if u, err := url.Parse(c.Request().Referer()); err == nil && u.Host == c.Request().Host {
		back = u.RequestURI()
	}
	return c.Redirect(http.StatusSeeOther, localPath(back))
}

// savePreferences stores the user's preferences for the inbox.
func (a *App) savePreferences(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := accounts.Preferences{
		EnterAdds: f.get("enter_adds") != "",
		Sound:     f.get("sound") != "",
		Notices:   f.get("notices") != "",
		Zone:      f.get("time_zone"),
	}
	if _, ok := models.LoadZone(p.Zone); !ok && p.Zone != "" {
		userOf(c).Preferences = p
		return a.accountPage(
			c,
			map[string]string{"time_zone": "This is no time zone: write a name such as Europe/Berlin, or leave it empty."},
			http.StatusUnprocessableEntity,
		)
	}
	if err := accounts.SetPreferences(c.Request().Context(), a.Store, userOf(c).ID, p); err != nil {
		return err
	}
	return a.done(c, "/account", "Saved.")
}
