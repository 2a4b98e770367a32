package simulator

import (
	"strings"
	"time"

	"parley/services/whatsapp"
)

// scheduleReview lets a submitted content become pending and then decided. The caller holds the lock.
func (s *Simulator) scheduleReview(c *Content) {
	sid := c.Sid
	left := max(0, s.opt.ReviewDelay-time.Since(c.Approval.SubmittedAt))
	s.after(left/3, func() { s.moveReview(sid, false) })
	s.after(left, func() { s.moveReview(sid, true) })
}

// resumeReviews goes on with reviews that a restart cut off.
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

// decide is WhatsApp's review by its own published rules.
func (s *Simulator) decide(c *Content) (status, reason string) {
	for sid, other := range s.state.Contents {
		if sid == c.Sid || other.Approval == nil || other.Approval.Status == "rejected" || other.Created.After(c.Created) {
			continue
		}
		if other.Language == c.Language && other.body() == c.body() {
			return "rejected", "INVALID_FORMAT: a template with this text exists already (" + other.Approval.Name + ")"
		}
	}
	samples := map[string]string{}
	for k, v := range c.Variables {
		samples[k] = v
	}
	findings := whatsapp.Lint(whatsapp.DraftText{Name: c.Approval.Name, Category: c.Approval.Category, Body: c.body(), Samples: samples})
	for _, f := range findings {
		switch {
		case f.Rule == "promotion" || f.Rule == "category":
			return "rejected", "TAG_CONTENT_MISMATCH: " + f.Message
		case f.Severity == whatsapp.SeverityError || f.Rule == "sensitive":
			return "rejected", "INVALID_FORMAT: " + f.Message
		}
	}
	if strings.Contains(strings.ToLower(c.body()), "reject me") {
		return "rejected", "INVALID_FORMAT: the purpose of the message is not clear"
	}
	return "approved", ""
}
