package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What an import changes of a contact c by a row r. Gaps are filled, or, with overwrite, what the row says counts.
// Tags are added in both cases.
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

// profileDiffers is the condition that a row changes a contact's profile. consentDiffers is that it changes the
// consent: an opt-in never takes the place of an opt-out, and an opt-out always counts, unless the person opted in
// after the day that the file gives for it. An opt-in to the Sandbox alone becomes one to all senders, unless the person
// opted out of these; joining the Sandbox is no opt-in that overrules an opt-out.
func profileDiffers(overwrite bool) string {
	s := importSets[overwrite]
	return fmt.Sprintf(
		"(%s <> c.name OR %s <> c.language OR %s <> c.time_zone OR %s <> c.fields OR NOT c.tags @> r.tags)",
		s["name"],
		s["language"],
		s["time_zone"],
		s["fields"],
	)
}

const consentDiffers = "(r.consent = 'opted_in' AND (c.consent = 'none' OR c.consent_scope = 'sandbox' AND c.opted_out_at IS NULL) OR r.consent = 'opted_out' AND c.consent <> 'opted_out' AND NOT " + optedInSince + ")"

const optedInSince = "(c.consent = 'opted_in' AND c.consent_scope = 'all' AND coalesce(c.consent_at > " + endOfConsentAt + ", false))"

// endOfConsentAt is the moment until which a row's date reaches: a date without a time is the whole day.
const endOfConsentAt = `(CASE WHEN r.consent_at = date_trunc('day', r.consent_at, 'UTC')
	THEN r.consent_at + interval '1 day' - interval '1 microsecond' ELSE r.consent_at END)`

const importJoin = " LEFT JOIN contact_addresses a ON a.match = r.match LEFT JOIN contacts c ON c.id = a.contact_id "

// CompareImport makes one row of those that name a number twice, takes out erased people, and counts what the rest
// would do.
func (s *Store) CompareImport(ctx context.Context, i *Import) error {
	args := map[string]any{"id": i.ID}
	// Without fresh statistics PostgreSQL takes a million rows for a handful and compares each with each.
	if _, err := s.pool.Exec(ctx, "ANALYZE import_rows"); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *Tx) error {
		for _, q := range []string{mergeTwiceSQL, refuseErasedSQL, noteOptedInSinceSQL} {
			if err := tx.Exec(q, args).Error; err != nil {
				return err
			}
		}
		var k ImportCounts
		err := tx.Raw(`SELECT count(*) FILTER (WHERE c.id IS NULL) AS new,
			count(*) FILTER (WHERE `+profileDiffers(i.Options.Overwrite)+` OR `+consentDiffers+`) AS changed,
			count(*) FILTER (WHERE r.consent = 'opted_in' AND (c.id IS NULL OR `+consentDiffers+`)) AS opt_ins,
			count(*) FILTER (WHERE r.consent = 'opted_out' AND (c.id IS NULL OR `+consentDiffers+`)) AS opt_outs,
			count(*) FILTER (WHERE r.consent = 'opted_in' AND (c.consent = 'opted_out' OR c.opted_out_at IS NOT NULL)) AS kept_out,
			count(*) FILTER (WHERE r.consent = 'opted_out' AND `+optedInSince+`) AS kept_in, count(*) AS same
			FROM import_rows r`+importJoin+`WHERE r.import_id = @id`, args).Scan(&k).Error
		if err != nil {
			return err
		}
		k.Same -= k.New + k.Changed
		if err := tx.countListed(args, &k); err != nil {
			return err
		}
		// A run is ten numbers or more of which each is the one before plus one.
		err = tx.Raw(`SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM (SELECT CAST(substr(phone, 2) AS bigint) - row_number() OVER (ORDER BY CAST(substr(phone, 2) AS bigint)) AS run
			FROM import_rows WHERE import_id = @id) x GROUP BY run HAVING count(*) >= 10) y`, args).
			Scan(&k.InARow).
			Error
		i.Counts = k
		return err
	})
}

// CountImportRows is how many good rows lie ready: none, if PostgreSQL has crashed since they were read.
func (s *Store) CountImportRows(ctx context.Context, id int64) (n int64, err error) {
	err = s.read(ctx).Raw("SELECT count(*) FROM import_rows WHERE import_id = ?", id).Scan(&n).Error
	return n, err
}

// ImportLanes is how many transactions take an import in side by side, each its own stripes of 5,000 lines.
const ImportLanes = 2

