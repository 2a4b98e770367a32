package models_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/models/people/segments"
	"parley/whatsapp"
)

// population adds contacts up to n, the same in each run: names, languages, tags, fields and consent are derived from
// the contact's index.
func population(t testing.TB, store *models.Store, from, to int) {
	t.Helper()
	for _, q := range []string{
		"INSERT INTO tags (name) SELECT 'Tag ' || i FROM generate_series(1, 20) i ON CONFLICT DO NOTHING",
		"INSERT INTO contact_fields (key, label, kind, choices) VALUES ('plan', 'Plan', 'choice', '[\"gold\",\"silver\",\"bronze\"]') ON CONFLICT DO NOTHING",
		fmt.Sprintf(`INSERT INTO contacts (name, phone, language, country, tags, fields, consent, consent_at, last_seen_at)
			SELECT (ARRAY['Anna','Bruno','Carla','Dmitri','Elif','Fatima','Goran','Hanna','Ivan','Jelena','Karim','Lena'])[1 + (i * 7) %% 12] || ' ' || initcap(substr(md5(i::text), 1, 7)),
				'+4915' || lpad(((i::bigint * 7919) %% 1000000000)::text, 9, '0'), (ARRAY['de','en','fr','es','pt_BR'])[1 + (i * 3) %% 5], (ARRAY['DE','FR','US'])[1 + i %% 3],
				ARRAY[1 + (i * 11) %% 20], jsonb_build_object('plan', (ARRAY['gold','silver','bronze'])[1 + (i * 5) %% 3]),
				CASE WHEN i %% 3 = 0 THEN 'opted_in' WHEN i %% 50 = 1 THEN 'opted_out' ELSE 'none' END, now(), CASE WHEN i %% 4 = 0 THEN now() - (i %% 400) * interval '1 day' END
			FROM generate_series(%d, %d) i`, from, to),
		"INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts c WHERE NOT EXISTS (SELECT 1 FROM contact_addresses a WHERE a.contact_id = c.id)",
	} {
		if _, err := modelstest.PoolOf(store).Exec(context.Background(), q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	if _, err := modelstest.PoolOf(store).Exec(context.Background(), "VACUUM contacts"); err != nil {
		t.Fatal(err)
	}
	if err := imports.MaintainContacts(context.Background(), store); err != nil {
		t.Fatal(err)
	}
}

// The common requests of the contact list, at three sizes. The numbers are the store's time: 50th and 99th percentile
// in ms.
func BenchmarkContactList(b *testing.B) {
	store, _ := modelstest.New(b)
	ctx := context.Background()
	var vip string
	size := 0
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		population(b, store, size+1, n)
		size = n
		if vip == "" {
			tags, err := people.Read(store).Tags(ctx)
			if err != nil {
				b.Fatal(err)
			}
			vip = tags[0].PublicID
		}
		middle, err := segments.Read(store).Contacts(ctx, segments.ContactFilter{After: int64(n / 2), Limit: 50})
		if err != nil || len(middle.Rows) == 0 {
			b.Fatal(err)
		}
		for _, ask := range []struct {
			name string
			f    func(i int) segments.ContactFilter
		}{
			{"first page", func(int) segments.ContactFilter { return segments.ContactFilter{} }},
			{"deep page", func(i int) segments.ContactFilter { return segments.ContactFilter{After: int64(n/2 + i)} }},
			{"part of a number", func(i int) segments.ContactFilter {
				return segments.ContactFilter{Query: fmt.Sprintf("%04d", (i*7919)%10_000)}
			}},
			{"part of a name", func(i int) segments.ContactFilter {
				return segments.ContactFilter{Query: []string{"fati", "lena", "ivan", "jel", "anna c4", "bruno 1f"}[i%6]}
			}},
			{"segment of three conditions", func(i int) segments.ContactFilter {
				return segments.ContactFilter{Consent: whatsapp.OptedIn, Language: []string{"de", "en", "fr"}[i%3], Fields: []segments.FieldCondition{{Key: "plan", Op: "is", Value: "gold"}}}
			}},
			{"rare segment", func(int) segments.ContactFilter {
				return segments.ContactFilter{Consent: whatsapp.OptedOut, Language: "de", Tags: []string{vip}}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", ask.name, n), func(b *testing.B) {
				var took []time.Duration
				for i := 0; i < b.N; i++ {
					f := ask.f(i)
					f.Limit = 50
					began := time.Now()
					if _, err := segments.Read(store).Contacts(ctx, f); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}
