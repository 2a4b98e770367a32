package importing

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"parley/models"
	"parley/whatsapp"
)

const (
	parseBatch = 2000 // rows that are parsed at once
	applyBatch = 5000 // rows that one transaction takes in
	undoBatch  = 5000 // contacts that one transaction takes back
)

// Work goes on with an import from where it stands, until it is done, stopped, or ctx ends. Every part is committed
// with the note of how far it came: whoever is killed on the way leaves nothing half done, and the next one goes on.
func (s *Service) Work(ctx context.Context, id int64) error {
	release, ok, err := s.store.HoldImport(ctx, id)
	if err != nil || !ok {
		return err
	}
	defer release()
	i, err := s.store.ImportByID(ctx, id)
	if err != nil {
		return err
	}
	switch i.State {
	case models.ImportChecking:
		err = s.check(ctx, i)
	case models.ImportRunning:
		err = s.apply(ctx, i)
	case models.ImportUndoing:
		err = s.undo(ctx, i)
	case models.ImportCanceled:
		return s.removeOld(ctx, i)
	default:
		return nil
	}
	if errors.Is(err, errStopped) {
		return s.removeOld(ctx, i)
	}
	if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.KindInvalid {
		return s.end(ctx, i.ID, i.State, models.ImportFailed, func(i *models.Import) { i.Problem = e.Message() })
	}
	return err
}

// GoOn gives imports whose process has ended to a new job.
func (s *Service) GoOn(ctx context.Context) error {
	list, err := s.store.AbandonedImports(ctx)
	if err != nil {
		return err
	}
	for _, i := range list {
		release, ok, err := s.store.HoldImport(ctx, i.ID)
		if err != nil {
			return err
		}
		if !ok {
			continue // somebody works on it
		}
		release()
		s.log.InfoContext(ctx, "an import goes on", "import", i.PublicID, "state", i.State)
		if err := s.store.InTx(ctx, func(tx *models.Tx) error { return tx.Enqueue(Args{ImportID: i.ID}, nil) }); err != nil {
			return err
		}
	}
	return nil
}

