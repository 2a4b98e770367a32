package templates

import (
	"strings"

	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// comparison is one part that differs between two contents.
type comparison struct {
	Label   string
	Changes []plaintext.Change
}

// compared are the parts that differ between two versions.
func compared(a, b *templates.TemplateVersion) []comparison {
	var out []comparison
	add := func(label, before, after string) {
		if before != after {
			out = append(out, comparison{label, plaintext.Diff(before, after)})
		}
	}
	add("Message", components.TypeName(a.ContentType), components.TypeName(b.ContentType))
	before, after := map[string]string{}, map[string]string{}
	var order []whatsapp.Part
	for _, p := range a.Whole().Parts() {
		before[p.Field] = *p.Text
		order = append(order, p)
	}
	for _, p := range b.Whole().Parts() {
		after[p.Field] = *p.Text
		if _, ok := before[p.Field]; !ok {
			order = append(order, p)
		}
	}
	for _, p := range order {
		add(p.Label, before[p.Field], after[p.Field])
	}
	add("Place", a.Content.Latitude+" "+a.Content.Longitude, b.Content.Latitude+" "+b.Content.Longitude)
	add("Placeholders", placeholderLines(a), placeholderLines(b))
	return out
}

func placeholderLines(v *templates.TemplateVersion) string {
	var lines []string
	for _, p := range v.Placeholders {
		line := p.Name + ": " + p.Sample
		if p.Default != "" {
			line += " (default " + p.Default + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
