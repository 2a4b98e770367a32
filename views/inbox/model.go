// Package inbox shows conversations: the list, one thread, and the composer.
package inbox

import (
	"net/url"
	"strconv"
	"time"

	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/senders"
	"parley/views/components"
)

// ListProps are what the list shows. List is its address: the query that makes it.
type ListProps struct {
	List     string
	Filter   inbox.InboxFilter
	After    string // cursor of this page of rows
	Rows     []inbox.InboxRow
	Next     string // cursor
	Counters inbox.Counters
	Selected string // public id of the open conversation
	User     *accounts.User
	Users    []accounts.User
	Labels   []inbox.Label
	Senders  []senders.Sender
	Saved    []inbox.InboxFilterSaved
	Gone     []components.Gone // filter values that no longer exist
	Now      time.Time
}

// RowProps are what a row shows.
type RowProps struct {
	Row      inbox.InboxRow
	List     string
	Labels   []inbox.Label
	Key      string // the row's sort key in its list
	Selected bool
	Now      time.Time
}

func (p ListProps) field(name string) string {
	q, err := url.ParseQuery(p.List)
	if err != nil {
		return ""
	}
	return q.Get(name)
}

// url is another view of the same search.
func (p ListProps) url(view inbox.InboxView) string {
	q := url.Values{"view": {string(view)}}
	if p.Filter.Query != "" {
		q.Set("q", p.Filter.Query)
	}
	return "/inbox?" + q.Encode()
}

// here is the list's own address.
func (p ListProps) here() string {
	if p.List == "" {
		return "/inbox"
	}
	return "/inbox?" + p.List
}

// narrowing are the list's filter fields except its view and its search.
func (p ListProps) narrowing() (out [][2]string) {
	for _, name := range []string{"label", "assignee", "sender", "priority"} {
		if v := p.field(name); v != "" {
			out = append(out, [2]string{name, v})
		}
	}
	return out
}

func (p ListProps) narrowed() bool {
	return p.Filter.Query != "" || p.field("label") != "" || p.field("assignee") != "" || p.field("sender") != "" ||
		p.field("priority") != ""
}

func (p ListProps) more() string { return "/inbox?" + p.List + "&after=" + url.QueryEscape(p.Next) }

func (p ListProps) src() string {
	return "/inbox?" + p.List + "&after=" + url.QueryEscape(p.After) + "&rows=1"
}

func (p RowProps) href() string {
	if p.List == "" {
		return "/inbox/" + p.Row.PublicID
	}
	return "/inbox/" + p.Row.PublicID + "?" + p.List
}

// labels are the row's labels, three at most.
func (p RowProps) labels() []inbox.Label { return components.LabelsOf(p.Row.Labels, p.Labels, 3) }

func (p ListProps) labelOptions() []components.Option {
	out := []components.Option{{Label: "Any"}}
	for _, l := range p.Labels {
		out = append(out, components.Option{Value: l.PublicID, Label: l.Name})
	}
	return out
}

func (p ListProps) userOptions() []components.Option {
	out := []components.Option{{Label: "Anybody or nobody"}, {Value: "none", Label: "Nobody"}}
	for _, u := range p.Users {
		if u.DisabledAt == nil {
			out = append(out, components.Option{Value: u.PublicID, Label: u.Name})
		}
	}
	return out
}

func (p ListProps) senderOptions() []components.Option {
	out := []components.Option{{Label: "Any"}}
	for _, s := range p.Senders {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name})
	}
	return out
}

func priorityOptions(any string) []components.Option {
	out := []components.Option{{Label: any}}
	for _, p := range conversations.Priorities() {
		out = append(out, components.Option{Value: strconv.Itoa(int(p)), Label: p.Name()})
	}
	return out
}

var viewNames = map[inbox.InboxView]string{
	inbox.ViewAll:        "All",
	inbox.ViewMine:       "Mine",
	inbox.ViewUnassigned: "Unassigned",
	inbox.ViewClosing:    "Closing soon",
	inbox.ViewWaiting:    "Waiting",
	inbox.ViewFailed:     "Failed",
	inbox.ViewResolved:   "Resolved",
	inbox.ViewSnoozed:    "Snoozed",
	inbox.ViewMentions:   "Mentions",
}

var emptyText = map[inbox.InboxView]string{
	inbox.ViewAll:        "When a customer writes, the conversation appears here by itself.",
	inbox.ViewMine:       "No conversation is assigned to you. Take one from Unassigned: answering it makes it yours.",
	inbox.ViewUnassigned: "Every conversation has somebody who looks after it.",
	inbox.ViewWaiting:    "Nobody waits for an answer.",
	inbox.ViewClosing:    "No session with somebody waiting closes within the hour.",
	inbox.ViewMentions:   "When somebody writes @ and your name in a note, the conversation stands here.",
	inbox.ViewSnoozed:    "Nothing sleeps. Snooze a conversation to have it come back later.",
	inbox.ViewResolved:   "Nothing is resolved yet. A resolved conversation opens again when the customer writes.",
	inbox.ViewFailed:     "No message failed.",
}

// Counts are the live counters of a page, by the name of the list.
func Counts(c inbox.Counters) map[string]int {
	out := map[string]int{"unread": c.Unread}
	for _, v := range inbox.InboxViews() {
		out[string(v)] = c.Of(v)
	}
	return out
}

func shownCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
