package conversations

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"parley/models"
)

// Thread is a conversation's messages, oldest first: the last n before the message with id before,
// or the very last ones if before is 0.
func (r Reads) Thread(ctx context.Context, conversationID, before int64, n int) ([]Message, error) {
	q := r.messages(ctx).Where("messages.conversation_id = ?", conversationID)
	if before > 0 {
		q = q.Where("messages.id < ?", before)
	}
	var out []Message
	err := q.Order("messages.id DESC").Limit(n).Find(&out).Error
	slices.Reverse(out)
	return out, err
}

// ThreadFrom is a conversation's messages from one id on, oldest first, the last n of them.
func (r Reads) ThreadFrom(ctx context.Context, conversationID, from int64, n int) ([]Message, error) {
	var out []Message
	err := r.messages(ctx).
		Where("messages.conversation_id = ? AND messages.id >= ?", conversationID, from).
		Order("messages.id DESC").
		Limit(n).
		Find(&out).
		Error
	slices.Reverse(out)
	return out, err
}

func (r Reads) messages(ctx context.Context) *gorm.DB {
	return r.read(ctx).Joins("Author").Joins("Version").Preload("Media")
}

// Quoted are the messages of a conversation with these sids, by sid.
func (r Reads) Quoted(ctx context.Context, conversationID int64, sids []string) (map[string]Message, error) {
	out := map[string]Message{}
	if len(sids) == 0 {
		return out, nil
	}
	var rows []Message
	err := r.read(ctx).
		Joins("Author").
		Preload("Media").
		Where("messages.twilio_sid IN ? AND messages.conversation_id = ?", sids, conversationID).
		Find(&rows).
		Error
	for _, m := range rows {
		out[*m.TwilioSid] = m
	}
	return out, err
}

// Reactions are the person's reactions to messages of a conversation, by the message's sid.
func (r Reads) Reactions(ctx context.Context, conversationID int64) (map[string]string, error) {
	var rows []struct{ MessageSid, Emoji string }
	err := r.read(ctx).
		Raw("SELECT message_sid, emoji FROM reactions WHERE conversation_id = ?", conversationID).
		Scan(&rows).
		Error
	out := map[string]string{}
	for _, row := range rows {
		out[row.MessageSid] = row.Emoji
	}
	return out, err
}

// LastInboundSid is Twilio's id of a person's latest message, empty if they never wrote.
func (r Reads) LastInboundSid(ctx context.Context, conversationID int64) (string, error) {
	var sid string
	err := r.read(ctx).
		Raw(`SELECT twilio_sid FROM messages WHERE conversation_id = ? AND direction = 'inbound'
			ORDER BY id DESC LIMIT 1`, conversationID).
		Scan(&sid).
		Error
	return sid, err
}

// AroundMessage is the id of the message n places before one of a conversation's, so that a page that begins there
// shows it.
func (r Reads) AroundMessage(ctx context.Context, conversationID int64, publicID string, n int) (int64, error) {
	var ids []int64
	err := r.read(ctx).
		Raw(`SELECT id FROM messages WHERE conversation_id = @c
			AND id <= (SELECT id FROM messages WHERE public_id = @m AND conversation_id = @c) ORDER BY id DESC LIMIT @n`,
			map[string]any{"c": conversationID, "m": publicID, "n": n}).
		Scan(&ids).
		Error
	if err == nil && len(ids) == 0 {
		err = models.NotFound("message")
	}
	if err != nil {
		return 0, err
	}
	return ids[len(ids)-1], nil
}

// HasOlder reports whether a conversation has messages before one.
func (r Reads) HasOlder(ctx context.Context, conversationID, id int64) (bool, error) {
	var older bool
	err := r.read(ctx).
		Raw("SELECT EXISTS (SELECT 1 FROM messages WHERE conversation_id = ? AND id < ?)", conversationID, id).
		Scan(&older).
		Error
	return older, err
}

// LastOfOthers is the public id of our latest message in a conversation that another user wrote, empty if there is
// none. A page remembers it, for the warning that somebody else has replied.
func (r Reads) LastOfOthers(ctx context.Context, conversationID, userID int64) (string, error) {
	var id string
	err := r.read(ctx).
		Raw(`SELECT public_id FROM messages WHERE conversation_id = ? AND direction = 'outbound' AND author_id <> ?
			ORDER BY id DESC LIMIT 1`, conversationID, userID).
		Scan(&id).
		Error
	return id, err
}

// MessageIn finds a message of a conversation, nil if it has none with this public id.
func (r Reads) MessageIn(ctx context.Context, conversationID int64, publicID string) (*Message, error) {
	var out []Message
	err := r.read(ctx).
		Joins("Author").
		Preload("Media").
		Where("messages.public_id = ? AND messages.conversation_id = ?", publicID, conversationID).
		Limit(1).
		Find(&out).
		Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}
