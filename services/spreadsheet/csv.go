// Package spreadsheet reads tables out of CSV files and workbooks row by row (Detect, then Open), and writes CSV files
// that spreadsheet programs open without running formulas in them. It is the only package that does either.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// formula are the first characters that make a spreadsheet program treat a cell as a formula, and their full-width
// forms. Source: OWASP, "CSV Injection".
const formula = "=+-@\t\r\n＝＋－＠"

// Safe is a text for a cell. One that would be taken for a formula, also behind spaces or quotes that some programs
// strip, gets an apostrophe before it. A plain phone number or number is left as it is.
func Safe(s string) string {
	if !startsFormula(s) {
		return s
	}
	if rest := s[1:]; rest != "" && (s[0] == '+' || s[0] == '-') && strings.Trim(rest, "0123456789") == "" {
		return s
	}
	return "'" + s
}

func startsFormula(s string) bool {
	if s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return true
	}
	text := strings.TrimLeft(s, " \u00a0\"'")
	for _, r := range text {
		return strings.ContainsRune(formula, r)
	}
	return false
}

// Unsafe removes the apostrophe of Safe, so that an exported file can be imported.
func Unsafe(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && startsFormula(rest) {
		return rest
	}
	return s
}

// Writer writes rows whose every cell is Safe.
type Writer struct{ csv *csv.Writer }

// NewWriter writes to w. Call Close after the last row.
func NewWriter(w io.Writer) *Writer { return &Writer{csv.NewWriter(w)} }

// Row writes a row. An error may show only in Close, since rows are buffered.
func (w *Writer) Row(cells ...string) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = Safe(c)
	}
	return w.csv.Write(safe)
}

// Close writes what is still buffered.
func (w *Writer) Close() error {
	w.csv.Flush()
	return w.csv.Error()
}
