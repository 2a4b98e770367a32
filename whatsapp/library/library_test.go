package library

import (
	"slices"
	"testing"

	"parley/whatsapp"
	"parley/whatsapp/lint"
)

// A starter can be submitted unchanged: the lint has no findings at all.
func TestStartersAreClean(t *testing.T) {
	if len(Starters) < 24 {
		t.Errorf("only %d starters", len(Starters))
	}
	names, bodies := map[string]bool{}, map[string]bool{}
	for _, s := range Starters {
		c := s.Content
		for _, f := range lint.Check(lint.Draft{Name: s.Name, Category: s.Category, Language: "en", Content: c, Samples: s.Samples}) {
			t.Errorf("%s: %s: %s", s.Name, f.Rule, f.Message)
		}
		if names[s.Name] || c.Body != "" && bodies[c.Body] || !slices.Contains(Groups, s.Group) || !c.Type.Known() || s.Title == "" || s.Use == "" {
			t.Errorf("%s stands twice, or in no group, or says nothing of itself", s.Name)
		}
		names[s.Name], bodies[c.Body] = true, true
		for _, n := range c.Names() {
			if s.Samples[n] == "" && n != whatsapp.CodeName {
				t.Errorf("%s has no sample for %s", s.Name, n)
			}
		}
	}
}
