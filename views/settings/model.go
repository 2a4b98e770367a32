package settings

import (
	"net/url"
	"slices"
	"strconv"

	"parley/models/conversations/receipts"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

var verdicts = []components.Option{
	{Value: "", Label: "All"},
	{Value: "accepted", Label: "Accepted"},
	{Value: "repeated", Label: "Repeated"},
	{Value: "out_of_order", Label: "Out of order"},
	{
		Value: "bad_signature",
		Label: "Wrong signature",
	},
	{Value: "malformed", Label: "Malformed"},
	{Value: "failed", Label: "Not stored"},
}

func verdictName(v receipts.Verdict) string {
	i := slices.IndexFunc(verdicts, func(o components.Option) bool { return o.Value == string(v) })
	if i < 0 {
		return string(v)
	}
	return verdicts[i].Label
}

// KnownVerdict reports whether v is a valid filter.
func KnownVerdict(v string) bool {
	return slices.ContainsFunc(verdicts, func(o components.Option) bool { return o.Value == v })
}

// verdict is the address of the same search with another verdict.
func (p WebhooksProps) verdict(v string) string {
	q := url.Values{"verdict": {v}, "kind": {p.Filter.Kind}, "q": {p.Filter.Search}}
	return "/settings/webhooks?" + q.Encode()
}

// KnownWebhookKind reports whether k is a valid filter.
func KnownWebhookKind(k string) bool {
	return slices.ContainsFunc(webhookKinds, func(o components.Option) bool { return o.Value == k })
}

func verdictTone(v receipts.Verdict) whatsapp.Tone {
	switch v {
	case receipts.VerdictAccepted:
		return whatsapp.ToneGood
	case receipts.VerdictRepeated:
		return whatsapp.ToneNeutral
	case receipts.VerdictBadSignature, receipts.VerdictMalformed, receipts.VerdictFailed:
	}
	return whatsapp.ToneBad
}

func short(sid string) string {
	if len(sid) > 12 {
		return sid[:6] + "…" + sid[len(sid)-4:]
	}
	return sid
}

var webhookKinds = []components.Option{
	{Label: "All kinds"},
	{Value: "message", Label: "Messages"},
	{Value: "status", Label: "Statuses"},
}

// mostShown is how much of a value or of a body the inspector shows at first, in characters.
const mostShown = 2000

// rawText is a body as it was received, if it is text.
func rawText(r receipts.WebhookReceipt) string { return plaintext.Clean(string(r.Raw())) }

func tokenText(p WebhookProps) string {
	switch {
	case p.Receipt.Verdict == receipts.VerdictBadSignature:
		return "Under none of the " + strconv.Itoa(p.Tokens) + " tokens that are set"
	case p.Receipt.TokenNo == 0:
		return "Not known"
	case p.Receipt.TokenNo == 1:
		return "Right, under the first token of TWILIO_AUTH_TOKEN"
	}
	return "Right, under token no. " + strconv.Itoa(p.Receipt.TokenNo) + " of TWILIO_AUTH_TOKEN"
}
