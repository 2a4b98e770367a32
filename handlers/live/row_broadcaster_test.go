package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/services/live"
)

// Rows that could not be read are sent once they can be.
func TestRowsOutliveAnError(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	id := addConversation(t, store)
	h := New(store, live.NewHub(slog.New(slog.DiscardHandler)), slog.New(slog.DiscardHandler), 0)
	page := &listener{
		user:   &accounts.User{PublicID: "ana"},
		list:   "view=all",
		filter: &inbox.InboxFilter{View: inbox.ViewAll},
	}
	away := &listener{user: &accounts.User{PublicID: "otto"}, late: []string{id}}
	h.rows.add(page)
	h.rows.add(away)
	h.rows.markChanged(conversations.RowTopic + id)

	broken, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.rows.broadcast(broken); err == nil {
		t.Fatal("it was read without a database")
	}
	if err := h.rows.broadcast(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := received(t, page); !slices.Contains(got.Gone, id) { // it has no message, so no list shows it
		t.Errorf("an open page was sent %+v", got)
	}
	received(t, away)
	if len(away.late) != 0 {
		t.Errorf("a page that was away is still to be sent %v", away.late)
	}
	if err := h.rows.broadcast(t.Context()); err != nil || len(page.c) > 0 {
		t.Errorf("it was sent twice: %v", err)
	}
}

func received(t *testing.T, l *listener) (u update) {
	t.Helper()
	select {
	case msg := <-l.c:
		if err := json.Unmarshal(msg, &u); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatal("nothing was sent")
	}
	return u
}

// addConversation returns the public id of a new conversation.
func addConversation(t *testing.T, store *models.Store) (id string) {
	t.Helper()
	err := modelstest.PoolOf(store).QueryRow(t.Context(), `
		WITH s AS (INSERT INTO senders (name, phone, kind) VALUES ('Clinic', '+14155550100', 'business') RETURNING id),
		     c AS (INSERT INTO contacts (name, phone) VALUES ('Noor', '+4915123456789') RETURNING id)
		INSERT INTO conversations (contact_id, sender_id) SELECT c.id, s.id FROM c, s RETURNING public_id`).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
