package locale

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

// NamedCountry is a country by its ISO code and English name.
type NamedCountry struct{ Code, Name string }

// Countries are the countries that have phone numbers, by name.
var Countries = func() []NamedCountry {
	var out []NamedCountry
	for _, code := range phone.Countries() {
		out = append(out, NamedCountry{Code: code, Name: CountryName(code)})
	}
	slices.SortFunc(out, func(a, b NamedCountry) int { return strings.Compare(a.Name, b.Name) })
	return out
}()
