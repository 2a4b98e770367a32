// Package onboarding keeps the requests for production access: what WhatsApp asks for (access.go), the review before one
// leaves (review.go), the submission that is handed in (submission.go), and the way of each request from draft to live.
package onboarding

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/models"
	"parley/services/media"
	"parley/whatsapp"
	"parley/whatsapp/phone"
)

// Service keeps access requests.
type Service struct {
	store *models.Store
	files *media.Files
	opt   Options
}

// Options of the service.
type Options struct {
	AccountSID string         // the account that Parley is connected to
	PublicURL  string         // where the opt-in pages are
	Local      bool           // websites in private networks may be looked at: in the simulation
	Allowed    []netip.Prefix // private networks whose websites may be looked at
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

var (
	accountSid = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	country    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// MaxSamples is how many sample templates a request takes.
const MaxSamples = 10

// Save stores a request as it was typed, new (id "") or not. What has a form, such as a number, must be in it; what
// WhatsApp thinks of the rest stands in the review. Refusals name the field. With lenient, a field that is refused
// keeps its old value and the rest is stored all the same: the refusals come back beside the request.
func (s *Service) Save(
	ctx context.Context,
	a models.Actor,
	id string,
	version int,
	in models.AccessRequest,
	lenient bool,
) (*models.AccessRequest, error) {
	typed := in
	bad := s.check(&in)
	if bad != nil && !lenient {
		return &typed, bad
	}
	out := &in
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		if len(in.Samples) > 0 {
			if err := tx.KnownVersions(in.Samples); err != nil {
				return err
			}
		}
		if id == "" {
			keepTyped(&in, &models.AccessRequest{}, bad)
			out.State, out.CreatedAt = models.AccessDraft, tx.Now()
			return errors.Join(tx.SaveAccessRequest(a, out, 0), s.checkWebsite(tx, out))
		}
		old, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		if !old.Editable() {
			return models.Conflict("This request is with WhatsApp and can't be edited now.")
		}
		keepTyped(&in, old, bad)
		next := *old
		copyTyped(&next, &in)
		*out = next
		if next.Website == old.Website {
			return tx.SaveAccessRequest(a, out, version)
		}
		out.WebsiteState, out.WebsiteSaid, out.WebsiteCheckedAt = "", "", nil
		return errors.Join(tx.SaveAccessRequest(a, out, version), s.checkWebsite(tx, out))
	})
	if err != nil {
		*out = typed
	}
	return out, errors.Join(err, bad)
}

// checkWebsite asks a job to look at a request's website.
func (s *Service) checkWebsite(tx *models.Tx, r *models.AccessRequest) error {
	if r.Website == "" {
		return nil
	}
	return tx.Enqueue(WebsiteArgs{RequestID: r.PublicID, Website: r.Website}, nil)
}

// copyTyped takes over what the form holds.
func copyTyped(to, from *models.AccessRequest) {
	to.LegalName, to.DisplayName, to.Website, to.Country, to.Address = from.LegalName, from.DisplayName, from.Website, from.Country, from.Address
	to.ContactName, to.ContactEmail, to.ContactPhone = from.ContactName, from.ContactEmail, from.ContactPhone
	to.AccountSid, to.FacebookBusinessID, to.Phone, to.PhoneCode, to.PhoneFree = from.AccountSid, from.FacebookBusinessID, from.Phone, from.PhoneCode, from.PhoneFree
	to.Vertical, to.UseCase, to.MonthlyVolume = from.Vertical, from.UseCase, from.MonthlyVolume
	to.OptinDescription, to.OptinLinks, to.Samples = from.OptinDescription, from.OptinLinks, from.Samples
}

