package onboarding_test

import (
	"fmt"
	"testing"

	"parley/models/onboarding"
)

// Which state follows which, and in which ones the form can be changed.
func TestAccessMoves(t *testing.T) {
	t.Parallel()
	for state, c := range map[onboarding.AccessState]struct {
		next     string
		editable bool
	}{
		onboarding.AccessDraft:      {"[ready]", true},
		onboarding.AccessReady:      {"[submitted draft]", true},
		onboarding.AccessSubmitted:  {"[in_review more_information approved rejected]", false},
		onboarding.AccessInReview:   {"[more_information approved rejected]", false},
		onboarding.AccessMoreInfo:   {"[submitted in_review rejected]", true},
		onboarding.AccessApproved:   {"[registered]", false},
		onboarding.AccessRejected:   {"[draft in_review]", false},
		onboarding.AccessRegistered: {"[live]", false},
		onboarding.AccessLive:       {"[]", false},
	} {
		r := onboarding.AccessRequest{State: state}
		if got := fmt.Sprint(state.Next()); got != c.next || r.Editable() != c.editable {
			t.Errorf("after %s: %s, want %s; editable %v", state, got, c.next, r.Editable())
		}
	}
}
