package inbox

import (
	"context"
	"crypto/rand"
	"time"

	"parley/models"
	"parley/views/components"
)

// HeadProps are what a conversation's head shows.
type HeadProps struct {
	Conversation *models.Conversation
	List         string
	User         *models.User
	Users        []models.User
	Labels       []models.Label
	Macros       []models.Macro
	Onlookers    []models.Onlooker
	Now          time.Time
}

func (p HeadProps) subtitle(ctx context.Context) string {
	number := ""
	if p.Conversation.Contact.Phone != nil {
		number = components.Phone(ctx, p.Conversation.Contact.Phone) + " · "
	}
	return number + "through " + p.Conversation.Sender.Name
}

// token lets a macro run once for each page that shows it.
func (HeadProps) token() string { return rand.Text() }

func chosen(yes bool) string {
	if yes {
		return "primary"
	}
	return "outline"
}
