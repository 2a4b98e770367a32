package simulator

import (
	"time"

	"parley/whatsapp"
)

// beyond reports whether a business-initiated message to a person is one too many for its sender: WhatsApp limits the
// different people that it reaches in 24 hours. Twilio accepts such a message and fails it with 63018.
func (s *Simulator) beyond(sender, person string) bool {
	limit := 0
	for _, o := range s.state.Senders {
		if o.Phone == sender {
			limit = whatsapp.Tier(o.Limit)
		}
	}
	if limit == 0 {
		return false
	}
	now := s.now()
	reached := s.reached[sender]
	if reached == nil {
		reached = map[string]time.Time{}
		s.reached[sender] = reached
	}
	if _, ok := reached[person]; !ok && len(reached) >= limit {
		for p, at := range reached {
			if now.Sub(at) >= whatsapp.TierPeriod {
				delete(reached, p)
			}
		}
		if len(reached) >= limit {
			return true
		}
	}
	reached[person] = now
	return false
}