// ApplyImport takes the next n rows of a lane into the contacts and commits that they were. more is false after
// the last ones, or if the import was stopped.
func (s *Store) ApplyImport(ctx context.Context, id int64, a Actor, lane, n int) (more bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		var i Import
		if err := tx.Take(&i, id).Error; err != nil || i.State != ImportRunning {
			return err
		}
		p := part{from: i.AppliedTo[lane]}
		err := tx.Raw("SELECT coalesce(max(line), 0) AS to, count(*) AS n FROM (SELECT line FROM import_rows WHERE import_id = ? AND line > ? AND line / 5000 % ? = ? ORDER BY line LIMIT ?) x", id, p.from, ImportLanes, lane, n).
			Row().
			Scan(&p.to, &p.n)
		if err != nil || p.n == 0 {
			return err
		}
		more = true
		if err := tx.applyRows(a, &i, lane, &p); err != nil {
			return err
		}
		// The import's row is locked at the end only: the lanes don't wait for each other.
		now, err := tx.ImportByIDForUpdate(id)
		if err != nil {
			return err
		}
		now.AppliedTo[lane] = p.to
		now.Done += p.n
		now.Counts.Added += p.added
		now.Counts.Updated += p.updated
		return tx.SaveImport(now)
	})
	return more, err
}

// part is a lane's lines after from up to to, and what became of them.
type part struct {
	from, to          int64
	n, added, updated int64
}

func (tx *Tx) applyRows(a Actor, i *Import, lane int, p *part) error {
	o := i.Options
	args := map[string]any{
		"id":      i.ID,
		"from":    p.from,
		"to":      p.to,
		"lane":    lane,
		"lanes":   ImportLanes,
		"actor":   a.ID,
		"now":     tx.now,
		"source":  o.Source,
		"proof":   o.Proof,
		"wording": o.Wording,
		"file":    o.FileID,
	}
	// Each row is looked up by its number. The statistics lag behind a list that grows, and PostgreSQL would read
	// it as a whole for every part.
	if err := tx.Exec("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off").Error; err != nil {
		return err
	}
	rows := " FROM import_rows r" + importJoin + "WHERE " + inPart + " AND "
	if err := tx.applyKnown(i, rows, args, p); err != nil {
		return err
	}
	fresh, added, err := tx.applyNew(i, args)
	if p.added = added; err != nil || added == fresh {
		return err
	}
	return tx.applyKnown(i, rows, args, p) // somebody became a contact in the same moment
}

// inPart are the rows of a part.
const inPart = "r.import_id = @id AND r.line > @from AND r.line <= @to AND r.line / 5000 % @lanes = @lane" // stripes of the file, so that its order is kept