// keepTyped puts the old values back where the new ones were refused.
func keepTyped(in, old *models.AccessRequest, bad error) {
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

func (s *Service) check(r *models.AccessRequest) error {
	var errs []error
	bad := func(field, text string) { errs = append(errs, models.Invalid(field, text)) }
	for _, f := range []struct{ field, value string }{{"legal_name", r.LegalName}, {"display_name", r.DisplayName}, {"website", r.Website}, {"address", r.Address},
		{"contact_name", r.ContactName}, {"contact_email", r.ContactEmail}} {
		if whatsapp.Length(f.value) > 300 {
			bad(f.field, "This has at most 300 characters.")
		}
	}
	if whatsapp.Length(r.OptinDescription) > 4000 {
		bad("optin_description", "This has at most 4,000 characters.")
	}
	if r.Website != "" && !webPage(r.Website) {
		bad("website", "Write the whole address, for example https://www.example.com.")
	}
	if r.Country = strings.ToUpper(r.Country); r.Country != "" && !country.MatchString(r.Country) {
		bad("country", "Choose a country, or write its two letters, for example DE.")
	}
	if r.ContactEmail != "" {
		if m, err := mail.ParseAddress(r.ContactEmail); err != nil || m.Name != "" {
			bad("contact_email", "This is not an e-mail address.")
		}
	}
	if r.AccountSid != "" && !accountSid.MatchString(r.AccountSid) {
		bad("account_sid", "An account SID is AC followed by 32 digits and letters a to f.")
	}
	if p := whatsapp.BusinessIDProblem(r.FacebookBusinessID); p != "" {
		bad("facebook_business_id", p)
	}
	if p := whatsapp.VerticalProblem(r.Vertical); p != "" {
		bad("vertical", p)
	}
	if p := whatsapp.UseCaseProblem(r.UseCase); p != "" {
		bad("use_case", p)
	}
	if r.MonthlyVolume < 0 {
		bad("monthly_volume", "Write a number, such as 4000.")
	}
	if !slices.Contains([]string{"", "sms", "voice", "no"}, r.PhoneCode) {
		bad("phone_code", "Choose how the number can receive the code.")
	}
	if !slices.Contains([]string{"", "yes", "no"}, r.PhoneFree) {
		bad("phone_free", "Choose yes or no.")
	}
	if len(r.Samples) > MaxSamples {
		bad("samples", "Choose at most 10 sample templates.")
	}
	errs = append(errs, checkPhones(r))
	checkLinks(r, bad)
	return errors.Join(errs...)
}

func webPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Host, ".") && u.User == nil
}

