package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"parley/whatsapp"
	"parley/whatsapp/lint"
	"parley/whatsapp/policy"
)

// Request is a request for production access as submitted to Twilio.
type Request struct {
	Case       string
	Submission Submission `json:"Pack"` // its key is the one that it was first stored with
	Status     string     // received, in_review, more_information, approved, rejected
	Said       string     // what the reviewers wrote
	HandedIn   time.Time
	Decided    time.Time
	Submitted  time.Time // real time
}

// Submission is what Twilio's form accepts: the submission pasted as JSON.
type Submission struct {
	LegalName          string   `json:"legal_name"`
	DisplayName        string   `json:"display_name"`
	Website            string   `json:"website"`
	Country            string   `json:"country"`
	Address            string   `json:"address"`
	ContactName        string   `json:"contact_name"`
	ContactEmail       string   `json:"contact_email"`
	AccountSid         string   `json:"account_sid"`
	FacebookBusinessID string   `json:"facebook_business_id"`
	Phone              string   `json:"phone_number"`
	Vertical           string   `json:"vertical"`
	UseCase            string   `json:"use_case"`
	MonthlyVolume      int      `json:"expected_messages_a_month"`
	OptinDescription   string   `json:"opt_in_description"`
	OptinEvidence      []string `json:"opt_in_evidence"`
	Samples            []Sample `json:"sample_templates"`
}

// Sample is a template as the request names it.
type Sample struct {
	Name     string            `json:"name"`
	Category string            `json:"category"`
	Language string            `json:"language"`
	Body     string            `json:"body"`
	Samples  map[string]string `json:"samples"`
}

// Review is WhatsApp's decision on a submission: approved, more_information or rejected, and why.
func Review(p Submission, account string) (status, said string) {
	if said := p.inadmissible(account); said != "" {
		return "rejected", said
	}
	if missing := p.missing(); len(missing) > 0 {
		return "more_information", "Please send us " + strings.Join(missing, ", ") + "."
	}
	return "approved", "Your request was approved. Register the number through the Senders API or in the Console."
}

// inadmissible is what a submission is rejected for, empty if nothing.
func (p *Submission) inadmissible(account string) string {
	business := policy.Business{LegalName: p.LegalName, Website: p.Website, ContactName: p.ContactName}
	for _, f := range policy.DisplayName(p.DisplayName, business) {
		if f.Blocks {
			return "Display name: " + f.Text
		}
	}
	switch {
	case p.Vertical == "" || policy.VerticalProblem(p.Vertical) != "":
		return "Vertical: the line of business is not eligible. " + policy.VerticalProblem(p.Vertical)
	case p.UseCase == "" || policy.UseCaseProblem(p.UseCase) != "":
		return "Use case: " + policy.UseCaseProblem(p.UseCase)
	case p.AccountSid != account:
		return "Account SID: there is no such account."
	}
	for _, t := range p.Samples {
		if t.promotional() {
			return "Sample templates: " + t.Name + " looks promotional, and promotion is not admitted."
		}
	}
	return ""
}

func (t *Sample) promotional() bool {
	if t.Category == string(whatsapp.Marketing) {
		return true
	}
	findings := lint.Check(lint.Draft{
		Name:     t.Name,
		Category: whatsapp.Category(t.Category),
		Language: t.Language,
		Content:  whatsapp.Content{Type: whatsapp.TypeText, Body: t.Body},
		Samples:  t.Samples,
	})
	return slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Rule == "promotion" })
}

var internationalNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// missing are the missing values of a submission, in alphabetical order.
func (p *Submission) missing() []string {
	var out []string
	for what, yes := range map[string]bool{
		"the legal name":          p.LegalName == "",
		"the display name":        p.DisplayName == "",
		"a website":               !strings.HasPrefix(p.Website, "http"),
		"the country":             p.Country == "",
		"the address":             p.Address == "",
		"a contact person":        p.ContactName == "" || p.ContactEmail == "",
		"the Business Manager ID": p.FacebookBusinessID == "" || policy.BusinessIDProblem(p.FacebookBusinessID) != "",
		"the phone number":        !internationalNumber.MatchString(p.Phone),
		"how people opt in, with the word WhatsApp in it": !strings.Contains(strings.ToLower(p.OptinDescription), "whatsapp"),
		"sample templates": p.UseCase != "customer_care" && len(p.Samples) == 0,
	} {
		if yes {
			out = append(out, what)
		}
	}
	slices.Sort(out)
	return out
}

