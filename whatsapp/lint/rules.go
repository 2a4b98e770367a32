package lint

// sources are the public pages of the rules.
var sources = map[string][2]string{
	"approval": {
		"Twilio: template approvals and statuses",
		"https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses",
	},
	"types": {"Twilio: content types", "https://www.twilio.com/docs/content/content-types-overview"},
	"variable": {
		"Twilio: using variables with content",
		"https://www.twilio.com/docs/content/using-variables-with-content-api",
	},
	"category": {
		"Meta: template categories",
		"https://developers.facebook.com/docs/whatsapp/updates-to-pricing/new-template-guidelines",
	},
	"review": {
		"Meta: common rejection reasons",
		"https://developers.facebook.com/docs/whatsapp/message-templates/guidelines",
	},
	"policy": {"WhatsApp Business Messaging Policy", "https://business.whatsapp.com/policy"},
	"api":    {"Twilio: Content API", "https://www.twilio.com/docs/content/content-api-resources"},
}

type rule struct{ why, source string }

// rules are the reasons behind each rule.
var rules = map[string]rule{
	"name":        {"WhatsApp identifies a template by its name and takes no other characters in it.", "approval"},
	"name_taken":  {"A name and a language together belong to one template at WhatsApp.", "approval"},
	"name_locked": {"WhatsApp keeps the name of a deleted template for 30 days.", "approval"},
	"empty":       {"A template needs a text.", "api"},
	"length":      {"WhatsApp refuses texts that are longer.", "types"},
	"line_breaks": {"More than two line breaks in a row are refused as bad formatting.", "review"},
	"tabs":        {"Tabs are refused as bad formatting.", "review"},
	"spaces":      {"More than four spaces in a row are refused.", "review"},
	"emoji":       {"More than ten emoji get a template rejected.", "variable"},
	"braces": {
		"WhatsApp reads only {{ and }} around one name as a placeholder; anything else is a broken one.",
		"variable",
	},
	"too_many": {"Twilio takes at most 100 variables.", "variable"},
	"first": {
		"Reviewers must see what the message is about; one that begins with a placeholder says nothing.",
		"variable",
	},
	"last":     {"A text may not end with a placeholder, not even with punctuation after it.", "variable"},
	"adjacent": {"Two placeholders side by side can hold anything, so WhatsApp refuses them.", "variable"},
	"density": {
		"For x placeholders WhatsApp wants at least 2x + 1 other words, so that the purpose is clear.",
		"variable",
	},
	"mixed": {
		"Parley numbers the placeholders for WhatsApp: names and numbers together can't be told apart.",
		"variable",
	},
	"numbering":     {"WhatsApp wants {{1}}, {{2}} and so on without a gap.", "variable"},
	"sample":        {"Reviewers read the template with the samples; without them it is rejected.", "approval"},
	"sample_data":   {"Samples are stored at WhatsApp and read by reviewers: nobody's real data belongs there.", "review"},
	"short":         {"WhatsApp takes only plain, one-line text here.", "types"},
	"variable_here": {"WhatsApp takes no placeholder here.", "types"},
	"missing":       {"The Content API refuses the type without it.", "types"},
	"count":         {"The Content API takes no other number.", "types"},
	"twice":         {"WhatsApp refuses two buttons with the same words, and an ID must tell which was tapped.", "types"},
	"mixed_cards":   {"All cards of a carousel must have the same kinds of buttons in the same order.", "types"},
	"phone":         {"A button dials a number in international form.", "types"},
	"place":         {"A location needs a latitude and a longitude in degrees.", "types"},
	"minutes":       {"WhatsApp says the time for 1 to 90 minutes.", "types"},
	"unapprovable":  {"WhatsApp approves no template of this type; it goes out while a session is open.", "types"},
	"category": {
		"Parley is for alerts, reminders and answers. WhatsApp has a category of its own for promotion, and so has the use " +
			"case that one agrees to.",
		"category",
	},
	"category_code": {"One-time codes belong to the authentication category, with WhatsApp's own words.", "category"},
	"category_type": {
		"The authentication category takes only the authentication type; anything else is refused with 400.",
		"category",
	},
	"promotion": {
		"A utility template that promotes is rejected, or moved to the marketing category and its price.",
		"category",
	},
	"sensitive":  {"WhatsApp forbids asking for full card, bank or identity numbers and for passwords.", "policy"},
	"threat":     {"Threats get a template rejected as abusive.", "policy"},
	"abuse":      {"Insults get a template rejected as abusive.", "policy"},
	"goods":      {"WhatsApp's commerce policy forbids these goods.", "policy"},
	"short_link": {"A shortened link hides where it leads, and WhatsApp rejects it.", "review"},
	"wa_me":      {"WhatsApp rejects links to wa.me in templates.", "review"},
	"url":        {"A button or file needs a full public address.", "types"},
	"url_variable": {
		"A placeholder may stand only at the end of an address, after a slash: never in the domain.",
		"variable",
	},
	"media_ending": {
		"WhatsApp loads the file while reviewing: with the samples filled in, the address must be public and end like a " +
			"file.",
		"types",
	},
	"language":      {"A template is rejected when its text is not in the language that it says.", "review"},
	"same_text":     {"WhatsApp rejects a template whose text exists already.", "review"},
	"purpose":       {"Reviewers reject a message whose purpose can't be seen.", "review"},
	"formatting":    {"A mark that is not closed shows up as a character.", "review"},
	"repeated_word": {"Spelling mistakes are a reason for rejection.", "review"},
	"spelling":      {"Spelling mistakes are a reason for rejection.", "review"},
	"shouting":      {"Capitals and rows of exclamation marks read as promotion or spam.", "review"},
}

// Rules are the names of all rules, for tests.
func Rules() []string {
	out := make([]string, 0, len(rules))
	for r := range rules {
		out = append(out, r)
	}
	return out
}
