package whatsapp

import "fmt"

// Advice is what an error code means and what a person can do about it.
type Advice struct {
	Meaning string
	Do      string
}

// advice by Twilio's error codes. Source: Twilio's error dictionary.
var advice = map[int]Advice{
	20003: {"Twilio did not accept the credentials", "Check the account SID and the auth token in the settings."},
	20404: {"Twilio does not know what was asked for", "Check that the sender and the template belong to this account."},
	20429: {"Too many requests at once", "Nothing: Parley slows down by itself."},
	21211: {"The number is not valid", "Correct the contact's phone number."},
	21408: {"The account may not send to this region", "Enable the region in Twilio's Console."},
	21606: {"The sender can't send on this account", "Choose a sender that is online."},
	21610: {"The person has opted out at Twilio", "Record the opt-out; the person can write START to come back."},
	21614: {"The number is not valid", "Correct the contact's phone number."},
	21617: {"The text is longer than 1,600 characters", "Shorten it, or send it as two messages."},
	21619: {"The message has neither text nor file", "Write a text or attach the file again."},
	21620: {"Twilio could not fetch the file", "Check that PUBLIC_URL is reachable from outside, then attach it again."},
	21656: {"The content variables are not valid", "Fill every placeholder with plain text on one line."},
	30007: {"The message was filtered", "Look at the content: it may break WhatsApp's policy."},
	30008: {"An unknown error at the carrier", "Try once more."},
	30036: {"The message waited too long", "Send it again if it is still wanted."},
	63001: {"WhatsApp did not accept the sender's credentials", "Check the sender in Twilio's Console."},
	63002: {"WhatsApp does not know the sender", "Check the sender in Twilio's Console."},
	63003: {"The recipient was not found on WhatsApp", "Ask the person whether the number has WhatsApp."},
	63005: {"WhatsApp did not accept the content", "Change the text or the file."},
	63007: {"The sender is not registered for WhatsApp", "Choose a sender that is online."},
	63010: {"An internal error at WhatsApp", "Try again in some minutes."},
	63012: {"An internal error at WhatsApp", "Try again in some minutes."},
	63013: {"The template's values break a rule", "Fill every placeholder with plain text on one line."},
	63014: {"The person has blocked this sender", "Treat it as an opt-out."},
	63015: {
		"The number has not joined the Sandbox",
		"Ask the person to send the join words to the Sandbox number, then send it again.",
	},
	63016: {"The 24-hour session is over", "Send an approved template."},
	63018: {"The sender's rate or daily limit is reached", "Nothing: Parley slows down and sends later."},
	63019: {"WhatsApp could not load the file", "Attach the file again, in another format if need be."},
	63020: {"Meta wants terms accepted or a bill settled", "Look into Meta's Business Manager."},
	63021: {"The content is not valid", "Change the text or the file."},
	63024: {"The recipient's address is not valid", "Ask the person whether the number has WhatsApp."},
	63028: {"The number of values differs from the template's placeholders", "Fill every placeholder."},
	63030: {"The template holds a part that its type does not take", "Change the template."},
	63032: {"WhatsApp limits messages to this person at the moment", "Try another day or another channel."},
	63033: {"The business has blocked this person", "Unblock the person first."},
	63036: {"The person can't be reached now", "Try again later."},
	63038: {"The account's daily limit is reached", "Send it tomorrow, or ask Twilio for a higher limit."},
	63040: {"WhatsApp rejected the template", "Fix the template and submit it again."},
	63041: {"WhatsApp paused the template", "Choose another template, or wait until the pause ends."},
	63042: {"WhatsApp disabled the template", "Choose another template."},
	63049: {"Meta chose not to deliver this message", "Don't send to this person again soon."},
	63051: {"WhatsApp has locked the account", "Appeal in Meta's Business Manager."},
	92007: {"The template's values break a rule", "Fill every placeholder with plain text on one line."},
}

// refusals are Parley's own reasons for not sending a message when it is due.
var refusals = map[string]Advice{
	"window_closed": {"The 24-hour session ended before the message could leave", "Send an approved template."},
	"no_address":    {"The address that it was written for is gone", "Write it again."},
	"sandbox_only": {
		"The person joined the Sandbox only",
		"Joining the Sandbox is no consent for another sender: record an opt-in, or let the person use an opt-in page.",
	},
	"not_opted_in": {
		"The person is not opted in",
		"Templates go only to people who opted in: record an opt-in first.",
	},
	"not_approved":    {"The template is not approved any more", "Choose an approved template."},
	"blocked":         {"The contact is blocked", "Unblock the contact first."},
	"unknown_address": {"They wrote from an address that WhatsApp does not send to", "Reach them another way."},
	"decided":         {"Somebody decided that it did not leave", "Send it again if it is still wanted."},
	"not_joined": {
		"The person does not belong to the Sandbox",
		"Ask them to send the join words to the Sandbox's number; a joining lasts three days.",
	},
	"too_late": {"Its time was over before the message could leave", "Send it again if it is still wanted."},
	"unfillable": {
		"Parley can't fill the template's variables",
		"Look at the template's page for the reason, and send another one.",
	},
	"promotion": {"The template is promotion, which Parley does not send", "Choose a utility template."},
	"not_in_sandbox": {
		"The Sandbox sends only Twilio's three pre-approved templates",
		"Choose one of those, or send from your own number.",
	},
	"only_in_sandbox": {"This template belongs to Twilio's Sandbox", "Choose one of your own templates."},
	"canceled":        {"The notification was canceled before the message left", "Nothing."},
	"too_many_retries": {
		"Twilio kept asking to wait until the message was too old",
		"Send it again if it is still wanted.",
	},
}

// Explain explains why a message failed: by Twilio's code, or by Parley's own reason. text is Twilio's message, used if
// the code is not known here.
func Explain(code int, text string) Advice {
	if a, ok := advice[code]; ok {
		return a
	}
	if a, ok := refusals[text]; ok && code == 0 {
		return a
	}
	switch {
	case code != 0 && text != "":
		return Advice{text, fmt.Sprintf("Look up error %d in Twilio's error dictionary.", code)}
	case code != 0:
		return Advice{fmt.Sprintf("Twilio reported error %d", code), "Look it up in Twilio's error dictionary."}
	case text != "":
		return Advice{text, "Try again; if it stays, tell your admin."}
	}
	return Advice{"The message did not arrive", "Try again; if it stays, tell your admin."}
}

// OptOutCode reports whether an error of Twilio's says that the person wants no more messages: 21610, Twilio has
// recorded a STOP of the number, and 63014, the person has blocked the sender. Source: Twilio's error dictionary.
func OptOutCode(code int) bool { return code == 21610 || code == 63014 }
