package reports

import (
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"parley/handlers/web"
	"parley/models/notifications"
	"parley/models/senders"
	"parley/services/spreadsheet"
	view "parley/views/reports"
	"parley/whatsapp"
)

func (h *Handlers) messageReport(c echo.Context) (view.MessageProps, error) {
	ctx := c.Request().Context()
	days, ok := period(c)
	p := view.MessageProps{Days: days, By: c.QueryParam("by"), Sender: c.QueryParam("sender")}
	if !ok {
		p.Gone = append(p.Gone, web.Gone(c, "days", "No such period"))
	}
	if p.By == "" {
		p.By = "day"
	}
	if !slices.Contains([]string{"day", "template", "sender", "notification"}, p.By) {
		p.Gone = append(p.Gone, web.Gone(c, "by", "No such report"))
	}
	now := h.Store.Now().UTC()
	f := notifications.ReportFilter{From: now.AddDate(0, 0, 1-days), To: now, By: p.By}
	rules, err := notifications.Read(h.Store).NotifyRules(ctx)
	if err != nil {
		return p, err
	}
	p.Currency, p.PricesOf = rules.Currency, rules.PricesOf
	if p.Senders, err = senders.Read(h.Store).Senders(ctx); err != nil {
		return p, err
	}
	for _, s := range p.Senders {
		if s.PublicID == p.Sender {
			f.SenderID = s.ID
		}
	}
	if p.Sender != "" && f.SenderID == 0 {
		p.Gone = append(p.Gone, web.Gone(c, "sender", "No such sender"))
	}
	f.Nothing = len(p.Gone) > 0
	if p.Rows, err = notifications.Read(h.Store).Report(ctx, f); err != nil {
		return p, err
	}
	if p.By == "day" && !f.Nothing {
		p.Rows = everyDay(p.Rows, f.From, f.To)
	}
	codes, err := notifications.Read(h.Store).ReportCodes(ctx, f)
	for _, code := range codes {
		p.Codes = append(p.Codes, view.Code{FailureCount: code, Advice: whatsapp.Explain(code.ErrorCode, "")})
	}
	return p, err
}

// everyDay adds the days without messages.
func everyDay(rows []notifications.ReportRow, from, to time.Time) []notifications.ReportRow {
	by := map[string]notifications.ReportRow{}
	for _, r := range rows {
		by[r.Key] = r
	}
	var out []notifications.ReportRow
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		key := d.Format(time.DateOnly)
		r := by[key]
		r.Key, r.Label = key, key
		out = append(out, r)
	}
	return out
}

// showMessageReport shows how many messages were sent, and with what outcome.
func (h *Handlers) showMessageReport(c echo.Context) error {
	p, err := h.messageReport(c)
	if err != nil {
		return err
	}
	return h.Site.Page(c, web.View{Title: "Messages", Area: "reports"}, view.Messages(p), nil)
}

// exportMessageReport exports the same as a CSV file.
func (h *Handlers) exportMessageReport(c echo.Context) error {
	p, err := h.messageReport(c)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	header.Set("Content-Disposition", web.Disposition("messages-by-"+p.Name()+".csv"))
	w := spreadsheet.NewWriter(c.Response())
	err = w.Row(p.By, "sent", "delivered", "read", "failed", "not sent", "replies", "opt-outs within 24 h",
		"median seconds to delivery", "median seconds to read", "cost "+p.Currency)
	if err != nil {
		return err
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	for _, r := range p.Rows {
		if err := w.Row(
			r.Label,
			n(r.Sent),
			n(r.Delivered),
			n(r.Read),
			n(r.Failed),
			n(r.Refused),
			n(r.Replied),
			n(r.OptedOut),
			strconv.FormatFloat(r.DeliveredIn.Seconds(), 'f', 1, 64),
			strconv.FormatFloat(r.ReadIn.Seconds(), 'f', 1, 64),
			strconv.FormatFloat(r.Cost, 'f', 4, 64),
		); err != nil {
			return err
		}
	}
	return w.Close()
}
