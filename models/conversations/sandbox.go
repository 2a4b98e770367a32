package conversations

import (
	"parley/models"
	"parley/models/internal/base"
)

var leaveSandbox = query("sandbox_leave")

// LeaveSandbox ends the Sandbox membership of a message's recipient: of the address that it was sent to, and of the one
// that shares it.
func LeaveSandbox(tx *models.Tx, sid string) error {
	var told []string
	err := base.DB(tx).Raw(leaveSandbox, map[string]any{"sid": sid}).Scan(&told).Error
	tx.Publish(told...)
	return err
}
