package components

import (
	"parley/models/senders"
	"parley/whatsapp"
)

// SenderStatus translates Twilio's state of a sender into ours.
func SenderStatus(s senders.Sender) (text string, tone whatsapp.Tone) {
	switch s.TwilioStatus {
	case senders.TwilioAsked:
		return "Asking Twilio", whatsapp.ToneInfo
	case "CREATING":
		return "Being created", whatsapp.ToneInfo
	case "PENDING_VERIFICATION":
		return "Code needed", whatsapp.ToneWarn
	case "VERIFYING":
		return "Code is checked", whatsapp.ToneInfo
	case "ONLINE:UPDATING":
		return "Online, profile changes", whatsapp.ToneGood
	case "TWILIO_REVIEW", "DRAFT", "STUBBED":
		return "In review at Twilio", whatsapp.ToneInfo
	case "OFFLINE":
		return "Offline at Twilio", whatsapp.ToneBad
	}
	if s.State != whatsapp.SenderOnline {
		return "Offline", whatsapp.ToneBad
	}
	return "Online", whatsapp.ToneGood
}
