package whatsapp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each type has its own texts, in the order in which placeholders are numbered, with the limits of Twilio's Content API.
func TestParts(t *testing.T) {
	buttons := []Action{{Type: ActionURL}, {Type: ActionPhone}, {Type: ActionCode}, {Type: ActionReply}}
	for _, c := range []struct {
		content Content
		want    string // name, label, limit; v: may have placeholders, s: one line, u: an address
	}{
		{Content{Type: TypeText}, "body|Text|1024v"},
		{Content{Type: TypeMedia}, "body|Text|1024v, media|Picture or file|2000vu"},
		{Content{Type: TypeQuickReply, Actions: []Action{{Type: ActionReply}, {Type: ActionReply}}},
			"body|Text|1024v, action-1-title|Button 1|20s, action-1-id|Button 1, ID|200v, " +
				"action-2-title|Button 2|20s, action-2-id|Button 2, ID|200v"},
		{Content{Type: TypeCallToAction, Actions: buttons[:3]},
			"body|Text|1024v, action-1-title|Button 1|20s, action-1-value|Button 1, address|2000vu, " +
				"action-2-title|Button 2|20s, action-2-value|Button 2, number|20, " +
				"action-3-title|Button 3|20s, action-3-value|Button 3, code|15v"},
		{Content{Type: TypeCard, Actions: buttons[3:]},
			"header|Header|60vs, body|Text|1024v, footer|Footer|60s, media|Picture or file|2000vu, " +
				"action-1-title|Button 1|25s, action-1-id|Button 1, ID|200v"},
		{Content{Type: TypeCard, Actions: buttons[:1]},
			"header|Header|60vs, body|Text|1024v, footer|Footer|60s, media|Picture or file|2000vu, " +
				"action-1-title|Button 1|20s, action-1-value|Button 1, address|2000vu"},
		{Content{Type: TypeTwilioCard, Actions: buttons[3:]},
			"body|Text|1024v, footer|Footer|60s, media|Picture or file|2000vu, " +
				"action-1-title|Button 1|20s, action-1-id|Button 1, ID|200v"},
		{Content{Type: TypeListPicker, Items: make([]Item, 2)},
			"body|Text|1024v, button|Button|20s, " +
				"item-1-title|Item 1|24vs, item-1-description|Description 1|72vs, item-1-id|ID 1|200, " +
				"item-2-title|Item 2|24vs, item-2-description|Description 2|72vs, item-2-id|ID 2|200"},
		{Content{Type: TypeLocation}, "label|Name of the place|1000v, address|Address|1000v"},
		{Content{Type: TypeAuthentication}, "copy|Button|25s"},
		{Content{Type: TypeCarousel, Cards: []Card{{}, {Actions: buttons[3:]}}},
			"body|Text|1024v, card-1-title|Card 1, title|160vs, card-1-body|Card 1, text|160v, " +
				"card-1-media|Card 1, picture|2000vu, card-2-title|Card 2, title|160vs, card-2-body|Card 2, text|160v, " +
				"card-2-media|Card 2, picture|2000vu, card-2-action-1-title|Card 2, button 1|20s, " +
				"card-2-action-1-id|Card 2, button 1, ID|200v"},
	} {
		var got []string
		for _, p := range c.content.Parts() {
			text := fmt.Sprintf("%s|%s|%d", p.Field, p.Label, p.Max)
			if p.Variables {
				text += "v"
			}
			if p.Short {
				text += "s"
			}
			if p.URL {
				text += "u"
			}
			got = append(got, text)
			*p.Text = p.Field // each is a text of the content itself
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.content.Type, all, c.want)
		}
		for _, p := range c.content.Parts() {
			if *p.Text != p.Field {
				t.Errorf("%s: two parts share the text of %s", c.content.Type, p.Field)
			}
		}
	}
}

func TestButtonID(t *testing.T) {
	c := Content{
		Actions: []Action{{Title: "Yes", ID: "yes"}},
		Cards:   []Card{{Actions: []Action{{Title: "Book", ID: "book"}}}},
		Items:   []Item{{Title: "Dr. Öz", ID: "oz"}, {Title: "Yes", ID: "item"}},
	}
	for title, want := range map[string]string{"Yes": "yes", "YES ": "yes", "book": "book", "dr. öz": "oz", "No": "", "": ""} {
		if got := c.ButtonID(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, typ := range append(ContentTypes(), TypeTwilioCard) {
		if known := typ != TypeTwilioCard; typ.Known() != known {
			t.Errorf("%s: known %v", typ, typ.Known())
		}
		if only := typ == TypeListPicker || typ == TypeLocation; typ.SessionOnly() != only {
			t.Errorf("%s: only in sessions %v", typ, typ.SessionOnly())
		}
		if body := typ != TypeLocation && typ != TypeAuthentication; typ.HasBody() != body {
			t.Errorf("%s: has a text %v", typ, typ.HasBody())
		}
	}
	for typ, want := range map[ContentType][]string{
		TypeText:         nil,
		TypeQuickReply:   {ActionReply},
		TypeCallToAction: {ActionURL, ActionPhone, ActionCode, ActionVoice},
		TypeCard:         {ActionReply, ActionURL, ActionPhone, ActionCode},
		TypeCarousel:     {ActionReply, ActionURL, ActionPhone},
	} {
		if got := typ.ActionTypes(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", typ, got, want)
		}
	}
}

// Up to three quick replies may be sent in a session; carousels, codes and authentication may not.
func TestInSession(t *testing.T) {
	replies := func(n int) []Action {
		list := make([]Action, n)
		for i := range list {
			list[i].Type = ActionReply
		}
		return list
	}
	for _, c := range []struct {
		content Content
		want    bool
	}{
		{Content{Type: TypeText}, true},
		{Content{Type: TypeCarousel}, false},
		{Content{Type: TypeAuthentication}, false},
		{Content{Type: TypeQuickReply, Actions: replies(3)}, true},
		{Content{Type: TypeQuickReply, Actions: replies(4)}, false},
		{Content{Type: TypeCallToAction, Actions: []Action{{Type: ActionURL}, {Type: ActionPhone}}}, true},
		{Content{Type: TypeCallToAction, Actions: []Action{{Type: ActionURL}, {Type: ActionCode}}}, false},
	} {
		if got := c.content.InSession(); got != c.want {
			t.Errorf("%s with %d buttons: %v", c.content.Type, len(c.content.Actions), got)
		}
	}
}
