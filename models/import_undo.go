package models

import (
	"context"
	"errors"
	"slices"
)

// UndoImport takes back a part of what an import did: n contacts that it added, then n that it changed. more is
// false when nothing is left.
func (s *Store) UndoImport(ctx context.Context, id int64, a Actor, n int) (more bool, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		i, err := tx.ImportByIDForUpdate(id)
		if err != nil || i.State != ImportUndoing {
			return err
		}
		did, err := tx.undoAdded(a, i, n)
		if err == nil && !did {
			did, err = tx.undoChanged(a, i, n)
		}
		more = did
		return errors.Join(err, tx.SaveImport(i))
	})
	return more, err
}

// undoAdded removes contacts that the import added. Those that wrote or were written to, were edited, or said
// something about consent since, stay; only the import's opt-in is taken back. So that consent events are never
// deleted, a contact with some stays as a row. Who was opted out by the import stays, with the number and nothing else:
// the next file must not bring them back.
func (tx *Tx) undoAdded(a Actor, i *Import, n int) (bool, error) {
	args := map[string]any{
		"id":    i.ID,
		"n":     n,
		"actor": a.ID,
		"now":   tx.now,
		"proof": "The import " + i.Name + " was taken back, and this opt-in with it.",
	}
	var ids []int64
	if err := tx.Raw("SELECT id FROM contacts WHERE import_id = @id AND gone = '' ORDER BY id LIMIT @n FOR UPDATE", args).
		Scan(&ids).
		Error; err != nil ||
		len(ids) == 0 {
		return false, err
	}
	args["ids"] = ids
	var used []int64
	err := tx.Raw(`SELECT c.id FROM contacts c WHERE c.id IN @ids AND (c.version > 1 OR EXISTS (SELECT 1 FROM conversations v WHERE v.contact_id = c.id)
		OR EXISTS (SELECT 1 FROM consent_events e WHERE e.contact_id = c.id AND e.import_id IS DISTINCT FROM @id) OR EXISTS (SELECT 1 FROM contact_notes t WHERE t.contact_id = c.id)
		OR EXISTS (SELECT 1 FROM contact_files f WHERE f.contact_id = c.id))`, args).
		Scan(&used).
		Error
	if err != nil {
		return false, err
	}
	var out []int64
	if err := tx.Raw("SELECT id FROM contacts WHERE id IN @ids AND consent = 'opted_out' AND id NOT IN @used", withUsed(args, used)).
		Scan(&out).
		Error; err != nil {
		return false, err
	}
	args["out"] = append(out, 0)
	used = append(used, out...)
	withdrawn, err := tx.withdraw("c.id IN @ids", withUsed(args, used))
	if err != nil {
		return false, err
	}
	i.Counts.Withdrawn += withdrawn
	for _, q := range []string{
		"UPDATE contacts SET name = '', language = '', time_zone = '', tags = '{}', fields = '{}', version = version + 1, updated_at = now() WHERE id IN @out",
		"DELETE FROM contact_addresses WHERE contact_id IN @ids AND contact_id NOT IN @used",
		"UPDATE contacts SET gone = 'undone', tags = '{}', fields = '{}' WHERE id IN @ids AND id NOT IN @used AND EXISTS (SELECT 1 FROM consent_events e WHERE e.contact_id = contacts.id)",
		"DELETE FROM contacts WHERE id IN @ids AND id NOT IN @used AND gone = ''",
		"UPDATE contacts SET import_id = NULL WHERE id IN @used",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return false, err
		}
	}
	i.Counts.Removed += int64(len(ids) - len(used))
	i.Counts.Untouched += int64(len(used))
	return true, nil
}

// withUsed adds the contacts that stay; a list in SQL needs one entry at least.
func withUsed(args map[string]any, used []int64) map[string]any {
	args["used"] = append(slices.Clone(used), 0)
	return args
}

