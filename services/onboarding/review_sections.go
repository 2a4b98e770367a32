package onboarding

import (
	"strings"
	"unicode"

	"parley/whatsapp"
	"parley/whatsapp/phone"
	"parley/whatsapp/policy"
)

func (v *review) business() {
	r := v.r
	v.must(r.LegalName == "", "legal_name", "The business's legal name is missing.", "The business's legal name")
	findings := policy.DisplayName(
		r.DisplayName,
		policy.Business{LegalName: r.LegalName, Website: r.Website, ContactName: r.ContactName},
	)
	switch {
	case r.DisplayName == "":
		v.say(Blocker, "display_name", "The display name is missing.")
	case len(findings) == 0:
		v.say(Good, "display_name", "The display name keeps WhatsApp's rules")
	}
	for _, f := range findings {
		level := Advice
		if f.Blocks {
			level = Blocker
		}
		v.say(level, "display_name", "Display name: "+f.Text)
	}
	v.website()
	v.must(r.Country == "", "country", "The country is missing.", "The country")
	v.must(r.Address == "", "address", "The address is missing.", "The address")
	v.must(r.ContactName == "", "contact_name", "The contact person is missing.", "A contact person")
	v.must(r.ContactEmail == "", "contact_email", "The contact person's e-mail is missing.", "The contact person's e-mail")
}

func (v *review) website() {
	r := v.r
	switch {
	case r.Website == "":
		v.say(Blocker, "website", "The website is missing: reviewers look there for the business and its name.")
	case r.WebsiteState == "fails":
		v.say(Blocker, "website", "The website can't be reached: "+r.WebsiteSaid+" Reviewers need to open it.")
	case r.WebsiteState == "answers":
		v.say(Good, "website", "The website answers")
	case r.WebsiteState == "unknown":
		v.say(Advice, "website",
			"Parley could not check the website ("+r.WebsiteSaid+"). Open it yourself, from outside your network.")
	default:
		v.say(Advice, "website", "The website has not been looked at yet: that takes some seconds after saving.")
	}
	if strings.HasPrefix(r.Website, "http:") {
		v.say(Advice, "website", "The website's address begins with http: one with https looks more serious to reviewers.")
	}
}

func (v *review) accounts() {
	r := v.r
	switch {
	case r.AccountSid == "":
		v.say(Blocker, "account_sid", "The Twilio account SID is missing.")
	case v.account != "" && !strings.EqualFold(r.AccountSid, v.account):
		v.say(Blocker, "account_sid",
			"The account SID is not the one that Parley is connected to ("+v.account+"): the number could not be used here.")
	default:
		v.say(Good, "account_sid", "The Twilio account that Parley is connected to")
	}
	v.must(
		r.FacebookBusinessID == "",
		"facebook_business_id",
		"The Facebook Business Manager ID is missing.",
		"The Facebook Business Manager ID",
	)
}

func (v *review) number() {
	r := v.r
	if !v.must(r.Phone == "", "phone", "The phone number is missing.", "A phone number") {
		return
	}
	switch r.PhoneCode {
	case "":
		v.say(Blocker, "phone_code", "Say how the number can receive WhatsApp's code, by SMS or by voice.")
	case "no":
		v.say(Blocker, "phone_code",
			"The number can't receive WhatsApp's code: take one that receives SMS or calls. "+
				"A short code or an extension does not.")
	default:
		v.say(Good, "phone_code", "The number can receive WhatsApp's code")
	}
	switch r.PhoneFree {
	case "":
		v.say(Blocker, "phone_free", "Say whether the number is in use in another WhatsApp account.")
	case "no":
		v.say(Blocker, "phone_free",
			"The number is in use in another WhatsApp account: "+
				"delete that account in the app's settings first, or take another number.")
	default:
		v.say(Good, "phone_free", "The number is in no other WhatsApp account")
	}
	if v.sender != nil && v.sender.TwilioStatus == "ONLINE" {
		v.say(Advice, "phone", "This number is registered at Twilio already: it may need no request.")
	}
	if r.Phone != "" {
		if _, err := phone.Own(r.Phone, ""); err != nil {
			v.say(Advice, "phone", err.Error())
		}
	}
	if r.Country != "" && whatsapp.Country(r.Phone) != "" && whatsapp.Country(r.Phone) != r.Country {
		v.say(Advice, "phone",
			"The number is of another country than the business. That is allowed, but reviewers may ask why.")
	}
}

