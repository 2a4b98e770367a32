package notifications

import (
	"context"
	"encoding/json"

	"parley/models"
	"parley/models/internal/base"
)

// ListRow is a row of a pasted or uploaded list.
type ListRow struct {
	N       int // its line
	Address string
	Columns map[string]string `gorm:"serializer:json"`
}

// SetListRows replaces a notification's list.
func SetListRows(tx *models.Tx, n *Notification, rows []ListRow) error {
	if err := base.DB(tx).Exec("DELETE FROM notification_rows WHERE notification_id = ?", n.ID).Error; err != nil {
		return err
	}
	for len(rows) > 0 {
		part := rows[:min(len(rows), 5000)]
		rows = rows[len(part):]
		b, err := json.Marshal(part)
		if err != nil {
			return err
		}
		err = base.DB(tx).Exec(`INSERT INTO notification_rows
			SELECT ?, x."N", x."Address", coalesce(x."Columns", '{}')
			FROM jsonb_to_recordset(CAST(? AS jsonb)) AS x ("N" int, "Address" text, "Columns" jsonb)`,
			n.ID, string(b)).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// ListPart are the next rows of a notification's list.
func (r Reads) ListPart(ctx context.Context, notificationID, after int64, n int) ([]ListRow, error) {
	var out []ListRow
	err := r.read(ctx).
		Raw(`SELECT n, address, columns FROM notification_rows
			WHERE notification_id = ? AND n > ? ORDER BY n LIMIT ?`, notificationID, after, n).
		Scan(&out).
		Error
	return out, err
}

// CopySomeRows gives a notification the rows of another one's list that belong to some contacts.
func CopySomeRows(tx *models.Tx, from, to int64, contacts []string) error {
	return base.DB(tx).Exec(copyRecipientRows, map[string]any{"to": to, "from": from, "contacts": contacts}).Error
}

// FirstColumns are the columns of the first row of a notification's list, nil if it has none.
func FirstColumns(tx *models.Tx, id int64) (map[string]string, error) {
	var rows []ListRow
	err := base.DB(tx).
		Raw("SELECT n, address, columns FROM notification_rows WHERE notification_id = ? ORDER BY n LIMIT 1", id).
		Scan(&rows).
		Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0].Columns, nil
}
