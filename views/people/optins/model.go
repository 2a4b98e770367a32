package optins

import (
	"fmt"
	"strconv"
	"strings"

	"parley/models/people/optins"
	"parley/models/senders"
	"parley/views/components"
	"parley/whatsapp"
)

func waiting(n int64) string { return strconv.FormatInt(n, 10) + " not confirmed yet" }

func heading(p FormProps) string {
	if p.Source.PublicID == "" {
		return "New opt-in page"
	}
	return p.Source.Name
}

func action(p FormProps) string {
	if p.Source.PublicID == "" {
		return "/contacts/optins"
	}
	return "/contacts/optins/" + p.Source.PublicID
}

func colors() []components.Option {
	var out []components.Option
	for _, c := range optins.OptinColors {
		out = append(out, components.Option{Value: c, Label: strings.ToUpper(c[:1]) + c[1:]})
	}
	return out
}

func senderOptions(list []senders.Sender) []components.Option {
	var out []components.Option
	for _, s := range list {
		out = append(out, components.Option{Value: s.PublicID, Label: s.Name + " · " + whatsapp.ShowPhone(s.Phone)})
	}
	return out
}

func example(p FormProps) string {
	return fmt.Sprintf(`curl %s/api/v1/opt-ins \
  -H "Authorization: Bearer KEY" \
  -H "Content-Type: application/json" \
  -d '{"phone": "+4915123456789",
       "name": "Ada",
       "proof": "Checkout form, order 4711"}'`, p.Base)
}
