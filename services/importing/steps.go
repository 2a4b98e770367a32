package importing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/models"
	"parley/models/people/imports"
)

// maxConfirmed is how many numbers can be confirmed one by one.
const maxConfirmed = 1000

// Confirmation are the numbers to check that a user confirms.
type Confirmation struct {
	Numbers []string // in E.164
	All     bool
}

// Confirm accepts numbers to check that a user confirmed, and restarts the dry run. Refusals name number.
func (s *Service) Confirm(ctx context.Context, a models.Actor, id string, c Confirmation) error {
	if len(c.Numbers) == 0 && !c.All {
		return models.Invalid("number", "import.no_numbers_chosen")
	}
	return s.move(ctx, a, id, transition{
		action: "import.confirmed",
		text:   "Doubtful numbers of the import %s were confirmed",
		goesOn: true,
		apply: func(_ *models.Tx, i *imports.Import) error {
			if i.State != imports.ImportChecked && i.State != imports.ImportHeld {
				return models.Conflict("import.under_way")
			}
			o := &i.Options
			for _, n := range c.Numbers {
				if !slices.Contains(o.Confirmed, n) {
					o.Confirmed = append(o.Confirmed, n)
				}
			}
			if len(o.Confirmed) > maxConfirmed {
				return models.Invalid("number", "import.too_many_numbers", "Count", maxConfirmed)
			}
			o.ConfirmedAll = o.ConfirmedAll || c.All
			restartCheck(i)
			return nil
		},
	})
}

// Start applies the checked rows to the contacts. A held import waits for an admin: see Release.
func (s *Service) Start(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, transition{
		action: "import.started",
		text:   "The import %s was started",
		goesOn: true,
		apply: func(_ *models.Tx, i *imports.Import) error {
			switch i.State {
			case imports.ImportChecked:
			case imports.ImportHeld:
				return models.Conflict("import.held")
			default:
				return models.Conflict("import.already_started")
			}
			i.State, i.Done, i.AppliedTo = imports.ImportRunning, 0, models.IDs{0, 0}
			return nil
		},
	})
}

// Release releases a held import, and records the reason. For admins.
func (s *Service) Release(ctx context.Context, a models.Actor, id, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return models.Invalid("reason", "import.reason_missing")
	}
	return s.move(ctx, a, id, transition{
		apply: func(tx *models.Tx, i *imports.Import) error {
			if i.State != imports.ImportHeld {
				return models.Conflict("import.not_held")
			}
			i.State, i.ReleasedBy = imports.ImportChecked, a.ID
			return models.Audit(
				tx,
				a,
				"import.released",
				models.About("import", i.PublicID).With(map[string]any{"reason": reason, "held": i.HeldReason}),
				"The held import "+i.Name+" was let go",
			)
		},
	})
}

// Cancel stops an import. What it has done so far stays, and can be undone.
func (s *Service) Cancel(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, transition{
		action: "import.canceled",
		text:   "The import %s was stopped",
		goesOn: true,
		apply: func(_ *models.Tx, i *imports.Import) error {
			switch i.State {
			case imports.ImportNew, imports.ImportChecking, imports.ImportChecked, imports.ImportHeld, imports.ImportRunning:
				i.State = imports.ImportCanceled
				return nil
			default:
				return models.Conflict("import.nothing_to_stop")
			}
		},
	})
}

// Undo undoes an import.
func (s *Service) Undo(ctx context.Context, a models.Actor, id string) error {
	return s.move(ctx, a, id, transition{
		action: "import.undone",
		text:   "The import %s is taken back",
		goesOn: true,
		apply: func(_ *models.Tx, i *imports.Import) error {
			if i.State != imports.ImportDone && i.State != imports.ImportCanceled {
				return models.Conflict("import.not_ended")
			}
			i.State, i.Lines, i.Done = imports.ImportUndoing, i.Counts.Added+i.Counts.Updated, 0
			return nil
		},
	})
}

// transition is a user's action on an import.
type transition struct {
	apply        func(*models.Tx, *imports.Import) error // refuses, or changes the import
	action, text string                                  // for the audit; none if apply writes it
	goesOn       bool                                    // a job works on it afterwards
}

func (s *Service) move(ctx context.Context, a models.Actor, id string, t transition) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		i, err := imports.ImportForUpdate(tx, id)
		if err != nil {
			return err
		}
		if err := t.apply(tx, i); err != nil {
			return err
		}
		if err := imports.SaveImport(tx, i); err != nil {
			return err
		}
		tx.Publish("imports")
		if t.action != "" {
			err := models.Audit(tx, a, t.action, models.About("import", i.PublicID), fmt.Sprintf(t.text, i.Name))
			if err != nil {
				return err
			}
		}
		if t.goesOn {
			return tx.Enqueue(Args{ImportID: i.ID}, nil)
		}
		return nil
	})
}
