package models_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/modelstest"
)

// All changes of one transaction are published, in order, however many there are.
func TestTellsMany(t *testing.T) {
	t.Parallel()
	const many = 5000
	store, _ := modelstest.New(t)
	conn, err := modelstest.PoolOf(store).Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "LISTEN "+models.LiveChannel); err != nil {
		t.Fatal(err)
	}
	err = store.InTx(t.Context(), func(tx *models.Tx) error {
		for i := range many {
			tx.Publish(fmt.Sprint("row-", i))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for i := range many {
		n, err := conn.Conn().WaitForNotification(ctx)
		if err != nil || n.Payload != fmt.Sprint("row-", i) {
			t.Fatalf("%d: %v %v", i, n, err)
		}
	}
}

// A conversation that is assigned while its assignee is being disabled stays unassigned.
func TestAssignedWhileBeingDisabled(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	o.exec("INSERT INTO users (email, name, role, password_hash) VALUES ('ana@example.com', 'Ana', 'agent', 'x')")
	var user, conversation int64
	var userID string
	err := modelstest.PoolOf(o.Store).
		QueryRow(t.Context(), "SELECT u.id, u.public_id, v.id FROM users u, conversations v").
		Scan(&user, &userID, &conversation)
	if err != nil {
		t.Fatal(err)
	}
	assigned := make(chan error, 1)
	assign := func() {
		assigned <- o.InTx(t.Context(), func(tx *models.Tx) error {
			c, err := conversations.ConversationByIDForUpdate(tx, conversation)
			if err != nil {
				return err
			}
			return conversations.ChangeConversation(tx, conversations.By{Rule: "assign"}, c, func(c *conversations.Conversation) { c.AssigneeID = &user })
		})
	}
	err = o.InTx(t.Context(), func(tx *models.Tx) error {
		u, err := accounts.UserForUpdate(tx, userID)
		if err != nil {
			return err
		}
		now := tx.Now()
		u.DisabledAt = &now
		if _, err := conversations.ReleaseConversationsOf(tx, conversations.By{}, u.ID, "test"); err != nil {
			return err
		}
		go assign()
		o.untilOneWaits()
		return accounts.SaveUser(tx, models.System("test"), u, "user.disabled", "test")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-assigned; err != nil {
		t.Fatal(err)
	}
	var assignee *int64
	err = modelstest.PoolOf(o.Store).QueryRow(t.Context(), "SELECT assignee_id FROM conversations").Scan(&assignee)
	if err != nil || assignee != nil {
		t.Errorf("the chat is assigned to a user who is disabled (%v)", err)
	}
}

// untilOneWaits returns once a transaction is waiting for another's lock.
func (o queue) untilOneWaits() {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	for waiting := 0; waiting == 0; {
		err := modelstest.PoolOf(o.Store).QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			o.t.Fatal(err)
		}
	}
}
