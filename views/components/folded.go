package components

import "parley/whatsapp"

// showAll is the label that opens the rest of a long text.
func showAll(text string) string { return "Show all " + grouped(whatsapp.Length(text)) + " characters" }

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	if n < 1000 {
		return Int(n)
	}
	rest := Int(n%1000 + 1000)
	return grouped(n/1000) + "," + rest[1:]
}
