package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// checkedState is one value that a CHECK allows in a column.
type checkedState struct{ Table, Column, Value string }

var (
	oneOf  = regexp.MustCompile(`\(\(?"?(\w+)"?\)?(?:::text)? = ANY \(ARRAY\[([^\]]+)\]`)
	listed = regexp.MustCompile(`'((?:[^']|'')*)'|(-?\d+)`)
)

// checkedStates are all values that the schema's CHECKs list for a column.
func checkedStates(ctx context.Context, pool *pgxpool.Pool) ([]checkedState, error) {
	rows, err := pool.Query(ctx, `SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND array_length(conkey, 1) = 1 ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	type check struct{ Table, Definition string }
	checks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[check])
	if err != nil {
		return nil, err
	}
	var out []checkedState
	for _, c := range checks {
		if strings.HasPrefix(c.Table, "river_") {
			continue
		}
		m := oneOf.FindStringSubmatch(c.Definition)
		if m == nil {
			continue
		}
		for _, v := range listed.FindAllStringSubmatch(m[2], -1) {
			out = append(out, checkedState{c.Table, m[1], strings.ReplaceAll(v[1], "''", "'") + v[2]})
		}
	}
	return out, nil
}

// missingStates are the values that no row has.
func missingStates(ctx context.Context, pool *pgxpool.Pool) ([]checkedState, error) {
	all, err := checkedStates(ctx, pool)
	if err != nil {
		return nil, err
	}
	var out []checkedState
	for _, s := range all {
		var there bool
		q := fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM %s WHERE CAST(%s AS text) = $1)", s.Table, s.Column)
		if err := pool.QueryRow(ctx, q, s.Value).Scan(&there); err != nil {
			return nil, err
		}
		if !there {
			out = append(out, s)
		}
	}
	return out, nil
}
