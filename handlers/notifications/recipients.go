package notifications

import (
	"context"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"parley/handlers/mask"
	"parley/handlers/web"
	"parley/models/notifications"
	"parley/services/spreadsheet"
	"parley/views/components"
	view "parley/views/notifications"
	"parley/whatsapp"
)

// recipientsPage is how many recipients a page shows.
const recipientsPage = 100

// recipientFilter reads the filter for recipients, and which of its values do not exist.
func recipientFilter(c echo.Context) (notifications.RecipientFilter, []components.Gone) {
	f := notifications.RecipientFilter{
		State:  c.QueryParam("state"),
		Reason: whatsapp.Exclusion(c.QueryParam("reason")),
		After:  web.Int64Param(c, "after"),
		Limit:  recipientsPage + 1,
	}
	var unknown []components.Gone
	if code := c.QueryParam("code"); code != "" {
		n, err := strconv.Atoi(code)
		f.Code = &n
		if err != nil || f.State != "" && f.State != "failed" {
			unknown = append(unknown, web.Gone(c, "code", "No such code"))
		}
		if f.State == "" {
			f.State = "failed"
		}
	}
	if f.Reason != "" {
		if !slices.Contains(whatsapp.Exclusions(), f.Reason) || f.State != "" && f.State != "excluded" {
			unknown = append(unknown, web.Gone(c, "reason", "No such reason"))
		}
		if f.State == "" {
			f.State = "excluded"
		}
	}
	if !view.KnownFilter(f.State) {
		unknown = append(unknown, web.Gone(c, "state", "No such state"))
	}
	f.Nothing = len(unknown) > 0
	return f, unknown
}

// decideMessage settles a message with unknown outcome by a person's decision.
func (h *Handlers) decideMessage(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	back := web.LocalPath(f.Get("back"))
	if err := h.Messaging.Decide(c.Request().Context(), web.Actor(c), c.Param("id"), f.Get("do")); err != nil {
		return web.Refused(c, err, back)
	}
	return web.Done(c, back, "Settled.")
}

// csvPart is how many rows of an export are read at once.
const csvPart = 2000

// exportRecipients exports a notification's recipients that match the filter as a CSV file.
func (h *Handlers) exportRecipients(c echo.Context) error {
	ctx := c.Request().Context()
	n, err := notifications.Read(h.Store).NotificationByPublicID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	f, _ := recipientFilter(c)
	f.Limit, f.After = csvPart, 0
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	header.Set("Content-Disposition", web.Disposition("notification-"+n.PublicID+".csv"))
	w := spreadsheet.NewWriter(c.Response())
	err = w.Row("name", "number", "state", "left out because", "error", "meaning", "sent", "delivered", "read", "replied",
		"failed", "line in the list")
	if err != nil {
		return err
	}
	for {
		rows, err := notifications.Read(h.Store).Recipients(ctx, n.ID, f)
		if err == nil {
			err = mask.ReadRecipientNumbers(ctx, h.Store, rows)
		}
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.Row(recipientLine(ctx, n.Audience, r)...); err != nil {
				return err
			}
		}
		if len(rows) < csvPart {
			break
		}
		f.After = rows[len(rows)-1].ID
	}
	return w.Close()
}

func recipientLine(ctx context.Context, audience notifications.Audience, r notifications.RecipientRow) []string {
	phone, name := r.Phone, r.Name
	if phone == "" {
		phone = r.Address
	}
	if name == "" {
		name = r.ProfileName
	}
	name = components.Named(ctx, r.Who(), name)
	if components.Masked(ctx) {
		phone = whatsapp.MaskPhone(phone)
	}
	why, code, meaning := "", "", ""
	if r.Excluded != "" {
		why = r.Excluded.Title()
	}
	if bad := view.BadNumber(audience, r); bad != "" {
		why = bad
	}
	line := ""
	if r.Line > 0 {
		line = strconv.Itoa(r.Line)
	}
	if r.ErrorCode != 0 || r.ErrorMessage != "" {
		meaning = components.Said(ctx, whatsapp.Explain(r.ErrorCode, r.ErrorMessage).Meaning)
	}
	if r.ErrorCode != 0 {
		code = strconv.Itoa(r.ErrorCode)
	}
	return []string{
		name,
		phone,
		r.Status,
		why,
		code,
		meaning,
		web.Timestamp(r.SentAt),
		web.Timestamp(r.DeliveredAt),
		web.Timestamp(r.ReadAt),
		web.Timestamp(r.RepliedAt),
		web.Timestamp(r.FailedAt),
		line,
	}
}
