package lint

import (
	"regexp"
	"strings"
)

// A matcher finds phrases at the beginnings of words. Go's regexp tries every position with every
// alternative; here the first letters of an alternative pick it, so that the whole lint is fast enough to
// run on each key.
type matcher struct {
	byFirst [256][]phrase
	open    []phrase // without a known first letter
}

type phrase struct {
	prefix string
	re     *regexp.Regexp // anchored
}

const number = `(?:\d+(?:[.,]\d+)*)`

// words compiles a list (see words.go). The text is folded, so \b sees every letter.
func words(pattern string) *matcher {
	pattern = strings.ReplaceAll(pattern, "#", number)
	pattern = strings.ReplaceAll(pattern, " ?", "\x00")
	pattern = strings.ReplaceAll(strings.ReplaceAll(pattern, " ", `[ \n-]+`), "\x00", "[ -]*")
	m := &matcher{}
	for _, alt := range alternatives(pattern) {
		m.add(alt)
	}
	return m
}

func (m *matcher) add(alt string) {
	// A group at the beginning is written out, so that each of its members has a prefix.
	if group, rest, ok := leadingGroup(alt); ok {
		for _, member := range alternatives(group) {
			m.add(member + strings.TrimPrefix(rest, "?"))
		}
		if strings.HasPrefix(rest, "?") {
			m.add(rest[1:])
		}
		return
	}
	p := phrase{re: regexp.MustCompile(`^(?:` + alt + `)(?:\b|$|[^a-z0-9])`)}
	p.prefix, _ = regexp.MustCompile(alt).LiteralPrefix()
	if p.prefix == "" {
		m.open = append(m.open, p)
		return
	}
	m.byFirst[p.prefix[0]] = append(m.byFirst[p.prefix[0]], p)
}

// alternatives splits at each | outside of groups.
func alternatives(s string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				out = append(out, s[from:i])
				from = i + 1
			}
		}
	}
	return append(out, s[from:])
}

// leadingGroup takes "(?:a|b) c" apart, unless the group is repeated. The rest of an optional one begins with "?".
func leadingGroup(s string) (group, rest string, ok bool) {
	if !strings.HasPrefix(s, "(?:") || strings.HasPrefix(s, number) {
		return "", "", false
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				rest = s[i+1:]
				return s[3:i], rest, rest == "" || !strings.ContainsAny(rest[:1], "*+{")
			}
		}
	}
	return "", "", false
}

// find is the position of the first phrase in folded text, without its boundaries; nil if there is none.
func (m *matcher) find(s string) []int {
	for i := range len(s) {
		if !begins(s, i) {
			continue
		}
		if n := lengthAt(m.byFirst[s[i]], s[i:]); n >= 0 {
			return trim(s, i, i+n)
		}
		if s[i] >= '0' && s[i] <= '9' || s[i] == '-' || s[i] == '%' {
			if n := lengthAt(m.open, s[i:]); n >= 0 {
				return trim(s, i, i+n)
			}
		}
	}
	return nil
}

// begins reports whether a word or an amount may begin at i.
func begins(s string, i int) bool {
	if wordByte(s[i]) {
		return i == 0 || !wordByte(s[i-1])
	}
	return s[i] == '-' || s[i] == '%'
}

// lengthAt is the length of the first phrase that a text begins with, -1 if it begins with none.
func lengthAt(list []phrase, s string) int {
	for _, p := range list {
		if strings.HasPrefix(s, p.prefix) {
			if loc := p.re.FindStringIndex(s); loc != nil {
				return loc[1]
			}
		}
	}
	return -1
}

// blank removes all phrases.
func (m *matcher) blank(s string) string {
	for from := 0; from < len(s); {
		loc := m.find(s[from:])
		if loc == nil {
			return s
		}
		s = s[:from+loc[0]] + blank(s[from+loc[0]:from+loc[1]]) + s[from+loc[1]:]
		from += max(loc[1], 1)
	}
	return s
}

func wordByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func trim(s string, start, end int) []int {
	for start < end && strings.IndexByte(" \n-", s[start]) >= 0 {
		start++
	}
	for end > start && strings.IndexByte(" \n.,;:!?)\"'-", s[end-1]) >= 0 {
		end--
	}
	return []int{start, end}
}
