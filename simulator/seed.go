package simulator

import (
	"fmt"
	"slices"
)

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

// addMessage stores a message. The caller holds the lock.
func (s *Simulator) addMessage(m *Message) {
	m.Created = s.now()
	s.state.Messages[m.Sid] = m
	s.state.Order = append(s.state.Order, m.Sid)
	s.keep("message", m.Sid, m)
}

// Messages are copies of all messages between a customer and any sender, oldest first; of everybody if key is empty.
func (s *Simulator) Messages(key string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	theirs := s.addresses(key)
	var out []Message
	for _, sid := range s.state.Order {
		m := s.state.Messages[sid]
		if key == "" || slices.Contains(theirs, m.From) || slices.Contains(theirs, m.To) {
			out = append(out, *m)
		}
	}
	return out
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
