package whatsapp

import (
	"slices"
	"strings"
	"testing"
)

// The parser of placeholders accepts every name that Twilio accepts, and nothing else.
func TestPlaceholderNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Hello {{customer.name}}, order {{order-id}}.": {"customer.name", "order-id"},
		"Hello {{ first name }} and {{first name}}.":   {"first name"},
		"{{2}} and {{1}}":    {"1", "2"},
		"{{2}} and {{name}}": {"2", "name"},
		"{{user@shop}} {{a/b}} {{a|b}} {{größe}} {{名}}": {"user@shop", "a/b", "a|b", "größe", "名"},
		"{{x}}{{y}}":                       {"x", "y"},
		"{{}} {{ }} {x} {{x} {{a{b}}}":     nil,
		"{{two\nlines}}":                   nil,
		"https://example.com/{{order.id}}": {"order.id"},
	} {
		if got := Placeholders(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A content that can't be filled has a reason; all others can be sent.
func TestUnfillable(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	for name, c := range map[string]struct {
		types     m
		variables map[string]string
		why       string // a part of the reason; empty if it can be filled
	}{
		"any name":          {m{"twilio/text": m{"body": "Hi {{customer.name}}, {{order-id}} is here."}}, map[string]string{"customer.name": "Noor", "order-id": "1"}, ""},
		"spaces in braces":  {m{"twilio/text": m{"body": "Hi {{ name }} there."}}, map[string]string{"name": "Noor"}, ""},
		"no variables":      {m{"twilio/text": m{"body": "Hi there."}}, nil, ""},
		"an unknown type":   {m{"whatsapp/flows": m{"body": "Hi {{name}} there."}}, map[string]string{"name": "Noor"}, ""},
		"a code":            {m{"whatsapp/authentication": m{"actions": []any{m{"type": "COPY_CODE", "copy_code_text": "Copy"}}}}, map[string]string{"1": "123456"}, ""},
		"another channel's": {m{"twilio/text": m{"body": "{{sms.only}}"}, "whatsapp/card": m{"body": "Hi {{name}} there."}}, map[string]string{"name": "N", "sms.only": "x"}, ""},
		"in every part": {m{"whatsapp/card": m{"body": "B {{b.b}} x", "header_text": "{{h.h}}", "footer": "{{f.f}}", "media": []any{"https://example.com/{{m.m}}"},
			"actions": []any{m{"type": "URL", "title": "{{t.t}}", "url": "https://example.com/{{u.u}}"}}}}, nil, ""},
		"in a list": {m{"twilio/list-picker": m{"body": "Choose {{a-a}} now", "button": "{{b-b}}", "items": []any{m{"item": "{{c-c}}", "id": "{{d-d}}", "description": "{{e-e}}"}}}}, nil, ""},
		"in cards":  {m{"twilio/carousel": m{"body": "B", "cards": []any{m{"title": "{{a.a}}", "body": "{{b.b}}", "media": "https://example.com/{{c.c}}", "actions": []any{m{"type": "QUICK_REPLY", "title": "x", "id": "{{d.d}}"}}}}}}, nil, ""},

		"braces in the name":   {m{"twilio/text": m{"body": "Hi {{a{b}}}, welcome."}}, nil, "can't be read"},
		"three braces":         {m{"twilio/text": m{"body": "Hi {{{name}}}, welcome."}}, map[string]string{"name": "x"}, "can't be read"},
		"no name":              {m{"twilio/text": m{"body": "Hi {{}}, welcome."}}, nil, "can't be read"},
		"not closed":           {m{"twilio/text": m{"body": "Hi {{name}, welcome."}}, nil, "can't be read"},
		"a place not read":     {m{"twilio/location": m{"latitude": "{{lat}}", "longitude": 13.4, "label": "Here"}}, map[string]string{"lat": "52"}, "{{lat}} stands in a part"},
		"a second file":        {m{"twilio/media": m{"body": "Hi", "media": []any{"https://example.com/1", "https://example.com/{{two}}"}}}, nil, "{{two}} stands in a part"},
		"an unknown structure": {m{"whatsapp/flows": m{"body": "Hi", "flow": m{"screens": []any{m{"title": "{{screen}}"}}}}}, map[string]string{"screen": "x"}, "{{screen}} stands in a part"},
		"listed, not there":    {m{"twilio/text": m{"body": "Hi there."}}, map[string]string{"name": "Noor"}, "lists the variable name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Unfillable(c.types, c.variables)
			if (got == "") != (c.why == "") || !strings.Contains(got, c.why) {
				t.Errorf("%q, want %q", got, c.why)
			}
		})
	}
}
