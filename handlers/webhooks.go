package handlers

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/models/conversations/receipts"
	"parley/services/messaging"
	"parley/services/twilio"
)

const emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`

// Twilio's webhooks. A delivery that is correctly signed and names a message is answered with 200 after it was stored,
// or with 503 if it could not be stored, so that Twilio retries it or shows it as failed. With any other answer it
// would be lost (promise 4).

// receiveMessage is Twilio's webhook for incoming messages.
func (a *App) receiveMessage(c echo.Context) error {
	return a.receiveSigned(c, receipts.MessageReceipt)
}

// receiveStatus is Twilio's webhook for the status of outbound messages.
func (a *App) receiveStatus(c echo.Context) error { return a.receiveSigned(c, receipts.StatusReceipt) }

func (a *App) receiveSigned(c echo.Context, kind receipts.ReceiptKind) error {
	d, err := a.signedDelivery(c, kind)
	if d.TokenNo == 0 {
		return err
	}
	d.Ref = c.QueryParam("m")
	switch err := a.Messaging.Take(c.Request().Context(), kind, d); {
	case err == nil:
		return c.Blob(http.StatusOK, "text/xml; charset=utf-8", []byte(emptyTwiML))
	case errors.Is(err, messaging.ErrNoSid):
		a.Log.Warn("webhook without a message", "id", d.RequestID, "kind", kind)
		return c.NoContent(http.StatusBadRequest)
	default:
		a.Log.Error("webhook not stored", "id", d.RequestID, "kind", kind, "error", err)
		return c.NoContent(http.StatusServiceUnavailable)
	}
}

// signedDelivery reads a webhook and returns which of our tokens signed it. With none (0) the request has already been
// answered: it was not Twilio's.
func (a *App) signedDelivery(c echo.Context, kind receipts.ReceiptKind) (messaging.Delivery, error) {
	r := c.Request()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return messaging.Delivery{}, err
	}
	form, token := twilio.Verify(a.Tokens, a.calledURL(r), body, r.Header.Get("X-Twilio-Signature"))
	if token == 0 {
		a.Log.Warn("webhook with a wrong signature", "id", requestIDOf(c), "kind", kind, "ip", c.RealIP())
		return messaging.Delivery{}, errors.Join(a.storeVerdict(c, kind), c.NoContent(http.StatusForbidden))
	}
	return messaging.Delivery{Body: body, Form: form, RequestID: requestIDOf(c), TokenNo: token}, nil
}

// calledURL is the address that Twilio called: PUBLIC_URL, possibly with the port of the request.
func (a *App) calledURL(r *http.Request) string {
	u, err := url.Parse(a.PublicURL)
	if _, port, e := net.SplitHostPort(r.Host); err == nil && e == nil && u.Port() == "" {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
			u.Host += ":" + port
			return u.String() + r.RequestURI
		}
	}
	return a.PublicURL + r.RequestURI
}

// storeVerdict records that a delivery was refused because Twilio did not sign it: at most one a second, with bursts of
// sixty, so that nobody can fill the database.
func (a *App) storeVerdict(c echo.Context, kind receipts.ReceiptKind) error {
	if !a.verdicts.Allow() {
		return nil
	}
	return receipts.LogReceipt(c.Request().Context(), a.Store, &receipts.WebhookReceipt{
		Kind:       kind,
		Verdict:    receipts.VerdictBadSignature,
		Effect:     "Refused: not signed by Twilio for " + a.PublicURL,
		RequestID:  requestIDOf(c),
		ReceivedAt: time.Now(),
	})
}