// withdraw takes back opt-ins of the import that still count. An opt-out that it brought stays, and so does an opt-in to
// the Sandbox alone.
func (tx *Tx) withdraw(which string, args map[string]any) (int64, error) {
	res := tx.Exec(`INSERT INTO consent_events (contact_id, kind, source, proof, actor_id, occurred_at, import_id)
		SELECT c.id, 'none', 'undo', CAST(@proof AS text), CAST(@actor AS bigint), @now, @id
		FROM contacts c JOIN LATERAL (SELECT kind, import_id FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND NOT `+forSandboxOnly+`
			ORDER BY e.id DESC LIMIT 1) l ON true
		WHERE `+which+` AND l.kind = 'opted_in' AND l.import_id = @id`, args)
	if res.Error != nil || res.RowsAffected == 0 {
		return 0, res.Error
	}
	err := tx.Exec(`INSERT INTO consent_events (contact_id, kind, source, scope, proof, actor_id, occurred_at, import_id)
		SELECT c.id, 'opted_in', 'undo', 'sandbox', CAST(@proof AS text) || ' Joining the Sandbox counts for the Sandbox.', CAST(@actor AS bigint), j.occurred_at, @id
		FROM contacts c
		JOIN LATERAL (SELECT id FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND e.kind = 'none' AND e.import_id = @id ORDER BY id DESC LIMIT 1) l ON true
		JOIN LATERAL (SELECT occurred_at FROM consent_events e WHERE e.contact_id = c.id AND e.topic_id IS NULL AND `+forSandboxOnly+` AND NOT EXISTS (
			SELECT 1 FROM consent_events n WHERE n.contact_id = c.id AND n.topic_id IS NULL AND n.id > e.id AND n.id <> l.id AND n.kind <> 'opted_in')
			ORDER BY id DESC LIMIT 1) j ON true
		WHERE `+which+` AND NOT EXISTS (SELECT 1 FROM consent_events n WHERE n.contact_id = c.id AND n.topic_id IS NULL AND n.id > l.id)`, args).Error
	if err != nil {
		return 0, err
	}
	return res.RowsAffected, tx.Exec(
		`UPDATE contacts c SET consent = l.kind, consent_scope = l.scope, consent_at = l.occurred_at, opted_out_at = NULL
		FROM (SELECT DISTINCT ON (e.contact_id) e.contact_id, e.kind, e.scope, e.source, e.occurred_at FROM consent_events e JOIN contacts c ON c.id = e.contact_id
			WHERE `+which+` AND e.topic_id IS NULL ORDER BY e.contact_id, e.id DESC) l WHERE l.contact_id = c.id AND l.source = 'undo'`,
		args,
	).Error
}

// undoChanged gives contacts back what they were, if nobody changed them since.
func (tx *Tx) undoChanged(a Actor, i *Import, n int) (bool, error) {
	args := map[string]any{
		"id":    i.ID,
		"n":     n,
		"actor": a.ID,
		"now":   tx.now,
		"proof": "The import " + i.Name + " was taken back, and this opt-in with it.",
	}
	var rows []struct {
		ContactID int64
		Before    string
		Intact    bool
	}
	err := tx.Raw(`SELECT h.contact_id, CAST(h.before AS text) AS before, c.version = h.version AND c.gone = '' AND h.before <> '{}' AS intact FROM import_changes h JOIN contacts c ON c.id = h.contact_id
		WHERE h.import_id = @id ORDER BY h.contact_id LIMIT @n FOR UPDATE OF c`, args).
		Scan(&rows).
		Error
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
	withdrawn, err := tx.withdraw("c.id IN @all", args)
	if err != nil {
		return false, err
	}
	i.Counts.Withdrawn += withdrawn
	for _, q := range []string{
		`UPDATE contacts c SET name = h.before ->> 'name', language = h.before ->> 'language', time_zone = h.before ->> 'time_zone', fields = h.before -> 'fields',
			tags = ARRAY(SELECT CAST(t AS bigint) FROM jsonb_array_elements_text(h.before -> 'tags') t), version = c.version + 1, updated_at = now()
			FROM import_changes h WHERE h.import_id = @id AND h.contact_id = c.id AND c.id IN @intact`,
		"DELETE FROM import_changes WHERE import_id = @id AND contact_id IN @all",
	} {
		if err := tx.Exec(q, args).Error; err != nil {
			return false, err
		}
	}
	i.Counts.Restored += int64(len(intact))
	i.Counts.Untouched += int64(len(all) - len(intact))
	return true, nil
}
