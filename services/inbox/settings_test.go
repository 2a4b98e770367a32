package inbox_test

import (
	"slices"
	"strings"
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	inboxservice "parley/services/inbox"
)

func text(n int) string { return strings.Repeat("ä", n) }

// The inbox's settings, each at its limit.
func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	type settings = conversations.InboxSettings
	for name, c := range map[string]struct {
		change func(*settings)
		field  string // that is refused, empty if none is
	}{
		"as they are":             {func(*settings) {}, ""},
		"nudge at 23 hours":       {func(d *settings) { d.NudgeMin = 23 * 60 }, ""},
		"nudge beyond":            {func(d *settings) { d.NudgeMin = 23*60 + 1 }, "nudge_min"},
		"alert beyond":            {func(d *settings) { d.AlertMin = 23*60 + 1 }, "alert_min"},
		"assign at its limit":     {func(d *settings) { d.AssignLimit = 10_000 }, ""},
		"assign beyond":           {func(d *settings) { d.AssignLimit = 10_001 }, "assign_limit"},
		"assign below":            {func(d *settings) { d.AssignLimit = -1 }, "assign_limit"},
		"resolve after ten years": {func(d *settings) { d.ResolveDays = 3650 }, ""},
		"resolve beyond":          {func(d *settings) { d.ResolveDays = 3651 }, "resolve_days"},
		"respond beyond":          {func(d *settings) { d.RespondMin = 100_001 }, "respond_min"},
		"hours beyond":            {func(d *settings) { d.ResolveHrs = 10_001 }, "resolve_hrs"},
		"a rule without a text":   {func(d *settings) { d.Away = conversations.Rule{On: true} }, "away_text"},
		"off without a text":      {func(d *settings) { d.Away = conversations.Rule{} }, ""},
		"a text at its limit":     {func(d *settings) { d.Greeting = conversations.Rule{Text: text(1600)} }, ""},
		"a text beyond it":        {func(d *settings) { d.Greeting = conversations.Rule{Text: text(1601)} }, "greeting_text"},
		"a rating at its limit":   {func(d *settings) { d.Rating = conversations.Rule{Text: text(1024)} }, ""},
		"a rating beyond it":      {func(d *settings) { d.Rating = conversations.Rule{Text: text(1025)} }, "rating_text"},
		"a rating's placeholder":  {func(d *settings) { d.Rating = conversations.Rule{Text: "Hi {{name}}"} }, "rating_text"},
		"a nudge without minutes": {func(d *settings) {
			d.Nudge, d.NudgeMin = conversations.Rule{On: true, Text: "Still there?"}, 0
		}, "nudge_min"},
	} {
		d := conversations.DefaultInboxSettings()
		c.change(&d)
		var want []string
		if c.field != "" {
			want = []string{c.field}
		}
		if got := models.FieldsOf(inboxservice.CheckSettings(d)); !slices.Equal(got, want) {
			t.Errorf("%s: %q is refused, want %q", name, got, want)
		}
	}
}

// Labels, macros and canned replies, each at its limit.
func TestWhatAgentsWorkWith(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	s, a := inboxservice.New(store), models.System("Test")
	macro := func(m inbox.Macro) error { return s.SaveMacro(t.Context(), a, m) }
	canned := func(role models.Role, short string, n int) error {
		return s.SaveCannedReply(t.Context(), a, role, inbox.CannedReply{Shortcut: short, Body: text(n)})
	}
	label := func(n int) error { return s.SaveLabel(t.Context(), a, inbox.Label{Name: text(n), Color: "green"}) }
	actions := func(state, snooze string) inbox.MacroActions { return inbox.MacroActions{State: state, Snooze: snooze} }
	for name, c := range map[string]struct {
		err   error
		field string
	}{
		"a label without a name":  {label(0), "name"},
		"a label at its limit":    {label(40), ""},
		"a label beyond it":       {label(41), "name"},
		"a macro at its limits":   {macro(inbox.Macro{Name: text(60), Actions: inbox.MacroActions{Reply: text(1600)}}), ""},
		"a macro's name beyond":   {macro(inbox.Macro{Name: text(61)}), "name"},
		"a macro's reply beyond":  {macro(inbox.Macro{Name: "A", Actions: inbox.MacroActions{Reply: text(1601)}}), "reply"},
		"a macro's unknown state": {macro(inbox.Macro{Name: "B", Actions: actions("gone", "")}), "state"},
		"a macro resolves":        {macro(inbox.Macro{Name: "C", Actions: actions("resolved", "")}), ""},
		"a macro snoozes":         {macro(inbox.Macro{Name: "D", Actions: actions("snoozed", "4h")}), ""},
		"for an unknown time":     {macro(inbox.Macro{Name: "E", Actions: actions("snoozed", "5h")}), "state"},
		"a shortcut at its limit": {canned(models.Operator, strings.Repeat("a", 30), 1600), ""},
		"a shortcut beyond it":    {canned(models.Operator, strings.Repeat("a", 31), 1), "shortcut"},
		"a shortcut in capitals":  {canned(models.Operator, "Hi", 1), "shortcut"},
		"a reply without a text":  {canned(models.Operator, "hi", 0), "body"},
		"a reply beyond":          {canned(models.Operator, "hi", 1601), "body"},
	} {
		got := models.FieldsOf(c.err)
		if c.field == "" && c.err != nil || c.field != "" && !slices.Equal(got, []string{c.field}) {
			t.Errorf("%s: %v, want %q", name, c.err, c.field)
		}
	}
	if err := canned(models.Agent, "ours", 1); err == nil {
		t.Error("an agent adds a canned reply for all")
	}
}
