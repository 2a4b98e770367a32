package importing

import (
	"slices"
	"strings"

	"parley/models"
	"parley/whatsapp"
)

// ColumnKinds are what a column can mean besides a custom field, with their words.
var ColumnKinds = [][2]string{
	{"phone", "Phone number"},
	{"name", "Name"},
	{"first_name", "First name"},
	{"last_name", "Last name"},
	{"language", "Language"},
	{"time_zone", "Time zone"},
	{"tags", "Tags, separated by commas"},
	{"consent", "Opted in: yes or no"},
	{"consent_at", "Date of the opt-in or opt-out"},
	{"opted_out", "Opted out: yes, or a date"},
	{"proof", "Proof of the opt-in"},
}

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
	folded, _ := whatsapp.Fold(s)
	return strings.Join(
		strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" _-./:()*\t", r) }),
		" ",
	)
}

// guessColumns proposes what each column means, from the first line and from what the others look like.
func guessColumns(lines [][]string, fields []models.ContactField) (header bool, columns []string) {
	width := 0
	for _, l := range lines {
		width = max(width, len(l))
	}
	columns = make([]string, width)
	header = guessByTitles(lines[0], columns, fields)
	if !header { // a first line without a number over lines with one is a heading too
		header = len(lines) > 1 && phoneColumn(lines[:1], width, columns) < 0 &&
			phoneColumn(lines[1:], width, columns) >= 0
	}
	body := lines
	if header {
		body = lines[1:]
	}
	guessByCells(body, columns)
	named := slices.Contains(columns, "name") || slices.Contains(columns, "first_name")
	if !named && !header {
		guessName(body, columns)
	}
	return header, columns
}

// guessByTitles fills in the columns that the first line names, and reports whether it is a heading.
func guessByTitles(first, columns []string, fields []models.ContactField) (header bool) {
	if phoneColumn([][]string{first}, len(columns), columns) >= 0 {
		return false // a heading holds no number: "unsubscribed" beside one is what a column says
	}
	if n, _ := titledPhone(first); n >= 0 {
		columns[n], header = "phone", true
	}
	for n, cell := range first {
		if columns[n] != "" {
			continue
		}
		if k := kindOfTitle(cell, fields); k != "" && (k == "tags" || !slices.Contains(columns, k)) {
			columns[n], header = k, true
		}
	}
	return header
}

// guessByCells finds the columns of consent and of numbers, where no title names them, by what their cells hold.
func guessByCells(lines [][]string, columns []string) {
	if !slices.Contains(columns, "consent") {
		if n := consentColumn(lines, columns); n >= 0 {
			columns[n] = "consent"
		}
	}
	if !slices.Contains(columns, "phone") {
		if n := phoneColumn(lines, len(columns), columns); n >= 0 {
			columns[n] = "phone"
		}
	}
}

// guessName takes the first free column that looks like names.
func guessName(lines [][]string, columns []string) {
	for n := range columns {
		if columns[n] == "" && looksLikeNames(lines, n) {
			columns[n] = "name"
			return
		}
	}
}

func kindOfTitle(cell string, fields []models.ContactField) string {
	t := title(cell)
	if t == "" {
		return ""
	}
	for _, f := range fields {
		if title(f.Label) == t || title(f.Key) == t {
			return "field:" + f.Key
		}
	}
	for _, k := range ColumnKinds {
		if slices.Contains(titles[k[0]], t) {
			return k[0]
		}
	}
	return ""
}

// consentColumn is the free column whose cells all say yes or no, and one of them in words that mean consent and nothing
// else ("unsubscribed"); -1 if there is none.
func consentColumn(lines [][]string, taken []string) int {
	for n := range taken {
		sure, all := false, taken[n] == ""
		for _, l := range lines {
			if !all || n >= len(l) {
				continue
			}
			_, all = whatsapp.ReadConsent(l[n])
			_, ok := whatsapp.SaysConsent(l[n])
			sure = sure || ok
		}
		if all && sure {
			return n
		}
	}
	return -1
}

func looksLikeNames(lines [][]string, n int) bool {
	hits := 0
	for _, l := range lines {
		if n < len(l) && l[n] != "" && !strings.ContainsAny(l[n], "0123456789@/") {
			hits++
		}
	}
	return hits*2 > len(lines)
}
