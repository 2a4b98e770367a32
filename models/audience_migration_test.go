package models_test

import (
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"parley/migrations"
	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// audienceMigration is the migration that moves audiences from a segment's name to its id.
const audienceMigration = 17

// An audience that stored its segment's name gets that segment, with its conditions, if exactly one has the name; if
// none or several have it, the audience is unresolved. The recipients never change; migrating down and up again changes
// nothing either.
func TestAudienceMigration(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := modelstest.PoolOf(store).Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	db := stdlib.OpenDBFromPool(modelstest.PoolOf(store))
	defer db.Close() //nolint:errcheck // closes the wrapper only
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), audienceMigration-1); err != nil {
		t.Fatal(err)
	}
	exec("INSERT INTO users (email, name, role, password_hash) VALUES ('ada@example.com', 'ada', 'admin', 'x'), ('otto@example.com', 'otto', 'operator', 'x')")
	exec("INSERT INTO tags (public_id, name) VALUES ('vip', 'VIP'), ('own', 'Own')")
	exec(`INSERT INTO segments (public_id, name, filter, shared, owner_id) VALUES
		('one', 'One', '{"language": "de", "tags": ["own"]}', true, 1), ('private', 'My “own”', '{"country": "DE"}', false, 2),
		('twice1', 'Twice', '{"language": "fr"}', false, 1), ('twice2', 'Twice', '{"language": "it"}', false, 2),
		('changed', 'Changed', '{"language": "it"}', true, 1)`)
	audiences := map[string]string{
		"one":       `{"kind": "filter", "name": "Segment “One”", "filter": {"language": "de", "tags": ["own"]}}`,
		"tagged":    `{"kind": "filter", "name": "Segment “One”, tag VIP", "filter": {"language": "de", "tags": ["own", "vip"]}}`,
		"private":   `{"kind": "filter", "name": "Segment “My “own””", "filter": {"country": "DE"}}`,
		"changed":   `{"kind": "filter", "name": "Segment “Changed”", "filter": {"language": "es"}}`,
		"twice":     `{"kind": "filter", "name": "Segment “Twice”, tag VIP", "filter": {"language": "fr", "tags": ["vip"]}}`,
		"deleted":   `{"kind": "filter", "name": "Segment “Deleted”", "filter": {"language": "fr"}}`,
		"tags":      `{"kind": "filter", "name": "tag VIP", "filter": {"consent": "opted_in", "tags": ["vip"]}}`,
		"everybody": `{"kind": "filter", "filter": {"consent": "opted_in"}}`,
		"picked":    `{"kind": "contacts", "contacts": ["a"], "name": "those who did not read it"}`,
	}
	exec(`INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+4930123456', 'business')`)
	for name, audience := range audiences {
		exec(`INSERT INTO notifications (name, version_id, sender_id, use_case, token, audience)
			VALUES ($1, (SELECT min(id) FROM template_versions), (SELECT min(id) FROM senders), 'notification', $1, CAST($2 AS jsonb))`, name, audience)
	}
	up := func() {
		t.Helper()
		if _, err := provider.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]struct {
		segment    string
		unresolved bool
		filter     segments.ContactFilter
		tags       int
	}{
		"one":       {"one", false, segments.ContactFilter{Language: "de", Tags: []string{"own"}}, 0},
		"tagged":    {"one", false, segments.ContactFilter{Language: "de", Tags: []string{"own", "vip"}}, 1},
		"private":   {"private", false, segments.ContactFilter{Country: "DE"}, 0},
		"changed":   {"changed", false, segments.ContactFilter{Language: "es"}, 0},
		"twice":     {"", true, segments.ContactFilter{Language: "fr", Tags: []string{"vip"}}, 0},
		"deleted":   {"", true, segments.ContactFilter{Language: "fr"}, 0},
		"tags":      {"", false, segments.ContactFilter{Consent: whatsapp.OptedIn, Tags: []string{"vip"}}, 1},
		"everybody": {"", false, segments.ContactFilter{Consent: whatsapp.OptedIn}, 0},
	}
	up()
	if _, err := provider.DownTo(t.Context(), audienceMigration-1); err != nil {
		t.Fatal(err)
	}
	up()
	list, err := notifications.Read(store).Notifications(t.Context(), 0, 100)
	if err != nil || len(list) != len(audiences) {
		t.Fatal(len(list), err)
	}
	for _, n := range list {
		a, w := n.Audience, want[n.Name]
		if a.Kind != "filter" {
			continue
		}
		segment, unresolved := "", a.Problem() != nil
		if a.Segment != nil {
			segment = a.Segment.ID
		}
		if segment != w.segment || unresolved != w.unresolved || !a.Matching().Same(w.filter) || len(a.Tags) != w.tags || a.Name != "" {
			t.Errorf("%s: %+v, segment %+v, matching %+v", n.Name, a, a.Segment, a.Matching())
		}
	}
}