// applyKnown changes people who are contacts already, and keeps what they were.
func (tx *Tx) applyKnown(i *Import, rows string, args map[string]any, p *part) error {
	o := i.Options
	s := importSets[o.Overwrite]
	either := "c.id IS NOT NULL AND (" + profileDiffers(o.Overwrite) + " OR " + consentDiffers + ")"
	var known []int64
	// They are locked first, in one order.
	if err := tx.Raw("SELECT c.id"+rows+either+" ORDER BY c.id FOR UPDATE OF c", args).
		Scan(&known).
		Error; err != nil ||
		len(known) == 0 {
		return err
	}
	p.updated += int64(len(known))
	for _, q := range []string{
		`INSERT INTO import_changes (import_id, contact_id, before, version) SELECT @id, c.id, jsonb_build_object('name', c.name, 'language', c.language, 'time_zone', c.time_zone,
			'fields', c.fields, 'tags', to_jsonb(c.tags), 'consent', c.consent), c.version + 1` + rows + either + " ON CONFLICT DO NOTHING",
		// events first: they need the consent as it was
		consentOf("c.id", rows+"c.id IS NOT NULL AND "+consentDiffers),
		`UPDATE contacts c SET name = ` + s["name"] + `, language = ` + s["language"] + `, time_zone = ` + s["time_zone"] + `, fields = ` + s["fields"] + `,
			tags = CASE WHEN c.tags @> r.tags THEN c.tags ELSE (SELECT array_agg(DISTINCT t) FROM unnest(c.tags || r.tags) t) END,
			consent = CASE WHEN ` + consentDiffers + ` THEN r.consent ELSE c.consent END, consent_at = CASE WHEN ` + consentDiffers + ` THEN coalesce(r.consent_at, @now) ELSE c.consent_at END,
			consent_scope = CASE WHEN ` + consentDiffers + ` THEN 'all' ELSE c.consent_scope END, opted_out_at = CASE WHEN ` + consentDiffers + ` THEN NULL ELSE c.opted_out_at END,
			version = c.version + 1, updated_at = now()
			FROM import_rows r JOIN contact_addresses a ON a.match = r.match WHERE c.id = a.contact_id AND ` + inPart + ` AND (` + profileDiffers(o.Overwrite) + " OR " + consentDiffers + ")",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// consentOf writes the consent events of rows. How people opted in, and its proof, say nothing about an opt-out: the
// file is its own proof.
func consentOf(contact, rows string) string {
	return `INSERT INTO consent_events (contact_id, kind, source, proof, wording, actor_id, occurred_at, import_id, file_id)
		SELECT ` + contact + `, r.consent, CASE WHEN r.consent = 'opted_out' THEN 'import' ELSE CAST(@source AS text) END,
			concat_ws(E'\n', nullif(r.proof, ''), CASE WHEN r.consent <> 'opted_out' THEN nullif(CAST(@proof AS text), '') END),
			CASE WHEN r.consent = 'opted_out' THEN '' ELSE CAST(@wording AS text) END, CAST(@actor AS bigint), coalesce(r.consent_at, @now), @id,
			CASE WHEN r.consent <> 'opted_out' THEN CAST(@file AS bigint) END` + rows
}

// applyNew adds people who are no contacts yet. It returns how many there were, and how many were added: one who
// became a contact in the same moment, by writing to us, is left to the row that is there.
func (tx *Tx) applyNew(i *Import, args map[string]any) (wanted, added int64, err error) {
	part := " FROM import_rows r WHERE " + inPart + " AND NOT EXISTS (SELECT 1 FROM contact_addresses a WHERE a.match = r.match)"
	var rows []newRow
	if err := tx.Raw("SELECT r.phone, r.match, r.consent, r.consent_at, r.proof"+part, args).
		Scan(&rows).
		Error; err != nil ||
		len(rows) == 0 {
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
	err = tx.Raw(`INSERT INTO contacts (name, phone, language, country, time_zone, tags, fields, consent, consent_at, import_id, created_at)
		SELECT r.name, r.phone, r.language, r.country, r.time_zone, r.tags, r.fields, CASE WHEN r.consent = '' THEN 'none' ELSE r.consent END, CASE WHEN r.consent <> '' THEN coalesce(r.consent_at, @now) END, @id, @now`+part+
		" ORDER BY r.line RETURNING id, phone", args).
		Scan(&fresh).
		Error
	if err != nil {
		return 0, 0, err
	}
	at := make([][3]string, len(fresh))
	for n, f := range fresh {
		byPhone[f.Phone].ID = f.ID
		at[n] = [3]string{strconv.FormatInt(f.ID, 10), f.Phone, byPhone[f.Phone].Match}
	}
	ids, err := tx.addAddresses(at)
	if err != nil {
		return 0, 0, err
	}
	if len(ids) < len(fresh) {
		err := tx.Exec(
			"DELETE FROM contacts c WHERE c.id BETWEEN ? AND ? AND c.import_id = ? AND NOT EXISTS (SELECT 1 FROM contact_addresses a WHERE a.contact_id = c.id)",
			fresh[0].ID,
			fresh[len(fresh)-1].ID,
			i.ID,
		).Error
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
	return int64(
			len(fresh),
		), int64(
			len(ids),
		), tx.Exec(
			consentOf(
				"r.id",
				" FROM jsonb_to_recordset(CAST(@claimed AS jsonb)) AS r (id bigint, consent text, consent_at timestamptz, proof text)",
			),
			args,
		).Error
}

// newRow is a row of somebody who is no contact yet.
type newRow struct {
	ID        int64      `json:"id"`
	Phone     string     `json:"-"`
	Match     string     `json:"-"`
	Consent   string     `json:"consent"`
	ConsentAt *time.Time `json:"consent_at"`
	Proof     string     `json:"proof"`
}

// addAddresses gives fresh contacts their numbers (id, number, match) and returns those who got one.
func (tx *Tx) addAddresses(at [][3]string) (ids []int64, err error) {
	var columns [3][]string
	for _, a := range at {
		for n := range a {
			columns[n] = append(columns[n], a[n])
		}
	}
	array := func(list []string) string { return "{" + strings.Join(list, ",") + "}" } // numbers and + only
	err = tx.Raw(`INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, match
		FROM unnest(CAST(? AS bigint[]), CAST(? AS text[]), CAST(? AS text[])) AS x (id, phone, match) ON CONFLICT (match) DO NOTHING RETURNING contact_id`, array(columns[0]), array(columns[1]), array(columns[2])).Scan(&ids).Error
	return ids, err
}

// FinishImport cleans up after an import: rows are not needed any more, and the search index takes in what waits.
func (s *Store) FinishImport(ctx context.Context, id int64) error {
	err := s.InTx(ctx, func(tx *Tx) error {
		return errors.Join(
			tx.Exec("DELETE FROM import_rows WHERE import_id = ?", id).Error,
			tx.Publish("contacts", "imports", "home"),
		)
	})
	return errors.Join(err, s.MaintainContacts(ctx))
}

// MaintainContacts makes the list of contacts fast again after many changes: fresh statistics, and no waiting entries
// in the search index.
func (s *Store) MaintainContacts(ctx context.Context) error {
	var errs []error
	for _, q := range []string{"SELECT gin_clean_pending_list('contacts_search'), gin_clean_pending_list('contacts_tags'), gin_clean_pending_list('contacts_fields')", "ANALYZE contacts", "ANALYZE contact_addresses"} {
		_, err := s.pool.Exec(ctx, q)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// MarshalFields is fields as the import keeps them.
func MarshalFields(f Fields) string {
	if len(f) == 0 {
		return "{}"
	}
	b, err := json.Marshal(f)
	if err != nil {
		return "{}"
	}
	return strings.ReplaceAll(string(b), `\u0000`, "")
}
