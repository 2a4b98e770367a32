package handlers

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/models/conversations/receipts"
	"parley/services/messaging"
	"parley/views/settings"
)

// receiptsPage is how many deliveries the inspector shows at once.
const receiptsPage = 100

// showWebhooks is the webhook inspector: every delivery and its outcome.
func (a *App) showWebhooks(c echo.Context) error {
	ctx := c.Request().Context()
	p := settings.WebhooksProps{
		Filter: receipts.ReceiptFilter{
			Verdict: c.QueryParam("verdict"),
			Kind:    c.QueryParam("kind"),
			Search:  cut(c.QueryParam("q"), 80),
			Before:  int64Param(c, "before"),
			Limit:   receiptsPage + 1,
		},
		Now: a.Store.Now(),
	}
	if !settings.KnownVerdict(p.Filter.Verdict) {
		p.Gone = append(p.Gone, gone(c, "verdict", "No such verdict"))
	}
	if !settings.KnownWebhookKind(p.Filter.Kind) {
		p.Gone = append(p.Gone, gone(c, "kind", "No such kind"))
	}
	p.Filter.Nothing = len(p.Gone) > 0
	var err error
	if p.Rows, err = receipts.Read(a.Store).Receipts(ctx, p.Filter); err != nil {
		return err
	}
	if p.Days, err = receipts.Read(a.Store).ReceiptDays(ctx); err != nil {
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
	return a.page(c, view{title: "Webhooks", area: "settings"}, settings.Webhooks(p), nil)
}

// showWebhook shows one delivery with its raw form.
func (a *App) showWebhook(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := receipts.Read(a.Store).ReceiptByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	p := settings.WebhookProps{Receipt: *r, Tokens: len(a.Tokens), Now: a.Store.Now()}
	p.Fields, p.Unread = messaging.ReadDelivery(r)
	if p.Replays, err = receipts.Read(a.Store).Replays(ctx, r.ID); err != nil {
		return err
	}
	if p.Conversation, err = receipts.Read(a.Store).ConversationOfSid(ctx, r.MessageSid); err != nil {
		return err
	}
	return a.page(c, view{title: "Delivery", area: "settings"}, settings.Webhook(p), nil)
}

func (a *App) replayWebhook(c echo.Context) error {
	r, err := a.Messaging.Replay(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return a.refused(c, err, "/settings/webhooks/"+c.Param("id"))
	}
	return a.done(c, "/settings/webhooks/"+c.Param("id"), "Played again. "+r.Effect+".")
}

// saveReceiptDays sets how long deliveries are stored.
func (a *App) saveReceiptDays(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(f.get("days"))
	if err != nil {
		days = 0 // no number: refused like one that is out of range
	}
	if err := a.Contacts.SaveReceiptDays(c.Request().Context(), actor(c), days); err != nil {
		return a.refused(c, err, "/settings/webhooks")
	}
	return a.done(c, "/settings/webhooks", "Saved. What is older is removed within the hour.")
}
