package conversations

import (
	"context"
	"encoding/json"

	"parley/models"
	"parley/models/internal/base"
)

// StoreSharedContacts stores the contact cards of a message.
func StoreSharedContacts(ctx context.Context, s *models.Store, messageID int64, people []SharedContact) error {
	b, err := json.Marshal(people)
	if err != nil {
		return err
	}
	return base.Read(ctx, s).
		Exec("UPDATE messages SET details = jsonb_set(details, '{contacts}', CAST(? AS jsonb)) WHERE id = ?",
			string(b), messageID).
		Error
}
