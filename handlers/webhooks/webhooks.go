package webhooks

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/conversations/receipts"
	"parley/services/messaging"
	"parley/services/twilio"
)

const emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`

// receiveMessage is Twilio's webhook for incoming messages.
func (h *Handlers) receiveMessage(c echo.Context) error {
	return h.receiveSigned(c, receipts.MessageReceipt)
}

// receiveStatus is Twilio's webhook for the status of outbound messages.
func (h *Handlers) receiveStatus(c echo.Context) error {
	return h.receiveSigned(c, receipts.StatusReceipt)
}

func (h *Handlers) receiveSigned(c echo.Context, kind receipts.ReceiptKind) error {
	d, err := h.signedDelivery(c, kind)
	if d.TokenNo == 0 {
		return err
	}
	d.Ref = c.QueryParam("m")
	switch err := h.Messaging.Take(c.Request().Context(), kind, d); {
	case err == nil:
		return c.Blob(http.StatusOK, "text/xml; charset=utf-8", []byte(emptyTwiML))
	case errors.Is(err, messaging.ErrNoSid):
		h.Log.Warn("webhook without a message", "id", d.RequestID, "kind", kind)
		return c.NoContent(http.StatusBadRequest)
	default:
		h.Log.Error("webhook not stored", "id", d.RequestID, "kind", kind, "error", err)
		return c.NoContent(http.StatusServiceUnavailable)
	}
}

// signedDelivery reads a webhook and returns which of our tokens signed it. With none (0) the request has already been
// answered: it was not Twilio's.
func (h *Handlers) signedDelivery(c echo.Context, kind receipts.ReceiptKind) (messaging.Delivery, error) {
	r := c.Request()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return messaging.Delivery{}, err
	}
	form, token := twilio.Verify(h.Tokens, h.calledURL(r), body, r.Header.Get("X-Twilio-Signature"))
	if token == 0 {
		h.Log.Warn("webhook with a wrong signature", "id", web.RequestIDOf(c), "kind", kind, "ip", c.RealIP())
		return messaging.Delivery{}, errors.Join(h.storeVerdict(c, kind), c.NoContent(http.StatusForbidden))
	}
	return messaging.Delivery{Body: body, Form: form, RequestID: web.RequestIDOf(c), TokenNo: token}, nil
}

// calledURL is the address that Twilio called: PUBLIC_URL, possibly with the port of the request.
func (h *Handlers) calledURL(r *http.Request) string {
	u, err := url.Parse(h.PublicURL)
	if _, port, e := net.SplitHostPort(r.Host); err == nil && e == nil && u.Port() == "" {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
			u.Host += ":" + port
			return u.String() + r.RequestURI
		}
	}
	return h.PublicURL + r.RequestURI
}

// storeVerdict records that a delivery was refused because Twilio did not sign it: at most one a second, with bursts of
// sixty, so that nobody can fill the database.
func (h *Handlers) storeVerdict(c echo.Context, kind receipts.ReceiptKind) error {
	if !h.verdicts.Allow() {
		return nil
	}
	return receipts.LogReceipt(c.Request().Context(), h.Store, &receipts.WebhookReceipt{
		Kind:       kind,
		Verdict:    receipts.VerdictBadSignature,
		Effect:     "Refused: not signed by Twilio for " + h.PublicURL,
		RequestID:  web.RequestIDOf(c),
		ReceivedAt: time.Now(),
	})
}
