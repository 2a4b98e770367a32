package importing

import (
	"context"
	"fmt"

	"parley/models"
	"parley/models/people/imports"
	"parley/whatsapp"
)

// removeOld removes the file, which contains personal data that people may ask to be erased, and the rows.
func (s *Service) removeOld(ctx context.Context, i *imports.Import) error {
	if i.File != "" {
		if err := s.files.Delete(ctx, i.File); err != nil {
			return err
		}
		err := s.store.InTx(ctx, func(tx *models.Tx) error {
			now, err := imports.ImportByIDForUpdate(tx, i.ID)
			if err != nil {
				return err
			}
			now.File = ""
			return imports.SaveImport(tx, now)
		})
		if err != nil {
			return err
		}
	}
	return imports.FinishImport(ctx, s.store, i.ID)
}

// end sets an import's next state and alerts the user who started it. One that was stopped meanwhile stays stopped.
func (s *Service) end(
	ctx context.Context,
	i *imports.Import,
	to imports.ImportState,
	change func(*imports.Import),
) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		now, err := imports.ImportByIDForUpdate(tx, i.ID)
		if err != nil || now.State != i.State {
			return err
		}
		now.State = to
		if change != nil {
			change(now)
		}
		if err := imports.SaveImport(tx, now); err != nil {
			return err
		}
		tx.Publish("imports")
		if now.CreatedBy == nil {
			return nil
		}
		return tellEnd(tx, now)
	})
}

// endTitles are the titles of alerts about the end of an import.
var endTitles = map[imports.ImportState]string{
	imports.ImportChecked: "The dry run of %s is there",
	imports.ImportHeld:    "The import %s is held for an admin",
	imports.ImportDone:    "The import %s is done",
	imports.ImportUndone:  "The import %s was taken back",
	imports.ImportFailed:  "The import %s failed",
}

// tellEnd alerts the user who started an import of its result, or the admins that it is held.
func tellEnd(tx *models.Tx, i *imports.Import) error {
	alert := models.Alert{
		Tone:  whatsapp.ToneGood,
		Title: fmt.Sprintf(endTitles[i.State], i.Name),
		Body:  i.Problem,
		Href:  "/contacts/imports/" + i.PublicID,
	}
	if i.State == imports.ImportHeld {
		alert.Tone, alert.Body = whatsapp.ToneWarn, i.HeldReason
		return models.AddAlert(tx, nil, alert)
	}
	if i.State == imports.ImportFailed {
		alert.Tone = whatsapp.ToneWarn
	}
	return models.AddAlert(tx, []int64{*i.CreatedBy}, alert)
}
