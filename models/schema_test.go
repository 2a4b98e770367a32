package models_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/whatsapp"
)

func words[T ~string](in []T) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	slices.Sort(out)
	return out
}

// Every state column's CHECK holds exactly the words that the code knows.
func TestChecksEqualConstants(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	quoted := regexp.MustCompile(`'([A-Za-z_]+)'`)
	for column, want := range map[string][]string{
		"users.role":              words(models.Roles()),
		"messages.status":         words(whatsapp.Statuses()),
		"template_versions.state": words(whatsapp.Approvals()),
		"messages.direction":      words(whatsapp.Directions()),
		"messages.kind":           words(whatsapp.MessageKinds()),
		"contact_addresses.kind":  words(whatsapp.AddressKinds()),
		"senders.kind":            words(whatsapp.SenderKinds()),
		"senders.state":           words(whatsapp.SenderStates()),
		"alerts.tone":             words(whatsapp.AlertTones()),
		"conversations.state":     {"open", "resolved", "snoozed"},
		"contacts.consent":        words([]whatsapp.Consent{whatsapp.ConsentNone, whatsapp.OptedIn, whatsapp.OptedOut}),
		"contacts.consent_scope":  words([]whatsapp.ConsentScope{whatsapp.ScopeAll, whatsapp.ScopeSandbox}),
		"consent_events.scope":    words([]whatsapp.ConsentScope{whatsapp.ScopeAll, whatsapp.ScopeSandbox}),
		"access_requests.state":   words(models.AccessStates()),
		"notifications.state":     words(models.NotificationStates()),

		"notification_editors.did": words(models.EditorDids()),
	} {
		m := regexp.MustCompile(`^(\w+)\.(\w+)$`).FindStringSubmatch(column)
		var def string
		err := store.Pool().QueryRow(t.Context(), `SELECT pg_get_constraintdef(oid) FROM pg_constraint
			WHERE conrelid = $1::regclass AND conname = $1 || '_' || $2 || '_check'`, m[1], m[2]).Scan(&def)
		if err != nil {
			t.Errorf("%s: %v", column, err)
			continue
		}
		var got []string
		for _, w := range quoted.FindAllStringSubmatch(def, -1) {
			got = append(got, w[1])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema knows %v, the code %v", column, got, want)
		}
	}
}

// The database itself refuses to change or remove a consent event, and a forged one is found.
func TestConsentEventsStand(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	phone := "+14155550100"
	c := &models.Contact{Name: "Noor", Phone: &phone}
	err := store.InTx(ctx, func(tx *models.Tx) error {
		if err := tx.AddContact(models.System("test"), c); err != nil {
			return err
		}
		for _, k := range []whatsapp.Consent{whatsapp.OptedIn, whatsapp.OptedOut} {
			if err := tx.RecordConsent(models.System("test"), c, models.ConsentEvent{Kind: k, Source: whatsapp.SourcePaper, Proof: "form 7"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"UPDATE consent_events SET proof = 'x'", "DELETE FROM consent_events", "TRUNCATE consent_events"} {
		if _, err := store.Pool().Exec(ctx, q); err == nil {
			t.Errorf("%s went through", q)
		}
	}
	if n, broken, err := store.VerifyConsent(ctx); err != nil || len(broken) != 0 || n != 2 {
		t.Fatalf("an honest chain: %d %v %v", n, broken, err)
	}
	for _, q := range []string{"ALTER TABLE consent_events DISABLE TRIGGER refuse_consent_change", "UPDATE consent_events SET proof = 'forged' WHERE id = (SELECT min(id) FROM consent_events)"} {
		if _, err := store.Pool().Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if _, broken, err := store.VerifyConsent(ctx); err != nil || len(broken) != 1 || broken[0].ContactPublicID != c.PublicID {
		t.Errorf("a forged chain: %v %v", broken, err)
	}
	events, wrong, err := store.ConsentChain(ctx, c.ID)
	if err != nil || len(events) != 2 || !wrong[events[0].ID] || wrong[events[1].ID] {
		t.Errorf("the contact's chain: %v %v", wrong, err)
	}
	// An event taken off the end leaves a chain that is whole: the contact's own state gives it away.
	if _, err := store.Pool().Exec(ctx, "DELETE FROM consent_events WHERE id = (SELECT max(id) FROM consent_events)"); err != nil {
		t.Fatal(err)
	}
	if _, broken, err := store.VerifyConsent(ctx); err != nil || len(broken) != 2 || !strings.Contains(broken[0].What, "the contact is opted_out") {
		t.Errorf("a cut chain: %v %v", broken, err)
	}
	got, err := store.ContactByPublicID(ctx, c.PublicID)
	if err != nil || got.Consent != whatsapp.OptedOut {
		t.Errorf("the contact's consent is the latest event: %s %v", got.Consent, err)
	}
}
