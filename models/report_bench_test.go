package models_test

import (
	"slices"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/notifications"
)

// BenchmarkReport counts a million messages: 90 days of replies, and a hundred notifications to five thousand people
// each, with the outcome of every message; ten thousand changes are not summed up yet.
func BenchmarkReport(b *testing.B) {
	store, err := models.Open(modelstest.Pool(b, modelstest.URL(b)), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{
		"INSERT INTO senders (name, phone, kind) SELECT 'Sender ' || i, '+4930' || (1000000 + i), 'business' FROM generate_series(1, 3) i",
		"INSERT INTO templates (name, category) SELECT 'template_' || i, 'UTILITY' FROM generate_series(1, 20) i",
		"INSERT INTO template_versions (template_id, language, number, body, state, content_type, category) SELECT id, 'en', 1, 'Hello', 'draft', 'twilio/text', 'UTILITY' FROM templates WHERE name LIKE 'template%'",
		"INSERT INTO notifications (version_id, sender_id, use_case, state, token) SELECT (SELECT min(id) + i % 20 FROM template_versions), (SELECT min(id) + i % 3 FROM senders), 'notification', 'finished', 'bench' || i FROM generate_series(1, 100) i",
		`CREATE TABLE told AS SELECT current_date - CASE WHEN i % 2 = 0 THEN i / 2 % 90 ELSE i / 2 % 100 * 90 / 100 END AS day, s AS sender, CASE WHEN i % 2 = 0 THEN 0 ELSE (SELECT min(id) FROM template_versions) + i / 2 % 20 END AS version,
			CASE WHEN i % 2 = 0 THEN 0 ELSE (SELECT min(id) FROM notifications) + i / 2 % 100 END AS notification, i, duration_step(random() * 30) AS d, duration_step(random() * 20000) AS r
			FROM generate_series(1, 1000000) i, LATERAL (SELECT (SELECT min(id) FROM senders) + CASE WHEN i % 2 = 0 THEN i / 2 % 3 ELSE i / 2 % 100 % 3 END AS s) x`,
		`INSERT INTO report_days SELECT day, sender, version, notification, m.measure, m.code, count(*) FROM told t CROSS JOIN LATERAL (VALUES ('queued', 0, true), ('settled', 0, true), ('sent', 0, true), ('delivered', 0, i % 20 <> 0),
			('delivered_in', d, i % 20 <> 0), ('read', 0, i % 3 <> 0 AND i % 20 <> 0), ('read_in', r, i % 3 <> 0 AND i % 20 <> 0), ('failed', 63000 + i % 100, i % 20 = 0), ('to', country_code((ARRAY['DE', 'US', 'GB', 'FR', 'ES'])[1 + i % 5]), version <> 0 AND i % 20 <> 0)) m (measure, code, counts)
			WHERE m.counts GROUP BY 1, 2, 3, 4, 5, 6`,
		"INSERT INTO report_steps SELECT day, sender, version, notification, 'sent', 0, 1 FROM told LIMIT 10000",
		"VACUUM ANALYZE",
	} {
		if _, err := modelstest.PoolOf(store).Exec(b.Context(), q); err != nil {
			b.Fatalf("%s: %v", q[:40], err)
		}
	}
	now := time.Now()
	for _, by := range []string{"day", "template", "sender", "notification"} {
		b.Run(by, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				rows, err := notifications.Read(store).Report(b.Context(), notifications.ReportFilter{From: now.AddDate(0, 0, -120), To: now, By: by})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
				var sent int64
				for _, r := range rows {
					sent += r.Sent
				}
				if by != "notification" && sent != 1_010_000 {
					b.Fatalf("%d messages counted", sent)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
