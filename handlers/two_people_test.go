package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/simulator"
)

// A shortcut whose meaning has just changed because of another user's decision does not undo that decision. A click,
// and a key pressed some seconds later, are intended.
func TestKeysUndoNobody(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	otto, ana := a.as("otto"), a.as("ana")
	press := func(v *visitor, path string, pairs ...string) answer {
		f := url.Values{"conversation": {c.PublicID}}
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return v.post(path, f)
	}
	const change = "/conversations/change"
	press(otto, change, "state", "resolved", "by_key", "1")
	for _, step := range []struct {
		name  string
		act   func()
		want  conversations.ConversationState
		hears string
	}{
		{"ana's page shows it resolved, so her e means open", func() { press(ana, change, "state", "open", "by_key", "1") },
			conversations.ConversationResolved, "otto has just resolved this chat"},
		{"her page still showed it open", func() { press(ana, change, "state", "resolved", "by_key", "1") }, conversations.ConversationResolved, ""},
		{"she clicks", func() { press(ana, change, "state", "open") }, conversations.ConversationOpen, ""},
		{"otto's e means resolve, and she has just opened it", func() { press(otto, change, "state", "resolved", "by_key", "1") },
			conversations.ConversationOpen, ""},
		{"her own key undoes her own", func() { press(ana, change, "state", "resolved", "by_key", "1") }, conversations.ConversationResolved, ""},
		{"some seconds later a key is meant", func() {
			a.Sim.MoveClock(10 * time.Second)
			press(otto, change, "state", "open", "by_key", "1")
		}, conversations.ConversationOpen, ""},
	} {
		step.act()
		if got := a.again(c).State; got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
		if page := ana.get("/inbox/" + c.PublicID).Text(); step.hears != "" && !strings.Contains(page, step.hears) {
			t.Errorf("%s: she is not told %q", step.name, step.hears)
		}
	}
	// The same with a, the shortcut that assigns a conversation to the user.
	press(otto, "/conversations/change", "assign", "me", "by_key", "1")
	press(ana, "/conversations/change", "assign", "me", "by_key", "1")
	if got := a.again(c).AssigneeID; got == nil || *got != a.user("otto").ID {
		t.Errorf("the chat went to %v", got)
	}
}

func (a *app) user(name string) *accounts.User {
	a.t.Helper()
	u, err := accounts.Read(a.Store).UserByEmail(a.t.Context(), name+"@example.com")
	if err != nil {
		a.t.Fatal(err)
	}
	return u
}

// Nothing keeps waiting for a disabled user: conversations go back to the queue, on record, and scheduled replies wait
// for somebody's decision. Enabling the user again does not return them.
func TestDisabledUserLeavesNoChats(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada, otto := a.as("ada"), a.as("otto")
	ana := a.as("ana")
	me := a.user("ana")
	chats := map[string]*conversations.Conversation{}
	for i, state := range []string{"open", "snoozed", "resolved"} {
		c := a.wrote(fmt.Sprintf("+49151123501%02d", i), "Person "+state, "Hello")
		ana.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "assign": {"me"}})
		chats[state] = c
	}
	path := "/conversations/" + chats["open"].PublicID
	ana.post(path+"/scheduled-replies", url.Values{"body": {"At nine"}, "at": {"1h"}, "token": {"nine"}})
	ana.post("/conversations/change", url.Values{"conversation": {chats["snoozed"].PublicID}, "snooze": {"1h"}})
	ana.post("/conversations/change", url.Values{"conversation": {chats["resolved"].PublicID}, "state": {"resolved"}})
	// Otto takes a conversation from Ana, and may undo that within the hour.
	undo := a.wrote("+4915112350150", "Person undo", "Hello")
	ana.post("/conversations/change", url.Values{"conversation": {undo.PublicID}, "assign": {"me"}})
	otto.post("/conversations/change", url.Values{"conversation": {undo.PublicID}, "assign": {""}, "state": {"resolved"}})
	for state, c := range chats {
		if got := a.again(c).AssigneeID; got == nil || *got != me.ID {
			t.Fatalf("the %s chat is not Ana's", state)
		}
	}

	ada.post("/settings/users/"+me.PublicID+"/disable", url.Values{"disabled": {"1"}})
	for state, c := range chats {
		if got := a.again(c).AssigneeID; got != nil {
			t.Errorf("the %s chat still belongs to %d", state, *got)
		}
	}
	if text := otto.get("/inbox/" + chats["open"].PublicID).Text(); !strings.Contains(text, "took the assignment from ana, who can't sign in any more") {
		t.Error("the chat does not say why it is in the queue")
	}
	events, err := models.Read(a.Store).AuditEvents(t.Context(), "user", me.PublicID, 1)
	if err != nil || len(events) != 1 || !strings.Contains(events[0].Summary, "back to the queue: 2") ||
		!strings.Contains(events[0].Summary, "somebody's decision: 1") {
		t.Errorf("on record: %v %v", events, err)
	}
	var batch string
	err = modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT batch FROM conversation_events WHERE conversation_id = $1 ORDER BY id DESC LIMIT 1", undo.ID).Scan(&batch)
	if err != nil {
		t.Fatal(err)
	}
	if r := otto.post("/conversations/undo/"+batch, nil); r.Status != http.StatusSeeOther {
		t.Fatal(r.Status)
	}
	if got := a.again(undo); got.State != conversations.ConversationOpen || got.AssigneeID != nil {
		t.Errorf("undone: %s, assigned to %v", got.State, got.AssigneeID)
	}

	a.Sim.MoveClock(2 * time.Hour)
	a.eventually("the snoozed one wakes in the queue", func() bool { return a.again(chats["snoozed"]).State == conversations.ConversationOpen })
	if got := a.again(chats["snoozed"]).AssigneeID; got != nil {
		t.Errorf("it wakes at %d", *got)
	}
	a.Sim.Write("+4915112350102", simulator.BusinessPhone, writes("Again"))
	a.eventually("the resolved one opens again", func() bool { return a.again(chats["resolved"]).State == conversations.ConversationOpen })
	if got := a.again(chats["resolved"]).AssigneeID; got != nil {
		t.Errorf("it opens again at %d", *got)
	}
	if n := count(a.bodies(chats["open"]), "At nine"); n != 0 {
		t.Error("a reply of somebody who can't sign in left by itself")
	}
	list, err := inbox.Read(a.Store).ScheduledReplies(t.Context(), chats["open"].ID)
	if err != nil || len(list) != 1 || list[0].State != inbox.ReplyRefused {
		t.Fatalf("%v %v", list, err)
	}
	otto.post("/scheduled-replies/"+list[0].PublicID+"/send", nil)
	if n := count(a.bodies(chats["open"]), "At nine"); n != 1 {
		t.Error("nobody can decide about it")
	}
	if got := a.again(chats["open"]).AssigneeID; got == nil || *got != a.user("otto").ID {
		t.Errorf("who sends it takes the chat: %v", got)
	}
	ada.post("/settings/users/"+me.PublicID+"/disable", url.Values{"disabled": {""}})
	if got := a.again(chats["snoozed"]).AssigneeID; got != nil {
		t.Error("a chat came back")
	}
}

