package whatsapp

import (
	"maps"
	"slices"
	"strings"
)

// Unfillable says in a sentence why not every variable of a content can be filled, as Twilio has its types and the
// samples of its variables; empty if all can. Twilio sends the sample in place of a missing value, so such a content
// must not be sent. Source: Twilio, "Using variables with Content API".
func Unfillable(types map[string]any, variables map[string]string) string {
	c := ReadTypes(types)
	if c.Type == TypeAuthentication {
		return ""
	}
	read := c.UsedNames()
	for _, text := range textsIn(types[string(c.Type)]) {
		// {{a{b}}}, {{}}, or a name in three braces
		if strings.Contains(text, "{{{") || strings.Contains(Placeholder.ReplaceAllString(text, ""), "{{") {
			return "It holds a variable that can't be read: “" + Plain(
				text,
				80,
			) + "”. Give it a plain name such as {{name}} in a new version."
		}
		for _, name := range Placeholders(text) {
			if !slices.Contains(read, name) {
				return "Its variable {{" + name + "}} stands in a part of the message that Parley does not read, so it can't be " +
					"filled."
			}
		}
	}
	var everywhere []string
	for _, name := range slices.Sorted(maps.Keys(types)) { // other channels have types of their own beside it
		everywhere = append(everywhere, Placeholders(textsIn(types[name])...)...)
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !slices.Contains(everywhere, strings.TrimSpace(name)) {
			return "Twilio lists the variable " + strings.TrimSpace(
				name,
			) + " for it, and none of its texts holds it, so it can't be filled."
		}
	}
	return ""
}

// textsIn are all texts in a value of JSON, in a fixed order.
func textsIn(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, x := range v {
			out = append(out, textsIn(x)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, textsIn(v[k])...)
		}
		return out
	}
	return nil
}
