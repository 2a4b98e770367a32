package handlers

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/services/messaging"
	"parley/services/twilio"
)

const emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`

// takeMessage is Twilio's webhook for incoming messages. It answers after the commit, so that an
// accepted message is never lost (promise 4).
func (a *App) takeMessage(c echo.Context) error {
	form, token, err := a.signedForm(c, "message")
	if token == 0 {
		return err
	}
	in, err := twilio.ParseInbound(form)
	if err != nil {
		return a.malformed(c, "message", form.Get("MessageSid"), err)
	}
	if err := a.Messaging.Receive(c.Request().Context(), in, form, messaging.Delivery{RequestID: requestIDOf(c), TokenNo: token}); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", []byte(emptyTwiML))
}

// takeStatus is Twilio's webhook for the way of outbound messages.
func (a *App) takeStatus(c echo.Context) error {
	form, token, err := a.signedForm(c, "status")
	if token == 0 {
		return err
	}
	cb, err := twilio.ParseStatus(form)
	if err != nil {
		return a.malformed(c, "status", form.Get("MessageSid"), err)
	}
	if err := a.Messaging.TakeStatus(c.Request().Context(), cb, form, c.QueryParam("m"), messaging.Delivery{RequestID: requestIDOf(c), TokenNo: token}); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", []byte(emptyTwiML))
}

// signedForm reads the form and says which of our tokens signed it, counted from 1. With 0 the request has been
// answered: it was not Twilio's.
func (a *App) signedForm(c echo.Context, kind string) (url.Values, int, error) {
	r := c.Request()
	if t, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); err != nil || t != echo.MIMEApplicationForm {
		return nil, 0, a.malformed(c, kind, "", errors.New("the body is no form"))
	}
	if err := r.ParseForm(); err != nil {
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return nil, 0, he
		}
		return nil, 0, a.malformed(c, kind, "", err)
	}
	token := twilio.SignedBy(a.Tokens, a.PublicURL+r.RequestURI, r.PostForm, r.Header.Get("X-Twilio-Signature"))
	if token == 0 {
		a.Log.Warn("webhook with a wrong signature", "id", requestIDOf(c), "kind", kind, "ip", c.RealIP())
		err := a.keepVerdict(c, models.WebhookReceipt{Kind: kind, Verdict: "bad_signature", Effect: "Refused: not signed by Twilio for " + a.PublicURL})
		return nil, 0, errors.Join(err, c.NoContent(http.StatusForbidden))
	}
	return r.PostForm, token, nil
}

func (a *App) malformed(c echo.Context, kind, sid string, cause error) error {
	a.Log.Warn("malformed webhook", "id", requestIDOf(c), "kind", kind, "error", cause)
	err := a.keepVerdict(c, models.WebhookReceipt{Kind: kind, Verdict: "malformed", MessageSid: cut(sid, 40), Effect: cut("Refused: "+cause.Error(), 300)})
	return errors.Join(err, c.NoContent(http.StatusBadRequest))
}

// keepVerdict keeps that a delivery was refused: one a second at most, so that nobody can fill the
// database.
func (a *App) keepVerdict(c echo.Context, r models.WebhookReceipt) error {
	if !a.verdicts.Allow() {
		return nil
	}
	r.RequestID, r.ReceivedAt = requestIDOf(c), time.Now()
	return a.Store.AddReceipt(c.Request().Context(), &r)
}
