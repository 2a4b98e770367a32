package lint

import "sync"

// A list is words of one meaning in one language, as they look after whatsapp.Fold: lower case, no accents.
// A space stands for any run of spaces or hyphens; # is a number; the rest is a regular expression.
type list struct{ rule, language, strong, weak string }

// harmless are phrases in which a word from the lists is harmless: they are removed first.
var harmless = words(
	`feel free|free to (?:reply|call|contact|write|ask|reach|message|come|bring|ignore)|(?:toll|hands|sugar|gluten|` +
		`contact|lactose|duty|smoke|barrier|debt|risk|stress) free|free (?:time|slots?|space|up|of charge for you)|` +
		`free appointment|(?:table|room|slot|place|seat|line|desk|bed|chair) is (?:now )?free|` +
		`point of sale|bill of sale|sales? (?:receipt|agreement|contract|order|invoice|team|tax|person|department)|` +
		`after sales?|job offers?|offer letters?|` +
		`discount (?:was|has been) removed|police (?:report|number|certificate)|` +
		`(?:libre|disponible) de|compra(?:s)? (?:numero|#|realizada|confirmada|online)|su compra|tu compra|sua compra|` +
		`remise en main propre|remise des cles|solde (?:de votre compte|du compte|restant)|offre d'emploi|` +
		`angebot (?:nr|nummer|#)|kostenlos stornier\w*|kostenfrei stornier\w*|gratis annuller\w*`,
)

