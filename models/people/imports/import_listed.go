package imports

import (
	"parley/models"
	"parley/models/internal/base"
)

var (
	importMergeTwice       = query("import_merge_twice")
	importRefuseErased     = query("import_refuse_erased")
	importNoteOptedInSince = query("import_note_opted_in_since")
	importCountListed      = query("import_count_listed")
)

// OptOutRecorded begins the reason of a line of which only the opt-out is imported.
const OptOutRecorded = "Opt-out recorded, rest refused: "

// countListed counts the listed lines. A line of which only the opt-out is imported has a row, or its opt-out is in the
// row of another line.
func countListed(tx *models.Tx, args map[string]any, k *ImportCounts) error {
	var n struct{ Refused, Only, Unread, Noted, Doubtful int64 }
	err := base.DB(tx).Raw(importCountListed, args).Scan(&n).Error
	k.Refused, k.OptOutsOnly, k.Unread, k.Noted, k.Doubtful = n.Refused, n.Only, n.Unread, n.Noted, n.Doubtful
	return err
}