// HandIn submits a request to Twilio and returns its case number.
func (s *Simulator) HandIn(p Submission) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Request{
		Case:       fmt.Sprintf("WA-%05d", 10001+len(s.state.Requests)),
		Submission: p,
		Status:     "received",
		HandedIn:   s.now(),
		Submitted:  time.Now(),
	}
	s.state.Requests[r.Case] = r
	s.keep("request", r.Case, r)
	s.scheduleRequest(r)
	return r.Case
}

// scheduleRequest schedules a request's review and decision. The caller holds the lock.
func (s *Simulator) scheduleRequest(r *Request) {
	id, left := r.Case, max(0, s.opt.ReviewDelay-time.Since(r.Submitted))
	s.after(left/3, func() { s.moveRequest(id, false) })
	s.after(left, func() { s.moveRequest(id, true) })
}

func (s *Simulator) resumeRequests() {
	for _, r := range s.state.Requests {
		if r.Status == "received" || r.Status == "in_review" {
			s.scheduleRequest(r)
		}
	}
}

func (s *Simulator) moveRequest(id string, decide bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.Requests[id]
	if r.Status != "received" && r.Status != "in_review" {
		return
	}
	r.Status = "in_review"
	if decide {
		r.Status, r.Said = Review(r.Submission, s.opt.AccountSID)
		r.Decided = s.now()
	}
	s.keep("request", r.Case, r)
}

// undecided says why a number can't be registered yet: its latest request was not approved. A number without a known
// request may be registered. The caller holds the lock.
func (s *Simulator) undecided(phone string) string {
	var last *Request
	for _, r := range s.state.Requests {
		if r.Submission.Phone == phone && (last == nil || r.Case > last.Case) {
			last = r
		}
	}
	if last == nil || last.Status == "approved" {
		return ""
	}
	return "The request " + last.Case + " for this number is " + strings.ReplaceAll(last.Status, "_", " ")
}

// Requests are copies of all requests, newest first.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range s.state.Requests {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Request) int { return strings.Compare(b.Case, a.Case) })
	return out
}

func (s *Simulator) showRequests(c echo.Context) error {
	return show(c, http.StatusOK, requestsPage(s.home(), s.Requests(), "", ""))
}

func (s *Simulator) takeRequest(c echo.Context) error {
	text := c.FormValue("submission")
	var p Submission
	problem := ""
	switch err := json.Unmarshal([]byte(text), &p); {
	case len(text) > 200_000:
		problem = "The submission is too long."
	case err != nil:
		problem = "This is not the submission's JSON: copy all of it, from the first brace to the last."
	case p.LegalName == "" && p.DisplayName == "" && p.Phone == "":
		problem = "The submission names no business."
	}
	if problem != "" {
		return show(c, http.StatusUnprocessableEntity, requestsPage(s.home(), s.Requests(), text, problem))
	}
	s.HandIn(p)
	return c.Redirect(http.StatusSeeOther, s.opt.Path+"/access")
}

// decideRequest plays the reviewers.
func (s *Simulator) decideRequest(c echo.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.state.Requests[c.Param("id")]
	verdict := c.FormValue("verdict")
	if r == nil || !slices.Contains([]string{"approved", "rejected", "more_information"}, verdict) {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	r.Status, r.Decided = verdict, s.now()
	r.Said = map[string]string{
		"approved":         "Your request was approved.",
		"rejected":         "We could not find a relation between the business and its website.",
		"more_information": "Please show us where people opt in.",
	}[verdict]
	s.keep("request", r.Case, r)
	return c.Redirect(http.StatusSeeOther, s.opt.Path+"/access")
}
