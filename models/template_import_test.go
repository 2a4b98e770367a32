package models_test

import (
	"testing"

	"parley/models"
	"parley/models/conversations/outbox"
	"parley/models/modelstest"
	"parley/models/templates"
	"parley/whatsapp"
)

// ContentVariables have exactly the names of the imported content's variables, in any form.
func TestImportedVariables(t *testing.T) {
	t.Parallel()
	url := func(value string) []whatsapp.Action {
		return []whatsapp.Action{{Type: whatsapp.ActionURL, Title: "Track", Value: value}}
	}
	for name, c := range map[string]struct {
		content whatsapp.Content
		samples map[string]string
		values  templates.Values
		want    string
		body    string
	}{
		"names": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{customer.name}}, {{order-id}} is here."}, map[string]string{"customer.name": "Noor"},
			templates.Values{"1": "Ada", "2": "4711"}, `{"customer.name":"Ada","order-id":"4711"}`, "Hi Ada, 4711 is here."},
		"spaces": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{ first name }} there."}, map[string]string{"first name": "Noor"},
			templates.Values{"1": "Ada"}, `{"first name":"Ada"}`, "Hi Ada there."},
		"numbers": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{2}} and {{1}} there."}, nil,
			templates.Values{"1": "a", "2": "b"}, `{"1":"a","2":"b"}`, "Hi b and a there."},
		"numbers with gaps": {whatsapp.Content{Type: whatsapp.TypeText, Body: "Hi {{2}} and {{5}} there."}, nil,
			templates.Values{"1": "a", "2": "b"}, `{"2":"a","5":"b"}`, "Hi a and b there."},
		"every part": {whatsapp.Content{Type: whatsapp.TypeCard, Header: "{{h.h}}", Body: "Hi {{b.b}} there.", Footer: "{{f.f}}", Media: "https://example.com/{{m.m}}", Actions: url("https://example.com/{{u.u}}")}, nil,
			templates.Values{"1": "a", "2": "b", "3": "c", "4": "d", "5": "e"}, `{"b.b":"b","f.f":"c","h.h":"a","m.m":"d","u.u":"e"}`, "Hi b there."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &templates.TemplateVersion{}
			v.SetContent(&c.content)
			v.Placeholders = templates.ImportedPlaceholders(&c.content, c.samples)
			if len(v.Names()) != len(c.values) {
				t.Fatalf("names %q", v.Names())
			}
			o := outbox.Outgoing{Variables: c.values, Placeholders: v.Placeholders}
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

// A template that was imported before other names were supported gets them, and keeps the settings of the names that it
// had.
func TestImportedIsReadAgain(t *testing.T) {
	t.Parallel()
	const imported, own, remade = "HX11111111111111111111111111111111", "HX22222222222222222222222222222222",
		"HX33333333333333333333333333333333"
	store, _ := modelstest.New(t)
	ctx := t.Context()
	_, err := modelstest.PoolOf(store).
		Exec(ctx, `INSERT INTO templates (name, category, imported) VALUES ('old', 'UTILITY', true);
		INSERT INTO template_versions
			(template_id, language, number, body, content, placeholders, state, content_sid, origin_sid)
		SELECT t.id, 'en', x.number, x.body, '{}', CAST(x.placeholders AS jsonb), 'approved', x.sid, x.origin
		FROM templates t, (VALUES
			(1, 'Hi {{Name}}, {{order-id}} is here.', '[{"name": "Name", "sample": "Noor", "field": "name"}]',
				'`+imported+`', '`+imported+`'),
			(2, 'Hi {{Name}} there.', '[{"name": "Name", "sample": "Noor"}]', '`+own+`', NULL),
			(3, 'Hi {{name}} there.', '[{"name": "name", "sample": "Noor"}]', '`+remade+`', 'HX44444444444444444444444444444444')
		) AS x (number, body, placeholders, sid, origin) WHERE t.name = 'old'`)
	if err != nil {
		t.Fatal(err)
	}
	read := func() map[string]*templates.TemplateVersion {
		t.Helper()
		out, err := templates.Read(store).VersionsBySid(ctx, []string{imported, own, remade})
		if err != nil || len(out) != 3 {
			t.Fatal(out, err)
		}
		return out
	}
	again := func(samples map[string]string, unfillable string) {
		t.Helper()
		contents := map[string]templates.ImportedContent{"HX55555555555555555555555555555555": {}}
		for _, sid := range []string{imported, own, remade} {
			contents[sid] = templates.ImportedContent{Samples: samples, Unfillable: unfillable}
		}
		if err := templates.ReadImportedAgain(ctx, store, read(), contents); err != nil {
			t.Fatal(err)
		}
	}
	again(nil, "")
	name := templates.Placeholder{
		Name:   "Name",
		Key:    "Name",
		Sample: "Noor",
		Field:  "name",
	}
	if p := read()[imported].Placeholders; len(p) != 2 || p[0] != name || p[1].Key != "order-id" {
		t.Errorf("%+v", p)
	}
	// Twilio's list adds information: the samples, and which variables can't be filled.
	again(map[string]string{"Name": "Noor", "order-id": "4711"}, "No.")
	now := read()
	v := now[imported]
	if v.Unfillable != "No." || v.Placeholders[0] != name || v.Placeholders[1].Sample != "4711" {
		t.Errorf("%+v", v)
	}
	for _, sid := range []string{own, remade} {
		if v := now[sid]; v.Unfillable != "" || len(v.Placeholders) != 1 || v.Placeholders[0].Key != "" {
			t.Errorf("one that was made here is read as if it were made elsewhere: %+v", v)
		}
	}
	// A page of unchanged contents is not written again.
	before := writes(t, store)
	again(map[string]string{"Name": "Noor", "order-id": "4711"}, "No.")
	if after := writes(t, store); after != before {
		t.Error("nothing changed, and it is written")
	}
}

// writes identifies a state of the versions by the transactions that wrote them.
func writes(t *testing.T, store *models.Store) (out string) {
	t.Helper()
	err := modelstest.PoolOf(store).QueryRow(t.Context(),
		"SELECT string_agg(CAST(xmin AS text) || CAST(ctid AS text), ' ' ORDER BY id) FROM template_versions").Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
