package settings

import (
	"net/url"
	"strconv"

	"parley/whatsapp/plaintext"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/conversations/receipts"
	"parley/services/messaging"
	view "parley/views/settings"
)

// receiptsPage is how many deliveries the inspector shows at once.
const receiptsPage = 100

// showWebhooks is the webhook inspector: every delivery and its outcome.
func (h *Handlers) showWebhooks(c echo.Context) error {
	ctx := c.Request().Context()
	p := view.WebhooksProps{
		Filter: receipts.ReceiptFilter{
			Verdict: c.QueryParam("verdict"),
			Kind:    c.QueryParam("kind"),
			Search:  plaintext.Cut(c.QueryParam("q"), 80),
			Before:  web.Int64Param(c, "before"),
			Limit:   receiptsPage + 1,
		},
		Now: h.Store.Now(),
	}
	if !view.KnownVerdict(p.Filter.Verdict) {
		p.Gone = append(p.Gone, web.Gone(c, "verdict", "No such verdict"))
	}
	if !view.KnownWebhookKind(p.Filter.Kind) {
		p.Gone = append(p.Gone, web.Gone(c, "kind", "No such kind"))
	}
	p.Filter.Nothing = len(p.Gone) > 0
	var err error
	if p.Rows, err = receipts.Read(h.Store).Receipts(ctx, p.Filter); err != nil {
		return err
	}
	if p.Days, err = receipts.Read(h.Store).ReceiptDays(ctx); err != nil {
		return err
	}
	if len(p.Rows) > receiptsPage {
		p.Rows = p.Rows[:receiptsPage]
		q := url.Values{
			"verdict": {p.Filter.Verdict},
			"kind":    {p.Filter.Kind},
			"q":       {p.Filter.Search},
			"before":  {strconv.FormatInt(p.Rows[receiptsPage-1].ID, 10)},
		}
		p.Older = "/settings/webhooks?" + q.Encode()
	}
	return h.Site.Page(c, web.View{Title: "Webhooks", Area: "settings"}, view.Webhooks(p), nil)
}

// showWebhook shows one delivery with its raw form.
func (h *Handlers) showWebhook(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := receipts.Read(h.Store).ReceiptByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p := view.WebhookProps{Receipt: *r, Tokens: len(h.Tokens), Now: h.Store.Now()}
	p.Fields, p.Unread = messaging.ReadDelivery(r)
	if p.Replays, err = receipts.Read(h.Store).Replays(ctx, r.ID); err != nil {
		return err
	}
	if p.Conversation, err = receipts.Read(h.Store).ConversationOfSid(ctx, r.MessageSid); err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Delivery", Area: "settings"}, view.Webhook(p), nil)
}

func (h *Handlers) replayWebhook(c echo.Context) error {
	r, err := h.Messaging.Replay(c.Request().Context(), web.Actor(c), c.Param("id"))
	if err != nil {
		return web.Refused(c, err, "/settings/webhooks/"+c.Param("id"))
	}
	return web.Done(c, "/settings/webhooks/"+c.Param("id"), "Played again. "+r.Effect+".")
}

// saveReceiptDays sets how long deliveries are stored.
func (h *Handlers) saveReceiptDays(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(f.Get("days"))
	if err != nil {
		days = 0 // no number: refused like one that is out of range
	}
	if err := h.People.SaveReceiptDays(c.Request().Context(), web.Actor(c), days); err != nil {
		return web.Refused(c, err, "/settings/webhooks")
	}
	return web.Done(c, "/settings/webhooks", "Saved. What is older is removed within the hour.")
}
