package components

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"parley/whatsapp/phone"
)

// CountryName is a country's English name with its code where it has one.
func CountryName(code string) string {
	r, err := language.ParseRegion(code)
	if err != nil || code == "ZZ" {
		return "Not known"
	}
	if name := display.English.Regions().Name(r); name != "" {
		return name
	}
	return code
}

// Countries are the countries that have phone numbers, by name.
var Countries = func() []Option {
	var out []Option
	for _, code := range phone.Countries() {
		out = append(out, Option{Value: code, Label: CountryName(code)})
	}
	slices.SortFunc(out, func(a, b Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}()
