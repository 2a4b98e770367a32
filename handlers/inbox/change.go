package inbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/conversations"
	"parley/services/messaging"
	view "parley/views/inbox"
	"parley/views/layout"
	"parley/whatsapp"
)

// change applies a decision about one or many conversations: assignment, state, labels, priority.
func (h *Handlers) change(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	snooze, err := h.sleep(c, f)
	if err != nil {
		return h.changedConversations(c, f, changeDone{}, err)
	}
	want := messaging.Change{
		State:  conversations.ConversationState(f.Get("state")),
		Snooze: snooze,
		Add:    f.Values["label_add"],
		Remove: f.Values["label_remove"],
		Unread: f.Get("unread") != "",
		ByKey:  f.Has("by_key"),
	}
	if want.State == "" && want.Snooze != "" {
		want.State = conversations.ConversationSnoozed
	}
	if f.Has("assign") {
		to := f.Get("assign")
		want.Assign = &to
	}
	if n, err := strconv.Atoi(f.Get("priority")); err == nil {
		p := conversations.Priority(n)
		want.Priority = &p
	}
	done, err := h.Messaging.ChangeConversations(c.Request().Context(), web.Actor(c), f.Values["conversation"], want)
	return h.changedConversations(c, f, changeDone{batch: done.Batch, said: saying(want, done.N)}, err)
}

// sleep reads until when to snooze, in the time zone that the form was shown with. What can't be read is refused later.
func (h *Handlers) sleep(c echo.Context, f web.Form) (string, error) {
	s := f.Get("snooze")
	if s == "" || s == "-" || s == "reply" {
		return s, nil
	}
	zone, err := h.Site.ZoneIn(c, f)
	if err != nil {
		return s, err
	}
	t, err := messaging.SnoozeUntil(s, h.Store.Now(), zone)
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
func (h *Handlers) changedConversations(c echo.Context, f web.Form, done changeDone, err error) error {
	back := web.LocalPath(f.Get("back"))
	if back == "/" {
		back = "/inbox"
	}
	problems, status, refused := web.Problems(err)
	if err != nil && !refused {
		return err
	}
	if refused {
		text := ""
		for _, p := range problems {
			text = p
		}
		if web.WantsPart(c) {
			c.Response().Header().Set("HX-Reswap", "none")
			return web.Render(c, status, layout.ToastPart(whatsapp.ToneBad, text))
		}
		return web.Refused(c, err, back)
	}
	if web.WantsPart(c) {
		return web.Render(c, http.StatusOK, view.ChangedToast(done.said, done.batch, back))
	}
	return web.Done(c, back, done.said)
}

func (h *Handlers) undo(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	undone, left, err := h.Messaging.Undo(c.Request().Context(), web.Actor(c), c.Param("batch"))
	text := "Undone."
	if left > 0 {
		text = fmt.Sprintf("Undone for %d; %d changed since and stay as they are.", undone, left)
	}
	return h.answered(c, f, text, err)
}

// answered answers a small form with its outcome: as a toast, or on the page that it came from.
func (h *Handlers) answered(c echo.Context, f web.Form, text string, err error) error {
	problems, status, refused := web.Problems(err)
	if err != nil && !refused {
		return err
	}
	back := web.LocalPath(f.Get("back"))
	if back == "/" {
		back = "/inbox"
	}
	if !web.WantsPart(c) {
		if refused {
			return web.Refused(c, err, back)
		}
		return web.Done(c, back, text)
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
	return web.Render(c, status, layout.ToastPart(tone, text))
}

func (h *Handlers) runMacro(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	done, err := h.Messaging.RunMacro(c.Request().Context(), web.User(c), web.Actor(c), messaging.MacroForm{
		ConversationID: c.Param("id"),
		MacroID:        f.Get("macro"),
		Token:          f.Get("token"),
	})
	return h.changedConversations(c, f, changeDone{batch: done.Batch, said: "Done."}, err)
}
