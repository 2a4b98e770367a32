package imports

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/models"
	"parley/models/internal/base"
)

// ImportRow is a good row of a file.
type ImportRow struct {
	Line         int64
	Phone, Match string
	Country      string
	Name         string
	Language     string
	TimeZone     string
	Tags         []int64
	Fields       string // JSON
	Consent      string // opted_in, opted_out or empty
	ConsentAt    *time.Time
	Proof        string
	Erasure      []byte // keyed hash of Match, nil if nobody was erased
	OptOutOnly   bool   // something else in the row is wrong, and only its opt-out is imported
}

// ImportRefusal is a line that is listed with a reason: it can't be imported, or only in part, or there is a note about
// it.
type ImportRefusal struct {
	Line   int64
	Field  string
	Value  string
	Reason string
	Effect ImportEffect
	Number string // the number to check, in E.164; empty for other refusals
}

// ClearImportRows removes the rows that an earlier dry run read.
func ClearImportRows(ctx context.Context, s *models.Store, id int64) error {
	return s.InTx(ctx, func(tx *models.Tx) error {
		if err := base.DB(tx).Exec("DELETE FROM import_rows WHERE import_id = ?", id).Error; err != nil {
			return err
		}
		return base.DB(tx).Exec("DELETE FROM import_refusals WHERE import_id = ?", id).Error
	})
}

// AddImportRows stores rows of an import, good and refused ones.
func AddImportRows(ctx context.Context, s *models.Store, id int64, rows []ImportRow, refused []ImportRefusal) error {
	_, err := base.Pool(s).CopyFrom(
		ctx,
		pgx.Identifier{"import_rows"},
		[]string{
			"import_id",
			"line",
			"phone",
			"match",
			"country",
			"name",
			"language",
			"time_zone",
			"tags",
			"fields",
			"consent",
			"consent_at",
			"proof",
			"erasure",
			"opt_out_only",
		},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := &rows[i]
			return []any{
				id,
				r.Line,
				r.Phone,
				r.Match,
				r.Country,
				r.Name,
				r.Language,
				r.TimeZone,
				r.Tags,
				r.Fields,
				r.Consent,
				r.ConsentAt,
				r.Proof,
				r.Erasure,
				r.OptOutOnly,
			}, nil
		}),
	)
	if err != nil || len(refused) == 0 {
		return err
	}
	_, err = base.Pool(s).CopyFrom(
		ctx,
		pgx.Identifier{"import_refusals"},
		[]string{"import_id", "line", "field", "value", "reason", "effect", "number"},
		pgx.CopyFromSlice(len(refused), func(i int) ([]any, error) {
			r := &refused[i]
			return []any{id, r.Line, r.Field, r.Value, r.Reason, r.Effect, r.Number}, nil
		}),
	)
	return err
}

// ImportRefusals are the listed lines after a line, in the file's order.
func (r Reads) ImportRefusals(ctx context.Context, id, after int64, n int) ([]ImportRefusal, error) {
	var out []ImportRefusal
	err := r.read(ctx).
		Raw(`SELECT line, field, value, reason, effect, number FROM import_refusals
			WHERE import_id = ? AND line > ? ORDER BY line LIMIT ?`, id, after, n).
		Scan(&out).
		Error
	return out, err
}

// DoubtfulNumbers are the refused rows with a number to check, in the file's order.
func (r Reads) DoubtfulNumbers(ctx context.Context, id int64, n int) ([]ImportRefusal, error) {
	var out []ImportRefusal
	err := r.read(ctx).Raw(`SELECT line, field, value, reason, effect, number FROM import_refusals
		WHERE import_id = ? AND number <> '' ORDER BY line LIMIT ?`, id, n).Scan(&out).Error
	return out, err
}

// UnreadOptOuts are the lines with an opt-out whose number can't be read, in the file's order.
func (r Reads) UnreadOptOuts(ctx context.Context, id int64, n int) ([]ImportRefusal, error) {
	var out []ImportRefusal
	err := r.read(ctx).Raw(`SELECT line, field, value, reason, effect FROM import_refusals
		WHERE import_id = ? AND effect = ? ORDER BY line LIMIT ?`, id, ImportUnread, n).Scan(&out).Error
	return out, err
}

// ReasonCount is how many lines are listed for one reason.
type ReasonCount struct {
	Field  string
	Reason string
	N      int64
	Line   int64 // the first one
}

var importReasons = query("import_reasons")

// ImportReasons are the reasons for which lines are listed, the most frequent first. Reasons that differ only in the
// lines and days that they name count as one.
func (r Reads) ImportReasons(ctx context.Context, id int64) ([]ReasonCount, error) {
	var out []ReasonCount
	err := r.read(ctx).Raw(importReasons, map[string]any{"id": id}).Scan(&out).Error
	return out, err
}