// Another user's scheduled reply can be sent or canceled only by a user who may reply in the conversation, and that
// user is recorded.
func TestScheduledRepliesOfOthers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana, otto, ada := a.as("ana"), a.as("otto"), a.as("ada")
	later := func(text string) string {
		t.Helper()
		ana.post("/conversations/"+c.PublicID+"/scheduled-replies", url.Values{"body": {text}, "at": {"1h"}, "token": {"l-" + text}})
		list, err := inbox.Read(a.Store).ScheduledReplies(t.Context(), c.ID)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		return list[len(list)-1].PublicID
	}
	state := func(id string) (s string) {
		t.Helper()
		if err := modelstest.PoolOf(a.Store).QueryRow(t.Context(), "SELECT state FROM later_replies WHERE public_id = $1", id).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	assign := func(v *visitor) {
		v.post("/conversations/change", url.Values{"conversation": {c.PublicID}, "assign": {"me"}})
	}
	assign(ana)
	one, two, three := later("One"), later("Two"), later("Three")
	a.desk(func(d *conversations.InboxSettings) { d.OnlyAssignee = true })

	for _, what := range []string{"send", "cancel"} {
		if r := otto.post("/scheduled-replies/"+one+"/"+what, nil); r.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d", what, r.Status)
		}
		if got := state(one); got != "waiting" {
			t.Errorf("otto may not answer the chat, but after his %s the reply is %s", what, got)
		}
		if text := otto.get("/inbox/" + c.PublicID).Text(); !strings.Contains(text, "decides about this reply of ana") {
			t.Errorf("otto is not told why")
		}
	}
	assign(otto)
	otto.post("/conversations/"+c.PublicID+"/draft", url.Values{"body": {"Half a sentence"}, "mode": {"reply"}})
	otto.post("/scheduled-replies/"+one+"/send", nil)
	if got := state(one); got != "sent" {
		t.Errorf("otto answers the chat now: %s", got)
	}
	if d, err := inbox.Read(a.Store).DraftOf(t.Context(), a.user("otto").ID, c.ID, "reply"); err != nil || d.Body != "Half a sentence" {
		t.Errorf("his own draft is %q (%v)", d.Body, err)
	}
	for _, m := range a.thread(c) {
		if m.Body == "One" && (m.AuthorID == nil || *m.AuthorID != a.user("ana").ID) {
			t.Error("the message is not its author's")
		}
	}
	otto.post("/scheduled-replies/"+two+"/cancel", nil)
	if got := state(two); got != "canceled" {
		t.Errorf("otto takes it back: %s", got)
	}
	ana.post("/scheduled-replies/"+three+"/send", nil)
	if got := state(three); got != "waiting" {
		t.Errorf("ana may not answer any more, and sends: %s", got)
	}
	ana.post("/scheduled-replies/"+three+"/cancel", nil)
	if got := state(three); got != "canceled" {
		t.Errorf("ana takes her own back: %s", got)
	}
	audit := ada.get("/settings/audit").Text()
	for _, want := range []string{"A scheduled reply of ana was sent now", "A scheduled reply of ana was canceled"} {
		if !strings.Contains(audit, want) {
			t.Errorf("the record lacks %q", want)
		}
	}
	events, err := models.Read(a.Store).AuditEvents(t.Context(), "conversation", c.PublicID, 20)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, e := range events {
		by[e.Action] += e.ActorName + " "
	}
	if by["reply.scheduled_sent"] != "otto " || by["reply.scheduled_canceled"] != "ana otto " {
		t.Errorf("who did it: %v", by)
	}
}
