package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"parley/whatsapp"
)

// Search names what is looked for among the account's messages.
type Search struct {
	From, To whatsapp.Address
	Since    time.Time
	// Unsent also finds what Twilio has created and not sent yet. It costs more pages: see Listed.
	Unsent bool
}

// messagePage is how many messages are asked for at once, Twilio's maximum.
const messagePage = 1000

// Listed reads what went from a sender to a person since a moment, newest first, from as many pages as it takes. An
// error means that the pages read do not reach back to that moment: the messages returned with it are there, but what
// is not among them may be there as well.
//
// The list is bound by DateSent, which is the date of sending (Twilio's OpenAPI file: "Filter by Message sent_date"). A
// message that waits in Twilio's queue has none, and nothing says on which side of the bound it falls. So a search that
// found nothing proves nothing until it was repeated with Unsent: then the list is not bound, and pages are read until
// one is older than the moment throughout. Twilio sorts by DateSent, most recent first, so that the later one of the
// two dates counts.
//
// Sender, recipient and date are compared here as well. Whether Twilio filters by user ids is not documented: where it
// refuses one, the sender's messages to everybody are read.
func (c *Client) Listed(ctx context.Context, s Search) ([]Taken, error) {
	var out []Taken
	known := map[string]bool{}
	for _, to := range s.To.Variants() {
		list, err := c.listed(ctx, s, to.String())
		if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusBadRequest && to.Phone == "" {
			list, err = c.listed(ctx, s, "")
		}
		for _, t := range list {
			if !known[t.Sid] {
				out = append(out, t)
			}
			known[t.Sid] = true
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// listed is one search with Twilio's own filters; to is empty for everybody.
func (c *Client) listed(ctx context.Context, s Search, to string) ([]Taken, error) {
	query := url.Values{"From": {s.From.String()}, "PageSize": {strconv.Itoa(messagePage)}}
	if to != "" {
		query.Set("To", to)
	}
	if !s.Unsent {
		query.Set("DateSent>", s.Since.UTC().Format(time.RFC3339)) // reads DateSent>=… in the address
	}
	first := "https://api.twilio.com/2010-04-01/Accounts/" + c.creds.AccountSID + "/Messages.json?" + query.Encode()
	var out []Taken
	err := c.pages(ctx, first, func(d *json.Decoder) (string, bool, error) {
		var page struct {
			Messages []api.ApiV2010Message `json:"messages"`
			Next     *string               `json:"next_page_uri"`
		}
		if err := d.Decode(&page); err != nil {
			return "", false, err
		}
		if page.Messages == nil {
			return "", false, errors.New("it has no messages")
		}
		older := len(page.Messages) > 0
		for _, m := range page.Messages {
			t := taken(m)
			before := !t.Created.IsZero() && t.Created.Before(s.Since)
			older = older && before && t.SentAt.Before(s.Since)
			if !before && s.matches(&t) {
				out = append(out, t)
			}
		}
		return text(page.Next), older, nil
	})
	return out, err
}

// matches compares sender and recipient, and notes where the recipient is hidden.
func (s Search) matches(t *Taken) bool {
	if same, _ := s.From.Reaches(t.From); !same || t.Sid == "" {
		return false
	}
	same, certain := s.To.Reaches(t.To)
	t.Hidden = same && !certain
	return same
}
