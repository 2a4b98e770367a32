package messaging

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/services/twilio"
	"parley/whatsapp"
)

// AskRatingArgs asks a job to send a person the rating question.
type AskRatingArgs struct {
	ConversationID string `json:"conversation_id"`
	UserID         *int64 `json:"user_id"` // who resolved it
	At             int64  `json:"at"`      // when, in seconds: one question each time
}

// Kind names the job.
func (AskRatingArgs) Kind() string { return "ask_rating" }

const ratingPayload = "parley-rating-"

// RatingButtons are the answers, best first, as WhatsApp shows them (20 characters at most).
var RatingButtons = []string{"Good", "It was all right", "Bad"}

// scoreOf reads an answer's payload; 0 if it is not a score.
func scoreOf(payload string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(payload, ratingPayload))
	if err != nil || !strings.HasPrefix(payload, ratingPayload) {
		return 0
	}
	return n
}

// askRating has the question sent after a chat was resolved, if the session is still open, the person wrote in it, and
// they were not asked in this session yet.
func (s *Service) askRating(
	tx *models.Tx,
	c *conversations.Conversation,
	desk conversations.InboxSettings,
	by *int64,
) error {
	asked := c.RatingAskedAt != nil && c.WindowBeganAt != nil && !c.RatingAskedAt.Before(*c.WindowBeganAt)
	if desk.Rating.Says() == "" || asked || !c.WindowOpen(tx.Now()) || mayWrite(c) != nil ||
		c.Contact.Consent == whatsapp.OptedOut {
		return nil
	}
	return tx.Enqueue(AskRatingArgs{ConversationID: c.PublicID, UserID: by, At: tx.Now().Unix()}, nil)
}

// AskRating is the job behind askRating. The question is a content with buttons, made once at Twilio: in an open
// session it needs no approval.
func (s *Service) AskRating(ctx context.Context, client *twilio.Client, args AskRatingArgs) error {
	desk, err := conversations.Read(s.store).InboxSettings(ctx)
	if err != nil || desk.Rating.Says() == "" {
		return err
	}
	if desk.RatingSid == "" || desk.RatingText != desk.Rating.Text {
		content := whatsapp.Content{Type: whatsapp.TypeQuickReply, Body: desk.Rating.Text}
		for i, title := range RatingButtons {
			content.Actions = append(
				content.Actions,
				whatsapp.Action{Type: whatsapp.ActionReply, Title: title, ID: ratingPayload + strconv.Itoa(3-i)},
			)
		}
		sid, err := ratingContent(ctx, client, content)
		if err != nil {
			return err
		}
		if desk, err = s.keepRatingContent(ctx, sid, desk.Rating.Text); err != nil {
			return err
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		c, err := conversations.ConversationForUpdate(tx, args.ConversationID)
		if err != nil {
			return err
		}
		if c.State != conversations.ConversationResolved || !c.WindowOpen(tx.Now()) || mayWrite(c) != nil ||
			reachable(tx, c, false) != nil {
			return nil // opened again, or too late to ask
		}
		now, token := tx.Now(), "rating-"+c.PublicID+"-"+strconv.FormatInt(args.At, 10)
		c.RatingAskedAt = &now
		m := &conversations.Message{
			Kind:       whatsapp.KindInteractive,
			Body:       desk.RatingText,
			ContentSid: &desk.RatingSid,
			Priority:   conversations.PriorityReply,
			Token:      &token,
			Rule:       "rating",
			Details:    conversations.Details{Buttons: RatingButtons},
		}
		added, err := conversations.QueueMessage(tx, c, m)
		if err != nil || !added {
			return err
		}
		return inbox.AddRating(tx, &inbox.Rating{ConversationID: c.ID, UserID: args.UserID, AskedID: m.ID, AskedAt: now})
	})
}

// ratingContent creates the question at Twilio, or uses the one that an earlier call without an answer created: a
// content with the same text works as well.
func ratingContent(ctx context.Context, client *twilio.Client, content whatsapp.Content) (string, error) {
	c := twilio.Content{FriendlyName: "parley_rating", Language: "en", Content: content, Samples: map[string]string{}}
	same, err := client.SameContents(ctx, c)
	if err != nil {
		return "", fmt.Errorf("look for the question at Twilio: %w", err)
	}
	if len(same) > 0 {
		return same[0], nil
	}
	return client.CreateContent(c)
}

func (s *Service) keepRatingContent(ctx context.Context, sid, text string) (conversations.InboxSettings, error) {
	var desk conversations.InboxSettings
	err := s.store.InTx(ctx, func(tx *models.Tx) (err error) {
		if desk, err = conversations.InboxSettingsForUpdate(tx); err != nil {
			return err
		}
		desk.RatingSid, desk.RatingText = sid, text
		return conversations.SaveInboxSettings(tx, models.System("Parley"), desk)
	})
	return desk, err
}
