package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/views/components"
)

// number is what a field shows: the refused value that was typed, else the stored one.
func (p InboxProps) number(name string, n int) string {
	if v, ok := p.Typed[name]; ok {
		return v
	}
	return strconv.Itoa(n)
}

// clock is a day's opening or closing time, as typed or as set.
func (p InboxProps) clock(d time.Weekday, end bool) string {
	name, day := fmt.Sprintf("from-%d", d), p.Settings.Hours.Days[d]
	n := day.From
	if end {
		name, n = fmt.Sprintf("to-%d", d), day.To
	}
	if v, ok := p.Typed[name]; ok {
		return v
	}
	if day.From == day.To {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", n/60, n%60)
}

func macroAction(m inbox.Macro) string {
	if m.PublicID == "" {
		return "/settings/macros"
	}
	return "/settings/macros/" + m.PublicID
}

func cannedAction(r inbox.CannedReply) string {
	if r.PublicID == "" {
		return "/replies"
	}
	return "/replies/" + r.PublicID
}

func assignees(users []accounts.User) []components.Option {
	out := []components.Option{
		{Label: "Leave as it is"},
		{Value: "me", Label: "Whoever runs it"},
		{Value: "next", Label: "Whoever is next"},
		{Value: "nobody", Label: "Nobody"},
	}
	for _, u := range users {
		if u.DisabledAt == nil {
			out = append(out, components.Option{Value: u.PublicID, Label: u.Name})
		}
	}
	return out
}

func priorities() []components.Option {
	out := []components.Option{{Label: "Leave as it is"}}
	for _, p := range conversations.Priorities() {
		out = append(out, components.Option{Value: strconv.Itoa(int(p)), Label: p.Name()})
	}
	return out
}

func priorityValue(p *conversations.Priority) string {
	if p == nil {
		return ""
	}
	return strconv.Itoa(int(*p))
}

var thens = []components.Option{
	{Label: "Leave as it is"},
	{Value: "resolved", Label: "Resolve"},
	{Value: "open", Label: "Open"},
	{Value: "1h", Label: "Snooze for an hour"},
	{Value: "4h", Label: "Snooze for 4 hours"},
	{Value: "tomorrow", Label: "Snooze until tomorrow"},
	{Value: "reply", Label: "Snooze until they write"},
}

func stateValue(a inbox.MacroActions) string {
	if a.State == string(conversations.ConversationSnoozed) {
		return a.Snooze
	}
	return a.State
}

// doings lists a macro's actions in one line.
func doings(a inbox.MacroActions, labels []inbox.Label) string {
	var out []string
	add := func(yes bool, s string) {
		if yes {
			out = append(out, s)
		}
	}
	add(a.Reply != "", "reply")
	add(a.Note != "", "note")
	add(a.Assign != "", "assign")
	add(a.Priority != nil, "priority")
	for _, l := range labels {
		add(slices.Contains(a.Add, l.PublicID), "+ "+l.Name)
		add(slices.Contains(a.Remove, l.PublicID), "− "+l.Name)
	}
	add(a.State != "", map[string]string{"resolved": "resolve", "open": "open", "snoozed": "snooze"}[a.State])
	return strings.Join(out, ", ")
}
