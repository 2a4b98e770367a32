package whatsapp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The shapes of Twilio's content types (OpenAPI, schemas of "types"): all that WhatsApp takes have some of
// these fields.
type shape struct {
	Body       string        `json:"body"`
	Title      string        `json:"title"`
	Subtitle   string        `json:"subtitle"`
	HeaderText string        `json:"header_text"`
	Footer     string        `json:"footer"`
	Media      any           `json:"media"` // one address, or a list
	Button     string        `json:"button"`
	Actions    []shapeAction `json:"actions"`
	Items      []struct {
		ID, Item, Description string
	} `json:"items"`
	Cards     []shape `json:"cards"`
	Latitude  any     `json:"latitude"`
	Longitude any     `json:"longitude"`
	Label     string  `json:"label"`
	Address   string  `json:"address"`
	Advice    *bool   `json:"add_security_recommendation"`
	Minutes   float64 `json:"code_expiration_minutes"`
}

type shapeAction struct {
	Type, Title, URL, Phone, Code, ID string
	Copy                              string `json:"copy_code_text"`
}

// richest is the order in which one of several types is picked: Twilio may have others for other channels.
var richest = []ContentType{
	TypeAuthentication,
	TypeCard,
	TypeCarousel,
	TypeTwilioCard,
	TypeCallToAction,
	TypeQuickReply,
	TypeListPicker,
	TypeMedia,
	TypeLocation,
	TypeText,
}

// ReadTypes reads the "types" of a content. A type that Parley does not know is kept by name with its body.
func ReadTypes(types map[string]any) Content {
	name := TypeText
	known := slices.IndexFunc(richest, func(t ContentType) bool { return types[string(t)] != nil })
	if known >= 0 {
		name = richest[known]
	} else {
		var names []string
		for n := range types {
			names = append(names, n)
		}
		if slices.Sort(names); len(names) > 0 {
			name = ContentType(names[0])
		}
	}
	var s shape
	b, err := json.Marshal(types[string(name)])
	if err != nil || json.Unmarshal(b, &s) != nil {
		m, _ := types[string(name)].(map[string]any)
		s.Body, _ = m["body"].(string)
	}
	c := Content{
		Type:    name,
		Body:    s.Body,
		Header:  s.HeaderText,
		Footer:  s.Footer,
		Media:   firstOf(s.Media),
		Button:  s.Button,
		Label:   s.Label,
		Address: s.Address,
	}
	switch name {
	case TypeTwilioCard:
		c.Body, c.Footer = orElse(s.Title, s.Body), s.Subtitle // it has a title or a body (Twilio, twilio/card)
	case TypeAuthentication:
		c.Advice, c.Minutes = s.Advice == nil || *s.Advice, int(s.Minutes)
		if len(s.Actions) > 0 {
			c.Copy = s.Actions[0].Copy
		}
		return c
	case TypeLocation:
		c.Latitude, c.Longitude = degrees(s.Latitude), degrees(s.Longitude)
	case TypeText,
		TypeMedia,
		TypeQuickReply,
		TypeCallToAction,
		TypeListPicker,
		TypeCard,
		TypeCarousel: // all they have is read the same way
	}
	c.Actions = readActions(s.Actions)
	for _, it := range s.Items {
		c.Items = append(c.Items, Item{Title: it.Item, ID: it.ID, Description: it.Description})
	}
	for _, card := range s.Cards {
		c.Cards = append(
			c.Cards,
			Card{Title: card.Title, Body: card.Body, Media: firstOf(card.Media), Actions: readActions(card.Actions)},
		)
	}
	return c
}

func readActions(list []shapeAction) []Action {
	var out []Action
	for _, a := range list {
		kind := a.Type
		if kind == "" {
			kind = ActionReply
		}
		out = append(out, Action{Type: kind, Title: a.Title, Value: a.URL + a.Phone + a.Code, ID: a.ID})
	}
	return out
}

func firstOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return fmt.Sprint(v[0])
		}
	}
	return ""
}

func degrees(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	}
	return ""
}

// Types writes the content as the Content API takes it.
func (c *Content) Types() map[string]any {
	out := map[string]any{}
	put := func(k, v string) {
		if v != "" {
			out[k] = v
		}
	}
	put("body", c.Body)
	switch c.Type {
	case TypeListPicker:
		items := []map[string]any{}
		for i, it := range c.Items {
			item := map[string]any{"item": it.Title, "id": orElse(it.ID, "item_"+strconv.Itoa(i+1))}
			if it.Description != "" {
				item["description"] = it.Description
			}
			items = append(items, item)
		}
		out["button"], out["items"] = c.Button, items
	case TypeLocation:
		out["latitude"], out["longitude"] = number(c.Latitude), number(c.Longitude)
		put("label", c.Label)
		put("address", c.Address)
	case TypeAuthentication:
		// Twilio takes a missing advice as true.
		out = map[string]any{
			"add_security_recommendation": c.Advice,
			"actions":                     []map[string]any{{"type": "COPY_CODE", "copy_code_text": c.Copy}},
		}
		if c.Minutes > 0 {
			out["code_expiration_minutes"] = c.Minutes
		}
	case TypeCarousel:
		out["cards"] = writeCards(c.Cards)
	case TypeTwilioCard:
		out = map[string]any{"title": c.Body}
		put("subtitle", c.Footer)
	case TypeCard:
		put("header_text", c.Header)
		put("footer", c.Footer)
	case TypeText, TypeMedia, TypeQuickReply, TypeCallToAction: // all they have is written the same way
	}
	if c.Media != "" {
		out["media"] = []string{c.Media}
	}
	if len(c.Actions) > 0 {
		out["actions"] = writeActions(c.Actions)
	}
	return map[string]any{string(c.Type): out}
}

func writeCards(cards []Card) []map[string]any {
	out := []map[string]any{}
	for _, card := range cards {
		m := map[string]any{"body": card.Body, "media": card.Media, "actions": writeActions(card.Actions)}
		if card.Title != "" {
			m["title"] = card.Title
		}
		out = append(out, m)
	}
	return out
}

func writeActions(actions []Action) []map[string]any {
	out := []map[string]any{}
	for i, a := range actions {
		m := map[string]any{"type": a.Type, "title": a.Title}
		switch a.Type {
		case ActionReply:
			m["id"] = orElse(a.ID, "reply_"+strconv.Itoa(i+1))
		case ActionURL:
			m["url"] = a.Value
		case ActionPhone:
			m["phone"] = a.Value
		case ActionCode:
			m["code"] = a.Value
		}
		out = append(out, m)
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// number is degrees as a JSON number; the lint has checked that they are valid.
func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || f != f || f > 180 || f < -180 {
		return 0
	}
	return f
}