// Forget drops uploads that nobody went on with for a week.
func (s *Service) Forget(ctx context.Context) error {
	list, err := s.store.ForgottenImports(ctx)
	if err != nil {
		return err
	}
	for _, i := range list {
		if i.State != models.ImportFailed {
			if err := s.Cancel(ctx, models.System("Parley"), i.PublicID); err != nil {
				return err
			}
			continue
		}
		if err := s.removeOld(ctx, &i); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) actor(ctx context.Context, i *models.Import) models.Actor {
	if i.CreatedBy != nil {
		if u, err := s.store.UserByID(ctx, *i.CreatedBy); err == nil {
			return u.Actor("")
		}
	}
	return models.System("Import")
}

// check is the dry run: it reads the file into rows and counts what they would do.
func (s *Service) check(ctx context.Context, i *models.Import) error {
	lines, err := s.stage(ctx, i)
	if err != nil {
		return err
	}
	if err := s.store.CompareImport(ctx, i); err != nil {
		return err
	}
	return s.end(ctx, i.ID, models.ImportChecking, models.ImportChecked, func(now *models.Import) {
		now.Lines, now.Counts, now.Done = lines, i.Counts, i.Size
		if now.HeldReason = held(now); now.HeldReason != "" {
			now.State = models.ImportHeld
		}
	})
}

// held is why an import looks like a bought list, empty if it does not: people who agreed don't have neighbouring
// numbers.
func held(i *models.Import) string {
	good := i.Lines - i.Counts.Refused
	if i.Counts.InARow < 20 || i.Counts.InARow*5 < good {
		return ""
	}
	return fmt.Sprintf(
		"%d of %d numbers stand in long unbroken rows, as in a list that was made up or bought. WhatsApp blocks businesses that write to such lists.",
		i.Counts.InARow,
		good,
	)
}

// apply takes the rows in, part by part. If they were lost in a crash of PostgreSQL, they are read again: a row
// that was taken in already changes nothing the second time.
func (s *Service) apply(ctx context.Context, i *models.Import) error {
	ready, err := s.store.CountImportRows(ctx, i.ID)
	if err != nil {
		return err
	}
	if want := i.Counts.New + i.Counts.Changed + i.Counts.Same; ready < want {
		counts := i.Counts
		if _, err := s.stage(ctx, i); err != nil {
			return err
		}
		if err := s.store.CompareImport(ctx, i); err != nil {
			return err
		}
		i.Counts = counts
	}
	a := s.actor(ctx, i)
	g, gctx := errgroup.WithContext(ctx)
	for lane := range models.ImportLanes {
		g.Go(func() error {
			for more := true; more; {
				if err := gctx.Err(); err != nil {
					return err
				}
				err := models.Retry(func() (err error) {
					more, err = s.store.ApplyImport(gctx, i.ID, a, lane, applyBatch)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := s.end(ctx, i.ID, models.ImportRunning, models.ImportDone, nil); err != nil {
		return err
	}
	return s.removeOld(ctx, i)
}

func (s *Service) undo(ctx context.Context, i *models.Import) error {
	a := s.actor(ctx, i)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := models.Retry(func() (err error) {
			more, err = s.store.UndoImport(ctx, i.ID, a, undoBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.end(ctx, i.ID, models.ImportUndoing, models.ImportUndone, nil); err != nil {
		return err
	}
	return s.removeOld(ctx, i)
}

// removeOld removes the file, which holds what people may ask to be forgotten, and the rows.
func (s *Service) removeOld(ctx context.Context, i *models.Import) error {
	if i.File != "" {
		if err := s.files.Delete(ctx, i.File); err != nil {
			return err
		}
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			now, err := tx.ImportByIDForUpdate(i.ID)
			if err != nil {
				return err
			}
			now.File = ""
			return tx.SaveImport(now)
		})
		if err != nil {
			return err
		}
	}
	return s.store.FinishImport(ctx, i.ID)
}

// end moves an import on and tells the person who began it. One that was stopped meanwhile stays so.
func (s *Service) end(ctx context.Context, id int64, from, to models.ImportState, change func(*models.Import)) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		i, err := tx.ImportByIDForUpdate(id)
		if err != nil || i.State != from {
			return err
		}
		i.State = to
		if change != nil {
			change(i)
		}
		if err := errors.Join(tx.SaveImport(i), tx.Publish("imports")); err != nil || i.CreatedBy == nil {
			return err
		}
		title, tone := map[models.ImportState]string{models.ImportChecked: "The dry run of %s is there", models.ImportHeld: "The import %s is held for an admin", models.ImportDone: "The import %s is done",
			models.ImportUndone: "The import %s was taken back", models.ImportFailed: "The import %s failed"}[i.State], "good"
		if i.State == models.ImportHeld || i.State == models.ImportFailed {
			tone = "warn"
		}
		if i.State == models.ImportHeld {
			return tx.Alert(
				nil,
				models.Alert{
					Tone:  tone,
					Title: fmt.Sprintf(title, i.Name),
					Body:  i.HeldReason,
					Href:  "/contacts/imports/" + i.PublicID,
				},
			)
		}
		return tx.Alert(
			[]int64{*i.CreatedBy},
			models.Alert{
				Tone:  tone,
				Title: fmt.Sprintf(title, i.Name),
				Body:  i.Problem,
				Href:  "/contacts/imports/" + i.PublicID,
			},
		)
	})
}

// Report writes the refused rows as CSV: line, column, value and reason. masked hides the middle of numbers.
func (s *Service) Report(ctx context.Context, w io.Writer, i *models.Import, masked bool) error {
	out, err := newSheet(w, "csv")
	if err != nil {
		return err
	}
	if err := out.row([]string{"line", "column", "value", "reason"}); err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := s.store.ImportRefusals(ctx, i.ID, after, 5000)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return out.close()
		}
		for _, r := range rows {
			if masked {
				r.Value = whatsapp.MaskCell(r.Value)
			}
			if err := out.row([]string{fmt.Sprint(r.Line), r.Field, r.Value, r.Reason}); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Line
	}
}
