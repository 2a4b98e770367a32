package servicetest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// WholeOrNothing holds that an action has its whole effect on the database or none, whichever of its statements fails.
// prepare makes what the action needs, and returns the action, which can be performed several times. Rows that contain
// one of ignored are no effect: those that say that an attempt failed.
func WholeOrNothing(t *testing.T, prepare func(*World) func() error, ignored ...string) {
	t.Helper()
	begin := func() (*World, func() error) {
		w := New(t)
		return w, prepare(w)
	}
	w, do := begin()
	none := w.contents(ignored)
	if err := do(); err != nil {
		t.Fatal(err)
	}
	whole := w.contents(ignored)
	if slices.Equal(none, whole) {
		t.Fatal("the action changes nothing")
	}
	w, do = begin()
	for n := 1; ; n++ {
		w.failure.At(n)
		err := do()
		failed := w.failure.Stop()
		now := w.contents(ignored)
		switch {
		case failed == "":
			if err != nil || !slices.Equal(now, whole) {
				t.Errorf("after the failures it isn't done: %v\n%s", err, difference(whole, now))
			}
			return
		case slices.Equal(now, none):
			if err == nil {
				t.Errorf("nothing was done and nothing said when this failed: %s", failed)
			}
		case slices.Equal(now, whole):
			w, do = begin()
		default:
			t.Errorf("half is done when this fails: %s\n%s", failed, difference(none, now))
			w, do = begin()
		}
	}
}

var random = regexp.MustCompile(`[0-9a-f]{16,}`)

// contents are all rows, but for what differs each time: numbers of rows, moments and random values.
func (w *World) contents(ignored []string) []string {
	w.t.Helper()
	rows, err := w.failure.Pool.Query(w.t.Context(), `SELECT 'SELECT ''' || table_name || ' '' || CAST(ROW(' ||
			string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) || ') AS text) FROM ' || quote_ident(table_name)
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT IN ('goose_db_version', 'river_migration')
			AND data_type NOT IN ('timestamp with time zone', 'uuid', 'bytea')
			AND column_name <> ALL (CAST('{id,public_id,token,args,errors,attempt,attempted_by,metadata}' AS text[]))
			AND column_name NOT LIKE '%\_id'
			AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
		GROUP BY table_name`)
	w.check(err)
	var queries []string
	for rows.Next() {
		var q string
		w.check(rows.Scan(&q))
		queries = append(queries, q)
	}
	w.check(rows.Err())
	rows, err = w.failure.Pool.Query(w.t.Context(), strings.Join(queries, " UNION ALL "))
	w.check(err)
	var list []string
	for rows.Next() {
		var row string
		w.check(rows.Scan(&row))
		row = random.ReplaceAllString(row, "random")
		if !slices.ContainsFunc(ignored, func(part string) bool { return strings.Contains(row, part) }) {
			list = append(list, row)
		}
	}
	w.check(rows.Err())
	slices.Sort(list)
	return list
}

func difference(before, after []string) string {
	var b strings.Builder
	for _, row := range after {
		if !slices.Contains(before, row) {
			b.WriteString("+ " + row + "\n")
		}
	}
	for _, row := range before {
		if !slices.Contains(after, row) {
			b.WriteString("- " + row + "\n")
		}
	}
	return b.String()
}
