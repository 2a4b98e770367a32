package onboarding

import (
	"context"

	"parley/models/onboarding"
	"parley/models/people/optins"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// Level is how much a line of the review matters.
type Level string

// The levels.
const (
	Good    Level = "good"
	Advice  Level = "advice"
	Blocker Level = "blocker" // the request would be sent back or rejected
)

// Item is one line of the review: what was checked, and what to do about it.
type Item struct {
	Field string // of the form
	Text  string // what is right, or what to do
	Level Level
}

// Readiness is the review before a request is submitted.
type Readiness struct {
	Items []Item
	Score int // 0 to 100
}

// Blockers are the lines that prevent submitting the request.
func (r Readiness) Blockers() []Item { return r.level(Blocker) }

// Advice are the lines worth a second look.
func (r Readiness) Advice() []Item { return r.level(Advice) }

// Good are the lines without a problem.
func (r Readiness) Good() []Item { return r.level(Good) }

func (r Readiness) level(l Level) []Item {
	var out []Item
	for _, i := range r.Items {
		if i.Level == l {
			out = append(out, i)
		}
	}
	return out
}

// Sample is a template that a request shows, with what the lint says of it.
type Sample struct {
	Version  templates.TemplateVersion
	Findings []lint.Finding
}

// Clean reports whether WhatsApp is unlikely to reject it.
func (s Sample) Clean() bool { return !lint.Blocked(s.Findings) && !s.Promotional() }

// Promotional reports whether it looks like promotion, which is never admitted.
func (s Sample) Promotional() bool {
	if s.Version.EffectiveCategory() == whatsapp.Marketing {
		return true
	}
	for _, f := range s.Findings {
		if f.Rule == "promotion" {
			return true
		}
	}
	return false
}

func (s *Service) sample(v templates.TemplateVersion) Sample {
	return Sample{
		Version: v,
		Findings: lint.Check(
			lint.Draft{
				Name:     v.Template.Name,
				Category: v.EffectiveCategory(),
				Language: v.Language,
				Content:  *v.Whole(),
				Samples:  v.Samples(),
				OwnBase:  s.opt.PublicURL,
			},
		),
	}
}

// Candidates are the templates that a request may show: the latest versions, the clean ones first.
func (s *Service) Candidates(ctx context.Context) (clean, other []Sample, err error) {
	list, err := onboarding.Read(s.store).LatestVersions(ctx, 60)
	for _, v := range list {
		if x := s.sample(v); x.Clean() {
			clean = append(clean, x)
		} else {
			other = append(other, x)
		}
	}
	return clean, other, err
}

// Samples are the templates that a request shows, in their order.
func (s *Service) Samples(ctx context.Context, r *onboarding.AccessRequest) ([]Sample, error) {
	list, err := onboarding.Read(s.store).VersionsByID(ctx, r.Samples)
	out := make([]Sample, 0, len(list))
	for _, v := range list {
		out = append(out, s.sample(v))
	}
	return out, err
}

// facts is what a review checks besides the request.
type facts struct {
	optins   []onboarding.OptinFact
	pages    int
	evidence int
	samples  []Sample
	sender   *senders.Sender
}

func (s *Service) facts(ctx context.Context, r *onboarding.AccessRequest) (f facts, err error) {
	if f.optins, err = onboarding.Read(s.store).OptinFacts(ctx); err != nil {
		return f, err
	}
	pages, err := optins.Read(s.store).OptinSources(ctx)
	if err != nil {
		return f, err
	}
	for _, p := range pages {
		if p.ClosedAt == nil {
			f.pages++
		}
	}
	if r.ID != 0 {
		files, err := onboarding.Read(s.store).AccessFiles(ctx, r.ID)
		if err != nil {
			return f, err
		}
		for _, file := range files {
			if file.EventID == nil {
				f.evidence++
			}
		}
	}
	if f.samples, err = s.Samples(ctx, r); err != nil || r.Phone == "" {
		return f, err
	}
	senders, err := senders.Read(s.store).Senders(ctx)
	for i := range senders {
		if senders[i].Phone == r.Phone {
			f.sender = &senders[i]
		}
	}
	return f, err
}

// Review says what may prevent a request from being approved, as far as Parley can tell.
func (s *Service) Review(ctx context.Context, r *onboarding.AccessRequest) (Readiness, error) {
	f, err := s.facts(ctx, r)
	if err != nil {
		return Readiness{}, err
	}
	v := &review{r: r, facts: f, account: s.opt.AccountSID}
	v.business()
	v.accounts()
	v.number()
	v.use()
	v.optin()
	v.templates()
	return Readiness{Items: v.items, Score: v.score()}, nil
}

type review struct {
	facts
	r       *onboarding.AccessRequest
	account string
	items   []Item
}

func (v *review) say(l Level, field, text string) { v.items = append(v.items, Item{field, text, l}) }

// must adds a blocker if bad, else a good line.
func (v *review) must(bad bool, field, problem, good string) bool {
	if bad {
		v.say(Blocker, field, problem)
	} else if good != "" {
		v.say(Good, field, good)
	}
	return !bad
}

// score counts a blocker as nothing, an advice as two thirds.
func (v *review) score() int {
	points := 0
	for _, i := range v.items {
		points += map[Level]int{Good: 3, Advice: 2}[i.Level]
	}
	if len(v.items) == 0 {
		return 0
	}
	return points * 100 / (3 * len(v.items))
}
