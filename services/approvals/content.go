package approvals

import (
	"context"

	"parley/models/templates"
	"parley/services/twilio"
)

// createContent creates a content at Twilio once: the Content API has no idempotency key, and a second content would
// stay there, to be imported as a template of its own. If an earlier call may have created it without an answer (again,
// or this call's outcome is unknown), the one that Twilio lists is used. An error with an unknown outcome asks for
// another run.
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

// madeBefore is the sid of the same content at Twilio that belongs to no version, empty if there is none.
func (s *Service) madeBefore(ctx context.Context, c twilio.Content) (string, error) {
	sids, err := s.twilio.SameContents(ctx, c)
	if err != nil {
		// An error about the list says nothing about the content.
		return "", &twilio.Error{
			Message: "Twilio's contents can't be looked through",
			Outcome: twilio.OutcomeUnknown,
			Err:     err,
		}
	}
	known, err := templates.Read(s.store).KnownContents(ctx, sids)
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
