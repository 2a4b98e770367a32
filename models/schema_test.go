package models_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/models"
	"parley/models/accounts"
	"parley/models/conversations"
	"parley/models/conversations/receipts"
	"parley/models/inbox"
	"parley/models/modelstest"
	"parley/models/notifications"
	"parley/models/onboarding"
	"parley/models/people"
	"parley/models/people/imports"
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

// vocabularies are the values of each column whose CHECK lists the allowed ones, as the code defines them.
var vocabularies = map[string][]string{
	"access_requests.state":      words(onboarding.AccessStates()),
	"alerts.tone":                words(whatsapp.AlertTones()),
	"consent_events.kind":        words(whatsapp.Consents()),
	"consent_events.scope":       words(whatsapp.ConsentScopes()),
	"consent_events.source":      words(whatsapp.ConsentSources()),
	"contact_addresses.kind":     words(whatsapp.AddressKinds()),
	"contact_fields.kind":        words(people.FieldKinds()),
	"contact_topics.consent":     words(whatsapp.Consents()),
	"contacts.consent":           words(whatsapp.Consents()),
	"contacts.consent_scope":     words(whatsapp.ConsentScopes()),
	"contacts.gone":              append(words(people.GoneReasons()), ""),
	"conversation_events.kind":   words(conversations.ConversationEventKinds()),
	"conversations.state":        words(conversations.ConversationStates()),
	"import_refusals.effect":     words(imports.ImportEffects()),
	"imports.state":              words(imports.ImportStates()),
	"labels.color":               words(inbox.LabelColors),
	"later_replies.state":        words(inbox.ScheduledReplyStates()),
	"messages.direction":         words(whatsapp.Directions()),
	"messages.hint":              append(words(conversations.Hints()), ""),
	"messages.kind":              words(whatsapp.MessageKinds()),
	"messages.status":            words(whatsapp.Statuses()),
	"notification_editors.did":   words(notifications.EditorDids()),
	"notifications.state":        words(notifications.NotificationStates()),
	"senders.kind":               words(whatsapp.SenderKinds()),
	"senders.state":              words(whatsapp.SenderStates()),
	"template_versions.category": append(words(whatsapp.Categories()), ""),
	"template_versions.state":    words(whatsapp.Approvals()),
	"templates.category":         words(whatsapp.Categories()),
	"templates.send_role":        words(models.Roles()),
	"users.availability":         words(accounts.Availabilities()),
	"users.role":                 words(models.Roles()),
	"webhook_receipts.kind":      words(receipts.ReceiptKinds()),
	"webhook_receipts.verdict":   words(receipts.Verdicts()),
}

// plainVocabularies are those of columns without constants: the code writes their values where it uses them, and the
// test only notices a change of the schema.
var plainVocabularies = map[string][]string{
	"access_requests.phone_code":    {"", "sms", "voice", "no"},
	"access_requests.phone_free":    {"", "yes", "no"},
	"access_requests.use_case":      {"", "customer_care", "notifications", "mixed"},
	"access_requests.website_state": {"", "answers", "fails", "unknown"},
	"drafts.mode":                   {"reply", "note"},
	"imports.format":                {"csv", "xlsx"},
	"notifications.use_case":        {"customer_care", "notification", "mixed"},
	"sender_events.what":            {"status", "quality", "limit"},
	"senders.code_method":           {"sms", "voice"},
}

// Each CHECK that lists a column's values lists exactly those that the code defines.
func TestChecksEqualConstants(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	rows, err := modelstest.PoolOf(store).Query(t.Context(), `
		SELECT conrelid::regclass::text || '.' || a.attname, pg_get_constraintdef(c.oid)
		FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'c' AND cardinality(c.conkey) = 1 AND c.connamespace = 'public'::regnamespace
			AND a.atttypid = 'text'::regtype
			AND pg_get_constraintdef(c.oid) LIKE '%= ANY (ARRAY[%'`)
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`'([A-Za-z_]*)'::text`)
	var column, definition string
	found := 0
	_, err = pgx.ForEachRow(rows, []any{&column, &definition}, func() error {
		found++
		var got []string
		for _, w := range quoted.FindAllStringSubmatch(definition, -1) {
			got = append(got, w[1])
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(slices.Concat(vocabularies[column], plainVocabularies[column])))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema knows %q, the code %q", column, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if known := len(vocabularies) + len(plainVocabularies); found != known {
		t.Errorf("the schema lists the words of %d columns, the code of %d", found, known)
	}
}

// The database itself refuses to change or remove a consent event, and a forged one is found.
func TestConsentEventsStand(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	phone := "+14155550100"
	c := &people.Contact{Name: "Noor", Phone: &phone}
	err := store.InTx(ctx, func(tx *models.Tx) error {
		if err := people.AddContact(tx, models.System("test"), c); err != nil {
			return err
		}
		for _, k := range []whatsapp.Consent{whatsapp.OptedIn, whatsapp.OptedOut} {
			if err := people.RecordConsent(tx, models.System("test"), c, people.ConsentEvent{Kind: k, Source: whatsapp.SourcePaper, Proof: "form 7"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"UPDATE consent_events SET proof = 'x'", "DELETE FROM consent_events", "TRUNCATE consent_events"} {
		if _, err := modelstest.PoolOf(store).Exec(ctx, q); err == nil {
			t.Errorf("%s went through", q)
		}
	}
	if n, broken, err := people.Read(store).VerifyConsent(ctx); err != nil || len(broken) != 0 || n != 2 {
		t.Fatalf("an honest chain: %d %v %v", n, broken, err)
	}
	for _, q := range []string{"ALTER TABLE consent_events DISABLE TRIGGER refuse_consent_change", "UPDATE consent_events SET proof = 'forged' WHERE id = (SELECT min(id) FROM consent_events)"} {
		if _, err := modelstest.PoolOf(store).Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if _, broken, err := people.Read(store).VerifyConsent(ctx); err != nil || len(broken) != 1 || broken[0].ContactPublicID != c.PublicID {
		t.Errorf("a forged chain: %v %v", broken, err)
	}
	events, wrong, err := people.Read(store).ConsentChain(ctx, c.ID)
	if err != nil || len(events) != 2 || !wrong[events[0].ID] || wrong[events[1].ID] {
		t.Errorf("the contact's chain: %v %v", wrong, err)
	}
	// Deleting the last event leaves an intact chain: the contact's own state reveals it.
	if _, err := modelstest.PoolOf(store).Exec(ctx, "DELETE FROM consent_events WHERE id = (SELECT max(id) FROM consent_events)"); err != nil {
		t.Fatal(err)
	}
	if _, broken, err := people.Read(store).VerifyConsent(ctx); err != nil || len(broken) != 2 || !strings.Contains(broken[0].What, "the contact is opted_out") {
		t.Errorf("a cut chain: %v %v", broken, err)
	}
	got, err := people.Read(store).ContactByPublicID(ctx, c.PublicID)
	if err != nil || got.Consent != whatsapp.OptedOut {
		t.Errorf("the contact's consent is the latest event: %s %v", got.Consent, err)
	}
}
