package notifying

import (
	"slices"
	"strings"

	"parley/models"
	"parley/models/notifications"
	"parley/whatsapp"
)

// priceCells splits a line of prices. A comma separates only if no other separator gives three parts: otherwise it
// belongs to the price.
func priceCells(line string) []string {
	between := func(signs string) []string {
		return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(signs, r) })
	}
	if cells := between(" ;\t\r"); len(cells) == 3 {
		for i := range cells {
			cells[i] = strings.Trim(cells[i], ",")
		}
		return cells
	}
	return between(" ;,\t\r")
}

// ReadPrices reads one price per line: country or *, category, amount. Refusals name prices.
func ReadPrices(text string) ([]notifications.Price, error) {
	var out []notifications.Price
	for i, line := range strings.Split(text, "\n") {
		cells := priceCells(line)
		if len(cells) == 0 {
			continue
		}
		bad := models.Invalid("prices", "notification.price_line", "Line", i+1)
		if len(cells) != 3 {
			return nil, bad
		}
		p := notifications.Price{Country: strings.ToUpper(cells[0]), Category: whatsapp.Category(strings.ToUpper(cells[1]))}
		if p.Country == "*" {
			p.Country = ""
		}
		amount, err := models.ParseNumber(cells[2])
		known := slices.Contains(append(whatsapp.Categories(), notifications.TwilioFee), p.Category) &&
			(p.Country == "" || whatsapp.KnownCountry(p.Country))
		if err != nil || amount < 0 || amount > 100 || !known {
			return nil, bad
		}
		p.Amount = amount
		out = append(out, p)
	}
	return out, nil
}
