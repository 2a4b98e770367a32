package webhooks

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/conversations/receipts"
)

// receiveTest answers Parley's own signed call: the test passes if the call arrives here.
func (h *Handlers) receiveTest(c echo.Context) error {
	d, err := h.signedDelivery(c, receipts.TestReceipt)
	if d.TokenNo == 0 {
		return err
	}
	r := receipts.WebhookReceipt{
		Kind:      receipts.TestReceipt,
		Verdict:   receipts.VerdictAccepted,
		Effect:    "A test of the webhooks by Parley itself",
		RequestID: web.RequestIDOf(c),
		TokenNo:   d.TokenNo,
	}
	if err := receipts.LogReceipt(c.Request().Context(), h.Store, &r); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
