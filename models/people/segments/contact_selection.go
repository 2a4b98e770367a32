package segments

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
)

// Shown identifies the contacts that a list shows at one moment: how many there are, and a mark that differs if they
// are not the same contacts.
type Shown struct {
	N    int64
	Mark string // empty where the count is not exact
}

var (
	contactsMatching = query("contacts_matching")
	contactsSelect   = query("contacts_select")
)

// String is a Shown as forms carry it, empty without a mark.
func (s Shown) String() string {
	if s.Mark == "" {
		return ""
	}
	return strconv.FormatInt(s.N, 10) + "." + s.Mark
}

// ParseShown reads what a form carries. Anything other than what String writes is a Shown without a mark.
func ParseShown(text string) Shown {
	n, mark, ok := strings.Cut(text, ".")
	count, err := strconv.ParseInt(n, 10, 64)
	if !ok || err != nil || count < 0 {
		return Shown{}
	}
	return Shown{N: count, Mark: mark}
}

// ContactSelection is the set of contacts that a user means by "all that this list shows". It is stored until the job
// that changes them is done: contacts that begin to match the filter meanwhile are not in it.
type ContactSelection struct {
	ID         int64
	UserID     int64
	ContactIDs models.IDs `gorm:"column:contact_ids;type:bigint[]"`
	CreatedAt  time.Time
}

// Matching counts and marks all contacts that match a filter; that takes about a second for a million.
func (r Reads) Matching(ctx context.Context, f ContactFilter) (Shown, error) {
	var out Shown
	cond, err := r.condition(ctx, f)
	if err != nil {
		return out, err
	}
	err = r.read(ctx).
		Raw(contactsMatching, map[string]any{"filter": cond.expr(), "limit": gorm.Expr("ALL")}).
		Scan(&out).
		Error
	return out, err
}

// SelectContacts stores the contacts that match a filter now, and calls fn with the selection's id and its contacts'
// count and mark, all in one transaction: an error of fn rolls it back.
func SelectContacts(
	ctx context.Context,
	s *models.Store,
	userID int64,
	f ContactFilter,
	fn func(*models.Tx, int64, Shown) error,
) error {
	cond, err := Read(s).condition(ctx, f)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		var made struct {
			ID int64
			Shown
		}
		err := base.DB(tx).Raw(contactsSelect, map[string]any{
			"filter": cond.expr(),
			"user":   userID,
			"made":   s.Now(),
		}).Scan(&made).Error
		if err != nil {
			return fmt.Errorf("select contacts: %w", err)
		}
		return fn(tx, made.ID, made.Shown)
	})
}

// ContactSelection finds a selection. It is empty once it was dropped.
func (r Reads) ContactSelection(ctx context.Context, id int64) (ContactSelection, error) {
	var out ContactSelection
	err := r.read(ctx).Where("id = ?", id).Limit(1).Find(&out).Error
	return out, err
}

// selectionLife is how long a selection is stored if its job never finishes.
const selectionLife = 30 * 24 * time.Hour

// DropContactSelection removes a selection whose job is done, and those that were left behind.
func DropContactSelection(tx *models.Tx, id int64) error {
	return base.DB(tx).
		Exec("DELETE FROM contact_selections WHERE id = ? OR created_at < ?", id, tx.Now().Add(-selectionLife)).
		Error
}

// ContactsByID finds and locks contacts who are not gone, in the order of their ids.
func ContactsByID(tx *models.Tx, ids []int64) ([]people.Contact, error) {
	var out []people.Contact
	err := base.DB(tx).Clauses(base.ForUpdate).Where("id IN ? AND gone = ''", ids).Order("id").Find(&out).Error
	return out, err
}
