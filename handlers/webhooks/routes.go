package webhooks

import (
	"parley/handlers/web"
	"parley/services/health"
)

// webhook4MB is the limit for Twilio's webhooks: WhatsApp's longest text has 65,536 characters, each at most 12 bytes
// in a form, and the other parameters are short.
const webhook4MB = 4 << 20

// Routes are this area's part of the routing table.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.POST("/webhooks/twilio/messages", "webhook.messages", web.Public, h.receiveMessage).Limit(webhook4MB),
		web.POST("/webhooks/twilio/status", "webhook.status", web.Public, h.receiveStatus).Limit(webhook4MB),
		web.POST(health.TestPath, "webhook.test", web.Public, h.receiveTest).Limit(1 << 10),
	}
}
