package onboarding

import (
	"slices"
	"strings"
	"testing"

	"parley/models/onboarding"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// ready is a request that nothing speaks against.
func ready() *review {
	return &review{
		account: "AC0123456789abcdef0123456789abcdef",
		facts: facts{
			pages:   1,
			samples: []Sample{{Version: templates.TemplateVersion{Template: &templates.Template{Name: "visit"}}}},
		},
		r: &onboarding.AccessRequest{
			LegalName:          "Clinic Nord GmbH",
			DisplayName:        "Clinic Nord",
			Website:            "https://clinic-nord.de",
			WebsiteState:       "answers",
			Country:            "DE",
			Address:            "Am Markt 1, Hamburg",
			ContactName:        "Ada Adler",
			ContactEmail:       "ada@clinic-nord.de",
			AccountSid:         "AC0123456789abcdef0123456789abcdef",
			FacebookBusinessID: "123456789012345",
			Phone:              "+4915112350109",
			PhoneCode:          "sms",
			PhoneFree:          "yes",
			Vertical:           "Medical and Health",
			UseCase:            "notifications",
			MonthlyVolume:      7500,
			OptinDescription: "People tick a box on our website and agree to messages from Clinic Nord on WhatsApp; " +
				"we keep the time and wording.",
			OptinLinks: "https://clinic-nord.de/join",
		},
	}
}

func (v *review) all() *review {
	v.business()
	v.accounts()
	v.number()
	v.use()
	v.optin()
	v.templates()
	return v
}

// problems are the lines that are not good, "field level" each.
func (v *review) problems() (out []string) {
	for _, i := range v.items {
		if i.Level != Good {
			out = append(out, i.Field+" "+string(i.Level))
		}
	}
	slices.Sort(out)
	return out
}

// Each thing that WhatsApp asks for is a line, and each that is missing or wrong says so at its field.
func TestReviewChecks(t *testing.T) {
	t.Parallel()
	promotion := Sample{
		Version:  templates.TemplateVersion{Template: &templates.Template{Name: "sale"}},
		Findings: []lint.Finding{{Rule: "promotion"}},
	}
	for name, c := range map[string]struct {
		change func(*review)
		want   []string
	}{
		"nothing is wrong":         {func(*review) {}, nil},
		"legal name missing":       {func(v *review) { v.r.LegalName = "" }, []string{"legal_name blocker"}},
		"display name missing":     {func(v *review) { v.r.DisplayName = "" }, []string{"display_name blocker"}},
		"website missing":          {func(v *review) { v.r.Website = "" }, []string{"website blocker"}},
		"website fails":            {func(v *review) { v.r.WebsiteState = "fails" }, []string{"website blocker"}},
		"website can't be checked": {func(v *review) { v.r.WebsiteState = "unknown" }, []string{"website advice"}},
		"website not checked yet":  {func(v *review) { v.r.WebsiteState = "" }, []string{"website advice"}},
		"website without https": {func(v *review) { v.r.Website = "http://clinic-nord.de" },
			[]string{"website advice"}},
		"country missing":         {func(v *review) { v.r.Country = "" }, []string{"country blocker"}},
		"address missing":         {func(v *review) { v.r.Address = "" }, []string{"address blocker"}},
		"contact missing":         {func(v *review) { v.r.ContactName = "" }, []string{"contact_name blocker"}},
		"e-mail missing":          {func(v *review) { v.r.ContactEmail = "" }, []string{"contact_email blocker"}},
		"account missing":         {func(v *review) { v.r.AccountSid = "" }, []string{"account_sid blocker"}},
		"another account":         {func(v *review) { v.account = "AC1" }, []string{"account_sid blocker"}},
		"the account in capitals": {func(v *review) { v.account = strings.ToUpper(v.account) }, nil},
		"no account to compare":   {func(v *review) { v.account = "" }, nil},
		"business id missing": {func(v *review) { v.r.FacebookBusinessID = "" },
			[]string{"facebook_business_id blocker"}},
		"number missing, and nothing else about it": {func(v *review) {
			v.r.Phone, v.r.PhoneCode, v.r.PhoneFree = "", "", ""
		}, []string{"phone blocker"}},
		"code not said":   {func(v *review) { v.r.PhoneCode = "" }, []string{"phone_code blocker"}},
		"code can't come": {func(v *review) { v.r.PhoneCode = "no" }, []string{"phone_code blocker"}},
		"free not said":   {func(v *review) { v.r.PhoneFree = "" }, []string{"phone_free blocker"}},
		"number in use":   {func(v *review) { v.r.PhoneFree = "no" }, []string{"phone_free blocker"}},
		"another country": {func(v *review) { v.r.Country = "FR" }, []string{"phone advice"}},
		"online already": {func(v *review) { v.sender = &senders.Sender{TwilioStatus: "ONLINE"} },
			[]string{"phone advice"}},
		"offline there":       {func(v *review) { v.sender = &senders.Sender{TwilioStatus: "OFFLINE"} }, nil},
		"vertical missing":    {func(v *review) { v.r.Vertical = "" }, []string{"vertical blocker"}},
		"vertical is other":   {func(v *review) { v.r.Vertical = "Other" }, []string{"vertical advice"}},
		"use case missing":    {func(v *review) { v.r.UseCase = "" }, []string{"use_case blocker"}},
		"volume missing":      {func(v *review) { v.r.MonthlyVolume = 0 }, []string{"monthly_volume blocker"}},
		"more than the limit": {func(v *review) { v.r.MonthlyVolume = 7501 }, []string{"monthly_volume advice"}},
		"no source":           {func(v *review) { v.pages = 0 }, []string{"optin_source blocker"}},
		"a recorded opt-in is a source": {func(v *review) {
			v.pages, v.optins = 0, []onboarding.OptinFact{{Source: "paper"}}
		}, nil},
		"no description": {func(v *review) { v.r.OptinDescription = "" }, []string{"optin_description blocker"}},
		"description without WhatsApp": {func(v *review) {
			v.r.OptinDescription = strings.ReplaceAll(v.r.OptinDescription, "WhatsApp", "chat")
		}, []string{"optin_description blocker"}},
		"description without the business": {func(v *review) {
			v.r.OptinDescription = strings.ReplaceAll(v.r.OptinDescription, "Clinic Nord", "our house")
		}, []string{"optin_description advice"}},
		"79 characters": {func(v *review) { v.r.OptinDescription = describe(79) }, []string{"optin_description advice"}},
		"80 characters": {func(v *review) { v.r.OptinDescription = describe(80) }, nil},
		"no evidence":   {func(v *review) { v.r.OptinLinks = " \n" }, []string{"optin_links advice"}},
		"a screenshot":  {func(v *review) { v.r.OptinLinks, v.evidence = "", 1 }, nil},
		"no sample":     {func(v *review) { v.samples = nil }, []string{"samples blocker"}},
		"no sample, but only care": {func(v *review) { v.samples, v.r.UseCase = nil, "customer_care" },
			[]string{"samples advice"}},
		"a promotional sample": {func(v *review) { v.samples = append(v.samples, promotion) },
			[]string{"samples blocker"}},
		"a marketing sample": {func(v *review) { v.samples[0].Version.Category = whatsapp.Marketing },
			[]string{"samples blocker"}},
	} {
		t.Run(name, func(t *testing.T) {
			v := ready()
			c.change(v)
			if got := v.all().problems(); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func describe(n int) string {
	text := "Messages of Clinic Nord on WhatsApp"
	return text + strings.Repeat("x", n-len(text))
}

// A blocker counts nothing, an advice two thirds.
func TestScore(t *testing.T) {
	t.Parallel()
	for want, levels := range map[int][]Level{
		0:   nil,
		100: {Good},
		66:  {Advice},
		50:  {Good, Blocker},
		55:  {Good, Advice, Blocker},
	} {
		v := &review{}
		for _, l := range levels {
			v.say(l, "", "")
		}
		if got := v.score(); got != want {
			t.Errorf("%v: %d, want %d", levels, got, want)
		}
	}
}

// Values in a wrong format are refused at their field, each at its limit.
func TestCheckedFormats(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("https://clinic-nord.de/join\n", n) }
	for name, c := range map[string]struct {
		change func(*onboarding.AccessRequest)
		want   string // the code, empty if it is accepted
	}{
		"all is right":   {func(*onboarding.AccessRequest) {}, ""},
		"300 characters": {func(r *onboarding.AccessRequest) { r.Address = strings.Repeat("ä", 300) }, ""},
		"301 characters": {func(r *onboarding.AccessRequest) { r.Address = strings.Repeat("ä", 301) },
			"form.too_long_300"},
		"4000 characters": {func(r *onboarding.AccessRequest) { r.OptinDescription = strings.Repeat("ä", 4000) },
			""},
		"4001 characters": {func(r *onboarding.AccessRequest) { r.OptinDescription = strings.Repeat("ä", 4001) },
			"form.too_long_4000"},
		"website with password": {func(r *onboarding.AccessRequest) { r.Website = "https://a:b@clinic.de" },
			"form.address_incomplete"},
		"website of a host": {func(r *onboarding.AccessRequest) { r.Website = "https://clinic" },
			"form.address_incomplete"},
		"website by ftp": {func(r *onboarding.AccessRequest) { r.Website = "ftp://clinic.de" },
			"form.address_incomplete"},
		"small letters":   {func(r *onboarding.AccessRequest) { r.Country = "de" }, ""},
		"a whole country": {func(r *onboarding.AccessRequest) { r.Country = "Germany" }, "request.country_form"},
		"an e-mail with a name": {func(r *onboarding.AccessRequest) { r.ContactEmail = "Ada <ada@clinic.de>" },
			"form.not_an_email"},
		"a short account": {func(r *onboarding.AccessRequest) { r.AccountSid = "AC0123" },
			"request.account_sid_form"},
		"a code by post": {func(r *onboarding.AccessRequest) { r.PhoneCode = "post" },
			"request.phone_code_missing"},
		"free perhaps": {func(r *onboarding.AccessRequest) { r.PhoneFree = "maybe" }, "form.yes_or_no"},
		"a negative volume": {func(r *onboarding.AccessRequest) { r.MonthlyVolume = -1 },
			"request.volume_unreadable"},
		"the Sandbox's number": {func(r *onboarding.AccessRequest) { r.Phone = senders.SandboxPhone },
			"request.sandbox_number"},
		"ten samples": {func(r *onboarding.AccessRequest) { r.Samples = make([]int64, 10) }, ""},
		"eleven samples": {func(r *onboarding.AccessRequest) { r.Samples = make([]int64, 11) },
			"request.too_many_samples"},
		"ten links": {func(r *onboarding.AccessRequest) { r.OptinLinks = lines(10) }, ""},
		"eleven links": {func(r *onboarding.AccessRequest) { r.OptinLinks = lines(11) },
			"request.too_many_links"},
		"half a link": {func(r *onboarding.AccessRequest) { r.OptinLinks = "clinic-nord" },
			"request.link_incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready().r
			c.change(r)
			switch err := check(r); {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
