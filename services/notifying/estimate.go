package notifying

import (
	"context"
	"time"

	"parley/models"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/senders"
	"parley/models/templates"
)

// Preview is the message as one real person will see it.
type Preview struct {
	Contact  people.Contact
	Language string
	Version  *templates.TemplateVersion
	Values   templates.Values // that the version is filled with
	At       time.Time        // when it may be sent
}

// Estimate is what a dry run shows besides the counts.
type Estimate struct {
	Previews []Preview
	Duration time.Duration // at the sender's pace, without the limit
	Headroom int           // how many more different people the sender may write to today; -1: no limit known
	Days     int           // how many days it takes because of the limit, 1 if all of it can be sent today
	Cost     float64
	Currency string
	PricesOf string
}

// Estimate estimates the sending of a checked notification.
func (s *Service) Estimate(ctx context.Context, n *notifications.Notification) (Estimate, error) {
	e := Estimate{Headroom: -1, Days: 1}
	sender, err := senders.Read(s.store).SenderByID(ctx, n.SenderID)
	if err != nil {
		return e, err
	}
	rules, err := notifications.Read(s.store).NotifyRules(ctx)
	if err != nil {
		return e, err
	}
	rate := sender.MessagesPerSecond
	if n.Speed > 0 && n.Speed < rate {
		rate = n.Speed
	}
	e.Duration = time.Duration(float64(n.Allowed) / rate * float64(time.Second))
	if sender.Tier > 0 {
		reached, err := senders.Read(s.store).PeopleReachedBy(ctx, sender.ID)
		if err != nil {
			return e, err
		}
		e.Headroom = max(0, sender.Tier-reached)
		if n.Allowed > e.Headroom {
			e.Days = 1 + (n.Allowed-e.Headroom+sender.Tier-1)/sender.Tier
		}
	}
	countries, err := notifications.Read(s.store).AllowedByCountry(ctx, n.ID)
	if err != nil {
		return e, err
	}
	v, err := templates.Read(s.store).VersionByID(ctx, n.VersionID)
	if err != nil {
		return e, err
	}
	for country, people := range countries {
		e.Cost += float64(people) * rules.PriceOf(country, v.EffectiveCategory())
	}
	e.Currency, e.PricesOf = rules.Currency, rules.PricesOf
	e.Previews, err = s.previews(ctx, n, v)
	return e, err
}

// previews are the messages of three people from the beginning, the middle and the end of the audience.
func (s *Service) previews(
	ctx context.Context,
	n *notifications.Notification,
	v *templates.TemplateVersion,
) ([]Preview, error) {
	var out []Preview
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		g, err := templates.GroupOf(tx, v)
		if err != nil {
			return err
		}
		list, err := notifications.SomeRecipients(tx, n.ID)
		if err != nil {
			return err
		}
		for _, c := range list {
			t := g.For(c.Contact.Language)
			own, _ := values(n, g, t, c)
			out = append(out, Preview{
				Contact:  *c.Contact,
				Language: t.Language,
				Version:  t,
				Values:   own,
				At:       sendAt(n, t, c.Contact, tx.Now()),
			})
		}
		return nil
	})
	return out, err
}
