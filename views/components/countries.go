package components

import "parley/whatsapp"

// Countries are the countries that have phone numbers, to choose from.
var Countries = func() []Option {
	out := make([]Option, len(whatsapp.Countries))
	for i, c := range whatsapp.Countries {
		out[i] = Option{Value: c.Code, Label: c.Name}
	}
	return out
}()
