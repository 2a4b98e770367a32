package whatsapp

import (
	"testing"
	"time"
)

// The result of a sequence of consent events, for the Sandbox and for every other sender.
func TestStanding(t *testing.T) {
	t.Parallel()
	type event struct {
		kind  Consent
		scope ConsentScope
	}
	in, joined, out, none := event{OptedIn, ScopeAll}, event{OptedIn, ScopeSandbox}, event{OptedOut, ScopeAll}, event{ConsentNone, ScopeAll}
	for name, c := range map[string]struct {
		events         []event
		sandbox, other Consent
		staysOut       bool
	}{
		"nothing":                       {nil, "", "", false},
		"an opt-in":                     {[]event{in}, OptedIn, OptedIn, false},
		"an old opt-in without a scope": {[]event{{OptedIn, ""}}, OptedIn, OptedIn, false},
		"joined":                        {[]event{joined}, OptedIn, SandboxOnly, false},
		"joined twice":                  {[]event{joined, joined}, OptedIn, SandboxOnly, false},
		"joined after an opt-in":        {[]event{in, joined}, OptedIn, OptedIn, false},
		"joined after an old opt-in":    {[]event{{OptedIn, ""}, joined}, OptedIn, OptedIn, false},
		"an opt-in after joining":       {[]event{joined, in}, OptedIn, OptedIn, false},
		"opted out":                     {[]event{in, out}, OptedOut, OptedOut, false},
		"opted out after joining":       {[]event{joined, out}, OptedOut, OptedOut, false},
		"START in the Sandbox":          {[]event{out, joined}, OptedIn, SandboxOnly, true},
		"and again":                     {[]event{out, joined, joined}, OptedIn, SandboxOnly, true},
		"and a real opt-in":             {[]event{out, joined, in}, OptedIn, OptedIn, false},
		"and out again":                 {[]event{out, joined, out}, OptedOut, OptedOut, false},
		"taken back":                    {[]event{in, none}, ConsentNone, ConsentNone, false},
		"joined after it":               {[]event{out, none, joined}, OptedIn, SandboxOnly, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s ConsentState
			at := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
			first := at
			for _, e := range c.events {
				s, at = s.After(e.kind, e.scope, at), at.Add(time.Hour)
			}
			if got := s.For(true); got != c.sandbox {
				t.Errorf("towards the Sandbox: %q, want %q", got, c.sandbox)
			}
			if got := s.For(false); got != c.other {
				t.Errorf("towards another sender: %q, want %q", got, c.other)
			}
			if (s.OptedOutAt != nil) != c.staysOut || c.staysOut && !s.OptedOutAt.Equal(first) {
				t.Errorf("opted out elsewhere since %v", s.OptedOutAt)
			}
		})
	}
}
