package segments

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
)

// ContactPage is a page of a list of contacts, newest first.
type ContactPage struct {
	Rows []people.Contact
	Next int64 // After of the next page, 0 after the last
	// Partial says that only the newest contacts were searched: the search has too few letters for an index.
	Partial bool
}

// walk is how many of the newest contacts are read before the indexes are used. A filter that many people match is
// filled from these, however many contacts there are; one that few match is what indexes are for.
const walk = 5000

// Contacts lists the contacts that match a filter.
func (r Reads) Contacts(ctx context.Context, f ContactFilter) (ContactPage, error) {
	var p ContactPage
	cond, err := r.condition(ctx, f)
	if err != nil {
		return p, err
	}
	if f.After == 0 {
		f.After = 1<<63 - 1
	}
	cond.args["after"], cond.args["n"], cond.args["walk"] = f.After, f.Limit+1, walk
	err = r.read(ctx).
		Raw(`SELECT * FROM (SELECT * FROM contacts WHERE gone = '' AND id < @after ORDER BY id DESC LIMIT @walk) c
		WHERE `+cond.where()+` ORDER BY c.id DESC LIMIT @n`, cond.args).
		Scan(&p.Rows).
		Error
	if err == nil && len(p.Rows) <= f.Limit && len(cond.sql) > 1 {
		err = r.beyond(ctx, f, cond, &p)
	}
	if len(p.Rows) > f.Limit {
		p.Rows = p.Rows[:f.Limit]
		p.Next = p.Rows[f.Limit-1].ID
	}
	return p, err
}

// beyond fills a page from the contacts after the first walk ones. The order by an expression keeps PostgreSQL from
// walking through the rest in order.
func (r Reads) beyond(ctx context.Context, f ContactFilter, cond *condition, p *ContactPage) error {
	var end *int64
	err := r.read(ctx).
		Raw("SELECT id FROM contacts WHERE gone = '' AND id < @after ORDER BY id DESC OFFSET @walk - 1 LIMIT 1", cond.args).
		Scan(&end).
		Error
	if err != nil || end == nil {
		return err
	}
	if q := strings.TrimSpace(f.Query); q != "" && len(q) == utf8.RuneCountInString(q) &&
		len(shortest(searchTexts(q))) < 3 {
		p.Partial = true
		return nil
	}
	cond.args["end"], cond.args["n"] = *end, f.Limit+1-len(p.Rows)
	var rest []people.Contact
	err = r.read(ctx).
		Raw(`SELECT * FROM contacts c WHERE c.id < @end AND `+cond.where()+` ORDER BY c.id + 0 DESC LIMIT @n`, cond.args).
		Scan(&rest).
		Error
	p.Rows = append(p.Rows, rest...)
	return err
}

// shortest is the shortest of some texts.
func shortest(texts []string) string {
	return slices.MinFunc(texts, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
}

// countExact is up to how many contacts are counted one by one.
const countExact = 10_000

// CountContacts is how many contacts match a filter: exact up to 10,000. Above that, or where counting would take
// longer than 400 ms, it is the estimate of PostgreSQL's statistics.
func (r Reads) CountContacts(ctx context.Context, f ContactFilter) (n int64, exact bool, err error) {
	shown, exact, err := r.ShownContacts(ctx, f)
	return shown.N, exact, err
}

// ShownContacts counts as CountContacts does, and adds a mark of who was counted if the count is exact.
func (r Reads) ShownContacts(ctx context.Context, f ContactFilter) (shown Shown, exact bool, err error) {
	cond, err := r.condition(ctx, f)
	if err != nil {
		return Shown{}, false, err
	}
	err = r.store.InTx(ctx, func(tx *models.Tx) error {
		if err := base.DB(tx).Exec("SET LOCAL statement_timeout = 400").Error; err != nil {
			return err
		}
		return base.DB(tx).Raw(contactsMatching, map[string]any{
			"filter": cond.expr(),
			"limit":  gorm.Expr(strconv.Itoa(countExact + 1)),
		}).Scan(&shown).Error
	})
	pg, slow := errors.AsType[*pgconn.PgError](err)
	slow = slow && pg.Code == "57014"
	if err != nil && !slow || shown.N <= countExact && !slow {
		return shown, true, err
	}
	n, err := r.estimate(ctx, cond)
	return Shown{N: max(shown.N, n)}, false, err
}

// estimate is how many contacts PostgreSQL's statistics expect.
func (r Reads) estimate(ctx context.Context, cond *condition) (int64, error) {
	var plan []byte
	err := cond.raw(r.read(ctx), "EXPLAIN (FORMAT JSON) SELECT 1 FROM contacts c WHERE "+cond.where()).Row().Scan(&plan)
	if err != nil {
		return 0, err
	}
	var parsed []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal(plan, &parsed); err != nil || len(parsed) == 0 {
		return 0, fmt.Errorf("count contacts: %w", err)
	}
	return int64(parsed[0].Plan.Rows), nil
}

// EachContact passes all contacts that match a filter to fn, in parts of n, newest first. Contacts that are added
// meanwhile may be missing.
func (r Reads) EachContact(ctx context.Context, f ContactFilter, n int, fn func([]people.Contact) error) error {
	cond, err := r.condition(ctx, f)
	if err != nil {
		return err
	}
	cond.args["after"], cond.args["n"] = int64(1<<63-1), n
	for {
		var rows []people.Contact
		err := r.read(ctx).
			Raw("SELECT * FROM contacts c WHERE c.id < @after AND "+cond.where()+" ORDER BY c.id DESC LIMIT @n", cond.args).
			Scan(&rows).
			Error
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
		cond.args["after"] = rows[len(rows)-1].ID
	}
}

// FilterPart are the next contacts of a filter after an id, oldest first.
func (r Reads) FilterPart(ctx context.Context, f ContactFilter, after int64, n int) ([]people.Contact, error) {
	cond, err := r.condition(ctx, f)
	if err != nil {
		return nil, err
	}
	cond.args["after"], cond.args["n"] = after, n
	var out []people.Contact
	err = r.read(ctx).
		Raw("SELECT * FROM contacts c WHERE c.id > @after AND "+cond.where()+" ORDER BY c.id LIMIT @n", cond.args).
		Scan(&out).
		Error
	return out, err
}
