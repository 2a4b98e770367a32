package imports

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/people"
)

// importSets are the values that a row r of an import sets on a contact c. Without overwrite only empty values are
// filled; with it, the row's values count. Tags are added in both cases.
var importSets = map[bool]map[string]string{
	false: {
		"name":      "CASE WHEN c.name = '' THEN r.name ELSE c.name END",
		"language":  "CASE WHEN c.language = '' THEN r.language ELSE c.language END",
		"time_zone": "CASE WHEN c.time_zone = '' THEN r.time_zone ELSE c.time_zone END",
		"fields":    "r.fields || c.fields",
	},
	true: {
		"name":      "CASE WHEN r.name = '' THEN c.name ELSE r.name END",
		"language":  "CASE WHEN r.language = '' THEN c.language ELSE r.language END",
		"time_zone": "CASE WHEN r.time_zone = '' THEN c.time_zone ELSE r.time_zone END",
		"fields":    "c.fields || r.fields",
	},
}

// importExpressions are importSets as expressions of a statement, with the condition that a row changes a contact's
// profile.
var importExpressions = map[bool]map[string]any{
	false: expressionsOf(importSets[false]),
	true:  expressionsOf(importSets[true]),
}

func expressionsOf(set map[string]string) map[string]any {
	differs := []string{"NOT c.tags @> r.tags"}
	out := map[string]any{}
	for _, column := range slices.Sorted(maps.Keys(set)) {
		differs = append(differs, set[column]+" <> c."+column)
		out[column] = gorm.Expr(set[column])
	}
	out["profile_differs"] = gorm.Expr("(" + strings.Join(differs, " OR ") + ")")
	return out
}

var (
	importCompare        = query("import_compare")
	importInARow         = query("import_in_a_row")
	importKnownLock      = query("import_known_lock")
	importKnownBefore    = query("import_known_before")
	importKnownConsent   = query("import_known_consent")
	importKnownChange    = query("import_known_change")
	importFreshRows      = query("import_fresh_rows")
	importFreshAdd       = query("import_fresh_add")
	importFreshConsent   = query("import_fresh_consent")
	importFreshAddresses = query("import_fresh_addresses")
)

// CompareImport merges rows with the same number, removes erased people, and counts what the remaining rows would do.
func CompareImport(ctx context.Context, s *models.Store, i *Import) error {
	args := map[string]any{"id": i.ID, "recorded": OptOutRecorded}
	maps.Copy(args, importExpressions[i.Options.Overwrite])
	// Without fresh statistics PostgreSQL expects a handful of rows instead of a million and compares each with each.
	if _, err := base.Pool(s).Exec(ctx, "ANALYZE import_rows"); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *models.Tx) error {
		for _, q := range []string{importMergeTwice, importRefuseErased, importNoteOptedInSince} {
			if err := base.DB(tx).Exec(q, args).Error; err != nil {
				return err
			}
		}
		var k ImportCounts
		err := base.DB(tx).Raw(importCompare, args).Scan(&k).Error
		if err != nil {
			return err
		}
		k.Same -= k.New + k.Changed
		if err := countListed(tx, args, &k); err != nil {
			return err
		}
		err = base.DB(tx).Raw(importInARow, args).Scan(&k.InARow).Error
		i.Counts = k
		return err
	})
}

// CountImportRows is how many good rows are stored: none, if PostgreSQL has crashed since they were read.
func (r Reads) CountImportRows(ctx context.Context, id int64) (n int64, err error) {
	err = r.read(ctx).Raw("SELECT count(*) FROM import_rows WHERE import_id = ?", id).Scan(&n).Error
	return n, err
}

// ImportLanes is how many transactions apply an import in parallel, each its own stripes of 5,000 lines.
const ImportLanes = 2

// ImportStep is the next N rows of a lane of an import, and who applies them.
type ImportStep struct {
	ImportID int64
	Actor    models.Actor
	Lane, N  int
}

// ApplyImport applies the next rows of a lane to the contacts and commits that with the lane's progress. more is false
// after the last rows, or if the import was stopped.
func ApplyImport(ctx context.Context, s *models.Store, step ImportStep) (more bool, err error) {
	err = s.InTx(ctx, func(tx *models.Tx) error {
		var i Import
		if err := base.DB(tx).Take(&i, step.ImportID).Error; err != nil || i.State != ImportRunning {
			return err
		}
		p := part{lane: step.Lane, from: i.AppliedTo[step.Lane]}
		err := base.DB(tx).Raw(`SELECT coalesce(max(line), 0) AS to, count(*) AS n FROM (SELECT line FROM import_rows
			WHERE import_id = ? AND line > ? AND line / 5000 % ? = ? ORDER BY line LIMIT ?) x`,
			i.ID, p.from, ImportLanes, p.lane, step.N).
			Row().
			Scan(&p.to, &p.n)
		if err != nil || p.n == 0 {
			return err
		}
		more = true
		if err := applyRows(tx, step.Actor, &i, &p); err != nil {
			return err
		}
		// The import's row is locked at the end only: the lanes don't wait for each other.
		now, err := ImportByIDForUpdate(tx, i.ID)
		if err != nil {
			return err
		}
		now.AppliedTo[p.lane] = p.to
		now.Done += p.n
		now.Counts.Added += p.added
		now.Counts.Updated += p.updated
		return SaveImport(tx, now)
	})
	return more, err
}

// part is a lane's lines after from up to to, and the counts of what they changed.
type part struct {
	lane              int
	from, to          int64
	n, added, updated int64
}

