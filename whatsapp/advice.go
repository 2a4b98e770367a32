package whatsapp

import "strings"

// advices map WhatsApp's rejection reasons to what to do; the first match counts.
var advices = []struct{ mark, advice string }{
	{
		"TAG_CONTENT_MISMATCH",
		"WhatsApp reads the text as another category. Take out everything that could sell something, and say which order, " +
			"visit or account the message is about.",
	},
	{
		"INCORRECT_CATEGORY",
		"WhatsApp reads the text as another category. Take out everything that could sell something, and say which order, " +
			"visit or account the message is about.",
	},
	{"PROMOTIONAL", "WhatsApp reads the text as promotion. Take out offers, prices and calls to buy."},
	{
		"ABUSIVE_CONTENT",
		"The text reads as threatening or insulting, or it concerns goods that WhatsApp does not allow. Say what happens " +
			"next, calmly, and whom to ask.",
	},
	{
		"SCAM",
		"The text looks like an attempt to deceive. Name your business, link only to your own website, and ask for no " +
			"secrets.",
	},
	{
		"being deleted",
		"A template with this name and language was deleted less than 30 days ago. Duplicate it under another name.",
	},
	{
		"already",
		"WhatsApp has a template with this name and language, or with this text, already. Use that one, or duplicate this " +
			"one under another name and say it differently.",
	},
	{
		"exists",
		"WhatsApp has a template with this name and language, or with this text, already. Use that one, or duplicate this " +
			"one under another name and say it differently.",
	},
	{
		"not clear",
		"Reviewers could not see what the message is for. Name the occasion: the order, the visit, the request, and what " +
			"the person may do.",
	},
	{
		"variable",
		"Something is wrong with the placeholders: none may stand first, last or beside another one, and each needs a " +
			"sample that shows what it is.",
	},
	{
		"placeholder",
		"Something is wrong with the placeholders: none may stand first, last or beside another one, and each needs a " +
			"sample that shows what it is.",
	},
	{"language", "The text is not in the language that was chosen. Choose the right one, or translate the text."},
	{
		"sample",
		"The samples do not show what the message will say. Write the values that a customer would really read, but " +
			"nobody's real data.",
	},
	{"url", "A link was refused. Use the full address of your own website, with a placeholder at the end only."},
	{
		"INVALID_FORMAT",
		"Something in the form of the text was refused: look for placeholders at the edges, odd characters, rows of line " +
			"breaks, and formatting in headers or buttons.",
	},
	{
		"did not take",
		"Twilio refused the template before WhatsApp saw it. The reason stands in Twilio's words: change what it names and " +
			"submit again.",
	},
}

// RejectionAdvice says in plain words what to do about a reason that WhatsApp or Twilio gave.
func RejectionAdvice(reason string) string {
	low := strings.ToLower(reason)
	for _, a := range advices {
		if strings.Contains(low, strings.ToLower(a.mark)) {
			return a.advice
		}
	}
	if strings.TrimSpace(reason) == "" || strings.EqualFold(reason, "none") {
		return "WhatsApp gave no reason. Make the purpose plainer, take out anything that could sell, check the language " +
			"and the samples, and submit a new version."
	}
	return "Change what the reason names and submit a new version. If the reason seems wrong, appeal in Meta's Business " +
		"Manager."
}
