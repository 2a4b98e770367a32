package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/services/spreadsheet"
	"parley/whatsapp"
)

// stage reads the file into import_rows and returns how many lines it has. Reading, parsing and storing run side by
// side, a few thousand rows at a time.
func (s *Service) stage(ctx context.Context, i *imports.Import) (lines int64, err error) {
	if err := imports.ClearImportRows(ctx, s.store, i.ID); err != nil {
		return 0, err
	}
	p, err := s.parser(ctx, i)
	if err != nil {
		return 0, err
	}
	f, err := s.open(ctx, i)
	if err != nil {
		return 0, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	g, ctx := errgroup.WithContext(ctx)
	batches := make(chan []raw, 4)
	reader := &lineReader{
		rows:     f,
		header:   i.Options.Header,
		out:      batches,
		progress: func(offset int64) error { return s.progress(ctx, i, offset) },
	}
	g.Go(func() error {
		defer close(batches)
		return reader.run(ctx)
	})
	for range max(1, runtime.GOMAXPROCS(0)) {
		g.Go(func() error {
			for batch := range batches {
				good, bad, err := s.parse(ctx, p, batch)
				if err != nil {
					return err
				}
				if err := imports.AddImportRows(ctx, s.store, i.ID, good, bad); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = g.Wait()
	return reader.lines, err
}

// lineReader passes the lines of a file on in batches, and reports its progress.
type lineReader struct {
	rows     spreadsheet.Rows
	header   bool // the first line is a heading
	out      chan<- []raw
	progress func(offset int64) error

	lines int64
	batch []raw
	told  time.Time // when progress was last called
}

func (r *lineReader) run(ctx context.Context) error {
	r.told = time.Now()
	r.batch = make([]raw, 0, parseBatch)
	for first := true; ; first = false {
		line, cells, err := r.rows.Next()
		if errors.Is(err, io.EOF) {
			return r.send(ctx)
		}
		if err != nil {
			return models.Invalid("file", "import.unreadable_at_the_end", "Reason", spreadsheet.Reason(err))
		}
		if first && r.header {
			continue
		}
		r.lines++
		if r.batch = append(r.batch, raw{line, slices.Clone(cells)}); len(r.batch) == parseBatch {
			if err := r.send(ctx); err != nil {
				return err
			}
		}
	}
}

func (r *lineReader) send(ctx context.Context) error {
	select {
	case r.out <- r.batch:
	case <-ctx.Done():
		return ctx.Err()
	}
	r.batch = make([]raw, 0, parseBatch)
	if time.Since(r.told) < 500*time.Millisecond {
		return nil
	}
	r.told = time.Now()
	return r.progress(r.rows.Offset())
}

// raw is a line of a file as it was read.
type raw struct {
	line  int64
	cells []string
}

// rows parses lines: good has the rows to import, bad the lines to list.
func (p *parser) rows(batch []raw) (good []imports.ImportRow, bad []imports.ImportRefusal, err error) {
	good = make([]imports.ImportRow, 0, len(batch))
	for _, r := range batch {
		row, refusal, err := p.row(r.line, r.cells)
		if err != nil {
			return nil, nil, err
		}
		if refusal != nil {
			bad = append(bad, *refusal)
		}
		if refusal != nil && !refusal.Effect.Taken() {
			continue
		}
		good = append(good, row)
	}
	return good, bad, nil
}

// parse reads lines, the good and the refused ones. A number to check that a contact has is accepted: somebody
// confirmed it before, or it wrote to us.
func (s *Service) parse(
	ctx context.Context,
	p *parser,
	batch []raw,
) ([]imports.ImportRow, []imports.ImportRefusal, error) {
	good, bad, err := p.rows(batch)
	if err != nil {
		return nil, nil, err
	}
	var matches []string
	for _, r := range bad {
		if r.Number != "" {
			matches = append(matches, whatsapp.MatchPhone(r.Number))
		}
	}
	if len(matches) == 0 {
		return good, bad, nil
	}
	known, err := notifications.Read(s.store).ContactsAtMatches(ctx, matches)
	if err != nil || len(known) == 0 {
		return good, bad, err
	}
	again := *p
	again.confirmed = maps.Clone(p.confirmed)
	for _, r := range bad {
		if r.Number != "" && known[whatsapp.MatchPhone(r.Number)] != nil {
			again.confirmed[r.Number] = true
		}
	}
	return again.rows(batch)
}

// progress stores how far the file was read, and stops if somebody stopped the import.
func (s *Service) progress(ctx context.Context, i *imports.Import, offset int64) error {
	if offset >= 0 {
		if err := imports.ImportProgress(ctx, s.store, i, offset); err != nil {
			return err
		}
	}
	now, err := imports.Read(s.store).ImportByID(ctx, i.ID)
	if err == nil && now.State != i.State {
		err = errStopped
	}
	return err
}

var errStopped = errors.New("the import was stopped")

func (s *Service) parser(ctx context.Context, i *imports.Import) (*parser, error) {
	p := &parser{
		o:      i.Options,
		file:   i.Name,
		xlsx:   i.Format == "xlsx",
		fields: map[string]*people.ContactField{},
		now:    s.store.Now(),
	}
	p.confirmed = map[string]bool{}
	for _, n := range i.Options.Confirmed {
		p.confirmed[n] = true
	}
	fields, err := people.Read(s.store).ContactFields(ctx)
	if err != nil {
		return nil, err
	}
	for n := range fields {
		p.fields[fields[n].Key] = &fields[n]
	}
	if p.erasure, err = people.ExistingErasureKey(ctx, s.store); err != nil {
		return nil, err
	}
	tags, err := people.Read(s.store).Tags(ctx)
	if err != nil {
		return nil, err
	}
	byName := map[string]int64{}
	for _, t := range tags {
		byName[strings.ToLower(t.Name)] = t.ID
	}
	a := s.actor(ctx, i)
	var mu sync.Mutex
	p.tagID = func(name string) (int64, error) {
		mu.Lock()
		defer mu.Unlock()
		if id := byName[strings.ToLower(name)]; id != 0 {
			return id, nil
		}
		if len(byName) >= maxTags {
			return 0, models.Invalid("", "import.too_many_tags")
		}
		var id int64
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			t, err := people.TagNamed(tx, a, name)
			if err == nil {
				id = t.ID
			}
			return err
		})
		if err != nil {
			return 0, fmt.Errorf("make a tag: %w", err)
		}
		byName[strings.ToLower(name)] = id
		return id, nil
	}
	return p, nil
}

// maxTags prevents a column that doesn't contain tags from creating a tag for every row.
const maxTags = 2000
