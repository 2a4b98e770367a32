package importing

import (
	"slices"
	"strings"

	"parley/models/people"
	"parley/whatsapp/intent"
)

// guessColumns proposes what each column means, from the first line and from the other lines' contents.
func guessColumns(lines [][]string, fields []people.ContactField) (header bool, columns []string) {
	width := 0
	for _, l := range lines {
		width = max(width, len(l))
	}
	columns = make([]string, width)
	header = guessByTitles(lines[0], columns, fields)
	if !header { // a first line without a number over lines with one is a heading too
		header = len(lines) > 1 && phoneColumn(lines[:1], width, columns) < 0 &&
			phoneColumn(lines[1:], width, columns) >= 0
	}
	body := lines
	if header {
		body = lines[1:]
	}
	guessByCells(body, columns)
	named := slices.Contains(columns, "name") || slices.Contains(columns, "first_name")
	if !named && !header {
		guessName(body, columns)
	}
	return header, columns
}

// guessByTitles fills in the columns that the first line names, and reports whether it is a heading.
func guessByTitles(first, columns []string, fields []people.ContactField) (header bool) {
	if phoneColumn([][]string{first}, len(columns), columns) >= 0 {
		return false // a heading has no number: "unsubscribed" beside one is a value
	}
	if n, _ := titledPhone(first); n >= 0 {
		columns[n], header = "phone", true
	}
	for n, cell := range first {
		if columns[n] != "" {
			continue
		}
		if k := kindOfTitle(cell, fields); k != "" && (k == "tags" || !slices.Contains(columns, k)) {
			columns[n], header = k, true
		}
	}
	return header
}

// guessByCells finds the columns of consent and of numbers by their cells, if no title names them.
func guessByCells(lines [][]string, columns []string) {
	if !slices.Contains(columns, "consent") {
		if n := consentColumn(lines, columns); n >= 0 {
			columns[n] = "consent"
		}
	}
	if !slices.Contains(columns, "phone") {
		if n := phoneColumn(lines, len(columns), columns); n >= 0 {
			columns[n] = "phone"
		}
	}
}

// guessName takes the first free column that looks like names.
func guessName(lines [][]string, columns []string) {
	for n := range columns {
		if columns[n] == "" && looksLikeNames(lines, n) {
			columns[n] = "name"
			return
		}
	}
}

// consentColumn is the free column whose cells all say yes or no, at least one of them with a word that only means
// consent ("unsubscribed"); -1 if there is none.
func consentColumn(lines [][]string, taken []string) int {
	for n := range taken {
		sure, all := false, taken[n] == ""
		for _, l := range lines {
			if !all || n >= len(l) {
				continue
			}
			_, all = intent.ReadConsent(l[n])
			_, ok := intent.SaysConsent(l[n])
			sure = sure || ok
		}
		if all && sure {
			return n
		}
	}
	return -1
}

func looksLikeNames(lines [][]string, n int) bool {
	hits := 0
	for _, l := range lines {
		if n < len(l) && l[n] != "" && !strings.ContainsAny(l[n], "0123456789@/") {
			hits++
		}
	}
	return hits*2 > len(lines)
}
