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
	Onlookers    []models.Viewer
	Addresses    []models.ContactAddress // of the contact
	Zone         *time.Location          // time zone of the times to snooze until
	Now          time.Time
}

// subtitle is the address that replies go to if the contact has several, else the number.
func (p HeadProps) subtitle(ctx context.Context) string {
	number := ""
	if a := answered(p.Conversation, p.Addresses); a != nil && len(p.Addresses) > 1 {
		return "Replies go to " + components.Address(ctx, a) + " · through " + p.Conversation.Sender.Name
	}
	if p.Conversation.Contact.Phone != nil {
		number = components.Phone(ctx, p.Conversation.Contact.Phone) + " · "
	}
	return number + "through " + p.Conversation.Sender.Name
}

// answered is the address that a conversation's replies go to, nil if none is known.
func answered(c *models.Conversation, list []models.ContactAddress) *models.ContactAddress {
	return addressWith(list, c.AddressID)
}

func addressWith(list []models.ContactAddress, id *int64) *models.ContactAddress {
	for i := range list {
		if id != nil && list[i].ID == *id {
			return &list[i]
		}
	}
	return nil
}

// token lets a macro run only once for each page that shows it.
func (HeadProps) token() string { return rand.Text() }

func chosen(yes bool) string {
	if yes {
		return "primary"
	}
	return "outline"
}