var lists = []list{
	{
		"promotion",
		"en",
		`# ?% (?:off|discount|cheaper|less|bonus|cash ?back)|# percent (?:off|discount)|half price|discount(?:s|ed)?|` +
			`coupons?|promo(?: codes?)?|promotions?|promotional|` +
			`(?:flash|summer|winter|spring|autumn|fall|clearance|holiday|weekend|seasonal|season|annual|big|mega|final|` +
			`private) sales?|on sale|our sale|the sale|sale|black friday|cyber monday|` +
			`(?:special|limited|exclusive|great|best|amazing|latest|new|our|this) offers?|offer (?:ends|expires|valid)|` +
			`limited time|(?:great|best|hot|amazing|exclusive|our|special) deals?|` +
			`(?:buy|shop|order|purchase|subscribe|upgrade) (?:now|today|online today)|shop (?:our|the)|buy # get #|` +
			`buy one get one|bogo|2 for 1|two for one|` +
			`free (?:gifts?|trial|samples?|months?|upgrade|coffee|bonus|product|item)|for free|get (?:it|one|yours) free|` +
			`gift cards?|giveaway|` +
			`(?:reduced|lowest|best|special|unbeatable|discounted|lower) prices?|price (?:drop|cut|reduction)s?|` +
			`prices? (?:drop|cut|slashed|reduced)|(?:only|just|now|from only|from just|starting at|starting from|` +
			`as low as) [$€£]? ?#(?:[.,]#)? ?[$€£]?|was [$€£] ?#[.,]?#? now|` +
			`save (?:up to )?[$€£]? ?#|save (?:big|money|more)|cash ?back|while (?:stocks?|supplies) lasts?|` +
			`last chance to (?:buy|get|save|order|shop)|hurry|don't miss (?:out|this|our)|today only|act now|` +
			`earn (?:\w+ )?(?:points|rewards)|(?:double|bonus|reward|loyalty) points|loyalty (?:program(?:me)?|club|rewards?)|` +
			`refer (?:a |your |your own )?friends?|raffle|lucky (?:you|winner)|earn (?:credits?|money)|you (?:may|` +
			`might) also (?:like|love)|new (?:arrivals?|collection)|` +
			`surveys? .{0,40}(?:win|gift|voucher|discount|reward|prize)|win (?:a|an|one of|up to)|prize draw|lottery|` +
			`vouchers?|upgrade (?:your|to) (?:plan|premium|pro|account)`,
		`offers?|deals?|free|exclusive(?:ly)?|bargains?|special price|book now|check out our|discover our|try our|rewards?|` +
			`redeem|recommended for you|best selling|new product|premium plan|sign up now|join now`,
	},
	{
		"promotion",
		"es",
		`# ?% (?:de )?(?:descuento|dto|menos|rebaja)|descuentos?|rebajas?|rebajad[oa]s?|cupon(?:es)?|codigo promocional|` +
			`promocion(?:es|al)?|promo|oferta (?:especial|exclusiva|limitada|unica)|ofertas?|` +
			`(?:compra|compre|compralo|adquiere|pide|pidelo|reserva y ahorra|suscribete|aprovecha|aproveche) (?:ya|ahora|hoy|` +
			`aqui|esta|nuestr[ao]s?)|aprovecha|no te (?:lo|la) pierdas|por tiempo limitado|ultimos dias|ultimas unidades|` +
			`liquidacion|` +
			`gratis|regalo|regalamos|sorteo|gana (?:un|una|puntos|premios?)|puntos (?:extra|dobles)|(?:solo|desde|por solo|` +
			`ahora por) [$€]? ?#(?:[.,]#)? ?(?:[$€]|euros|pesos|dolares)|ahorra|ultima oportunidad|precio (?:especial|` +
			`rebajado|reducido)|mejor precio|dos por uno|2x1|vales? de descuento|nueva coleccion`,
		`exclusiv[oa]s?|novedades|compra ya|descubre nuestr[oa]s?|ventaja|premium`,
	},
	{
		"promotion",
		"pt",
		`# ?% (?:de )?(?:desconto|off)|descontos?|cupo(?:m|ns)|promoca?o(?:es)?|promocoes|promocional|promo|liquidaca?o|` +
			`oferta (?:especial|exclusiva|relampago)|ofertas?|` +
			`(?:compre|aproveite|peca|assine|garanta) (?:ja|agora|hoje|o seu|a sua|nossas?|nossos?)|aproveite|nao perca|` +
			`por tempo limitado|ultimas unidades|` +
			`gratis|brindes?|sorteio|ganhe (?:um|uma|pontos|premios?)|pontos em dobro|(?:apenas|so|a partir de|por apenas|` +
			`por so) (?:r?[$€])? ?#(?:[.,]#)? ?(?:[$€]|reais|euros)?|economize|ultima chance|frete gratis|preco (?:especial|` +
			`reduzido)|melhor preco|leve # pague #|cash ?back|vale presente|nova coleca?o`,
		`exclusiv[oa]s?|novidades|confira nossas?|vantagens?|premium`,
	},
	{
		"promotion",
		"de",
		`# ?% (?:rabatt|nachlass|reduziert|gunstiger|auf alles|sparen)|rabatte?|rabattcodes?|gutscheine?|gutscheincodes?|` +
			`aktionscode|sonderangebote?|sonderaktion|angebot (?:des tages|der woche|nur heute)|(?:unser|unsere|tolle|` +
			`exklusive|neue|aktuelle) angebote?|schnappchen|ausverkauf|schlussverkauf|sale|aktionspreise?|` +
			`(?:jetzt|heute|gleich|sofort) (?:kaufen|bestellen|shoppen|sichern|zugreifen|sparen|zuschlagen)|(?:kaufen|` +
			`bestellen|sichern) sie (?:jetzt|noch heute)|kauf jetzt|bestell jetzt|nur (?:heute|fur kurze zeit|noch heute|` +
			`solange)|solange der vorrat reicht|nicht verpassen|verpasse nicht|` +
			`gratis|geschenkt?|kostenlos(?:e[rsnm]?)? (?:testen|probe\w*|zugabe|geschenk|artikel|monat)|gewinnspiel|` +
			`gewinne(?:n sie)? (?:ein|eine|einen)|bonuspunkte|treuepunkte|treueprogramm|(?:nur|ab|jetzt|schon ab|` +
			`fur nur) #(?:[.,]#)? ?(?:€|euro)|sparen sie|spare|bestpreis|tiefstpreis|preissenkung|# fur #|letzte chance|` +
			`verlosung|neue kollektion|black friday`,
		`angebote?|exklusiv(?:e[rsnm]?)?|kostenlos(?:e[rsnm]?)?|entdecken sie|neuheiten|vorteil(?:e|spreis)?|premium`,
	},
	{
		"promotion",
		"fr",
		`# ?% (?:de )?(?:reduction|remise|rabais|promo)|reductions?|remises?|rabais|promos?|promotions?|` +
			`promotionnel(?:le)?s?|codes? promo|bons? (?:de reduction|d'achat)|coupons?|soldes|offres? (?:speciale|exclusive|` +
			`limitee|du jour|promotionnelle)s?|bons? plans?|ventes? (?:flash|privees?)|` +
			`(?:achetez|commandez|profitez|profitez en|abonnez vous|reservez) (?:maintenant|vite|des maintenant|aujourd'hui|` +
			`de nos|de notre|de cette|des|en)|profitez|ne manquez pas|duree limitee|derniers jours|jusqu'a epuisement|` +
			`gratuit(?:e)?s?|cadeaux?|offert(?:e)?s?|gagnez|tirage au sort|jeu concours|points (?:bonus|doubles|de fidelite)|` +
			`programme de fidelite|(?:seulement|a partir de|des|pour seulement) #(?:[.,]#)? ?(?:€|euros?)|economisez|` +
			`derniere chance|prix (?:special|reduit|casse|mini)|meilleur prix|nouvelle collection|black friday`,
		`offres?|exclusi(?:f|ve)s?|nouveautes|decouvrez (?:nos|notre)|avantages?|premium`,
	},
	{
		"promotion",
		"it",
		`# ?% (?:di )?sconto|sconti|sconto|scontat[oia]|coupon|promozion[ei]|promo|offert[ae] (?:speciale|esclusiva|` +
			`limitata)|saldi|(?:acquista|compra|ordina|approfitta) (?:ora|subito|oggi)|approfitta|solo per oggi|` +
			`tempo limitato|gratis|omaggio|regalo|risparmia|prezzo speciale|(?:solo|a partire da) [€]? ?#(?:[.,]#)? ?(?:€|` +
			`euro)|buono sconto|non perdere`,
		`offert[ae]|esclusiv[oia]|novita|scopri`,
	},
	{
		"promotion",
		"nl",
		`# ?% korting|korting(?:en|scode)?|kortingsbon|aanbieding(?:en)?|actiecode|uitverkoop|koopje|(?:koop|bestel|` +
			`shop) (?:nu|vandaag)|alleen vandaag|op is op|gratis|cadeau|bespaar|(?:nu|slechts|vanaf) € ?#(?:[.,]#)?|win een|` +
			`spaarpunten|mis het niet`,
		`exclusieve?|voordeel|ontdek`,
	},

	{
		"threat",
		"en",
		`or else|you will regret|(?:we|i) will (?:sue|find you|come for you|hurt|report you|take your)|legal action|` +
			`lawsuit|court (?:proceedings|action)|you (?:will be|are going to be) arrested|(?:call|send|inform|contact|` +
			`notify) the police|debt collect(?:or|ors|ion)|final warning|suffer the consequences|consequences will|` +
			`your family will know|seize your|bailiffs?|prosecut(?:e|ed|ion)|blacklisted?`,
		``,
	},
	{
		"threat",
		"es",
		`acciones legales|demanda judicial|te vas a arrepentir|se arrepentira|llamaremos a la policia|sera arrestad[oa]|` +
			`ultimo aviso antes|embargo de (?:sus|tus)|atente a las consecuencias|cobro judicial`,
		``,
	},
	{
		"threat",
		"pt",
		`acoes? judicia(?:l|is)|medidas legais|processo judicial|vai se arrepender|chamaremos a policia|sera preso|penhora|` +
			`arcar com as consequencias`,
		``,
	},
	{
		"threat",
		"de",
		`rechtliche schritte|gerichtlich|gerichtsvollzieher|inkasso|strafanzeige|anzeige erstatten|letzte mahnung|` +
			`die polizei (?:rufen|einschalten|informieren)|sie werden es bereuen|konsequenzen (?:haben|tragen)|pfandung`,
		``,
	},
	{
		"threat",
		"fr",
		`poursuites (?:judiciaires)?|action en justice|huissiers?|vous le regretterez|appeler la police|` +
			`derniere mise en demeure|mise en demeure|consequences graves|saisie de vos|plainte (?:sera|contre vous)`,
		``,
	},

	{"abuse", "en", `idiots?|stupid|morons?|losers?|shut up|scumbags?|bastards?|fuck\w*|shit|asshole|bitch`, ``},
	{"abuse", "es", `idiotas?|estupid[oa]s?|imbecil(?:es)?|mierda|cabron|gilipollas|puta`, ``},
	{"abuse", "pt", `idiotas?|estupid[oa]s?|imbeci(?:l|s)|merda|caralho|puta`, ``},
	{"abuse", "de", `idioten?|dummkopf|arschloch|scheisse|trottel|vollidiot`, ``},
	{"abuse", "fr", `idiote?s?|stupides?|imbeciles?|connard|merde|salope|cretin`, ``},

	{
		"goods",
		"en",
		`casinos?|gambling|betting|bets?|poker|slot machines?|jackpot|whisk(?:e)?y|vodka|beers?|wines?|liquor|alcohol|` +
			`cigarettes?|tobacco|vapes?|vaping|e cigarettes?|cigars?|guns?|rifles?|firearms?|ammunition|weapons?|cannabis|` +
			`marijuana|weed|cbd|cocaine|steroids|viagra|porn\w*|escorts?|sex toys?|xxx|prescription drugs|opioids?|` +
			`payday loans?|crypto(?:currency|currencies)?|bitcoins?|forex|binary options|dating`,
		`medicines?|pills|supplements?`,
	},
	{
		"goods",
		"es",
		`casinos?|apuestas?|cerveza|vino|licores?|whisky|vodka|cigarrill?os|tabaco|vapeador(?:es)?|armas?|municion(?:es)?|` +
			`cannabis|marihuana|cocaina|pornografia|prestamos? rapidos?|criptomonedas?`,
		`medicamentos?|suplementos?`,
	},
	{
		"goods",
		"pt",
		`cassinos?|apostas?|cerveja|vinhos?|vodka|cigarros?|tabaco|vape|armas?|municao|maconha|cocaina|pornografia|` +
			`criptomoedas?`,
		`medicamentos?|suplementos?`,
	},
	{
		"goods",
		"de",
		`casinos?|spielbank|sportwetten|wetten|glucksspiel|bier|wein|schnaps|wodka|zigaretten|tabak|waffen?|munition|` +
			`cannabis|marihuana|kokain|pornografie|kryptowahrung(?:en)?|sofortkredit`,
		`medikamente?|nahrungserganzung\w*`,
	},
	{
		"goods",
		"fr",
		`casinos?|paris sportifs|jeux d'argent|bieres?|vins?|vodka|cigarettes?|tabac|vapoteuse|armes?|munitions?|cannabis|` +
			`cocaine|pornographie|cryptomonnaies?`,
		`medicaments?|complements? alimentaires?`,
	},

	{
		"category_code",
		"en",
		`(?:verification|one time|authentication|security|login|log in|sign in|confirmation|access|otp) (?:code|password|` +
			`passcode|pin)s?|otp|passcodes?|two factor|2fa|use this code to (?:log|sign|verify)`,
		``,
	},
	{
		"category_code",
		"es",
		`codigo de (?:verificacion|seguridad|acceso|confirmacion|autenticacion)|clave de (?:acceso|un solo uso)`,
		``,
	},
	{"category_code", "pt", `codigo de (?:verificacao|seguranca|acesso|confirmacao|autenticacao)|senha de uso unico`, ``},
	{
		"category_code",
		"de",
		`(?:bestatigungs|verifizierungs|sicherheits|anmelde|zugangs|login|einmal|freischalt) ?(?:code|passwort|kennwort)s?|` +
			`tan nummer`,
		``,
	},
	{
		"category_code",
		"fr",
		`codes? (?:de verification|de securite|d'acces|de confirmation|d'authentification|a usage unique)|` +
			`mot de passe a usage unique`,
		``,
	},

	{
		"spelling",
		"en",
		//nolint:misspell // it is what people mistype
		`teh|recieve[ds]?|adress(?:es)?|appointement|apointment|seperate|definately|tommorow|tommorrow|tomorow|occured|` +
			`succesful(?:ly)?|sucessful(?:ly)?|acount|adn|thier|wich|befor|recieving|delivary|confimed|confirmd|remeber|` +
			`calender|recipt|reciept|untill|wensday|febuary|youre welcome`,
		``,
	},
}

type compiled struct {
	list
	strongest, weakest *matcher
}

// compiledLists are made at the first use.
var compiledLists = sync.OnceValue(func() []compiled {
	out := make([]compiled, len(lists))
	for i, l := range lists {
		out[i].list = l
		if l.strong != "" {
			out[i].strongest = words(l.strong)
		}
		if l.weak != "" {
			out[i].weakest = words(l.weak)
		}
	}
	return out
})

func (c *compiled) find(folded string, strong bool) []int {
	m := c.weakest
	if strong {
		m = c.strongest
	}
	if m == nil {
		return nil
	}
	return m.find(folded)
}