func applyRows(tx *models.Tx, a models.Actor, i *Import, p *part) error {
	o := i.Options
	args := map[string]any{
		"id":      i.ID,
		"from":    p.from,
		"to":      p.to,
		"lane":    p.lane,
		"lanes":   ImportLanes,
		"actor":   a.ID,
		"now":     tx.Now(),
		"source":  o.Source,
		"proof":   o.Proof,
		"wording": o.Wording,
		"file":    o.FileID,
	}
	maps.Copy(args, importExpressions[o.Overwrite])
	// Each row is looked up by its number. The statistics lag behind a growing table, and PostgreSQL would read all of it
	// for every part.
	if err := base.DB(tx).Exec("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off").Error; err != nil {
		return err
	}
	if err := applyKnown(tx, args, p); err != nil {
		return err
	}
	fresh, added, err := applyNew(tx, i, args)
	if p.added = added; err != nil || added == fresh {
		return err
	}
	return applyKnown(tx, args, p) // somebody became a contact in the same moment
}

// applyKnown changes existing contacts and stores their previous values.
func applyKnown(tx *models.Tx, args map[string]any, p *part) error {
	var known []int64
	err := base.DB(tx).Raw(importKnownLock, args).Scan(&known).Error
	if err != nil || len(known) == 0 {
		return err
	}
	p.updated += int64(len(known))
	// events first: they need the previous consent
	for _, q := range []string{importKnownBefore, importKnownConsent, importKnownChange} {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// applyNew adds people who are not contacts yet. It returns how many there were, and how many were added: a person who
// became a contact at the same moment, by writing to us, keeps that contact.
func applyNew(tx *models.Tx, i *Import, args map[string]any) (wanted, added int64, err error) {
	var rows []newRow
	err = base.DB(tx).Raw(importFreshRows, args).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, 0, err
	}
	byPhone := make(map[string]*newRow, len(rows))
	for n := range rows {
		byPhone[rows[n].Phone] = &rows[n]
	}
	var fresh []struct {
		ID    int64
		Phone string
	}
	if err := base.DB(tx).Raw(importFreshAdd, args).Scan(&fresh).Error; err != nil {
		return 0, 0, err
	}
	at := make([][3]string, len(fresh))
	for n, f := range fresh {
		byPhone[f.Phone].ID = f.ID
		at[n] = [3]string{strconv.FormatInt(f.ID, 10), f.Phone, byPhone[f.Phone].Match}
	}
	ids, err := addAddresses(tx, at)
	if err != nil {
		return 0, 0, err
	}
	if len(ids) < len(fresh) {
		err := base.DB(tx).Exec(`DELETE FROM contacts c WHERE c.id BETWEEN ? AND ? AND c.import_id = ?
			AND NOT EXISTS (SELECT 1 FROM contact_addresses a WHERE a.contact_id = c.id)`,
			fresh[0].ID, fresh[len(fresh)-1].ID, i.ID).Error
		if err != nil {
			return 0, 0, err
		}
	}
	there := make(map[int64]bool, len(ids))
	for _, id := range ids {
		there[id] = true
	}
	claimed := rows[:0]
	for _, r := range rows {
		if there[r.ID] && r.Consent != "" {
			claimed = append(claimed, r)
		}
	}
	if len(claimed) == 0 {
		return int64(len(fresh)), int64(len(ids)), nil
	}
	b, err := json.Marshal(claimed)
	if err != nil {
		return 0, 0, err
	}
	args["claimed"] = string(b)
	return int64(len(fresh)), int64(len(ids)), base.DB(tx).Exec(importFreshConsent, args).Error
}

// newRow is a row of a person who is not a contact yet.
type newRow struct {
	ID        int64      `json:"id"`
	Phone     string     `json:"-"`
	Match     string     `json:"-"`
	Consent   string     `json:"consent"`
	ConsentAt *time.Time `json:"consent_at"`
	Proof     string     `json:"proof"`
}

// addAddresses adds the numbers of new contacts (id, number, match) and returns the contacts that got one.
func addAddresses(tx *models.Tx, at [][3]string) (ids []int64, err error) {
	var columns [3][]string
	for _, a := range at {
		for n := range a {
			columns[n] = append(columns[n], a[n])
		}
	}
	array := func(list []string) string { return "{" + strings.Join(list, ",") + "}" } // numbers and + only
	err = base.DB(tx).Raw(importFreshAddresses, map[string]any{
		"ids":     array(columns[0]),
		"phones":  array(columns[1]),
		"matches": array(columns[2]),
	}).Scan(&ids).Error
	return ids, err
}

// FinishImport cleans up after an import: it removes the rows and adds pending entries to the search index.
func FinishImport(ctx context.Context, s *models.Store, id int64) error {
	err := s.InTx(ctx, func(tx *models.Tx) error {
		tx.Publish("contacts", "imports", "home")
		return base.DB(tx).Exec("DELETE FROM import_rows WHERE import_id = ?", id).Error
	})
	return errors.Join(err, MaintainContacts(ctx, s))
}

// MaintainContacts makes the list of contacts fast again after many changes: fresh statistics, and no pending entries
// in the search index.
func MaintainContacts(ctx context.Context, s *models.Store) error {
	var errs []error
	for _, q := range []string{
		`SELECT gin_clean_pending_list('contacts_search'), gin_clean_pending_list('contacts_tags'),
			gin_clean_pending_list('contacts_fields')`,
		"ANALYZE contacts",
		"ANALYZE contact_addresses",
	} {
		_, err := base.Pool(s).Exec(ctx, q)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// MarshalFields is fields as the import stores them.
func MarshalFields(f people.Fields) string {
	if len(f) == 0 {
		return "{}"
	}
	b, err := json.Marshal(f)
	if err != nil {
		return "{}"
	}
	return strings.ReplaceAll(string(b), `\u0000`, "")
}
