package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/whatsapp"
)

var samples = map[string]string{"Name": "Ada", "Date": "May 2", "Time": "10:00", "Order": "4711", "1": "x", "2": "y", "3": "z", "File": "plan.pdf"}

// text is a draft of a plain text in a language.
func text(language, body string) Draft {
	return Draft{Name: "a_name", Category: whatsapp.Utility, Language: language, Samples: samples, Content: whatsapp.Content{Type: whatsapp.TypeText, Body: body}}
}

func with(d Draft, fn func(*Draft)) Draft { fn(&d); return d }

func of(t whatsapp.ContentType, fn func(*whatsapp.Content)) Draft {
	d := text("en", "Your order has been packed and leaves our house today.")
	d.Content.Type = t
	fn(&d.Content)
	if t == whatsapp.TypeAuthentication {
		d.Category, d.Content.Body = whatsapp.Authentication, ""
	}
	return d
}

func reply(title string) whatsapp.Action {
	return whatsapp.Action{Type: whatsapp.ActionReply, Title: title}
}
func opens(url string) whatsapp.Action {
	return whatsapp.Action{Type: whatsapp.ActionURL, Title: "Open", Value: url}
}
func calls(n string) whatsapp.Action {
	return whatsapp.Action{Type: whatsapp.ActionPhone, Title: "Call us", Value: n}
}

func card(body string, actions ...whatsapp.Action) whatsapp.Card {
	return whatsapp.Card{Body: body, Media: "https://example.com/a.png", Actions: actions}
}

