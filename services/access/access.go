// Package access keeps the requests for production access: what WhatsApp asks for, checked as far as it
// can be seen from here, and the way of each request from draft to live.
package access

import (
	"context"
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"parley/models"
	"parley/services/whatsapp"
)

// Verticals are the lines of business that WhatsApp takes. Source: Twilio, WhatsApp Senders API.
var Verticals = []string{"Automotive", "Beauty, Spa and Salon", "Clothing and Apparel", "Education", "Entertainment", "Event Planning and Service",
	"Finance and Banking", "Food and Grocery", "Public Service", "Hotel and Lodging", "Medical and Health", "Non-profit", "Professional Services",
	"Shopping and Retail", "Travel and Transportation", "Restaurant", "Other"}

// Service keeps access requests.
type Service struct{ store *models.Store }

// New makes the service.
func New(store *models.Store) *Service { return &Service{store: store} }

var (
	businessID = regexp.MustCompile(`^[0-9]{14,20}$`)
	accountSid = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	country    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Save stores a request, new (id "") or not. What is filled in must be right; what is missing is asked
// for by Missing. Refusals name the field.
func (s *Service) Save(ctx context.Context, a models.Actor, id string, version int, in models.AccessRequest) (*models.AccessRequest, error) {
	if err := check(&in); err != nil {
		return nil, err
	}
	out := &in
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if id == "" {
			out.State = models.AccessDraft
			return tx.SaveAccessRequest(a, out, 0)
		}
		old, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		if !old.Editable() {
			return models.Conflict("This request is with WhatsApp and can't be edited now.")
		}
		in.ID, in.PublicID, in.State, in.Version = old.ID, old.PublicID, old.State, old.Version
		in.CreatedBy, in.CreatedAt = old.CreatedBy, old.CreatedAt
		return tx.SaveAccessRequest(a, out, version)
	})
	return out, err
}

func check(r *models.AccessRequest) error {
	var errs []error
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	for field, v := range map[string]string{"legal_name": r.LegalName, "display_name": r.DisplayName, "website": r.Website, "address": r.Address,
		"contact_name": r.ContactName, "contact_email": r.ContactEmail} {
		if whatsapp.Length(v) > 300 {
			bad(field, "This has at most 300 characters.")
		}
	}
	if whatsapp.Length(r.OptinDescription) > 4000 {
		bad("optin_description", "This has at most 4,000 characters.")
	}
	if r.DisplayName != "" {
		if p := DisplayNameProblem(r.DisplayName); p != "" {
			bad("display_name", p)
		}
	}
	if r.Website != "" {
		if u, err := url.Parse(r.Website); err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.Contains(u.Host, ".") {
			bad("website", "Write the whole address, for example https://www.example.com.")
		}
	}
	if r.Country = strings.ToUpper(r.Country); r.Country != "" && !country.MatchString(r.Country) {
		bad("country", "Write the country's two letters, for example DE.")
	}
	if r.ContactEmail != "" {
		if m, err := mail.ParseAddress(r.ContactEmail); err != nil || m.Name != "" {
			bad("contact_email", "This is not an e-mail address.")
		}
	}
	if r.AccountSid != "" && !accountSid.MatchString(r.AccountSid) {
		bad("account_sid", "An account SID is AC followed by 32 digits and letters a to f.")
	}
	if r.FacebookBusinessID != "" && !businessID.MatchString(r.FacebookBusinessID) {
		bad("facebook_business_id", "A Business Manager ID has 15 to 17 digits; you find it in Meta's Business settings under Business info.")
	}
	if r.Phone != "" {
		n, err := whatsapp.ParsePhone(r.Phone)
		if err != nil {
			bad("phone", "This is not a phone number in international form, for example +49 30 1234567.")
		} else if n == models.SandboxPhone {
			bad("phone", "This is the Sandbox's number: give a number of your own.")
		}
		r.Phone = n
	}
	if r.UseCase != "" && r.UseCase != "customer_care" && r.UseCase != "notifications" && r.UseCase != "mixed" {
		bad("use_case", "Choose a use case. Promotion is none: WhatsApp does not admit it here.")
	}
	if r.MonthlyVolume < 0 {
		bad("monthly_volume", "Write a number.")
	}
	return errors.Join(errs...)
}

var (
	superlative = regexp.MustCompile(`(?i)\b(best|cheapest|number one|no\. ?1|#1|leading|greatest)\b`)
	emojiOrOdd  = regexp.MustCompile(`[^\p{L}\p{N} .,&'’()+/!-]`)
)

// DisplayNameProblem says what is wrong with a display name, empty if nothing that can be seen from
// here. Source: Meta, display name guidelines.
func DisplayNameProblem(name string) string {
	lower := strings.ToLower(name)
	switch {
	case whatsapp.Length(name) < 3:
		return "A display name has at least 3 characters."
	case strings.Contains(lower, "whatsapp"), strings.Contains(lower, "facebook"), strings.Contains(lower, "meta "):
		return "A display name can't hold “WhatsApp” or “Facebook”."
	case strings.Contains(lower, "http"), strings.Contains(lower, "www."), regexp.MustCompile(`\.(com|net|org|io|de)$`).MatchString(lower):
		return "A web address is no display name: write the business's name."
	case superlative.MatchString(name):
		return "A display name takes no superlatives."
	case emojiOrOdd.MatchString(name):
		return "A display name takes no emoji or odd symbols."
	case name == strings.ToUpper(name) && whatsapp.Length(name) > 4:
		return "Not all capitals, unless the brand itself is written so: write Northwind, not NORTHWIND."
	}
	return ""
}

// Item is one line of the readiness check.
type Item struct {
	Field, Text string
	OK          bool
}

// Missing lists everything that a complete request has, and whether it is there.
func Missing(r *models.AccessRequest) []Item {
	return []Item{
		{"legal_name", "The business's legal name", r.LegalName != ""},
		{"display_name", "A display name by WhatsApp's rules", r.DisplayName != "" && DisplayNameProblem(r.DisplayName) == ""},
		{"website", "A website", r.Website != ""},
		{"country", "The country", r.Country != ""},
		{"address", "The address", r.Address != ""},
		{"contact_name", "A contact person", r.ContactName != ""},
		{"contact_email", "The contact person's e-mail", r.ContactEmail != ""},
		{"account_sid", "The Twilio account SID", r.AccountSid != ""},
		{"facebook_business_id", "The Facebook Business Manager ID", r.FacebookBusinessID != ""},
		{"phone", "A phone number that can receive a code", r.Phone != ""},
		{"vertical", "The line of business", r.Vertical != ""},
		{"use_case", "The use case", r.UseCase != ""},
		{"monthly_volume", "The expected messages a month", r.MonthlyVolume > 0},
		{"optin_description", "How people opt in", r.OptinDescription != ""},
	}
}

// Move takes a request one step on. Only a complete one becomes ready.
func (s *Service) Move(ctx context.Context, a models.Actor, id string, version int, next models.AccessState, note string) error {
	if whatsapp.Length(note) > 2000 {
		return models.Invalid("note", "A note has at most 2,000 characters.")
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		if r.Version != version {
			return models.ErrStale("request")
		}
		if next == models.AccessReady || next == models.AccessSubmitted {
			for _, m := range Missing(r) {
				if !m.OK {
					return models.Conflict("The request is not complete yet: " + m.Text + " is missing.")
				}
			}
		}
		return tx.MoveAccessRequest(a, r, next, note)
	})
}
