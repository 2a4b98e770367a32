package onboarding

import (
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"parley/models"
	"parley/models/onboarding"
	"parley/models/senders"
	"parley/whatsapp"
	"parley/whatsapp/phone"
	"parley/whatsapp/policy"
)

var (
	accountSid = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	country    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// MaxSamples is how many sample templates a request takes.
const MaxSamples = 10

// check refuses values in a wrong format, and normalizes the others: numbers to E.164, countries to capitals.
func check(r *onboarding.AccessRequest) error {
	var errs []error
	bad := func(field, code string, args ...any) { errs = append(errs, models.Invalid(field, code, args...)) }
	checkLengths(r, bad)
	checkBusiness(r, bad)
	if r.AccountSid != "" && !accountSid.MatchString(r.AccountSid) {
		bad("account_sid", "request.account_sid_form")
	}
	if p := policy.BusinessIDProblem(r.FacebookBusinessID); p != "" {
		bad("facebook_business_id", "request.business_id_refused", "Reason", p)
	}
	checkPlans(r, bad)
	if !slices.Contains([]string{"", "sms", "voice", "no"}, r.PhoneCode) {
		bad("phone_code", "request.phone_code_missing")
	}
	if !slices.Contains([]string{"", "yes", "no"}, r.PhoneFree) {
		bad("phone_free", "form.yes_or_no")
	}
	if len(r.Samples) > MaxSamples {
		bad("samples", "request.too_many_samples")
	}
	errs = append(errs, checkPhones(r))
	checkLinks(r, bad)
	return errors.Join(errs...)
}

func checkLengths(r *onboarding.AccessRequest, bad func(field, code string, args ...any)) {
	for _, f := range []struct{ field, value string }{
		{"legal_name", r.LegalName},
		{"display_name", r.DisplayName},
		{"website", r.Website},
		{"address", r.Address},
		{"contact_name", r.ContactName},
		{"contact_email", r.ContactEmail},
	} {
		if whatsapp.Length(f.value) > 300 {
			bad(f.field, "form.too_long_300")
		}
	}
	if whatsapp.Length(r.OptinDescription) > 4000 {
		bad("optin_description", "form.too_long_4000")
	}
}

// checkBusiness checks where the business is and how it is reached.
func checkBusiness(r *onboarding.AccessRequest, bad func(field, code string, args ...any)) {
	if r.Website != "" && !webPage(r.Website) {
		bad("website", "form.address_incomplete")
	}
	if r.Country = strings.ToUpper(r.Country); r.Country != "" && !country.MatchString(r.Country) {
		bad("country", "request.country_form")
	}
	if r.ContactEmail != "" {
		if m, err := mail.ParseAddress(r.ContactEmail); err != nil || m.Name != "" {
			bad("contact_email", "form.not_an_email")
		}
	}
}

// checkPlans checks what the business wants to send, and how much of it.
func checkPlans(r *onboarding.AccessRequest, bad func(field, code string, args ...any)) {
	if p := policy.VerticalProblem(r.Vertical); p != "" {
		bad("vertical", "request.vertical_refused", "Reason", p)
	}
	if p := policy.UseCaseProblem(r.UseCase); p != "" {
		bad("use_case", "request.use_case_refused", "Reason", p)
	}
	if r.MonthlyVolume < 0 {
		bad("monthly_volume", "request.volume_unreadable")
	}
}

func webPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Host, ".") && u.User == nil
}

func checkPhones(r *onboarding.AccessRequest) error {
	var errs []error
	if r.Phone != "" {
		n, err := phone.Read(r.Phone, "")
		switch {
		case err != nil:
			errs = append(errs, models.InvalidBecause("phone", err))
		case n.Verdict == phone.Assumed:
			errs = append(errs, models.InvalidBecause("phone", n.Unconfirmed()))
		case n.E164 == senders.SandboxPhone:
			errs = append(errs, models.Invalid("phone", "request.sandbox_number"))
		default:
			r.Phone = n.E164 // a number to check is stored: the review says so
		}
	}
	if r.ContactPhone != "" {
		n, err := phone.Read(r.ContactPhone, "")
		switch {
		case err != nil:
			errs = append(errs, models.InvalidBecause("contact_phone", err))
		case n.Verdict == phone.Assumed:
			errs = append(errs, models.InvalidBecause("contact_phone", n.Unconfirmed()))
		default:
			r.ContactPhone = n.E164
		}
	}
	return errors.Join(errs...)
}

func checkLinks(r *onboarding.AccessRequest, bad func(field, code string, args ...any)) {
	links := Links(r.OptinLinks)
	for _, l := range links {
		if !webPage(l) {
			bad("optin_links", "request.link_incomplete", "Text", l)
			return
		}
	}
	if len(links) > 10 || whatsapp.Length(r.OptinLinks) > 3000 {
		bad("optin_links", "request.too_many_links")
	}
}

// Links are the addresses of a text with one a line.
func Links(text string) []string { return strings.Fields(text) }