// cases are, for each rule, drafts that it reports and drafts that it accepts.
var cases = map[string]struct{ rejected, accepted []Draft }{
	"name": {
		[]Draft{with(text("en", ok), func(d *Draft) { d.Name = "Bad Name" }), with(text("en", ok), func(d *Draft) { d.Name = "" }), with(text("en", ok), func(d *Draft) { d.Name = strings.Repeat("a", 513) }), with(text("en", ok), func(d *Draft) { d.Name = "naïve" })},
		[]Draft{with(text("en", ok), func(d *Draft) { d.Name = "order_2_shipped" }), with(text("en", ok), func(d *Draft) { d.Name = strings.Repeat("a", 512) })}},
	"name_taken":  {[]Draft{with(text("en", ok), func(d *Draft) { d.NameUsedBy = "another template" })}, []Draft{text("en", ok)}},
	"name_locked": {[]Draft{with(text("en", ok), func(d *Draft) { d.NameLocked = time.Now().Add(time.Hour) })}, []Draft{text("en", ok)}},
	"same_text":   {[]Draft{with(text("en", ok), func(d *Draft) { d.SameTextAs = "visit_reminder" })}, []Draft{text("en", ok)}},
	"empty":       {[]Draft{text("en", ""), text("en", " \n ")}, []Draft{text("en", ok)}},
	"length": {[]Draft{text("en", strings.Repeat("word ", 205)), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header = strings.Repeat("x", 61) }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Footer = strings.Repeat("x", 61) }), of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply(strings.Repeat("x", 21))} }), of(whatsapp.TypeListPicker, func(c *whatsapp.Content) {
		c.Button = "Choose"
		c.Items = []whatsapp.Item{{Title: strings.Repeat("x", 25)}}
	}), of(whatsapp.TypeListPicker, func(c *whatsapp.Content) {
		c.Button = "Choose"
		c.Items = []whatsapp.Item{{Title: "One", Description: strings.Repeat("x", 73)}}
	}), of(whatsapp.TypeCarousel, func(c *whatsapp.Content) {
		c.Cards = []whatsapp.Card{card(strings.Repeat("x", 161), reply("Yes")), card("b", reply("Yes"))}
	})}, []Draft{text("en", strings.Repeat("w", 1024)), of(whatsapp.TypeCard, func(c *whatsapp.Content) {
		c.Header = strings.Repeat("x", 60)
		c.Actions = []whatsapp.Action{reply(strings.Repeat("y", 25))}
	})}},
	"line_breaks":   {[]Draft{text("en", "Hello there,\n\n\nyour visit is near."), text("en", "Hello there,\n \n\n\nyour visit is near.")}, []Draft{text("en", "Hello there,\n\nyour visit is near."), text("en", "Hello there,\r\n\r\nyour visit is near.")}},
	"tabs":          {[]Draft{text("en", "Hello\tthere, your visit is near.")}, []Draft{text("en", ok)}},
	"spaces":        {[]Draft{text("en", "Hello     there, your visit is near.")}, []Draft{text("en", "Hello    there, your visit is near.")}},
	"emoji":         {[]Draft{text("en", strings.Repeat("🎉", 11)+" done, your order is ready")}, []Draft{text("en", strings.Repeat("🎉", 10)+" done, your order is ready"), text("en", strings.Repeat("👩‍👩‍👧‍👦", 10)+" done, your family is booked in")}},
	"braces":        {[]Draft{text("en", "Hello {{Na{me}}, welcome to our clinic on Monday."), text("en", "Hello {Name}, welcome to our clinic on Monday."), text("en", "Hello {{Name}, welcome to our clinic on Monday."), text("en", "Hello {{}}, welcome to our clinic on Monday."), text("en", "Hello {{a-b}}, welcome to us."), text("en", "Hello }} there, welcome to us.")}, []Draft{text("en", "Hello {{Name}}, welcome to our clinic on Monday."), text("en", "Hello {{ Name }}, welcome to our clinic on Monday.")}},
	"too_many":      {[]Draft{text("en", many(101))}, []Draft{text("en", many(100))}},
	"first":         {[]Draft{text("en", "{{Name}} your appointment is tomorrow at nine."), text("en", "*{{Name}}*, your appointment is tomorrow at nine."), text("en", "{{1}} was added"), text("en", "… {{Name}}: your appointment is tomorrow.")}, []Draft{text("en", "👋 Welcome {{1}}. What company do you work for?"), text("en", "Hello {{Name}}, your appointment is tomorrow at nine.")}},
	"last":          {[]Draft{text("en", "Your appointment is on {{Date}}"), text("en", "Your appointment is on {{Date}}."), text("en", "Reminder: {{1}}"), text("en", "Your appointment with us is on *{{Date}}*!")}, []Draft{text("en", "Your appointment is on {{Date}} at our clinic.")}},
	"adjacent":      {[]Draft{text("en", "Hello there {{Name}}, {{Date}} is the day of your visit to us."), text("en", "{{1}}, {{2}}!"), text("en", "We see you on {{Date}}{{Time}} at our clinic in town."), text("en", "Your visit is on {{Date}}\n\n{{Time}} at our clinic in town.")}, []Draft{text("en", "Your visit is on {{Date}} at {{Time}} in our clinic.")}},
	"density":       {[]Draft{text("en", "Hi {{Name}} bye."), text("en", "Hi {{1}}, {{2}}"), text("en", "See {{Name}} and {{Date}} or {{Time}} here.")}, []Draft{text("en", "Hi {{Name}} see you."), text("zh_CN", "您好{{1}}，您的订单{{2}}已发货。")}},
	"mixed":         {[]Draft{text("en", "Hi {{1}} and {{Name}} you have a visit coming up with us soon.")}, []Draft{text("en", "Hi {{Date}} and {{Name}} you have a visit coming up with us soon.")}},
	"numbering":     {[]Draft{text("en", "Hi {{1}} and {{3}} you have a visit coming up with us soon."), text("en", "Hi {{2}} you have a visit coming up with us soon."), text("en", "Hi {{0}} you have a visit coming up with us soon."), text("en", "Hi {{01}} you have a visit coming up with us soon.")}, []Draft{text("en", "Hi {{2}} and {{1}} you have a visit coming up with us soon.")}},
	"sample":        {[]Draft{text("en", "Hello {{Missing}}, your appointment is on Monday."), text("en", "Hello there, your {{Invoice}} is due on Monday."), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "{{Name}}"} }), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "a\nb"} }), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "a     b"} })}, []Draft{text("en", "Hello {{Name}}, your appointment is on Monday.")}},
	"sample_data":   {[]Draft{with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "ada.lovelace@gmail.com"} }), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "+49 151 2345 6789"} }), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "4111 1111 1111 1111"} })}, []Draft{with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "ada@example.com"} }), with(text("en", "Hello {{Name}}, your appointment is on Monday."), func(d *Draft) { d.Samples = map[string]string{"Name": "A-4711"} })}},
	"short":         {[]Draft{of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header = "Hello 👋" }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Footer = "*Bold*" }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Footer = "a\nb" }), of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("Yes ✅")} })}, []Draft{of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header, c.Footer = "Your order", "Harbor Clinic" })}},
	"variable_here": {[]Draft{of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Footer = "For {{Name}} only" }), of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("Yes {{Name}}")} }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header = "{{Name}} and {{Date}}" })}, []Draft{of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header = "Order {{Order}}" })}},
	"missing":       {[]Draft{of(whatsapp.TypeMedia, func(*whatsapp.Content) {}), of(whatsapp.TypeQuickReply, func(*whatsapp.Content) {}), of(whatsapp.TypeCallToAction, func(*whatsapp.Content) {}), of(whatsapp.TypeCard, func(*whatsapp.Content) {}), of(whatsapp.TypeListPicker, func(*whatsapp.Content) {}), of(whatsapp.TypeAuthentication, func(*whatsapp.Content) {}), of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("")} })}, []Draft{of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/a.png" }), of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Copy = "Copy code" })}},
	"count": {[]Draft{of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) {
		for i := range 11 {
			c.Actions = append(c.Actions, reply(fmt.Sprint("R", i)))
		}
	}), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) {
		c.Actions = []whatsapp.Action{opens("https://a.example"), opens("https://b.example"), opens("https://c.example")}
	}), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{calls("+4930123456"), calls("+4930123457")} }), of(whatsapp.TypeListPicker, func(c *whatsapp.Content) { c.Items = make([]whatsapp.Item, 11) }), of(whatsapp.TypeCarousel, func(c *whatsapp.Content) { c.Cards = []whatsapp.Card{card("one", reply("Yes"))} }), of(whatsapp.TypeCarousel, func(c *whatsapp.Content) { c.Cards = []whatsapp.Card{card("one"), card("two")} }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header, c.Media = "Hi", "https://example.com/a.png" })},
		[]Draft{of(whatsapp.TypeCarousel, func(c *whatsapp.Content) {
			c.Cards = []whatsapp.Card{card("one", reply("Yes")), card("two", reply("Yes"))}
		})}},
	"twice": {[]Draft{of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("Yes"), reply("yes")} }), of(whatsapp.TypeListPicker, func(c *whatsapp.Content) {
		c.Button = "x"
		c.Items = []whatsapp.Item{{Title: "a", ID: "1"}, {Title: "b", ID: "1"}}
	})}, []Draft{of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("Yes"), reply("No")} })}},
	"mixed_cards": {[]Draft{of(whatsapp.TypeCarousel, func(c *whatsapp.Content) {
		c.Cards = []whatsapp.Card{card("one", reply("Yes")), card("two", opens("https://example.com"))}
	})}, []Draft{of(whatsapp.TypeCarousel, func(c *whatsapp.Content) {
		c.Cards = []whatsapp.Card{card("one", reply("Yes")), card("two", reply("No"))}
	})}},
	"phone":        {[]Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{calls("12")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{calls("+49 30 123456")} })}, []Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{calls("+4930123456")} })}},
	"place":        {[]Draft{of(whatsapp.TypeLocation, func(c *whatsapp.Content) { c.Latitude, c.Longitude = "91", "13" }), of(whatsapp.TypeLocation, func(c *whatsapp.Content) { c.Latitude, c.Longitude = "52.5", "east" }), of(whatsapp.TypeLocation, func(c *whatsapp.Content) { c.Latitude, c.Longitude = "NaN", "13" })}, []Draft{of(whatsapp.TypeLocation, func(c *whatsapp.Content) { c.Latitude, c.Longitude = "52.52", "-13.4" })}},
	"minutes":      {[]Draft{of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Minutes = 91 }), of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Minutes = -1 })}, []Draft{of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Minutes = 90 }), of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Minutes = 0 })}},
	"unapprovable": {[]Draft{of(whatsapp.TypeListPicker, func(*whatsapp.Content) {}), of(whatsapp.TypeLocation, func(*whatsapp.Content) {})}, []Draft{text("en", ok)}},
	"category":     {[]Draft{with(text("en", ok), func(d *Draft) { d.Category = whatsapp.Marketing }), with(text("en", ok), func(d *Draft) { d.Category = "" })}, []Draft{text("en", ok)}},
	"category_type": {[]Draft{with(text("en", ok), func(d *Draft) { d.Category = whatsapp.Authentication }), with(of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Copy = "Copy" }), func(d *Draft) { d.Category = whatsapp.Utility })},
		[]Draft{of(whatsapp.TypeAuthentication, func(c *whatsapp.Content) { c.Copy = "Copy" })}},
	"category_code": {[]Draft{text("en", "Your verification code is {{1}}, please use it within ten minutes."), text("en", "Use {{1}} as your one-time password to log in to our site."), text("es", "Tu código de verificación es {{1}}, úsalo en diez minutos por favor."), text("pt_BR", "Seu código de verificação é {{1}} e vale por dez minutos."), text("de", "Dein Bestätigungscode lautet {{1}} und gilt zehn Minuten lang."), text("fr", "Votre code de vérification est {{1}} et il est valable dix minutes.")},
		[]Draft{text("en", "Your booking {{1}} is confirmed for Monday."), text("en", "Our zip code has changed, please find us at the new address.")}},
	"promotion": {[]Draft{
		text("en", "Hello {{Name}}, enjoy a 20% discount on your next visit here."), text("en", "Summer sale starts today in all our stores!"), text("en", "Your order shipped. Buy now and save 10 on the next."), text("en", "Get a FREE gift with your next order."), text("en", "Use coupon WELCOME at the checkout."), text("en", "Special offer: check-ups at half price."), text("en", "New shoes for only $19.99 in our shop."), text("en", "Shop now at our online store."), text("en", "Earn double points this week on all your orders."), text("en", "Answer our survey and win a voucher."), text("en", "Limited time only, don't miss out!"), text("en", "Get 50 % off"), text("en", "Thanks for your order! You may also like our new hats."), text("en", "Upgrade your plan today and get more."), text("en", "Best price of the year on all shoes"), text("en", "DISC\u200bOUNT on everything today"),
		text("es", "Hola {{Name}}, aprovecha un 20% de descuento en tu próxima visita."), text("es", "¡Rebajas de verano en todas nuestras tiendas!"), text("es", "Compra ahora y recibe un regalo con tu pedido."), text("es", "Oferta especial por tiempo limitado para ti."), text("es", "Zapatos desde 19,99 € en nuestra tienda."), text("es", "Envío gratis en tu próximo pedido."), text("es", "Usa el cupón HOLA en tu compra."),
		text("pt_BR", "Olá {{Name}}, aproveite 20% de desconto na sua próxima visita."), text("pt_BR", "Promoção de verão em todas as lojas!"), text("pt_BR", "Compre agora e ganhe um brinde."), text("pt_PT", "Oferta especial só para si, não perca."), text("pt_BR", "Sapatos por apenas R$ 99,90 na nossa loja."),
		text("de", "Hallo {{Name}}, 20 % Rabatt auf deinen nächsten Besuch bei uns."), text("de", "Sommerschlussverkauf: Jetzt kaufen und sparen!"), text("de", "Nur heute: Gutschein für deinen nächsten Einkauf."), text("de", "Gratis Geschenk zu deiner nächsten Bestellung."), text("de", "Schuhe ab 19,99 € in unserem Laden."), text("de", "Sichern Sie jetzt Ihr Sonderangebot bei uns."),
		text("fr", "Bonjour {{Name}}, profitez de 20 % de réduction sur votre prochaine visite."), text("fr", "Les soldes commencent aujourd'hui dans nos magasins !"), text("fr", "Achetez maintenant et recevez un cadeau."), text("fr", "Offre spéciale à durée limitée, rien que pour vous."), text("fr", "Chaussures à partir de 19,99 € en magasin."), text("fr", "Utilisez le code promo BONJOUR."),
		text("en", "Refer friends and earn credits with us."), text("de", "Jetzt 3 für 2 auf alle Schuhe im Laden"), text("fr", "Dernière chance pour venir en magasin"), text("pt_BR", "Frete grátis nas compras acima de R$ 100"), text("it", "Ciao {{Name}}, 20% di sconto sulla tua prossima visita."), text("nl", "Hallo {{Name}}, 20% korting op je volgende bezoek."),
		text("en", "¡Rebajas! Todo con descuento."), of(whatsapp.TypeQuickReply, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{reply("Buy now")} }), of(whatsapp.TypeCard, func(c *whatsapp.Content) { c.Header = "Summer sale" })},
		[]Draft{text("en", ok), text("en", "Feel free to reply if you have a question about your order."), text("en", "Your payment of $19.99 for order {{Order}} was received."), text("en", "Your receipt from our point of sale is attached."), text("en", "Our sales team will call you back about your question."), text("en", "Your table is free at eight, please come by."), text("en", "Your refund of $20 for order {{Order}} has been processed and arrives soon."), text("en", "Your subscription renews on {{Date}} for $9.99 unless you cancel it."), text("en", "Your order qualifies for a full refund because the item was out of stock."), text("de", "Ihr Kostenvoranschlag ist fertig. Bitte geben Sie uns Bescheid, ob wir beginnen sollen."), text("es", "Hemos recibido tu pago de 20 euros. Gracias por tu compra en nuestra tienda."), with(text("en", "You can call us toll-free at any time about your booking."), func(*Draft) {}),
			text("es", "Hola {{Name}}, tu cita es el {{Date}} en nuestra clínica."), text("pt_BR", "Olá {{Name}}, sua consulta é no dia {{Date}} na nossa clínica."), text("de", "Hallo {{Name}}, dein Termin ist am {{Date}} in unserer Praxis."), text("fr", "Bonjour {{Name}}, votre rendez-vous est le {{Date}} dans notre cabinet."), text("fr", "Le solde de votre compte est à jour, merci beaucoup.")}},
	"sensitive":  {[]Draft{text("en", "Please send your credit card number to finish the booking."), text("en", "Reply with your password to go on."), text("en", "To verify your account, enter your social security number."), text("es", "Envíe su número de tarjeta para terminar la reserva."), text("pt_BR", "Envie o número do cartão para concluir a reserva."), text("de", "Bitte senden Sie uns Ihre Kreditkartennummer."), text("fr", "Envoyez votre numéro de carte pour terminer."), text("en", "Bring your passport number to the desk.")}, []Draft{text("en", "We will never ask for your password."), text("en", "Do not share your card number with anyone."), text("en", "Your password was changed. If that was not you, call us."), text("en", "Your card was charged for order {{Order}} today.")}},
	"threat":     {[]Draft{text("en", "We will take your house if you do not pay today."), text("en", "Pay by Friday or else we take legal action."), text("es", "Pague o iniciaremos acciones legales."), text("pt_BR", "Pague ou tomaremos medidas legais."), text("de", "Zahlen Sie, sonst folgen rechtliche Schritte."), text("fr", "Payez ou nous engagerons des poursuites judiciaires.")}, []Draft{text("en", "Your invoice {{Order}} is due on {{Date}}. Call us if you need more time.")}},
	"abuse":      {[]Draft{text("en", "Don't be stupid, pay your invoice."), text("de", "Sie sind ein Idiot, zahlen Sie endlich.")}, []Draft{text("en", ok)}},
	"goods":      {[]Draft{text("en", "Your casino bonus is waiting for you."), text("en", "Your order of vodka and cigarettes is on its way."), text("en", "Your rifle ammunition is ready for pick-up."), text("es", "Tus apuestas están listas en la app."), text("de", "Ihre Sportwetten sind ausgewertet."), text("fr", "Vos cigarettes sont prêtes au retrait.")}, []Draft{text("en", "Your better half has booked a table for you."), text("en", "Your alphabet book is ready for pick-up.")}},
	"short_link": {[]Draft{text("en", "Your visit is near, see https://bit.ly/3x for more."), text("en", "Your visit is near, see tinyurl.com/abc for more."), text("en", "Track it at https://t.co/abc please."), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://bit.ly/3x")} })}, []Draft{text("en", "Your visit is near, see https://exhibit.ly/3x for more."), text("en", "See https://rabbit.lyon.example/3x for more on it."), text("en", "See https://contact.co for more on it.")}},
	"wa_me":      {[]Draft{text("en", "Write to us at https://wa.me/15550100 for more."), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://wa.me/15550100")} })}, []Draft{text("en", "See https://visa.me for more on your order.")}},
	"url":        {[]Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("example.com/a")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("javascript:alert(1)")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://localhost/a")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://10.0.0.1/a")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("http://example.com/a")} })}, []Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://example.com/a?b=c#d")} })}},
	"url_variable": {[]Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://{{Name}}.example.com/a")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://example.com/a{{Order}}")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://example.com/{{Order}}/track")} }), of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) { c.Actions = []whatsapp.Action{opens("https://example.com{{Order}}")} }), text("en", "See https://{{Name}}.example.com/x for your visit to us.")}, []Draft{of(whatsapp.TypeCallToAction, func(c *whatsapp.Content) {
		c.Actions = []whatsapp.Action{opens("https://example.com/orders/{{Order}}")}
	})}},
	"media_ending":  {[]Draft{of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/picture" }), of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/a.exe" }), of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/{{Order}}" })}, []Draft{of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/{{File}}" }), of(whatsapp.TypeMedia, func(c *whatsapp.Content) { c.Media = "https://example.com/a.PDF?x=1" })}},
	"language":      {[]Draft{text("en", "Hallo {{Name}}, dein Termin ist am {{Date}} in unserer Praxis und wir freuen uns auf dich."), text("de", "Hello {{Name}}, your appointment is on {{Date}} at our clinic."), text("en", "مرحبا {{Name}}، موعدك يوم {{Date}} في عيادتنا."), text("ar", "Hello {{Name}}, your visit is on {{Date}} at our clinic."), text("pt_BR", "Hola {{Name}}, tu cita es el {{Date}} en nuestra clínica, gracias.")}, []Draft{text("en_GB", "Hello {{Name}}, your appointment is on {{Date}} at our clinic."), text("ar", "مرحبا {{Name}}، موعدك يوم {{Date}} في عيادتنا."), text("pl", "Dzień dobry {{Name}}, twoja wizyta jest {{Date}} w naszej klinice."), text("ja", "こんにちは{{Name}}さん、ご予約は{{Date}}です。")}},
	"purpose":       {[]Draft{text("en", "Hi {{1}}!"), text("en", "{{1}} {{2}}"), text("en", "Hello")}, []Draft{text("en", ok)}},
	"formatting":    {[]Draft{text("en", "Your *order is ready for you."), text("en", "Your _order is ready for you."), text("en", "Your ```order is ready for you.")}, []Draft{text("en", "Your *order* is _ready_ for ~me~ you."), text("en", "* Bring your card\n* Come early to the clinic"), text("en", "The 2*3 room with snake_case is yours.")}},
	"repeated_word": {[]Draft{text("en", "Your order is is ready for you.")}, []Draft{text("en", "We know that that is late, and call 555 555 then.")}},
	"spelling":      {[]Draft{text("en", "Your appointement is tommorow.")}, []Draft{text("en", ok)}},
	"shouting":      {[]Draft{text("en", "Your order is ready!!!"), text("en", "YOUR ORDER IS READY AND WAITING FOR YOU")}, []Draft{text("en", "Your order is ready! DHL brings it.")}},
}

