package importing

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"parley/models"
	"parley/models/accounts"
	"parley/models/people/imports"
)

const (
	parseBatch = 2000 // rows that are parsed at once
	applyBatch = 5000 // rows that one transaction applies
	undoBatch  = 5000 // contacts that one transaction undoes
)

// Work continues an import from its current state, until it is done, stopped, or ctx ends. Every part is committed with
// the progress: a process that is killed leaves nothing half done, and the next one continues.
func (s *Service) Work(ctx context.Context, id int64) error {
	release, ok, err := imports.HoldImport(ctx, s.store, id)
	if err != nil || !ok {
		return err
	}
	defer release()
	i, err := imports.Read(s.store).ImportByID(ctx, id)
	if err != nil {
		return err
	}
	switch i.State {
	case imports.ImportChecking:
		err = s.check(ctx, i)
	case imports.ImportRunning:
		err = s.apply(ctx, i)
	case imports.ImportUndoing:
		err = s.undo(ctx, i)
	case imports.ImportCanceled:
		return s.removeOld(ctx, i)
	default:
		return nil
	}
	if errors.Is(err, errStopped) {
		return s.removeOld(ctx, i)
	}
	if e, ok := errors.AsType[*models.Error](err); ok && e.Kind == models.KindInvalid {
		return s.end(ctx, i, imports.ImportFailed, func(i *imports.Import) { i.Problem = e.Message() })
	}
	return err
}

// GoOn starts new jobs for imports whose process has ended.
func (s *Service) GoOn(ctx context.Context) error {
	list, err := imports.Read(s.store).AbandonedImports(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range list {
		errs = append(errs, s.goOn(ctx, i))
	}
	return errors.Join(errs...)
}

func (s *Service) goOn(ctx context.Context, i imports.Import) error {
	release, ok, err := imports.HoldImport(ctx, s.store, i.ID)
	if err != nil || !ok { // another process works on it
		return err
	}
	release()
	s.log.InfoContext(ctx, "an import goes on", "import", i.PublicID, "state", i.State)
	return s.store.InTx(ctx, func(tx *models.Tx) error { return tx.Enqueue(Args{ImportID: i.ID}, nil) })
}

// Forget removes uploads that nobody continued for a week. One that can't be removed holds up no other one.
func (s *Service) Forget(ctx context.Context) error {
	list, err := imports.Read(s.store).ForgottenImports(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range list {
		if i.State == imports.ImportFailed {
			errs = append(errs, s.removeOld(ctx, &i))
		} else {
			errs = append(errs, s.Cancel(ctx, models.System("Parley"), i.PublicID))
		}
	}
	return errors.Join(errs...)
}

func (s *Service) actor(ctx context.Context, i *imports.Import) models.Actor {
	if i.CreatedBy != nil {
		if u, err := accounts.Read(s.store).UserByID(ctx, *i.CreatedBy); err == nil {
			return u.Actor("")
		}
	}
	return models.System("Import")
}

// check is the dry run: it reads the file into rows and counts what they would do.
func (s *Service) check(ctx context.Context, i *imports.Import) error {
	lines, err := s.stage(ctx, i)
	if err != nil {
		return err
	}
	if err := imports.CompareImport(ctx, s.store, i); err != nil {
		return err
	}
	return s.end(ctx, i, imports.ImportChecked, func(now *imports.Import) {
		now.Lines, now.Counts, now.Done = lines, i.Counts, i.Size
		if now.HeldReason = held(now); now.HeldReason != "" {
			now.State = imports.ImportHeld
		}
	})
}

// held is why an import looks like a bought list, empty if it does not: people who agreed don't have neighbouring
// numbers.
func held(i *imports.Import) string {
	good := i.Lines - i.Counts.Refused
	if i.Counts.InARow < 20 || i.Counts.InARow*5 < good {
		return ""
	}
	return fmt.Sprintf(
		"%d of %d numbers stand in long unbroken rows, as in a list that was made up or bought. "+
			"WhatsApp blocks businesses that write to such lists.",
		i.Counts.InARow,
		good,
	)
}

// apply applies the rows, part by part. If they were lost in a crash of PostgreSQL, they are read again: a row that was
// applied already changes nothing the second time.
func (s *Service) apply(ctx context.Context, i *imports.Import) error {
	ready, err := imports.Read(s.store).CountImportRows(ctx, i.ID)
	if err != nil {
		return err
	}
	if want := i.Counts.New + i.Counts.Changed + i.Counts.Same; ready < want {
		counts := i.Counts
		if _, err := s.stage(ctx, i); err != nil {
			return err
		}
		if err := imports.CompareImport(ctx, s.store, i); err != nil {
			return err
		}
		i.Counts = counts
	}
	a := s.actor(ctx, i)
	g, gctx := errgroup.WithContext(ctx)
	for lane := range imports.ImportLanes {
		g.Go(func() error {
			for more := true; more; {
				if err := gctx.Err(); err != nil {
					return err
				}
				err := models.Retry(func() (err error) {
					step := imports.ImportStep{ImportID: i.ID, Actor: a, Lane: lane, N: applyBatch}
					more, err = imports.ApplyImport(gctx, s.store, step)
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
	if err := s.end(ctx, i, imports.ImportDone, nil); err != nil {
		return err
	}
	return s.removeOld(ctx, i)
}

func (s *Service) undo(ctx context.Context, i *imports.Import) error {
	a := s.actor(ctx, i)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := models.Retry(func() (err error) {
			more, err = imports.UndoImport(ctx, s.store, i.ID, a, undoBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.end(ctx, i, imports.ImportUndone, nil); err != nil {
		return err
	}
	return s.removeOld(ctx, i)
}
