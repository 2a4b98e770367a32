package models_test

import (
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/whatsapp"
)

// ContentVariables hold exactly the names that a content made elsewhere has, whatever their form.
func TestImportedVariables(t *testing.T) {
	t.Parallel()
	url := func(value string) []whatsapp.Action {
		return []whatsapp.Action{{Type: whatsapp.ActionURL, Title: "Track", Value: value}}
	}
	for name, c := range map[string]struct {
		content whatsapp.Content
		samples map[string]string
		values  models.Values
		want    string
		body    string
	}{
		"names": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{customer.name}}, {{order-id}} is here."}, map[string]string{"customer.name": "Noor"},
			models.Values{"1": "Ada", "2": "4711"}, `{"customer.name":"Ada","order-id":"4711"}`, "Hi Ada, 4711 is here."},
		"spaces": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{ first name }} there."}, map[string]string{"first name": "Noor"},
			models.Values{"1": "Ada"}, `{"first name":"Ada"}`, "Hi Ada there."},
		"numbers": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{2}} and {{1}} there."}, nil,
			models.Values{"1": "a", "2": "b"}, `{"1":"a","2":"b"}`, "Hi b and a there."},
		"numbers with gaps": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{2}} and {{5}} there."}, nil,
			models.Values{"1": "a", "2": "b"}, `{"2":"a","5":"b"}`, "Hi a and b there."},
		"every part": {whatsapp.Content{Type: whatsapp.TypeCard, Header: "{{h.h}}", Body: "Hi {{b.b}} there.", Footer: "{{f.f}}", Media: "https://example.com/{{m.m}}", Actions: url("https://example.com/{{u.u}}")}, nil,
			models.Values{"1": "a", "2": "b", "3": "c", "4": "d", "5": "e"}, `{"b.b":"b","f.f":"c","h.h":"a","m.m":"d","u.u":"e"}`, "Hi b there."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &models.TemplateVersion{}
			v.SetContent(&c.content)
			v.Placeholders = models.ImportedPlaceholders(&c.content, c.samples)
			if len(v.Names()) != len(c.values) {
				t.Fatalf("names %q", v.Names())
			}
			o := models.Outgoing{Variables: c.values, Placeholders: v.Placeholders}
			if got := o.ContentVariables(); got != c.want {
				t.Errorf("ContentVariables %s, want %s", got, c.want)
			}
			filled := v.Filled(c.values)
			if filled.Body != c.body {
				t.Errorf("body %q, want %q", filled.Body, c.body)
			}
			if names := filled.UsedNames(); len(names) > 0 {
				t.Errorf("left unfilled: %q", names)
			}
		})
	}
}

// What was imported before other names were seen gets them, and keeps what was set for the names that were.
func TestImportedIsReadAgain(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx := t.Context()
	exec := func(sql string) {
		t.Helper()
		if _, err := store.Pool().Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO templates (name, category, imported) VALUES ('old', 'UTILITY', true);
		INSERT INTO template_versions (template_id, language, number, body, content, placeholders, state, content_sid, origin_sid) SELECT id, 'en', 1, 'Hi {{Name}}, {{order-id}} is here.', '{}',
			'[{"name": "Name", "sample": "Noor", "field": "name"}]', 'approved', 'HX11111111111111111111111111111111', 'HX11111111111111111111111111111111' FROM templates WHERE name = 'old';
		INSERT INTO template_versions (template_id, language, number, body, content, placeholders, state, content_sid) SELECT id, 'en', 2, 'Hi {{Name}} there.', '{}',
			'[{"name": "Name", "sample": "Noor"}]', 'approved', 'HX22222222222222222222222222222222' FROM templates WHERE name = 'old'`)
	read := func(sid string) *models.TemplateVersion {
		t.Helper()
		var id int64
		if err := store.Pool().QueryRow(ctx, "SELECT id FROM template_versions WHERE content_sid = $1", sid).Scan(&id); err != nil {
			t.Fatal(err)
		}
		v, err := store.VersionByID(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	exec(`INSERT INTO template_versions (template_id, language, number, body, content, placeholders, state, content_sid, origin_sid) SELECT id, 'en', 3, 'Hi {{name}} there.', '{}',
		'[{"name": "name", "sample": "Noor", "key": "name"}]', 'approved', 'HX33333333333333333333333333333333', 'HX44444444444444444444444444444444' FROM templates WHERE name = 'old'`)
	if err := store.ReadImportedAgain(ctx, nil); err != nil {
		t.Fatal(err)
	}
	v := read("HX11111111111111111111111111111111")
	if p := v.Placeholders; len(p) != 2 || p[0] != (models.Placeholder{Name: "Name", Key: "Name", Sample: "Noor", Field: "name"}) || p[1].Key != "order-id" {
		t.Errorf("%+v", v.Placeholders)
	}
	if p := read("HX22222222222222222222222222222222").Placeholders; len(p) != 1 || p[0].Key != "" {
		t.Errorf("one of our own got other names: %+v", p)
	}
	if p := read("HX33333333333333333333333333333333").Placeholders; len(p) != 1 || p[0] != (models.Placeholder{Name: "name", Sample: "Noor"}) {
		t.Errorf("a draft that was made at Twilio again: %+v", p)
	}
	// Importing again tells more: the samples, and what can't be filled.
	err := store.ReadImportedAgain(ctx, map[string]models.ImportedContent{"HX11111111111111111111111111111111": {Samples: map[string]string{"Name": "Noor", "order-id": "4711"}, Unfillable: "No."}})
	if err != nil {
		t.Fatal(err)
	}
	if v := read("HX11111111111111111111111111111111"); v.Unfillable != "No." || v.Placeholders[1].Sample != "4711" || v.Placeholders[0].Field != "name" {
		t.Errorf("%+v", v)
	}
}
