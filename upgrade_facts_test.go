package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/people"
	"parley/models/people/segments"
	"parley/models/privacy"
	"parley/models/senders"
	"parley/models/templates"
	"parley/whatsapp"
)

// upgradeFacts is what users see of a database, in terms that don't name columns: an upgrade must not change any of it.
// A field that a later release adds is left out if a fixture's facts don't have it.
type upgradeFacts struct {
	People        []*privacy.SubjectAccessExport
	Conversations []conversationFact
	Notifications []notificationFact
	Templates     []templateFact
	Users         []userFact
	Senders       []senderFact
	AuditEvents   int64
	ConsentEvents int64
}

type conversationFact struct {
	ID, State, Contact, Sender, LastLine string
	Unread                               int
	WindowClosesAt                       *time.Time
}

type notificationFact struct {
	ID, State, Template, Sender string
	Sent, Delivered, Failed     int
	Excluded                    map[whatsapp.Exclusion]int
}

type templateFact struct {
	ID, Name, Language, State, Category, Body string
	Version                                   int
}

type userFact struct{ Email, Name, Role string }

type senderFact struct{ ID, Name, Phone, Kind, State string }

// factsOf reads what users see of a database, with a fixed clock, so that a window that ends between two readings makes
// no difference.
func factsOf(ctx context.Context, t *testing.T, store *models.Store) upgradeFacts {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var f upgradeFacts
	contacts, err := segments.Read(store).Contacts(ctx, segments.ContactFilter{Limit: 10_000})
	must(err)
	for i := range contacts.Rows {
		person, err := privacy.Read(store).SubjectAccessExport(ctx, contacts.Rows[i].PublicID)
		must(err)
		f.People = append(f.People, person)
	}
	for _, view := range []inbox.InboxView{inbox.ViewAll, inbox.ViewSnoozed, inbox.ViewResolved} {
		inbox, _, err := inbox.Read(store).Inbox(ctx, inbox.InboxFilter{View: view, Limit: 10_000})
		must(err)
		for i := range inbox {
			c := &inbox[i]
			f.Conversations = append(f.Conversations, conversationFact{
				ID:             c.PublicID,
				State:          string(c.State),
				Contact:        c.ContactName,
				Sender:         c.SenderName,
				LastLine:       c.LastLine,
				Unread:         c.UnreadCount,
				WindowClosesAt: c.WindowClosesAt,
			})
		}
	}
	notifications, err := notifications.Read(store).Notifications(ctx, 0, 10_000)
	must(err)
	for i := range notifications {
		n := &notifications[i]
		f.Notifications = append(f.Notifications, notificationFact{
			ID:        n.PublicID,
			State:     string(n.State),
			Template:  n.TemplateName,
			Sender:    n.SenderName,
			Sent:      n.Sent,
			Delivered: n.Delivered,
			Failed:    n.Failed,
			Excluded:  n.Excluded,
		})
	}
	templates, _, err := templates.Read(store).Templates(ctx, templates.TemplateFilter{Limit: 10_000})
	must(err)
	for i := range templates {
		v := &templates[i]
		f.Templates = append(f.Templates, templateFact{
			ID:       v.PublicID,
			Name:     v.TemplateName,
			Language: v.Language,
			State:    string(v.State),
			Category: string(v.TemplateCategory),
			Body:     v.Body,
			Version:  v.Number,
		})
	}
	users, err := accounts.Read(store).Users(ctx)
	must(err)
	for i := range users {
		f.Users = append(f.Users, userFact{Email: users[i].Email, Name: users[i].Name, Role: string(users[i].Role)})
	}
	senders, err := senders.Read(store).Senders(ctx)
	must(err)
	for i := range senders {
		s := &senders[i]
		f.Senders = append(f.Senders, senderFact{
			ID: s.PublicID, Name: s.Name, Phone: s.Phone, Kind: string(s.Kind), State: string(s.State),
		})
	}
	must(modelstest.PoolOf(store).QueryRow(ctx, "SELECT count(*) FROM audit_events").Scan(&f.AuditEvents))
	n, problems, err := people.Read(store).VerifyConsent(ctx)
	must(err)
	if len(problems) > 0 {
		t.Errorf("the record of consent is broken: %v", problems)
	}
	f.ConsentEvents = n
	return f
}

// sameFacts compares the facts that a release stored with those of the upgraded database. Only facts that the release
// knew are compared: a later one may have more.
func sameFacts(recorded []byte, now upgradeFacts) error {
	b, err := json.Marshal(now)
	if err != nil {
		return err
	}
	var was, is any
	if err := json.NewDecoder(bytes.NewReader(recorded)).Decode(&was); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &is); err != nil {
		return err
	}
	return sameValue("", was, is)
}

func sameValue(path string, was, is any) error {
	switch was := was.(type) {
	case map[string]any:
		m, ok := is.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: was %v, is %v", path, was, is)
		}
		for k, v := range was {
			if err := sameValue(path+"."+k, v, m[k]); err != nil {
				return err
			}
		}
	case []any:
		list, ok := is.([]any)
		if !ok || len(list) != len(was) {
			return fmt.Errorf("%s: had %d entries, is %v", path, len(was), is)
		}
		for i := range was {
			if err := sameValue(fmt.Sprintf("%s[%d]", path, i), was[i], list[i]); err != nil {
				return err
			}
		}
	default:
		if was != is {
			return fmt.Errorf("%s: was %v, is %v", path, was, is)
		}
	}
	return nil
}

// Comparing finds what is missing or changed, and allows a later release to have more.
func TestSameFacts(t *testing.T) {
	t.Parallel()
	now := upgradeFacts{Users: []userFact{{"a@example.com", "A", "admin"}}, AuditEvents: 2}
	for recorded, same := range map[string]bool{
		`{"Users":[{"Email":"a@example.com","Name":"A"}],"AuditEvents":2}`: true,
		`{"Users":[{"Email":"a@example.com","Name":"B"}]}`:                 false,
		`{"Users":[]}`:                   false,
		`{"Users":null,"AuditEvents":3}`: false,
		`{"Users":[{"Email":"a@example.com"}],"Gone":"a release said more of it"}`: false,
	} {
		if err := sameFacts([]byte(recorded), now); (err == nil) != same {
			t.Errorf("%s: %v", recorded, err)
		}
	}
}
