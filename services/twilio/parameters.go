package twilio

import (
	"slices"
	"strconv"
	"strings"
)

// mostFiles is how many files of one message are looked for. WhatsApp sends one file a message.
const mostFiles = 50

// parameter is a parameter that a webhook may have.
type parameter struct {
	name    string
	message bool // in the webhook of an incoming message
	status  bool // in a status callback
	// its name for users if it is missing in a message; empty if messages don't show it
	what string
}

// parameters are all that the two webhooks know of Twilio's (docs/messaging/guides/webhook-request). A test sends each
// of them damaged: a parameter that is read is added here.
func parameters() []parameter {
	return []parameter{
		{"MessageSid", true, true, ""},
		{"SmsMessageSid", true, true, ""},
		{"SmsSid", true, true, ""},
		{"AccountSid", true, true, ""},
		{"MessagingServiceSid", true, true, ""},
		{"From", true, true, "the sender's address"},
		{"To", true, true, "the number it was sent to"},
		{"Body", true, false, "text"},
		{"NumMedia", true, false, "file"},
		{"MediaUrl0", true, false, "file"},
		{"MediaContentType0", true, false, "file"},
		{"NumSegments", true, false, ""},
		{"ProfileName", true, false, "the sender's name"},
		{"WaId", true, false, ""},
		{"MessageType", true, false, "kind of message"},
		{"ButtonText", true, false, "answer"},
		{"ButtonPayload", true, false, "answer"},
		{"ListId", true, false, "answer"},
		{"ListTitle", true, false, "answer"},
		{"Latitude", true, false, "location"},
		{"Longitude", true, false, "location"},
		{"Address", true, false, "name of the place"},
		{"Label", true, false, "name of the place"},
		{"OriginalRepliedMessageSid", true, false, "the message it answers"},
		{"OriginalRepliedMessageSender", true, false, ""},
		{"Forwarded", true, false, ""},
		{"FrequentlyForwarded", true, false, ""},
		{"ReferralBody", true, false, ""},
		{"ReferralHeadline", true, false, "where they came from"},
		{"ReferralSourceId", true, false, ""},
		{"ReferralSourceType", true, false, ""},
		{"ReferralSourceUrl", true, false, "where they came from"},
		{"ReferralMediaId", true, false, ""},
		{"ReferralMediaContentType", true, false, ""},
		{"ReferralMediaUrl", true, false, ""},
		{"ReferralNumMedia", true, false, ""},
		{"ReferralCtwaClid", true, false, ""},
		{"ExternalUserId", true, true, ""},
		{"ParentExternalUserId", true, true, ""},
		{"ProfileUsername", true, false, ""},
		{"ChannelMetadata", true, false, ""},
		{"InteractiveData", true, false, "answers"},
		{"FlowData", true, false, "answers"},
		{"SmsStatus", true, true, ""},
		{"ApiVersion", true, true, ""},
		{"MessageStatus", false, true, "status"},
		{"ErrorCode", false, true, "error"},
		{"ErrorMessage", false, true, "error"},
		{"ChannelToAddress", false, true, ""},
		{"ChannelPrefix", false, true, ""},
		{"ChannelInstallSid", false, true, ""},
		{"ChannelStatusMessage", false, true, "error"},
		{"EventType", false, true, "status"},
		{"StructuredMessage", false, true, ""},
		{"RawDlrDoneDate", false, true, ""},
	}
}

// InboundParameters are the names that the webhook of an incoming message knows.
func InboundParameters() []string { return namesOf(func(p parameter) bool { return p.message }) }

// StatusParameters are the names that the status callback knows.
func StatusParameters() []string { return namesOf(func(p parameter) bool { return p.status }) }

func namesOf(which func(parameter) bool) (out []string) {
	for _, p := range parameters() {
		if which(p) {
			out = append(out, p.name)
		}
	}
	return out
}

// whatOf is what people call a parameter.
func whatOf(name string) string {
	if rest, ok := strings.CutPrefix(name, "Media"); ok && rest != "" {
		return "file"
	}
	all := parameters()
	if i := slices.IndexFunc(all, func(p parameter) bool { return p.name == name }); i >= 0 && all[i].what != "" {
		return all[i].what
	}
	return name
}

func mediaURL(i int) string { return "MediaUrl" + strconv.Itoa(i) }

func mediaType(i int) string { return "MediaContentType" + strconv.Itoa(i) }