const ok = "Your appointment at our clinic is confirmed."

func many(n int) string {
	var b strings.Builder
	b.WriteString("Start")
	for i := range n {
		fmt.Fprintf(&b, " a b {{%d}} c", i+1)
	}
	return b.String()
}

// Every rule has drafts that it reports, and drafts that it accepts.
func TestCases(t *testing.T) {
	for _, r := range Rules() {
		c, ok := cases[r]
		if !ok || len(c.rejected) == 0 || len(c.accepted) == 0 {
			t.Errorf("rule %s has no cases", r)
		}
		for _, d := range c.rejected {
			if !slices.ContainsFunc(Check(d), func(f Finding) bool { return f.Rule == r }) {
				t.Errorf("%s does not find %q (%s %s) %+v: %v", r, d.Content.Body, d.Language, d.Name, d.Content, Check(d))
			}
		}
		for _, d := range c.accepted {
			for _, f := range Check(d) {
				if f.Rule == r {
					t.Errorf("%s finds %q (%s): %s", r, d.Content.Body, d.Language, f.Message)
				}
			}
		}
		if title, address := (Finding{Rule: r}).Source(); title == "" || !strings.HasPrefix(address, "https://") || (Finding{Rule: r}).Why() == "" {
			t.Errorf("rule %s says neither why nor where it is written", r)
		}
	}
	for r := range cases {
		if !slices.Contains(Rules(), r) {
			t.Errorf("cases for %s, which is no rule", r)
		}
	}
}

