package notifications

import (
	"context"

	"parley/models"
	"parley/whatsapp"
)

// TwilioFee is used in place of a category for Twilio's fee for each message.
const TwilioFee whatsapp.Category = "TWILIO"

// NotifyRules are the rules for all notifications. The quiet hours apply to messages of other programs; a notification
// has its own, which these are the default of.
type NotifyRules struct {
	PerDay       int     `json:"per_day"`    // notifications that one contact gets in 24 hours, 0: any number
	MinHours     int     `json:"min_hours"`  // hours between two to one contact, 0: none
	QuietFrom    *int    `json:"quiet_from"` // minutes after midnight, where the contact is; nil: no quiet hours
	QuietTo      *int    `json:"quiet_to"`
	ApproveAbove int     `json:"approve_above"` // more people than this need a second person's approval, 0: never
	Prices       []Price `json:"prices"`
	PricesOf     string  `json:"prices_of"` // the day of the price table
	Currency     string  `json:"currency"`
}

// Price is what a message costs in a country and category; an empty country is any other.
type Price struct {
	Country  string            `json:"country"`
	Category whatsapp.Category `json:"category"` // or TwilioFee
	Amount   float64           `json:"amount"`
}

// DefaultNotifyRules apply until somebody sets others. The prices are examples to be checked and edited: Twilio's fee
// for each message, and Meta's for utility templates by country, as published in 2025.
func DefaultNotifyRules() NotifyRules {
	return NotifyRules{
		ApproveAbove: 1000,
		Currency:     "USD",
		PricesOf:     "2025-07-01",
		Prices: []Price{
			{"", TwilioFee, 0.005},
			{"", whatsapp.Utility, 0.0077},
			{"", whatsapp.Authentication, 0.0077},
			{"US", whatsapp.Utility, 0.0034},
			{"DE", whatsapp.Utility, 0.0456},
			{"GB", whatsapp.Utility, 0.0183},
			{"BR", whatsapp.Utility, 0.0068},
			{"IN", whatsapp.Utility, 0.0012},
			{"MX", whatsapp.Utility, 0.0085},
			{"ES", whatsapp.Utility, 0.0166},
			{"FR", whatsapp.Utility, 0.0248},
			{"IT", whatsapp.Utility, 0.0248},
			{"AE", whatsapp.Utility, 0.0131},
		},
	}
}

// PriceOf is what one message costs: Twilio's fee and Meta's.
func (r NotifyRules) PriceOf(country string, category whatsapp.Category) float64 {
	twilio, meta, other := 0.0, -1.0, 0.0
	for _, p := range r.Prices {
		switch {
		case p.Category == TwilioFee:
			twilio = p.Amount
		case p.Category == category && p.Country == country:
			meta = p.Amount
		case p.Category == category && p.Country == "":
			other = p.Amount
		}
	}
	if meta < 0 {
		meta = other
	}
	return twilio + meta
}

// NotifyRules are the current rules.
func (r Reads) NotifyRules(ctx context.Context) (NotifyRules, error) {
	rules := DefaultNotifyRules()
	err := models.Setting(r.read(ctx), "notify", &rules)
	return rules, err
}

// SaveNotifyRules stores new rules.
func SaveNotifyRules(tx *models.Tx, a models.Actor, r NotifyRules) error {
	return models.SaveSetting(tx, a, "notify", r, "The rules for notifications were changed")
}
