package components

import "parley/whatsapp/locale"

// Countries are the countries that have phone numbers, to choose from.
var Countries = func() []Option {
	out := make([]Option, len(locale.Countries))
	for i, c := range locale.Countries {
		out[i] = Option{Value: c.Code, Label: c.Name}
	}
	return out
}()
