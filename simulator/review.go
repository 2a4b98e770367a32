package simulator

import (
	"strings"
	"time"

	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// scheduleReview schedules a submitted content to become pending and then be decided. The caller holds the lock.
func (s *Simulator) scheduleReview(c *Content) {
	sid := c.Sid
	left := max(0, s.opt.ReviewDelay-time.Since(c.Approval.SubmittedAt))
	s.after(left/3, func() { s.moveReview(sid, false) })
	s.after(left, func() { s.moveReview(sid, true) })
}

// resumeReviews continues reviews that a restart interrupted.
func (s *Simulator) resumeReviews() {
	for _, c := range s.state.Contents {
		if c.Approval != nil && (c.Approval.Status == "received" || c.Approval.Status == "pending") {
			s.scheduleReview(c)
		}
	}
}

func (s *Simulator) moveReview(sid string, decide bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.state.Contents[sid]
	if c == nil || (c.Approval.Status != "received" && c.Approval.Status != "pending") {
		return
	}
	c.Approval.Status = "pending"
	if decide {
		c.Approval.Status, c.Approval.RejectionReason = s.decide(c)
	}
	s.keep("content", c.Sid, c)
}

// Decide changes WhatsApp's decision on a content at any time: status as at Twilio (approved, rejected, paused,
// disabled), a reason, and another category if one is given. It reports whether there is such a content.
func (s *Simulator) Decide(sid, status, reason, category string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.state.Contents[sid]
	if c == nil || c.Approval == nil {
		return false
	}
	if status != "" {
		c.Approval.Status, c.Approval.RejectionReason = status, reason
	}
	if category != "" {
		c.Approval.Category = category
	}
	s.keep("content", c.Sid, c)
	return true
}

// Contents are copies of all contents, newest first.
func (s *Simulator) Contents() []Content {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Content
	for _, c := range s.contents() {
		copied := *c
		if c.Approval != nil {
			a := *c.Approval
			copied.Approval = &a
		}
		out = append(out, copied)
	}
	return out
}

// lockName blocks a deleted template's name for 30 days, as WhatsApp does. The caller holds the lock.
func (s *Simulator) lockName(c *Content) {
	key := c.Approval.Name + " " + c.Language
	until := s.now().AddDate(0, 0, 30)
	s.state.Locked[key] = &until
	s.keep("locked", key, until)
}

// decide is WhatsApp's review by its published rules, with a few unpredictable rejections. The caller holds the lock.
func (s *Simulator) decide(c *Content) (status, reason string) {
	content := c.content()
	if reason := s.clash(c, content); reason != "" {
		return "rejected", reason
	}
	if reason := s.brokenRule(c, content); reason != "" {
		return "rejected", reason
	}
	return stubborn(content)
}

// clash is why a content conflicts with the account's others, empty if it does not.
func (s *Simulator) clash(c *Content, content *whatsapp.Content) string {
	until := s.state.Locked[c.Approval.Name+" "+c.Language]
	if until != nil && s.now().Before(*until) {
		return "INVALID_FORMAT: New " + c.Language + " content can't be added while the existing " + c.Language +
			" content is being deleted"
	}
	for sid, other := range s.state.Contents {
		if sid == c.Sid || other.Approval == nil || other.Created.After(c.Created) || other.Language != c.Language {
			continue
		}
		if other.Approval.Name == c.Approval.Name {
			return "INVALID_FORMAT: There is already " + c.Language + " content for this template"
		}
		if other.Approval.Status != "rejected" && sameText(other.content(), content) {
			return "INVALID_FORMAT: a template with this text exists already (" + other.Approval.Name + ")"
		}
	}
	return ""
}

// sameText reports whether two contents have the same text. All one-time codes do.
func sameText(a, b *whatsapp.Content) bool {
	return a.Body != "" && a.Body == b.Body && a.Type == b.Type && a.Type != whatsapp.TypeAuthentication
}

// brokenRule is the first of the published rules that a content breaks, empty for none.
func (s *Simulator) brokenRule(c *Content, content *whatsapp.Content) string {
	draft := lint.Draft{
		Name:     c.Approval.Name,
		Category: whatsapp.Category(c.Approval.Category),
		Language: c.Language,
		Content:  *content,
		Samples:  c.Variables,
		OwnBase:  s.opt.WebhookBase,
	}
	for _, f := range lint.Check(draft) {
		switch {
		case f.Rule == "promotion" && f.Severity == lint.Error || strings.HasPrefix(f.Rule, "category"):
			return "TAG_CONTENT_MISMATCH: " + f.Message
		case f.Severity == lint.Error && (f.Rule == "threat" || f.Rule == "abuse" || f.Rule == "goods"):
			return "ABUSIVE_CONTENT: " + f.Message
		case f.Severity == lint.Error:
			return "INVALID_FORMAT: " + f.Message
		}
	}
	return ""
}

// stubborn are rejections that no rule explains: words that make the simulated reviewers reject a content.
func stubborn(c *whatsapp.Content) (status, reason string) {
	text := strings.ToLower(c.Body + " " + c.Header + " " + c.Footer)
	for words, why := range map[string]string{
		"reject me":        "INVALID_FORMAT: the purpose of the message is not clear",
		"scam":             "SCAM: the message looks like an attempt to deceive people",
		"mismatch":         "TAG_CONTENT_MISMATCH: the text does not fit the chosen category",
		"no reason please": "",
	} {
		if strings.Contains(text, words) {
			return "rejected", why
		}
	}
	return "approved", ""
}
