package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/layout"
	"parley/whatsapp"
)

var statusOf = map[models.Kind]int{
	models.KindInvalid:   http.StatusUnprocessableEntity,
	models.KindNotFound:  http.StatusNotFound,
	models.KindConflict:  http.StatusConflict,
	models.KindForbidden: http.StatusForbidden,
	models.KindTooMany:   http.StatusTooManyRequests,
}

// statusGone is logged for a request whose client has disconnected (nginx uses the same code).
const statusGone = 499

const ours = "Something went wrong on our side. Try again; if it stays, tell your admin the request's number."

// handleError is the only place where an error becomes a status and a sentence.
func (site *Site) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if c.Request().Context().Err() != nil {
		_ = c.NoContent(statusGone) // the client has disconnected
		return
	}
	status, sentence := describe(err)
	if status >= 500 {
		site.Log.ErrorContext(c.Request().Context(), "request failed", "id", RequestIDOf(c), "route", c.Path(), "error", err)
	}
	if err := site.showError(c, status, sentence); err != nil {
		site.Log.Error("show error", "id", RequestIDOf(c), "error", err)
	}
}

func describe(err error) (int, string) {
	if e, ok := errors.AsType[*models.Error](err); ok {
		if status, ok := statusOf[e.Kind]; ok {
			return status, e.Message()
		}
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok && he.Code < 500 {
		switch he.Code {
		case http.StatusNotFound:
			return he.Code, "There is no such page. It may have moved, or the link is wrong."
		case http.StatusMethodNotAllowed:
			return he.Code, "This address does not take that kind of request."
		case http.StatusRequestEntityTooLarge:
			return he.Code, "What you sent is too large. A picture may have 5 MB at most."
		}
		return he.Code, "This request could not be understood. Go back and try again."
	}
	return http.StatusInternalServerError, ours
}

func (site *Site) showError(c echo.Context, status int, sentence string) error {
	switch {
	case webhook(c) && status >= 500: // for example a panic: Twilio tries again
		return c.NoContent(http.StatusServiceUnavailable)
	case webhook(c), c.Request().Method == http.MethodHead, c.Path() == "/events":
		return c.NoContent(status)
	case WantsPart(c):
		c.Response().Header().Set("HX-Reswap", "none")
		return Render(c, status, layout.ToastPart(whatsapp.ToneBad, sentence))
	}
	body := layout.ErrorBody(status, sentence, RequestIDOf(c))
	if User(c) == nil || status >= 500 {
		return Render(c, status, layout.Bare("Error", body))
	}
	s, err := site.shell(c, View{Title: "Error"})
	if err != nil {
		return Render(c, status, layout.Bare("Error", body))
	}
	return Render(c, status, layout.Page(s, body))
}
