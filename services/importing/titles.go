package importing

import (
	"slices"
	"strings"

	"parley/models/people/imports"

	"parley/models/people"
	"parley/whatsapp/plaintext"
)

// titles are what people and programs call these columns; phoneTitles are those of phone numbers.
var titles = map[string][]string{
	"name": {
		"name",
		"full name",
		"contact",
		"contact name",
		"customer",
		"customer name",
		"nombre completo",
		"nom complet",
		"nome completo",
		"kunde",
		"ansprechpartner",
		"display name",
	},
	"first_name": {"first name", "firstname", "given name", "vorname", "nombre", "prenom", "nome", "voornaam"},
	"last_name": {
		"last name",
		"lastname",
		"surname",
		"family name",
		"nachname",
		"apellido",
		"apellidos",
		"nom",
		"nom de famille",
		"sobrenome",
		"cognome",
		"achternaam",
	},
	"language":  {"language", "lang", "locale", "sprache", "idioma", "langue", "lingua", "taal"},
	"time_zone": {"time zone", "timezone", "zeitzone"},
	"tags":      {"tags", "tag", "labels", "label", "groups", "group", "schlagworte", "etiquetas"},
	"consent": {
		"consent",
		"opt in",
		"optin",
		"opted in",
		"whatsapp opt in",
		"whatsapp consent",
		"whatsapp status",
		"marketing consent",
		"consent status",
		"opt in status",
		"optin status",
		"subscribed",
		"subscription status",
		"einwilligung",
		"zustimmung",
		"consentimiento",
		"consentement",
		"consentimento",
		"consenso",
		"toestemming",
	},
	"consent_at": {
		"consent at",
		"consent date",
		"opt in date",
		"opted in at",
		"opted in on",
		"optin date",
		"einwilligung am",
	},
	"opted_out": {
		"opt out",
		"optout",
		"opted out",
		"opt out date",
		"opted out at",
		"opted out on",
		"optout date",
		"unsubscribed",
		"unsubscribed at",
		"unsubscribed on",
		"unsubscribe date",
		"unsub",
		"unsub time",
		"whatsapp opt out",
		"do not contact",
		"dnc",
		"blacklist",
		"blacklisted",
		"blocked",
		"abgemeldet",
		"abgemeldet am",
		"abbestellt",
		"abmeldung",
		"widerruf",
		"widerrufen",
		"gesperrt",
		"baja",
		"fecha de baja",
		"dado de baja",
		"desinscrit",
		"desabonne",
		"disiscritto",
		"descadastrado",
		"uitgeschreven",
		"afgemeld",
		"отписан",
		"wypisany",
		"iptal",
	},
	"proof": {"proof", "consent proof", "opt in proof", "evidence", "nachweis"},
}

func title(s string) string {
	folded, _ := plaintext.Fold(s)
	return strings.Join(
		strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" _-./:()*\t", r) }),
		" ",
	)
}

func kindOfTitle(cell string, fields []people.ContactField) string {
	t := title(cell)
	if t == "" {
		return ""
	}
	for _, f := range fields {
		if title(f.Label) == t || title(f.Key) == t {
			return "field:" + f.Key
		}
	}
	for _, k := range imports.ColumnKinds {
		if slices.Contains(titles[k[0]], t) {
			return k[0]
		}
	}
	return ""
}
