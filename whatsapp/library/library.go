// Package library holds starter templates: transactional messages that WhatsApp approves as they are.
package library

import (
	"slices"

	"parley/whatsapp"
)

// Starter is one template to begin with.
type Starter struct {
	Name, Title, Use, Group string
	Category                whatsapp.Category
	Content                 whatsapp.Content
	Samples                 map[string]string
	Fields                  map[string]string // the contact's field that fills a placeholder
}

// Groups are the groups in the order of the page.
var Groups = []string{"Appointments", "Orders and delivery", "Payments", "Account and security", "Support", "Services"}

// Find is the starter with a name, nil if there is none.
func Find(name string) *Starter {
	i := slices.IndexFunc(Starters, func(s Starter) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &Starters[i]
}

func text(body string) whatsapp.Content {
	return whatsapp.Content{Type: whatsapp.TypeText, Body: body}
}

func asks(body string, replies ...string) whatsapp.Content {
	c := whatsapp.Content{Type: whatsapp.TypeQuickReply, Body: body}
	for _, r := range replies {
		c.Actions = append(c.Actions, whatsapp.Action{Type: whatsapp.ActionReply, Title: r, ID: whatsapp.TemplateName(r)})
	}
	return c
}

func links(body, title, url string) whatsapp.Content {
	return whatsapp.Content{
		Type:    whatsapp.TypeCallToAction,
		Body:    body,
		Actions: []whatsapp.Action{{Type: whatsapp.ActionURL, Title: title, Value: url}},
	}
}

func samples(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

var byName = map[string]string{"Name": "first_name"}

// Starters are the library; none of them has findings.
var Starters = []Starter{
	{
		"appointment_reminder",
		"Appointment reminder",
		"The day before, with buttons to confirm or move it.",
		"Appointments",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, this is a reminder of your appointment on {{Date}} at {{Time}} with us. Can you make it?",
			"Yes, I'll be there",
			"Move it",
			"Cancel it",
		),
		samples("Name", "Noor", "Date", "Tuesday, 4 May", "Time", "10:30"),
		byName,
	},
	{
		"appointment_confirmed",
		"Appointment confirmed",
		"Right after somebody booked.",
		"Appointments",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your appointment on {{Date}} at {{Time}} is confirmed. If you can't come, just reply here and we " +
				"find another time.",
		),
		samples("Name", "Noor", "Date", "Tuesday, 4 May", "Time", "10:30"),
		byName,
	},
	{
		"appointment_moved",
		"Appointment moved",
		"When you have to change the time.",
		"Appointments",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, we had to move your appointment of {{Old date}} and are sorry for it. "+
				"Your new time is {{New date}} at {{Time}}. Does that suit you?",
			"That suits me",
			"Another time",
		),
		samples("Name", "Noor", "Old date", "3 May", "New date", "4 May", "Time", "10:30"),
		byName,
	},
	{
		"appointment_canceled",
		"Appointment cancelled",
		"When an appointment does not take place.",
		"Appointments",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your appointment on {{Date}} was cancelled. Reply here to arrange a new one, or ignore this " +
				"message if you already have.",
		),
		samples("Name", "Noor", "Date", "Tuesday, 4 May"),
		byName,
	},
	{
		"appointment_prepare",
		"How to prepare",
		"What to bring to a visit.",
		"Appointments",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your visit is on {{Date}}. Please bring {{What to bring}} and come ten minutes early. Reply here " +
				"if anything is unclear.",
		),
		samples("Name", "Noor", "Date", "Tuesday, 4 May", "What to bring", "your referral and a list of your allergies"),
		byName,
	},
	{
		"table_reserved",
		"Table reserved",
		"A restaurant's confirmation.",
		"Appointments",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, your table for {{Guests}} people is reserved on {{Date}} at {{Time}}. We keep it for fifteen "+
				"minutes.",
			"See you then",
			"I have to cancel",
		),
		samples("Name", "Noor", "Guests", "4", "Date", "Friday", "Time", "19:30"),
		byName,
	},

	{
		"order_received",
		"Order received",
		"The receipt of an order.",
		"Orders and delivery",
		whatsapp.Utility,
		text(
			"Thank you {{Name}}, we received your order {{Order}} and have begun to pack it. We write again as soon as it " +
				"leaves our house.",
		),
		samples("Name", "Noor", "Order", "A-4711"),
		byName,
	},
	{
		"order_shipped",
		"Order shipped",
		"With a button to follow the parcel.",
		"Orders and delivery",
		whatsapp.Utility,
		links(
			"Hello {{Name}}, your order {{Order}} has left our house and should reach you on {{Date}}. You can follow the "+
				"parcel below.",
			"Follow the parcel",
			"https://www.example.com/parcels/{{Parcel}}",
		),
		samples("Name", "Noor", "Order", "A-4711", "Date", "Thursday", "Parcel", "JD0146"),
		byName,
	},
	{
		"delivery_today",
		"Delivery today",
		"The morning of a delivery.",
		"Orders and delivery",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, your order {{Order}} arrives today between {{From}} and {{Until}} o'clock. Will somebody be at "+
				"home?",
			"Yes",
			"Leave it outside",
			"Another day",
		),
		samples("Name", "Noor", "Order", "A-4711", "From", "14", "Until", "17"),
		byName,
	},
	{
		"delivery_missed",
		"Delivery missed",
		"When nobody was at home.",
		"Orders and delivery",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, we could not hand over your order {{Order}} today because nobody was at home. When may we come "+
				"again?",
			"Tomorrow",
			"The day after",
			"I'll pick it up",
		),
		samples("Name", "Noor", "Order", "A-4711"),
		byName,
	},
	{
		"order_ready",
		"Ready for pick-up",
		"Click and collect.",
		"Orders and delivery",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your order {{Order}} is ready for pick-up at {{Place}}. Please show this message at the counter.",
		),
		samples("Name", "Noor", "Order", "A-4711", "Place", "our shop in Main Street"),
		byName,
	},
	{
		"order_delayed",
		"Order delayed",
		"Bad news, told early.",
		"Orders and delivery",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, your order {{Order}} is late, and we are sorry for it. It should now reach you on {{Date}}. What "+
				"would you like to do?",
			"I'll wait",
			"Cancel the order",
		),
		samples("Name", "Noor", "Order", "A-4711", "Date", "Monday, 9 May"),
		byName,
	},
	{
		"return_received",
		"Return received",
		"When a parcel came back.",
		"Orders and delivery",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your return for order {{Order}} has arrived. We check it and refund {{Amount}} within five " +
				"working days.",
		),
		samples("Name", "Noor", "Order", "A-4711", "Amount", "24.90 EUR"),
		byName,
	},

	{
		"payment_received",
		"Payment received",
		"The receipt of a payment.",
		"Payments",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, we received your payment of {{Amount}} for invoice {{Invoice}}. Thank you, nothing is left to do.",
		),
		samples("Name", "Noor", "Amount", "24.90 EUR", "Invoice", "2026-0815"),
		byName,
	},
	{
		"invoice_due",
		"Invoice due",
		"A friendly reminder before the date.",
		"Payments",
		whatsapp.Utility,
		links(
			"Hello {{Name}}, invoice {{Invoice}} over {{Amount}} is due on {{Date}}. If you have paid already, please ignore "+
				"this message.",
			"See the invoice",
			"https://www.example.com/invoices/{{Link}}",
		),
		samples("Name", "Noor", "Invoice", "2026-0815", "Amount", "24.90 EUR", "Date", "12 May", "Link", "2026-0815"),
		byName,
	},
	{
		"payment_failed",
		"Payment failed",
		"When a charge did not go through.",
		"Payments",
		whatsapp.Utility,
		links(
			"Hello {{Name}}, the payment of {{Amount}} for your booking did not go through. Please choose another way to pay "+
				"by {{Date}} to keep the booking.",
			"Choose how to pay",
			"https://www.example.com/pay/{{Link}}",
		),
		samples("Name", "Noor", "Amount", "24.90 EUR", "Date", "12 May", "Link", "8f2k"),
		byName,
	},
	{
		"refund_sent",
		"Refund sent",
		"When money goes back.",
		"Payments",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, we sent {{Amount}} back to you today for order {{Order}}. It can take up to five working days " +
				"until your bank shows it.",
		),
		samples("Name", "Noor", "Amount", "24.90 EUR", "Order", "A-4711"),
		byName,
	},

	{
		"one_time_code",
		"One-time code",
		"Signing in or confirming a step, in WhatsApp's own words.",
		"Account and security",
		whatsapp.Authentication,
		whatsapp.Content{
			Type:    whatsapp.TypeAuthentication,
			Advice:  true,
			Minutes: 10,
			Copy:    "Copy code",
		},
		samples("Code", "123456"),
		nil,
	},
	{
		"password_changed",
		"Password changed",
		"So that nobody is surprised.",
		"Account and security",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, the password of your account was changed on {{Date}} at {{Time}}. If that was not you, tell us "+
				"at once.",
			"That was me",
			"That was not me",
		),
		samples("Name", "Noor", "Date", "4 May", "Time", "10:30"),
		byName,
	},
	{
		"new_sign_in",
		"New sign-in",
		"From a device that was not seen before.",
		"Account and security",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, somebody signed in to your account from {{Device}} on {{Date}}. Was it you?",
			"Yes, it was me",
			"No, lock it",
		),
		samples("Name", "Noor", "Device", "a phone in Berlin", "Date", "4 May"),
		byName,
	},
	{
		"account_ready",
		"Account ready",
		"The end of a registration.",
		"Account and security",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, your account is ready. You can now see your bookings and messages in one place. Reply here if " +
				"you need help with it.",
		),
		samples("Name", "Noor"),
		byName,
	},

	{
		"ticket_opened",
		"Request received",
		"The receipt of a support request.",
		"Support",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, we received your request {{Ticket}} about {{Subject}}. Somebody of our team answers by {{Date}} " +
				"at the latest.",
		),
		samples("Name", "Noor", "Ticket", "#1042", "Subject", "your heating", "Date", "Tuesday"),
		byName,
	},
	{
		"ticket_updated",
		"Request updated",
		"News about a support request.",
		"Support",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, your request {{Ticket}} has news for you: the state is now {{News}}. Does that settle it for you?",
			"Yes, thank you",
			"Not yet",
		),
		samples("Name", "Noor", "Ticket", "#1042", "News", "repaired"),
		byName,
	},
	{
		"ticket_closed",
		"Request settled",
		"The end of a support request.",
		"Support",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, we closed your request {{Ticket}} about {{Subject}}. If something is still open, reply here and " +
				"we go on with it.",
		),
		samples("Name", "Noor", "Ticket", "#1042", "Subject", "your heating"),
		byName,
	},
	{
		"continue_chat",
		"Continue a chat",
		"When the 24 hours have passed before you could answer.",
		"Support",
		whatsapp.Utility,
		asks(
			"Hello {{Name}}, we have an answer to your question about {{Subject}}. Shall we go on with it here?",
			"Yes, please",
			"No longer needed",
		),
		samples("Name", "Noor", "Subject", "your booking"),
		byName,
	},

	{
		"technician_on_way",
		"Technician on the way",
		"An hour before somebody arrives.",
		"Services",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, our technician {{Technician}} is on the way and should be with you at {{Time}}. Please see to it " +
				"that somebody can open the door.",
		),
		samples("Name", "Noor", "Technician", "Ms Berg", "Time", "14:30"),
		byName,
	},
	{
		"service_interrupted",
		"Service interrupted",
		"An outage, and when it is over.",
		"Services",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, our service in {{Area}} is interrupted at the moment. We expect it to be back by {{Time}} and " +
				"write again as soon as it is.",
		),
		samples("Name", "Noor", "Area", "the old town", "Time", "16:00"),
		byName,
	},
	{
		"document_needed",
		"Document needed",
		"When something is missing for a request.",
		"Services",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, to go on with your request {{Ticket}} we still need {{Document}}. You can send a photo of it " +
				"right here.",
		),
		samples("Name", "Noor", "Ticket", "#1042", "Document", "the signed form"),
		byName,
	},
	{
		"results_ready",
		"Results ready",
		"When something can be picked up or seen.",
		"Services",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, the results of your visit on {{Date}} are ready. Please call us or come by to talk about them.",
		),
		samples("Name", "Noor", "Date", "4 May"),
		byName,
	},
	{
		"school_closed",
		"Closed today",
		"Something does not take place.",
		"Services",
		whatsapp.Utility,
		text(
			"Hello {{Name}}, please note that {{What}} is closed on {{Date}} because of {{Reason}}. We let you know as soon " +
				"as it opens again.",
		),
		samples("Name", "Noor", "What", "the kindergarten", "Date", "Monday", "Reason", "the storm"),
		byName,
	},
}
