package importing_test

import (
	"log/slog"
	"testing"

	"parley/models/modelstest"
	"parley/services/importing"
)

// Imports whose process has ended are continued, whatever happens to one of them.
func TestGoOnWhateverFails(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	pool := modelstest.PoolOf(store)
	_, err := pool.Exec(t.Context(), `INSERT INTO imports (name, file, format, size, state, updated_at)
		SELECT 'list.csv', 'F' || n, 'csv', 1, 'running', now() - interval '1 minute' FROM generate_series(1, 3) AS n;
		ALTER TABLE river_job ADD CHECK (args->>'import_id' <> '1')`)
	if err != nil {
		t.Fatal(err)
	}
	if err := importing.New(store, nil, slog.New(slog.DiscardHandler)).GoOn(t.Context()); err == nil {
		t.Error("nothing is said of the import that can't go on")
	}
	var on int
	err = pool.QueryRow(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'import_contacts'").Scan(&on)
	if err != nil || on != 2 {
		t.Errorf("%d of the two others go on, %v", on, err)
	}
}
