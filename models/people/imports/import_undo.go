package imports

import (
	"context"
	"slices"

	"parley/models"
	"parley/models/internal/base"
)

var (
	undoUsed      = query("import_undo_used")
	undoOptIns    = query("import_undo_opt_ins")
	undoToSandbox = query("import_undo_sandbox")
	undoConsent   = query("import_undo_consent")
	undoChanges   = query("import_undo_changes")
	undoRestore   = query("import_undo_restore")
)

// UndoImport undoes a part of an import: n contacts that it added, then n that it changed. more is false when nothing
// is left.
func UndoImport(ctx context.Context, s *models.Store, id int64, a models.Actor, n int) (more bool, err error) {
	err = s.InTx(ctx, func(tx *models.Tx) error {
		i, err := ImportByIDForUpdate(tx, id)
		if err != nil || i.State != ImportUndoing {
			return err
		}
		did, err := undoAdded(tx, a, i, n)
		if err == nil && !did {
			did, err = undoChanged(tx, a, i, n)
		}
		more = did
		if err != nil {
			return err
		}
		return SaveImport(tx, i)
	})
	return more, err
}

// undoAdded removes contacts that the import added. Contacts with messages, edits or consent events since then stay;
// only the import's opt-in is withdrawn. Consent events are never deleted, so a contact that has some stays as a row. A
// contact that the import opted out stays with only its number, so that the next file doesn't add the person again.
func undoAdded(tx *models.Tx, a models.Actor, i *Import, n int) (bool, error) {
	args := map[string]any{
		"id":    i.ID,
		"n":     n,
		"actor": a.ID,
		"now":   tx.Now(),
		"proof": "The import " + i.Name + " was taken back, and this opt-in with it.",
	}
	var ids []int64
	const added = "SELECT id FROM contacts WHERE import_id = @id AND gone = '' ORDER BY id LIMIT @n FOR UPDATE"
	if err := base.DB(tx).Raw(added, args).Scan(&ids).Error; err != nil || len(ids) == 0 {
		return false, err
	}
	args["ids"] = ids
	var used []int64
	err := base.DB(tx).Raw(undoUsed, args).Scan(&used).Error
	if err != nil {
		return false, err
	}
	var out []int64
	err = base.DB(tx).Raw("SELECT id FROM contacts WHERE id IN @ids AND consent = 'opted_out' AND id NOT IN @used",
		withUsed(args, used)).Scan(&out).Error
	if err != nil {
		return false, err
	}
	args["out"] = append(out, 0)
	used = append(used, out...)
	withdrawn, err := withdraw(tx, ids, withUsed(args, used))
	if err != nil {
		return false, err
	}
	i.Counts.Withdrawn += withdrawn
	for _, q := range []string{
		`UPDATE contacts SET name = '', language = '', time_zone = '', tags = '{}', fields = '{}',
			version = version + 1, updated_at = now() WHERE id IN @out`,
		"DELETE FROM contact_addresses WHERE contact_id IN @ids AND contact_id NOT IN @used",
		`UPDATE contacts SET gone = 'undone', tags = '{}', fields = '{}' WHERE id IN @ids AND id NOT IN @used
			AND EXISTS (SELECT 1 FROM consent_events e WHERE e.contact_id = contacts.id)`,
		"DELETE FROM contacts WHERE id IN @ids AND id NOT IN @used AND gone = ''",
		"UPDATE contacts SET import_id = NULL WHERE id IN @used",
	} {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
			return false, err
		}
	}
	i.Counts.Removed += int64(len(ids) - len(used))
	i.Counts.Untouched += int64(len(used))
	return true, nil
}

// withUsed adds the contacts that stay; a list in SQL needs at least one entry.
func withUsed(args map[string]any, used []int64) map[string]any {
	args["used"] = append(slices.Clone(used), 0)
	return args
}

// withdraw withdraws the import's opt-ins that still count, for some contacts. The import's opt-outs stay, and so do
// opt-ins to the Sandbox alone.
func withdraw(tx *models.Tx, contacts []int64, args map[string]any) (int64, error) {
	args["contacts"] = contacts
	res := base.DB(tx).Exec(undoOptIns, args)
	if res.Error != nil || res.RowsAffected == 0 {
		return 0, res.Error
	}
	if err := base.DB(tx).Exec(undoToSandbox, args).Error; err != nil {
		return 0, err
	}
	return res.RowsAffected, base.DB(tx).Exec(undoConsent, args).Error
}

// undoChanged restores the previous values of contacts that nobody has changed since.
func undoChanged(tx *models.Tx, a models.Actor, i *Import, n int) (bool, error) {
	args := map[string]any{
		"id":    i.ID,
		"n":     n,
		"actor": a.ID,
		"now":   tx.Now(),
		"proof": "The import " + i.Name + " was taken back, and this opt-in with it.",
	}
	var rows []struct {
		ContactID int64
		Before    string
		Intact    bool
	}
	err := base.DB(tx).Raw(undoChanges, args).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, err
	}
	var all, intact []int64
	for _, r := range rows {
		all = append(all, r.ContactID)
		if r.Intact {
			intact = append(intact, r.ContactID)
		}
	}
	args["all"], args["intact"] = all, append(intact, 0)
	withdrawn, err := withdraw(tx, all, args)
	if err != nil {
		return false, err
	}
	i.Counts.Withdrawn += withdrawn
	for _, q := range []string{
		undoRestore,
		"DELETE FROM import_changes WHERE import_id = @id AND contact_id IN @all",
	} {
		if err := base.DB(tx).Exec(q, args).Error; err != nil {
			return false, err
		}
	}
	i.Counts.Restored += int64(len(intact))
	i.Counts.Untouched += int64(len(all) - len(intact))
	return true, nil
}