// A fix resolves its finding, and causes no new error of the same rule.
func TestFixes(t *testing.T) {
	fixed := 0
	for rule, c := range cases {
		for _, d := range c.rejected {
			for _, f := range Check(d) {
				if f.Rule != rule || f.Fix == nil {
					continue
				}
				fixed++
				after := apply(d, f)
				for _, g := range Check(after) {
					if g.Rule == f.Rule && g.Field == f.Field && g.Start == f.Start && g.Message == f.Message && f.Rule != "braces" && f.Rule != "short" {
						t.Errorf("%s: the fix %q of %q leaves %q", rule, f.Fix.Label, d.Content.Body, g.Message)
					}
				}
			}
		}
	}
	if fixed < 20 {
		t.Errorf("only %d fixes were tried", fixed)
	}
}

func apply(d Draft, f Finding) Draft {
	switch f.Fix.Field {
	case "name":
		d.Name, d.NameUsedBy, d.NameLocked = f.Fix.Value, "", time.Time{}
	case "category":
		d.Category = whatsapp.Category(f.Fix.Value)
	default:
		if n, ok := strings.CutPrefix(f.Fix.Field, "sample:"); ok {
			d.Samples = map[string]string{n: f.Fix.Value}
		}
	}
	for _, p := range d.Content.Parts() {
		if p.Field == f.Fix.Field {
			*p.Text = f.Fix.Value
		}
	}
	return d
}

