package importing

import (
	"context"
	"errors"
	"fmt"

	"parley/models"
	"parley/whatsapp"
)

// removeOld removes the file, which contains personal data that people may ask to be erased, and the rows.
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

// end sets an import's next state and alerts the user who started it. One that was stopped meanwhile stays stopped.
func (s *Service) end(ctx context.Context, i *models.Import, to models.ImportState, change func(*models.Import)) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		now, err := tx.ImportByIDForUpdate(i.ID)
		if err != nil || now.State != i.State {
			return err
		}
		now.State = to
		if change != nil {
			change(now)
		}
		if err := errors.Join(tx.SaveImport(now), tx.Publish("imports")); err != nil || now.CreatedBy == nil {
			return err
		}
		return tellEnd(tx, now)
	})
}

// endTitles are the titles of alerts about the end of an import.
var endTitles = map[models.ImportState]string{
	models.ImportChecked: "The dry run of %s is there",
	models.ImportHeld:    "The import %s is held for an admin",
	models.ImportDone:    "The import %s is done",
	models.ImportUndone:  "The import %s was taken back",
	models.ImportFailed:  "The import %s failed",
}

// tellEnd alerts the user who started an import of its result, or the admins that it is held.
func tellEnd(tx *models.Tx, i *models.Import) error {
	alert := models.Alert{
		Tone:  whatsapp.ToneGood,
		Title: fmt.Sprintf(endTitles[i.State], i.Name),
		Body:  i.Problem,
		Href:  "/contacts/imports/" + i.PublicID,
	}
	if i.State == models.ImportHeld {
		alert.Tone, alert.Body = whatsapp.ToneWarn, i.HeldReason
		return tx.Alert(nil, alert)
	}
	if i.State == models.ImportFailed {
		alert.Tone = whatsapp.ToneWarn
	}
	return tx.Alert([]int64{*i.CreatedBy}, alert)
}
