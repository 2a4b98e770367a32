package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/migrations"
	"parley/models/modelstest"
)

// A draft from an import is created at Twilio again, with numbers for its variables; a version that stands for Twilio's
// content keeps Twilio's names.
func TestDraftsOfImports(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := modelstest.Pool(t, modelstest.URL(t))
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close() //nolint:errcheck // closes the wrapper only
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(ctx, 23); err != nil {
		t.Fatal(err)
	}
	_, err = pool.Exec(ctx, `INSERT INTO templates (name, category, imported) VALUES ('old', 'UTILITY', true);
		INSERT INTO template_versions
			(template_id, language, number, body, content, placeholders, state, content_sid, origin_sid)
		SELECT t.id, 'en', x.number, 'Hi {{b}}, {{a}}.', '{}',
			'[{"key": "b", "name": "b", "sample": "Noor"}, {"key": "a", "name": "a"}]', x.state, x.sid, x.origin
		FROM templates t, (VALUES
			(1, 'draft', NULL, 'HX11111111111111111111111111111111'),
			(2, 'approved', 'HX22222222222222222222222222222222', 'HX33333333333333333333333333333333'),
			(3, 'approved', 'HX44444444444444444444444444444444', 'HX44444444444444444444444444444444')
		) AS x (number, state, sid, origin) WHERE t.name = 'old'`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(ctx); err != nil {
		t.Fatal(err)
	}
	var remade, kept int
	err = pool.QueryRow(ctx, `SELECT
		count(*) FILTER (WHERE number < 3 AND placeholders = '[{"name": "b", "sample": "Noor"}, {"name": "a"}]'),
		count(*) FILTER (WHERE number = 3 AND jsonb_path_exists(placeholders, '$[*].key'))
		FROM template_versions`).Scan(&remade, &kept)
	if err != nil || remade != 2 || kept != 1 {
		t.Errorf("%d of 2 drafts have plain numbers, %d of 1 kept Twilio's names (%v)", remade, kept, err)
	}
}