// Marks are inside the text that they mark.
func checkMarks(t *testing.T, d Draft) {
	t.Helper()
	texts := map[string]string{"name": d.Name}
	for _, p := range d.Content.Parts() {
		texts[p.Field] = *p.Text
	}
	for _, f := range Check(d) {
		if f.Start < 0 || f.End < f.Start || f.End > len(texts[f.Field]) && f.End > 0 {
			t.Fatalf("%s marks %d to %d of %q", f.Rule, f.Start, f.End, texts[f.Field])
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, c := range cases {
		for _, d := range c.rejected {
			f.Add(d.Name, d.Language, d.Content.Body, d.Content.Header, "https://a.example/{{1}}")
		}
	}
	f.Fuzz(func(t *testing.T, name, language, body, header, address string) {
		for _, kind := range whatsapp.ContentTypes() {
			c := whatsapp.Content{Type: kind, Body: body, Header: header, Media: address, Button: header, Latitude: body, Label: header,
				Actions: []whatsapp.Action{{Type: whatsapp.ActionURL, Title: header, Value: address}, {Type: whatsapp.ActionPhone, Value: header}},
				Items:   []whatsapp.Item{{Title: header, ID: name}}, Cards: []whatsapp.Card{{Body: body, Media: address, Actions: []whatsapp.Action{reply(header)}}}}
			checkMarks(t, Draft{Name: name, Category: whatsapp.Utility, Language: language, Content: c, Samples: map[string]string{"1": body}})
			c.Numbered()
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	d := text("en", strings.Repeat("Hello {{Name}}, your appointment on {{Date}} is confirmed. ", 16))
	for b.Loop() {
		Check(d)
	}
}
