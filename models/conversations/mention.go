package conversations

import (
	"parley/models"
	"parley/models/internal/base"
	"parley/whatsapp"
)

// AddMentions records the users that a note mentions and alerts them.
func AddMentions(tx *models.Tx, a models.Actor, c *Conversation, m *Message, users []int64) error {
	if len(users) == 0 {
		return nil
	}
	err := base.DB(tx).Exec(`INSERT INTO mentions (message_id, user_id, conversation_id)
		SELECT ?, unnest(CAST(? AS bigint[])), ? ON CONFLICT DO NOTHING`, m.ID, models.IDs(users).Text(), c.ID).Error
	if err != nil {
		return err
	}
	tx.Publish(c.RowTopic())
	return models.AddAlert(
		tx,
		users,
		models.Alert{
			Tone:  whatsapp.ToneGood,
			Title: a.Name + " mentioned you",
			Body:  LineOf(m),
			Href:  "/inbox/" + c.PublicID,
		},
	)
}
