package approvals

import (
	"context"

	"parley/services/twilio"
)

// createContent makes a content at Twilio once: the Content API has no idempotency key, and a second content would stay
// there, to be imported as a template of its own. Where an earlier call may have made it without our hearing of it
// (again, or this very call is in doubt), the one that Twilio lists is taken. An error whose outcome is in doubt asks
// for another run.
func (s *Service) createContent(ctx context.Context, c twilio.Content, again bool) (string, error) {
	if again {
		sid, err := s.madeBefore(ctx, c)
		if err != nil || sid != "" {
			return sid, err
		}
	}
	sid, err := s.twilio.CreateContent(c)
	if err == nil || twilio.OutcomeOf(err) != twilio.OutcomeUnknown {
		return sid, err
	}
	if made, lookErr := s.madeBefore(ctx, c); lookErr == nil && made != "" {
		return made, nil
	}
	return "", err
}

// madeBefore is the sid of a content at Twilio that is the same and that no version stands for, empty if there is none.
func (s *Service) madeBefore(ctx context.Context, c twilio.Content) (string, error) {
	sids, err := s.twilio.SameContents(ctx, c)
	if err != nil {
		// Whatever Twilio says about its list, it says nothing about the content.
		return "", &twilio.Error{
			Message: "Twilio's contents can't be looked through",
			Outcome: twilio.OutcomeUnknown,
			Err:     err,
		}
	}
	known, err := s.store.KnownContents(ctx, sids)
	if err != nil {
		return "", err
	}
	for _, sid := range sids {
		if !known[sid] {
			return sid, nil
		}
	}
	return "", nil
}
