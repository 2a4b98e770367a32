package simulator

import (
	"fmt"
)

// sandboxTemplates are the three that Twilio's Sandbox may send, with their content sids.
var sandboxTemplates = []struct{ Sid, Name, Body string }{
	{"HX229f5a04fd0510ce1b071852155d3e75", "sandbox_verification_code", "Your {{1}} code is {{2}}"},
	{"HXb5b62575e6e4ff6129ad7c8efe1f983e", "sandbox_appointment", "Your appointment is coming up on {{1}} at {{2}}"},
	{
		"HX350d429d32e64a552466cafecbe95f3c",
		"sandbox_order_shipped",
		"Your {{1}} order of {{2}} has shipped and should be delivered on {{3}}. Details: {{4}}",
	},
}

func (s *Simulator) seed() {
	for _, t := range sandboxTemplates {
		if s.state.Contents[t.Sid] != nil {
			continue
		}
		c := &Content{
			Sid:          t.Sid,
			FriendlyName: t.Name,
			Language:     "en",
			Variables:    map[string]string{},
			Types:        map[string]map[string]any{"twilio/text": {"body": t.Body}},
			Created:      s.now(),
			Approval:     &Approval{Name: t.Name, Category: "UTILITY", Status: "approved"},
		}
		s.state.Contents[t.Sid] = c
		s.keep("content", c.Sid, c)
	}
}

// seedAccount adds templates that the simulated business made in Twilio's Console long ago, so that there is something
// to import.
func (s *Simulator) seedAccount() {
	for i, c := range madeInConsole() {
		c.Sid = fmt.Sprintf("HX%032x", 0xc0de+i)
		if s.state.Contents[c.Sid] == nil && s.opt.Account {
			s.AddContent(c)
		}
	}
}

// madeInConsole are the templates of the simulated business: two languages of one, a promotional one, and one that
// needs no approval.
func madeInConsole() []*Content {
	parking := func(name, language, day, body, button string) *Content {
		return &Content{
			FriendlyName: name,
			Language:     language,
			Variables:    map[string]string{"1": "Noor", "2": day},
			Types: map[string]map[string]any{"twilio/call-to-action": {
				"body":    body,
				"actions": []any{map[string]any{"type": "URL", "title": button, "url": "https://harbor-clinic.example.com/map"}},
			}},
			Approval: &Approval{Name: "parking_info", Category: "UTILITY", Status: "approved"},
		}
	}
	return []*Content{
		parking("parking_info", "en", "Tuesday",
			"Hello {{1}}, for your visit on {{2}} you can park behind our house. The map shows the way.", "Show the map"),
		parking("parking_info_de", "de", "Dienstag",
			"Hallo {{1}}, bei deinem Besuch am {{2}} kannst du hinter unserem Haus parken. Die Karte zeigt den Weg.",
			"Karte zeigen"),
		{
			FriendlyName: "harbor_newsletter",
			Language:     "en",
			Variables:    map[string]string{"name": "Noor"},
			Types: map[string]map[string]any{"twilio/text": {
				"body": "Hello {{name}}, our spring newsletter with new offers is out. Have a look at it.",
			}},
			Approval: &Approval{Name: "harbor_newsletter", Category: "MARKETING", Status: "approved"},
		},
		{
			FriendlyName: "House rules",
			Language:     "en",
			Types: map[string]map[string]any{"twilio/list-picker": {
				"body":   "What would you like to know about our house?",
				"button": "Choose",
				"items": []any{
					map[string]any{"item": "Opening hours", "id": "hours", "description": "When we are here"},
					map[string]any{"item": "How to find us", "id": "way"},
				},
			}},
		},
	}
}
