package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/views/components"
)

// withMask makes pages show masked numbers to roles that see no whole ones. Admins always do.
func (a *App) withMask(c echo.Context, u *models.User) error {
	if u.Role.Can(models.Admin) {
		return nil
	}
	ctx := c.Request().Context()
	p, err := a.Store.Privacy(ctx)
	if err == nil && p.Masks(u.Role) {
		c.SetRequest(c.Request().WithContext(components.WithMask(ctx, a.ownNumbers(ctx, u))))
	}
	return err
}

// ownNumbers reads the numbers that a reader sees whole: the business's, and their own. Where they can't be read all others
// are masked.
func (a *App) ownNumbers(ctx context.Context, u *models.User) func() []string {
	return func() []string {
		out := []string{u.Phone}
		senders, err := a.Store.Senders(ctx)
		if err != nil {
			a.Log.WarnContext(ctx, "own numbers", "error", err)
		}
		for _, s := range senders {
			out = append(out, s.Phone)
		}
		return out
	}
}

// masked reports whether the reader sees masked numbers.
func (a *App) masked(c echo.Context) bool { return components.Masked(c.Request().Context()) }

// maskMessages hides a person's number in what was written to them or about them: a placeholder may have been filled with
// it. What they wrote themselves stays as it is.
func maskMessages(ctx context.Context, who *models.Contact, list []models.Message) {
	if !components.Masked(ctx) {
		return
	}
	for i := range list {
		if m := &list[i]; m.Direction != "inbound" {
			m.Body = components.About(ctx, who.Phone, m.Body)
			m.Variables = maskValues(ctx, who.Phone, m.Variables)
		}
	}
}

// maskValues hides a person's number in a template's values.
func maskValues(ctx context.Context, phone *string, values models.Values) models.Values {
	if !components.Masked(ctx) {
		return values
	}
	out := models.Values{}
	for n, v := range values {
		out[n] = components.About(ctx, phone, v)
	}
	return out
}

// maskRows hides people's numbers in the last lines of conversations.
func maskRows(ctx context.Context, rows []models.InboxRow) {
	for i := range rows {
		maskRow(ctx, &rows[i])
	}
}

func maskRow(ctx context.Context, r *models.InboxRow) {
	if r.LastDirection != "inbound" {
		r.LastLine = components.About(ctx, r.Who().Phone, r.LastLine)
	}
}

// maskHits hides people's numbers in what was found, and leaves out what was found by them: else a search for more and more
// digits would tell them.
func maskHits(ctx context.Context, hits []models.Hit, text string) []models.Hit {
	if !components.Masked(ctx) {
		return hits
	}
	var out []models.Hit
	for _, h := range hits {
		whole := h.Body
		if h.Direction != "inbound" {
			h.Body = components.About(ctx, h.Who().Phone, h.Body)
		}
		if h.Body == whole || holdsAll(h.Body, models.Words(text)) {
			out = append(out, h)
		}
	}
	return out
}

func holdsAll(text string, words []string) bool {
	lower := strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lower, w) })
}
