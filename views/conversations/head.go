package conversations

import (
	"context"
	"crypto/rand"
	"time"

	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/people"
	"parley/views/components"
)

// HeadProps are what a conversation's head shows.
type HeadProps struct {
	Conversation *conversations.Conversation
	List         string
	User         *accounts.User
	Users        []accounts.User
	Labels       []inbox.Label
	Macros       []inbox.Macro
	Onlookers    []inbox.Viewer
	Addresses    []people.ContactAddress // of the contact
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
func answered(c *conversations.Conversation, list []people.ContactAddress) *people.ContactAddress {
	return addressWith(list, c.AddressID)
}

func addressWith(list []people.ContactAddress, id *int64) *people.ContactAddress {
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
