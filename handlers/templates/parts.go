package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/whatsapp"
)

var (
	addsAction    = regexp.MustCompile(`^add-(?:card-(\d{1,2})-)?action$`)
	removesAction = regexp.MustCompile(`^remove-(?:card-(\d{1,2})-)?action-(\d{1,2})$`)
	removesPart   = regexp.MustCompile(`^remove-(item|card)-(\d{1,2})$`)
)

// rearranged is the content after a button of the editor added or removed something, in the shape of its type. Parts
// that the type does not have are kept as far as possible, so that changing the type back loses nothing.
func rearranged(c whatsapp.Content, do string) whatsapp.Content {
	kinds := c.Type.ActionTypes()
	fresh := func() whatsapp.Action { return whatsapp.Action{Type: kinds[0]} }
	if m := addsAction.FindStringSubmatch(do); m != nil && len(kinds) > 0 {
		if list := actionsAt(&c, m[1]); list != nil && len(*list) < maxParts {
			*list = append(*list, fresh())
		}
	}
	if m := removesAction.FindStringSubmatch(do); m != nil {
		if list := actionsAt(&c, m[1]); list != nil {
			*list = without(*list, m[2])
		}
	}
	if m := removesPart.FindStringSubmatch(do); m != nil {
		c.Items, c.Cards = pick(m[1] == "item", c.Items, m[2]), pick(m[1] == "card", c.Cards, m[2])
	}
	switch {
	case do == "add-item" && len(c.Items) < maxParts:
		c.Items = append(c.Items, whatsapp.Item{})
	case do == "add-card" && len(c.Cards) < maxParts:
		c.Cards = append(c.Cards, newCard(&c))
	}
	return shaped(c)
}

// newCard has the same kinds of buttons as the first card, because WhatsApp requires it.
func newCard(c *whatsapp.Content) whatsapp.Card {
	card := whatsapp.Card{Actions: []whatsapp.Action{{Type: whatsapp.ActionReply}}}
	if len(c.Cards) > 0 {
		card.Actions = nil
		for _, a := range c.Cards[0].Actions {
			card.Actions = append(card.Actions, whatsapp.Action{Type: a.Type})
		}
	}
	return card
}

func shaped(c whatsapp.Content) whatsapp.Content {
	kinds := c.Type.ActionTypes()
	for i := range c.Actions {
		if len(kinds) > 0 && !slices.Contains(kinds, c.Actions[i].Type) {
			c.Actions[i].Type, c.Actions[i].Value = kinds[0], ""
		}
	}
	switch c.Type {
	case whatsapp.TypeQuickReply, whatsapp.TypeCallToAction:
		if len(c.Actions) == 0 {
			c.Actions = []whatsapp.Action{{Type: kinds[0]}}
		}
	case whatsapp.TypeListPicker:
		if len(c.Items) == 0 {
			c.Items = []whatsapp.Item{{}}
		}
	case whatsapp.TypeCarousel:
		for len(c.Cards) < whatsapp.MinCards {
			c.Cards = append(c.Cards, newCard(&c))
		}
	case whatsapp.TypeAuthentication:
		if c.Copy == "" {
			c.Copy, c.Advice = "Copy code", true
		}
	case whatsapp.TypeText,
		whatsapp.TypeMedia,
		whatsapp.TypeCard,
		whatsapp.TypeTwilioCard,
		whatsapp.TypeLocation: // they need no part that can be missing
	}
	return c
}

// actionsAt are the buttons of a card, or of the content itself if no card is named.
func actionsAt(c *whatsapp.Content, card string) *[]whatsapp.Action {
	if card == "" {
		return &c.Actions
	}
	i, err := strconv.Atoi(card)
	if err != nil || i < 1 || i > len(c.Cards) {
		return nil
	}
	return &c.Cards[i-1].Actions
}

func pick[T any](yes bool, list []T, n string) []T {
	if !yes {
		return list
	}
	return without(list, n)
}

func without[T any](list []T, n string) []T {
	i, err := strconv.Atoi(strings.TrimSpace(n))
	if err != nil || i < 1 || i > len(list) {
		return list
	}
	return slices.Delete(slices.Clone(list), i-1, i)
}
