package approvals

import (
	"strings"
	"testing"

	"parley/models/modelstest"
	"parley/models/templates"
	"parley/services/twilio"
	"parley/whatsapp"
)

// A template that was imported before Parley checked which variables can't be filled is marked by the regular poll of
// Twilio's contents, in any state, and only by that.
func TestCompareMarksUnfillable(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	_, err := modelstest.PoolOf(store).
		Exec(ctx, `INSERT INTO templates (name, category, imported) VALUES ('old', 'UTILITY', true);
		INSERT INTO template_versions
			(template_id, language, number, body, content, placeholders, state, twilio_state, content_sid, origin_sid)
		SELECT t.id, 'en', x.number, 'Hi there.', '{}', '[]', x.state, x.at_twilio, x.sid, x.sid FROM templates t, (VALUES
			(1, 'approved', 'approved', 'HX11111111111111111111111111111111'),
			(2, 'ready', 'unsubmitted', 'HX22222222222222222222222222222222')) AS x (number, state, at_twilio, sid)
		WHERE t.name = 'old'`)
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]string{"first-name": "Noor"}
	types := map[string]any{"twilio/text": map[string]any{"body": "Hi there."}}
	var list []twilio.Listing
	for sid, status := range map[string]string{
		"HX11111111111111111111111111111111": "approved",
		"HX22222222222222222222222222222222": "unsubmitted",
		"HX33333333333333333333333333333333": "approved",
	} {
		list = append(list, twilio.Listing{
			Content:    twilio.Content{Sid: sid, Language: "en", Content: whatsapp.ReadTypes(types), Samples: samples},
			Unfillable: whatsapp.Unfillable(types, samples),
			Approval:   twilio.Approval{Status: status, Category: "UTILITY"},
		})
	}
	if err := (&Service{store: store}).compare(ctx, list); err != nil {
		t.Fatal(err)
	}
	versions, err := templates.Read(store).VersionsBySid(ctx, []string{list[0].Sid, list[1].Sid, list[2].Sid})
	if err != nil || len(versions) != 2 {
		t.Fatal(versions, err)
	}
	for sid, v := range versions {
		if !strings.Contains(v.Unfillable, "first-name") {
			t.Errorf("%s: %q", sid, v.Unfillable)
		}
	}
	if _, err := modelstest.PoolOf(store).Exec(ctx, "DELETE FROM template_versions WHERE state = 'approved'"); err != nil {
		t.Fatal(err)
	}
	if yes, err := templates.Read(store).PollDue(ctx); err != nil || !yes {
		t.Errorf("what was imported for open sessions alone is not looked at (%v)", err)
	}
}

// What WhatsApp decided about one template is stored although that about another one can't be.
func TestCompareWhateverFails(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	pool := modelstest.PoolOf(store)
	_, err := pool.Exec(t.Context(), `INSERT INTO templates (name, category) VALUES ('two', 'UTILITY');
		INSERT INTO template_versions
			(template_id, language, number, body, content, placeholders, state, twilio_state, content_sid)
		SELECT t.id, 'en', x.number, 'Hi there.', '{}', '[]', 'approved', 'approved', x.sid FROM templates t, (VALUES
			(1, 'HX11111111111111111111111111111111'),
			(2, 'HX22222222222222222222222222222222')) AS x (number, sid) WHERE t.name = 'two';
		ALTER TABLE template_versions ADD CHECK (content_sid NOT LIKE 'HX1%' OR state = 'approved')`)
	if err != nil {
		t.Fatal(err)
	}
	var list []twilio.Listing
	for _, sid := range []string{"HX11111111111111111111111111111111", "HX22222222222222222222222222222222"} {
		list = append(list, twilio.Listing{
			Content:  twilio.Content{Sid: sid, Language: "en"},
			Approval: twilio.Approval{Status: "paused", Category: "UTILITY"},
		})
	}
	if err := (&Service{store: store}).compare(t.Context(), list); err == nil {
		t.Error("nothing is said of the version that can't be stored")
	}
	var state string
	err = pool.QueryRow(t.Context(), "SELECT state FROM template_versions WHERE content_sid = $1", list[1].Sid).
		Scan(&state)
	if err != nil || state != "paused" {
		t.Errorf("the other one is %s, %v", state, err)
	}
}
