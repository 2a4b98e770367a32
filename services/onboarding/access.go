// Package onboarding manages the requests for production access: what WhatsApp asks for (access.go, checked in
// check.go), the review before submitting (review.go), the submission itself (submission.go), and each request's steps
// from draft to live (step.go).
package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"parley/models"
	"parley/models/onboarding"
	"parley/services/media"
)

// Service manages access requests.
type Service struct {
	store *models.Store
	files *media.Files
	opt   Options
}

// Options of the service.
type Options struct {
	AccountSID string         // the account that Parley is connected to
	PublicURL  string         // where the opt-in pages are
	Local      bool           // websites in private networks may be checked: in the simulation
	Allowed    []netip.Prefix // private networks whose websites may be checked
	Log        *slog.Logger
}

// New makes the service.
func New(store *models.Store, files *media.Files, opt Options) *Service {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	return &Service{store: store, files: files, opt: opt}
}

// AccountSID is the account that Parley is connected to.
func (s *Service) AccountSID() string { return s.opt.AccountSID }

// Form is a request as somebody typed it.
type Form struct {
	ID      string // the request's public id, empty for a new one
	Version int    // the one that the form was opened with
	Typed   onboarding.AccessRequest
	Lenient bool // a field that is refused keeps its old value, and the rest is stored all the same
}

// Save stores a request as typed. Values with a format, such as numbers, must be valid; the review assesses the rest by
// WhatsApp's rules. Refusals name the field; for a lenient form they are returned with the request.
func (s *Service) Save(ctx context.Context, a models.Actor, f Form) (*onboarding.AccessRequest, error) {
	in, typed := f.Typed, f.Typed
	bad := check(&in)
	if bad != nil && !f.Lenient {
		return &typed, bad
	}
	out := &in
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if len(in.Samples) > 0 {
			if err := onboarding.KnownVersions(tx, in.Samples); err != nil {
				return err
			}
		}
		if f.ID == "" {
			keepTyped(&in, &onboarding.AccessRequest{}, bad)
			out.State, out.CreatedAt = onboarding.AccessDraft, tx.Now()
			if err := onboarding.SaveAccessRequest(tx, a, out, 0); err != nil {
				return err
			}
			return s.checkWebsite(tx, out)
		}
		old, err := onboarding.AccessRequestForUpdate(tx, f.ID)
		if err != nil {
			return err
		}
		if !old.Editable() {
			return models.Conflict("request.with_whatsapp")
		}
		keepTyped(&in, old, bad)
		next := *old
		copyTyped(&next, &in)
		*out = next
		if next.Website == old.Website {
			return onboarding.SaveAccessRequest(tx, a, out, f.Version)
		}
		out.WebsiteState, out.WebsiteSaid, out.WebsiteCheckedAt = "", "", nil
		if err := onboarding.SaveAccessRequest(tx, a, out, f.Version); err != nil {
			return err
		}
		return s.checkWebsite(tx, out)
	})
	if err != nil {
		*out = typed
	}
	return out, errors.Join(err, bad)
}

// checkWebsite asks a job to check a request's website.
func (s *Service) checkWebsite(tx *models.Tx, r *onboarding.AccessRequest) error {
	if r.Website == "" {
		return nil
	}
	return tx.Enqueue(WebsiteArgs{RequestID: r.PublicID, Website: r.Website}, nil)
}

// copyTyped copies the form's values.
func copyTyped(to, from *onboarding.AccessRequest) {
	to.LegalName, to.DisplayName, to.Website = from.LegalName, from.DisplayName, from.Website
	to.Country, to.Address = from.Country, from.Address
	to.ContactName, to.ContactEmail, to.ContactPhone = from.ContactName, from.ContactEmail, from.ContactPhone
	to.AccountSid, to.FacebookBusinessID = from.AccountSid, from.FacebookBusinessID
	to.Phone, to.PhoneCode, to.PhoneFree = from.Phone, from.PhoneCode, from.PhoneFree
	to.Vertical, to.UseCase, to.MonthlyVolume = from.Vertical, from.UseCase, from.MonthlyVolume
	to.OptinDescription, to.OptinLinks, to.Samples = from.OptinDescription, from.OptinLinks, from.Samples
}

// keepTyped restores the old values of refused fields.
func keepTyped(in, old *onboarding.AccessRequest, bad error) {
	fields := map[string]func(){
		"legal_name":           func() { in.LegalName = old.LegalName },
		"display_name":         func() { in.DisplayName = old.DisplayName },
		"website":              func() { in.Website = old.Website },
		"country":              func() { in.Country = old.Country },
		"address":              func() { in.Address = old.Address },
		"contact_name":         func() { in.ContactName = old.ContactName },
		"contact_email":        func() { in.ContactEmail = old.ContactEmail },
		"contact_phone":        func() { in.ContactPhone = old.ContactPhone },
		"account_sid":          func() { in.AccountSid = old.AccountSid },
		"facebook_business_id": func() { in.FacebookBusinessID = old.FacebookBusinessID },
		"phone":                func() { in.Phone = old.Phone },
		"phone_code":           func() { in.PhoneCode = old.PhoneCode },
		"phone_free":           func() { in.PhoneFree = old.PhoneFree },
		"vertical":             func() { in.Vertical = old.Vertical },
		"use_case":             func() { in.UseCase = old.UseCase },
		"monthly_volume":       func() { in.MonthlyVolume = old.MonthlyVolume },
		"optin_description":    func() { in.OptinDescription = old.OptinDescription },
		"optin_links":          func() { in.OptinLinks = old.OptinLinks },
		"samples":              func() { in.Samples = old.Samples },
	}
	for _, field := range models.FieldsOf(bad) {
		if put := fields[field]; put != nil {
			put()
		}
	}
}
