package mask

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/notifications"
	"parley/models/onboarding"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
)

// OwnNumbers reads the numbers that a reader sees in full: the business's and the reader's own. If the business's can't
// be read, they are masked too.
func OwnNumbers(ctx context.Context, store *models.Store, log *slog.Logger, u *accounts.User) func() []string {
	return func() []string {
		out := []string{u.Phone}
		senders, err := senders.Read(store).Senders(ctx)
		if err != nil {
			log.WarnContext(ctx, "own numbers", "error", err)
		}
		for _, s := range senders {
			out = append(out, s.Phone)
		}
		return out
	}
}

// Applies reports whether the reader sees masked numbers.
func Applies(c echo.Context) bool { return components.Masked(c.Request().Context()) }

// Messages hides a person's number in what was written to them or about them, since a placeholder may have been
// filled with it. What they wrote themselves is not changed.
func Messages(ctx context.Context, who *people.Contact, list []conversations.Message) {
	if !components.Masked(ctx) {
		return
	}
	for i := range list {
		if m := &list[i]; m.Direction != whatsapp.Inbound {
			m.Body = components.AboutContact(ctx, who, m.Body)
			m.Variables = Values(ctx, who, m.Variables)
		}
	}
}

// Values hides a person's number in a template's values.
func Values(ctx context.Context, who *people.Contact, values templates.Values) templates.Values {
	if !components.Masked(ctx) {
		return values
	}
	out := templates.Values{}
	for n, v := range values {
		out[n] = components.AboutContact(ctx, who, v)
	}
	return out
}

// NumbersIn are the numbers among a contact's addresses.
func NumbersIn(list []people.ContactAddress) (out []string) {
	for _, a := range list {
		if a.Kind != whatsapp.UserIDAddress {
			out = append(out, a.Address)
		}
	}
	return out
}

// ReadNumbers reads all numbers of some contacts when the reader sees masked ones: texts about a person may hold a
// number that was chosen earlier.
func ReadNumbers(ctx context.Context, store *models.Store, list ...*people.Contact) error {
	if !components.Masked(ctx) {
		return nil
	}
	var ids []int64
	for _, c := range list {
		if c.Numbers == nil {
			ids = append(ids, c.ID)
		}
	}
	all, err := people.Read(store).NumbersOf(ctx, ids)
	for _, c := range list {
		if c.Numbers == nil {
			c.Numbers = all[c.ID]
		}
	}
	return err
}

// ReadNumbersOf is ReadNumbers for lists of contacts.
func ReadNumbersOf(ctx context.Context, store *models.Store, rows ...[]people.Contact) error {
	var list []*people.Contact
	for _, some := range rows {
		for i := range some {
			list = append(list, &some[i])
		}
	}
	return ReadNumbers(ctx, store, list...)
}

// Rows hides people's numbers in the latest messages of conversations.
func Rows(ctx context.Context, store *models.Store, rows []inbox.InboxRow) error {
	if !components.Masked(ctx) {
		return nil
	}
	err := ReadRowNumbers(ctx, store, rows)
	for i := range rows {
		Row(ctx, &rows[i])
	}
	return err
}

// readNumbers reads all numbers of the people in some rows. of returns whom a row is about, and where their numbers go.
func readNumbers[T any](
	ctx context.Context,
	store *models.Store,
	rows []T,
	of func(*T) (contactID int64, numbers *[]string),
) error {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i], _ = of(&rows[i])
	}
	all, err := people.Read(store).NumbersOf(ctx, ids)
	for i := range rows {
		id, numbers := of(&rows[i])
		*numbers = all[id]
	}
	return err
}

// ReadRowNumbers reads all numbers of the people in some rows.
func ReadRowNumbers(ctx context.Context, store *models.Store, rows []inbox.InboxRow) error {
	return readNumbers(ctx, store, rows, func(r *inbox.InboxRow) (int64, *[]string) {
		return r.ContactID, &r.ContactNumbers
	})
}

// ReadMemberNumbers reads all numbers of the Sandbox's members when the reader sees masked ones.
func ReadMemberNumbers(ctx context.Context, store *models.Store, list []onboarding.Member) error {
	if !components.Masked(ctx) {
		return nil
	}
	return readNumbers(ctx, store, list, func(r *onboarding.Member) (int64, *[]string) { return r.ContactID, &r.Numbers })
}

// ReadRecipientNumbers reads all numbers of a notification's recipients when the reader sees masked ones.
func ReadRecipientNumbers(ctx context.Context, store *models.Store, rows []notifications.RecipientRow) error {
	if !components.Masked(ctx) {
		return nil
	}
	return readNumbers(ctx, store, rows, func(r *notifications.RecipientRow) (int64, *[]string) {
		return r.ContactID, &r.Numbers
	})
}

// Row hides a person's number in the latest message of one conversation, unless they wrote it themselves.
func Row(ctx context.Context, r *inbox.InboxRow) {
	if r.LastDirection != whatsapp.Inbound {
		r.LastLine = components.AboutContact(ctx, r.Who(), r.LastLine)
	}
}

// Hits hides people's numbers in search results, and leaves out results that were found by a number: otherwise a
// search for more and more digits would reveal it.
func Hits(ctx context.Context, store *models.Store, hits []inbox.Hit, text string) ([]inbox.Hit, error) {
	if !components.Masked(ctx) {
		return hits, nil
	}
	ids := make([]int64, len(hits))
	for i := range hits {
		ids[i] = hits[i].ContactID
	}
	all, err := people.Read(store).NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []inbox.Hit
	for _, h := range hits {
		whole := h.Body
		h.ContactNumbers = all[h.ContactID]
		if h.Direction != whatsapp.Inbound {
			h.Body = components.AboutContact(ctx, h.Who(), h.Body)
		}
		if h.Body == whole || holdsAll(h.Body, inbox.Words(text)) {
			out = append(out, h)
		}
	}
	return out, nil
}

func holdsAll(text string, words []string) bool {
	lower := strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lower, w) })
}
