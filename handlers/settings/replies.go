package settings

import (
	"strings"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models"
	"parley/models/inbox"
	view "parley/views/settings"
)

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
	err = h.Inbox.SaveCannedReply(c.Request().Context(), web.Actor(c), u.Role, r)
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