func checkPhones(r *models.AccessRequest) error {
	var errs []error
	if r.Phone != "" {
		n, err := phone.Read(r.Phone, "")
		switch {
		case err != nil:
			errs = append(errs, models.InvalidBecause("phone", err))
		case n.Verdict == phone.Assumed:
			errs = append(errs, models.InvalidBecause("phone", n.Unconfirmed()))
		case n.E164 == models.SandboxPhone:
			errs = append(errs, models.Invalid("phone", "This is the Sandbox's number: give a number of your own."))
		default:
			r.Phone = n.E164 // one that its country is not known to use is kept: the review says so
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

func checkLinks(r *models.AccessRequest, bad func(field, text string)) {
	links := Links(r.OptinLinks)
	for _, l := range links {
		if !webPage(l) {
			bad("optin_links", "Write one whole address a line, for example https://www.example.com/signup: “"+l+"” is none.")
			return
		}
	}
	if len(links) > 10 || whatsapp.Length(r.OptinLinks) > 3000 {
		bad("optin_links", "Give at most 10 addresses.")
	}
}

// Links are the addresses of a text with one a line.
func Links(text string) []string { return strings.Fields(text) }

// Step is what somebody says as a request moves on.
type Step struct {
	Note, NextAction, CaseNumber string
	HappenedAt, RemindAt         *time.Time
	FileName                     string
	File                         io.Reader // nil for none
}

// Move takes a request one step on, or puts a note on it if next is where it stands already. Only one without
// blockers becomes ready or is submitted.
func (s *Service) Move(
	ctx context.Context,
	a models.Actor,
	id string,
	version int,
	next models.AccessState,
	step Step,
) error {
	r, err := s.store.AccessRequestByPublicID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.checkStep(r, step); err != nil {
		return err
	}
	if next != r.State && (next == models.AccessReady || next == models.AccessSubmitted) {
		review, err := s.Review(ctx, r)
		if err != nil {
			return err
		}
		if b := review.Blockers(); len(b) > 0 {
			return incomplete(b[0].Text, len(b)-1)
		}
	}
	said := models.AccessStep{
		Note:       step.Note,
		NextAction: step.NextAction,
		CaseNumber: step.CaseNumber,
		HappenedAt: step.HappenedAt,
		RemindAt:   step.RemindAt,
	}
	if step.File != nil {
		if said.File, err = s.store1(ctx, step.FileName, step.File); err != nil {
			return err
		}
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		if r.Version != version {
			return models.ErrStale("request")
		}
		if next == r.State && step.says(r) {
			return nil
		}
		return tx.MoveAccessRequest(a, r, next, said)
	})
}

// incomplete refuses a request for its first blocker; more are the others.
func incomplete(first string, more int) error {
	if more == 0 {
		return models.Conflict("request.incomplete", "First", first)
	}
	return models.Conflict("request.incomplete_and_more", "First", first, "Count", more)
}

// says reports whether a step tells nothing but what a request holds already.
func (step Step) says(r *models.AccessRequest) bool {
	fresh := step.Note != "" || step.File != nil || step.HappenedAt != nil ||
		step.CaseNumber != "" && step.CaseNumber != r.CaseNumber
	return !fresh && step.NextAction == r.NextAction && sameMoment(step.RemindAt, r.RemindAt)
}

func sameMoment(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (s *Service) checkStep(r *models.AccessRequest, step Step) error {
	var errs []error
	if whatsapp.Length(step.Note) > 2000 {
		errs = append(errs, models.Invalid("note", "A note has at most 2,000 characters."))
	}
	if whatsapp.Length(step.NextAction) > 300 {
		errs = append(errs, models.Invalid("next_action", "This has at most 300 characters."))
	}
	if whatsapp.Length(step.CaseNumber) > 60 {
		errs = append(errs, models.Invalid("case_number", "A case number has at most 60 characters."))
	}
	now := s.store.Now()
	if step.HappenedAt != nil &&
		(step.HappenedAt.After(now.Add(24*time.Hour)) || step.HappenedAt.Before(now.AddDate(-5, 0, 0))) {
		errs = append(errs, models.Invalid("happened_on", "Give the day on which it happened, today or before."))
	}
	if step.RemindAt != nil && !sameMoment(step.RemindAt, r.RemindAt) &&
		(step.RemindAt.Before(now) || step.RemindAt.After(now.AddDate(2, 0, 0))) {
		errs = append(errs, models.Invalid("remind_on", "A reminder is for a day to come, within two years."))
	}
	return errors.Join(errs...)
}

func (s *Service) store1(ctx context.Context, name string, r io.Reader) (*models.AccessFile, error) {
	f, err := s.files.KeepContactFile(ctx, name, r)
	if err != nil {
		return nil, err
	}
	return &models.AccessFile{Name: f.Name, ContentType: f.ContentType, Size: f.Size, SHA256: f.SHA256, File: f.File}, nil
}

// AddEvidence keeps a screenshot or a text of how people opt in. Refusals name file.
func (s *Service) AddEvidence(ctx context.Context, a models.Actor, id, name string, body io.Reader) error {
	f, err := s.store1(ctx, name, body)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		return tx.AddAccessEvidence(a, r, f)
	})
}

// RemoveEvidence takes a document away.
func (s *Service) RemoveEvidence(ctx context.Context, a models.Actor, id, file string) error {
	stored := ""
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		r, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		stored, err = tx.RemoveAccessEvidence(a, r, file)
		return err
	})
	if err != nil {
		return err
	}
	return s.files.Delete(ctx, stored)
}

// Restart begins another request from a rejected one, with all that was typed in it.
func (s *Service) Restart(ctx context.Context, a models.Actor, id string) (*models.AccessRequest, error) {
	var out *models.AccessRequest
	err := s.store.InTx(ctx, func(tx *models.Tx) error {
		old, err := tx.AccessRequestForUpdate(id)
		if err != nil {
			return err
		}
		if old.State != models.AccessRejected {
			return models.Conflict("Only a rejected request is begun again; this one goes on.")
		}
		out = &models.AccessRequest{State: models.AccessDraft, BasedOn: &old.ID, CreatedAt: tx.Now()}
		copyTyped(out, old)
		return errors.Join(tx.SaveAccessRequest(a, out, 0), s.checkWebsite(tx, out))
	})
	return out, err
}

// Remind tells the admins of the requests whose reminder has come.
func (s *Service) Remind(ctx context.Context) error {
	return s.store.InTx(ctx, func(tx *models.Tx) error {
		due, err := tx.DueAccessReminders()
		if err != nil || len(due) == 0 {
			return err
		}
		for _, r := range due {
			what := r.NextAction
			if what == "" {
				what = "Look where the request stands."
			}
			if err := tx.Alert(
				nil,
				models.Alert{
					Tone:  "warn",
					Title: "Reminder: the access request " + r.Title(),
					Body:  what,
					Href:  "/access/" + r.PublicID,
				},
			); err != nil {
				return err
			}
		}
		return tx.Publish("access")
	})
}
