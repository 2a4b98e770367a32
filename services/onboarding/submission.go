package onboarding

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"parley/models/onboarding"
	"parley/models/people/optins"
	"parley/models/templates"
	"parley/whatsapp"
)

// Submission is everything that WhatsApp asks for, to paste or to attach.
type Submission struct {
	LegalName          string             `json:"legal_name"`
	DisplayName        string             `json:"display_name"`
	Website            string             `json:"website"`
	Country            string             `json:"country"`
	Address            string             `json:"address"`
	ContactName        string             `json:"contact_name"`
	ContactEmail       string             `json:"contact_email"`
	ContactPhone       string             `json:"contact_phone,omitempty"`
	AccountSid         string             `json:"account_sid"`
	FacebookBusinessID string             `json:"facebook_business_id"`
	Phone              string             `json:"phone_number"`
	PhoneCode          string             `json:"code_by"`
	PhoneFree          bool               `json:"in_no_other_whatsapp_account"`
	Vertical           string             `json:"vertical"`
	UseCase            string             `json:"use_case"`
	MonthlyVolume      int                `json:"expected_messages_a_month"`
	OptinDescription   string             `json:"opt_in_description"`
	OptinEvidence      []string           `json:"opt_in_evidence"`
	Samples            []SubmissionSample `json:"sample_templates"`
}

// SubmissionSample is a template as the submission shows it.
type SubmissionSample struct {
	Name     string            `json:"name"`
	Category whatsapp.Category `json:"category"`
	Language string            `json:"language"`
	Body     string            `json:"body"`
	Samples  map[string]string `json:"samples"`
	Filled   string            `json:"-"` // what a person would read
}

// Submission puts a request's submission together.
func (s *Service) Submission(ctx context.Context, r *onboarding.AccessRequest) (Submission, error) {
	p := Submission{
		LegalName:          r.LegalName,
		DisplayName:        r.DisplayName,
		Website:            r.Website,
		Country:            r.Country,
		Address:            r.Address,
		ContactName:        r.ContactName,
		ContactEmail:       r.ContactEmail,
		ContactPhone:       r.ContactPhone,
		AccountSid:         r.AccountSid,
		FacebookBusinessID: r.FacebookBusinessID,
		Phone:              r.Phone,
		PhoneCode:          r.PhoneCode,
		PhoneFree:          r.PhoneFree == "yes",
		Vertical:           r.Vertical,
		UseCase:            r.UseCase,
		MonthlyVolume:      r.MonthlyVolume,
		OptinDescription:   r.OptinDescription,
		OptinEvidence:      append([]string{}, Links(r.OptinLinks)...),
		Samples:            []SubmissionSample{},
	}
	files, err := onboarding.Read(s.store).AccessFiles(ctx, r.ID)
	if err != nil {
		return p, err
	}
	for _, f := range files {
		if f.EventID == nil {
			p.OptinEvidence = append(p.OptinEvidence, fmt.Sprintf("%s (attached, SHA-256 %x)", f.Name, f.SHA256))
		}
	}
	samples, err := s.Samples(ctx, r)
	for _, t := range samples {
		p.Samples = append(
			p.Samples,
			SubmissionSample{
				Name:     t.Version.Template.Name,
				Category: t.Version.EffectiveCategory(),
				Language: t.Version.Language,
				Body:     t.Version.Body,
				Samples:  t.Version.Samples(),
				Filled:   filled(&t.Version),
			},
		)
	}
	return p, err
}

// filled is a template with its samples in it.
func filled(v *templates.TemplateVersion) string {
	samples, values := v.Samples(), templates.Values{}
	for i, name := range v.Names() {
		values[strconv.Itoa(i+1)] = samples[name]
	}
	return v.Filled(values).Body
}

// Draw describes how people opt in from stored data: the open opt-in pages, and the sources of the consent events.
// links are the addresses of the pages.
func (s *Service) Draw(ctx context.Context, business string) (text string, links []string, err error) {
	pages, err := optins.Read(s.store).OptinSources(ctx)
	if err != nil {
		return "", nil, err
	}
	facts, err := onboarding.Read(s.store).OptinFacts(ctx)
	if err != nil {
		return "", nil, err
	}
	if business == "" {
		business = "us"
	}
	var lines []string
	for _, p := range pages {
		if p.ClosedAt != nil {
			continue
		}
		at := s.opt.PublicURL + "/join/" + p.Slug
		links = append(links, at)
		how := "they tick a box and send the form"
		if p.Confirm {
			how = "they send the form and then confirm from their own phone by writing “" + p.Keyword + "”"
		}
		wording := strings.ReplaceAll(p.Wording, "{business}", p.Business)
		lines = append(lines, fmt.Sprintf("On our page %s: %s. They read: “%s”", at, how, wording))
	}
	for _, f := range facts {
		if how := sourceWords[f.Source]; how != "" {
			lines = append(
				lines,
				fmt.Sprintf(
					"%s (%s so far, the latest on %s).%s",
					how,
					peopleCount(f.People),
					f.Latest.Format("2 January 2006"),
					agreed(f.Wording),
				),
			)
		}
	}
	if len(lines) == 0 {
		return "", nil, nil
	}
	text = "People opt in to messages from " + business + " on WhatsApp by an act of their own:\n\n• " +
		strings.Join(lines, "\n• ") + "\n\n" +
		"Each opt-in is kept with its time, its source and its wording, in a record that nobody can change. " +
		"Everybody can stop at any time by writing STOP."
	return text, links, nil
}

var sourceWords = map[string]string{
	"web_form":        "On a form on the web",
	"paper":           "On paper, signed in our house",
	"import":          "In our own records, taken over with the proof of each consent",
	"api":             "On our own website's form",
	"keyword":         "By writing a keyword to us from their own phone",
	"by_hand":         "In person, noted by our staff with the occasion",
	"inbound_message": "By writing to us and agreeing in the chat",
}

func peopleCount(n int64) string {
	if n == 1 {
		return "one person"
	}
	return fmt.Sprintf("%d people", n)
}

func agreed(wording string) string {
	if wording == "" {
		return ""
	}
	return " They read: “" + whatsapp.Plain(wording, 300) + "”"
}
