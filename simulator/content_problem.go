package simulator

import (
	"fmt"
	"regexp"
	"slices"

	"parley/whatsapp"
)

var languageCode = regexp.MustCompile(`^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?$`)

// requiredFields are OpenAPI's.
var requiredFields = map[whatsapp.ContentType][]string{
	whatsapp.TypeText:           {"body"},
	whatsapp.TypeMedia:          {"media"},
	whatsapp.TypeQuickReply:     {"body", "actions"},
	whatsapp.TypeCallToAction:   {"body", "actions"},
	whatsapp.TypeListPicker:     {"body", "button", "items"},
	whatsapp.TypeCard:           {"body"},
	whatsapp.TypeLocation:       {"latitude", "longitude"},
	whatsapp.TypeAuthentication: {"actions"},
	whatsapp.TypeCarousel:       {"body", "cards"},
}

// contentProblem is what the Content API refuses a content for (OpenAPI's required fields, and the limits of
// the content types overview), empty if nothing.
func contentProblem(in *Content) string {
	switch {
	case !languageCode.MatchString(in.Language):
		return "Invalid language"
	case len(in.Types) == 0:
		return "At least one content type is required"
	}
	c := in.content()
	if !c.Type.Known() && c.Type != whatsapp.TypeTwilioCard {
		return "Unknown content type " + string(c.Type)
	}
	raw := in.Types[string(c.Type)]
	for _, field := range requiredFields[c.Type] {
		if v := raw[field]; v == nil || v == "" {
			return string(c.Type) + ": " + field + " is required"
		}
	}
	if problem := lengthProblem(c); problem != "" {
		return problem
	}
	return countProblem(c)
}

// lengthProblem names the first text that is too long.
func lengthProblem(c *whatsapp.Content) string {
	for _, p := range c.Parts() {
		limit := p.Max
		if p.Field == "body" && (c.Type == whatsapp.TypeText || c.Type == whatsapp.TypeMedia) {
			limit = whatsapp.MaxBody
		}
		if whatsapp.Length(*p.Text) > limit {
			return fmt.Sprintf("%s: %s exceeds %d characters", c.Type, p.Field, limit)
		}
	}
	return ""
}

// elements is how many buttons, items or cards a content type allows.
type elements struct {
	name        string
	least, most int
}

var elementsOf = map[whatsapp.ContentType]elements{
	whatsapp.TypeQuickReply:   {name: "actions", least: 1, most: whatsapp.MaxQuickReplies},
	whatsapp.TypeCallToAction: {name: "actions", least: 1, most: 4},
	whatsapp.TypeListPicker:   {name: "items", least: 1, most: whatsapp.MaxItems},
	whatsapp.TypeCarousel:     {name: "cards", least: whatsapp.MinCards, most: whatsapp.MaxCards},
}

// countProblem says what there is too little or too much of.
func countProblem(c *whatsapp.Content) string {
	if c.Type == whatsapp.TypeCarousel && slices.ContainsFunc(c.Cards, incomplete) {
		return "twilio/carousel: a card needs body, media and actions"
	}
	e, counted := elementsOf[c.Type]
	if !counted {
		return ""
	}
	n := map[string]int{"actions": len(c.Actions), "items": len(c.Items), "cards": len(c.Cards)}[e.name]
	if n < e.least || n > e.most {
		return fmt.Sprintf("%s: %s must be between %d and %d", c.Type, e.name, e.least, e.most)
	}
	return ""
}

func incomplete(card whatsapp.Card) bool {
	return card.Body == "" || card.Media == "" || len(card.Actions) == 0
}
