package importing_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"parley/models"
	"parley/models/modelstest"
	"parley/models/people/imports"
	"parley/services/importing"
	"parley/services/media"
	"parley/whatsapp"
)

// csvOf streams a file of n rows, the same in each run, without holding it in memory.
func csvOf(from, to int) io.Reader {
	r, w := io.Pipe()
	go func() {
		var b bytes.Buffer
		b.WriteString("name,phone,language,tags\n")
		for i := from; i < to; i++ {
			fmt.Fprintf(&b, "Person %x,+4915%09d,%s,%s\n", i*2654435761%0xffffff, i*7919%1_000_000_000, []string{"de", "en", "fr"}[i%3], []string{"VIP", "", "Letter"}[i%3])
			if b.Len() > 1<<16 {
				_, _ = w.Write(b.Bytes())
				b.Reset()
			}
		}
		_, _ = w.Write(b.Bytes())
		_ = w.Close()
	}()
	return r
}

// fill adds a million contacts.
func fill(b *testing.B, store *models.Store) {
	b.Helper()
	for _, q := range []string{
		`INSERT INTO contacts (name, phone, language, country) SELECT 'Somebody ' || substr(md5(i::text), 1, 7), '+33' || (600000000 + i), 'fr', 'FR' FROM generate_series(1, 800000) i`,
		"INSERT INTO contact_addresses (contact_id, kind, address, match) SELECT id, 'phone', phone, phone FROM contacts WHERE phone LIKE '+33%'",
		"VACUUM ANALYZE contacts", "ANALYZE contact_addresses",
	} {
		if _, err := modelstest.PoolOf(store).Exec(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}

// How many rows per second are imported, dry run included, into an empty and into a full database, and the peak memory
// of the program.
func BenchmarkImport(b *testing.B) {
	store, _ := modelstest.New(b)
	ctx := context.Background()
	files, err := media.Open(media.Location{Dir: b.TempDir()}, store, nil)
	if err != nil {
		b.Fatal(err)
	}
	s := importing.New(store, files, slog.New(slog.DiscardHandler))
	for _, part := range []struct {
		name     string
		from, to int
		claim    bool
	}{{"empty list", 0, 200_000, false}, {"full list", 1_000_000, 1_100_000, false}, {"full list with opt-ins", 1_100_000, 1_200_000, true}, {"known people", 0, 200_000, false}} {
		if part.from == 1_000_000 {
			fill(b, store)
		}
		b.Run(part.name, func(b *testing.B) {
			for range b.N {
				var most uint64
				stop := make(chan struct{})
				go func() {
					var m runtime.MemStats
					for {
						select {
						case <-stop:
							return
						case <-time.After(50 * time.Millisecond):
							runtime.ReadMemStats(&m)
							most = max(most, m.HeapInuse)
						}
					}
				}()
				i, err := s.Upload(ctx, models.System("bench"), "bench.csv", csvOf(part.from, part.to))
				if err != nil {
					b.Fatal(err)
				}
				o := i.Options
				if part.claim {
					o.Consent, o.Source, o.Proof, o.Wording = "all", whatsapp.SourceWebForm, "form", "words"
				}
				began := time.Now()
				if err := s.Check(ctx, models.System("bench"), i.PublicID, o); err != nil {
					b.Fatal(err)
				}
				if err := s.Work(ctx, i.ID); err != nil {
					b.Fatal(err)
				}
				checked := time.Since(began)
				if err := s.Start(ctx, models.System("bench"), i.PublicID); err != nil {
					b.Fatal(err)
				}
				if err := s.Work(ctx, i.ID); err != nil {
					b.Fatal(err)
				}
				all := time.Since(began)
				close(stop)
				now, err := imports.Read(store).ImportByPublicID(ctx, i.PublicID)
				if err != nil || now.State != imports.ImportDone {
					b.Fatal(now, err)
				}
				rows := float64(part.to - part.from)
				b.ReportMetric(rows/checked.Seconds(), "rows/s-dry-run")
				b.ReportMetric(rows/(all-checked).Seconds(), "rows/s-import")
				b.ReportMetric(rows/all.Seconds(), "rows/s-both")
				b.ReportMetric(float64(most)/(1<<20), "MB-heap")
			}
		})
	}
}