func (v *review) use() {
	r := v.r
	v.must(r.Vertical == "", "vertical", "The line of business is missing.", "The line of business")
	if r.Vertical == "Other" {
		v.say(Advice, "vertical", "“Other” makes reviewers ask: choose the closest line of business if there is one.")
	}
	v.must(r.UseCase == "", "use_case", "The use case is missing.", "The use case")
	v.must(
		r.MonthlyVolume == 0,
		"monthly_volume",
		"The expected messages a month are missing.",
		"The expected messages a month",
	)
	if r.MonthlyVolume > 250*30 {
		v.say(Advice, "monthly_volume",
			"A new number begins with 250 different people in 24 hours. Plan the first weeks with that: "+
				"WhatsApp raises the limit by itself while the quality is good.")
	}
}

func (v *review) optin() {
	r := v.r
	v.must(
		len(v.optins) == 0 && v.pages == 0,
		"optin_source",
		"No opt-in source is on record. Make an opt-in page, or record the first opt-ins with their proof: "+
			"joining the Sandbox is none.",
		"Opt-ins are on record",
	)
	text := strings.ToLower(r.OptinDescription)
	switch {
	case r.OptinDescription == "":
		v.say(Blocker, "optin_description", "The description of how people opt in is missing.")
	case !strings.Contains(text, "whatsapp"):
		v.say(Blocker, "optin_description",
			"The opt-in must say that messages come on WhatsApp, and the description does not mention it.")
	default:
		v.say(Good, "optin_description", "How people opt in")
		if !names(text, r.DisplayName+" "+r.LegalName) {
			v.say(Advice, "optin_description",
				"The opt-in must name your business: write in the description how it is named there.")
		}
		if whatsapp.Length(r.OptinDescription) < 80 {
			v.say(Advice, "optin_description",
				"The description is short. Say where people are asked, in which words, "+
					"what they do to agree, and how you keep the proof.")
		}
	}
	if len(Links(r.OptinLinks)) == 0 && v.evidence == 0 {
		v.say(Advice, "optin_links", "Nothing shows the opt-in: add a link or a screenshot of the place where people agree.")
	} else {
		v.say(Good, "optin_links", "Links or screenshots of the opt-in")
	}
}

// names reports whether a text contains a word of a name.
func names(text, name string) bool {
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, w := range strings.FieldsFunc(strings.ToLower(name), between) {
		if whatsapp.Length(w) > 2 && strings.Contains(text, w) {
			return true
		}
	}
	return strings.TrimSpace(name) == ""
}

func (v *review) templates() {
	r := v.r
	switch {
	case len(v.samples) > 0:
		v.say(Good, "samples", "Sample templates")
	case r.UseCase == "customer_care":
		v.say(Advice, "samples",
			"No sample template is chosen. One shows reviewers what you write when the 24 hours are over.")
	default:
		v.say(Blocker, "samples", "No sample template is chosen: reviewers want to see what your notifications say.")
	}
	for _, t := range v.samples {
		switch {
		case t.Promotional():
			v.say(Blocker, "samples",
				"The sample "+t.Version.Template.Name+" looks promotional, and promotion is never admitted.")
		case !t.Clean():
			v.say(Blocker, "samples", "The sample "+t.Version.Template.Name+" would be rejected: "+t.Findings[0].Message)
		}
	}
}
