package whatsapp

import (
	"regexp"
	"strconv"
	"strings"

	"parley/whatsapp/plaintext"
)

// Match reads a text as a filled template: the values of its placeholders by number, and whether the text matches the
// template exactly. A placeholder that occurs twice must have one value.
func Match(body, text string) (values map[string]string, ok bool) {
	names := Placeholders(body)
	var pattern strings.Builder
	pattern.WriteString("^")
	from := 0
	var order []string
	for _, m := range Placeholder.FindAllStringSubmatchIndex(body, -1) {
		pattern.WriteString(regexp.QuoteMeta(body[from:m[0]]) + `([^\n\t]+?)`)
		order = append(order, body[m[2]:m[3]])
		from = m[1]
	}
	pattern.WriteString(regexp.QuoteMeta(body[from:]) + "$")
	re, err := regexp.Compile(pattern.String())
	if err != nil {
		return nil, false
	}
	found := re.FindStringSubmatch(strings.TrimSpace(text))
	if found == nil {
		return nil, false
	}
	byName := map[string]string{}
	for i, n := range order {
		v := found[i+1]
		if before, again := byName[n]; again && before != v || ValueProblem(n, v) != "" {
			return nil, false
		}
		byName[n] = v
	}
	values = map[string]string{}
	for i, n := range names {
		values[strconv.Itoa(i+1)] = byName[n]
	}
	return values, true
}

// Nearest is which of the bodies has the most words in common with a text, -1 if there are none.
func Nearest(bodies []string, text string) int {
	best, most := -1, -1
	for i, b := range bodies {
		shared := 0
		for _, c := range plaintext.Diff(b, text) {
			if !c.Added && !c.Removed {
				shared += len(strings.Fields(c.Text))
			}
		}
		if shared > most {
			best, most = i, shared
		}
	}
	return best
}
