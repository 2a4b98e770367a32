package importing

import (
	"slices"
	"strings"

	"parley/whatsapp/phone"
)

// phoneTitles are what people and programs call a column of phone numbers, the best ones for WhatsApp first.
var phoneTitles = [][]string{
	{
		"whatsapp",
		"whatsapp number",
		"whatsapp no",
		"whatsapp nummer",
		"whatsappnummer",
		"numero whatsapp",
		"numero de whatsapp",
		"whatsapp phone",
	},
	{
		"mobile",
		"mobile phone",
		"mobile number",
		"mobile no",
		"cell",
		"cell phone",
		"cellphone",
		"msisdn",
		"handy",
		"handynummer",
		"mobil",
		"mobiltelefon",
		"mobilnummer",
		"celular",
		"movil",
		"telefono movil",
		"telemovel",
		"portable",
		"telephone portable",
		"cellulare",
		"mobiel",
		"gsm",
	},
	{
		"phone",
		"phone number",
		"phone no",
		"tel",
		"tel no",
		"tel nr",
		"telephone",
		"telephone number",
		"telefon",
		"telefonnummer",
		"rufnummer",
		"telefono",
		"numero de telefono",
		"numero de telephone",
		"numero di telefono",
		"telefone",
		"numero de telefone",
		"telefoon",
		"telefoonnummer",
		"phone 1 value",
	},
	{"number", "nummer", "numero"},
}

// partOfPhoneTitle are words that mark a title as one of phone numbers; notPhoneTitle are words that mark it as one of
// other people's numbers, or not of phone numbers.
var (
	partOfPhoneTitle = []string{
		"whatsapp",
		"mobile",
		"mobil",
		"mobilnummer",
		"cell",
		"cellphone",
		"handy",
		"handynummer",
		"celular",
		"movil",
		"portable",
		"cellulare",
		"mobiel",
		"gsm",
		"phone",
		"telephone",
		"tel",
		"telefon",
		"telefonnummer",
		"rufnummer",
		"telefono",
		"telefone",
		"telefoon",
	}
	notPhoneTitle = []string{
		"emergency",
		"notfall",
		"notfallkontakt",
		"urgence",
		"emergencia",
		"emergenza",
		"fax",
		"telefax",
		"parent",
		"guardian",
		"eltern",
		"kin",
		"date",
		"datum",
		"type",
		"typ",
		"model",
		"consent",
		"opt",
		"id",
	}
)

// noPhoneTitle is the rank of a title that does not name phone numbers; the ranks below it are the lines of
// phoneTitles, and one more for titles that only contain one of their words.
var noPhoneTitle = len(phoneTitles) + 1

func rankOfTitle(cell string) int {
	t := title(cell)
	for rank, list := range phoneTitles {
		if slices.Contains(list, t) {
			return rank
		}
	}
	words := strings.Fields(t)
	among := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	if among(partOfPhoneTitle) && !among(notPhoneTitle) {
		return len(phoneTitles)
	}
	return noPhoneTitle
}

// titledPhone is the column whose title best names phone numbers, -1 if none does. sure reports that the title is an
// exact match, and the only one.
func titledPhone(titles []string) (column int, sure bool) {
	column, best, exact := -1, noPhoneTitle, 0
	for n, cell := range titles {
		rank := rankOfTitle(cell)
		if rank < len(phoneTitles) {
			exact++
		}
		if rank < best {
			column, best = n, rank
		}
	}
	return column, exact == 1 && best < len(phoneTitles)
}

// phoneColumn is the free column in which most cells look like phone numbers, -1 if there is none.
func phoneColumn(lines [][]string, width int, taken []string) int {
	best, most := -1, 0
	for n := range width {
		if taken[n] != "" {
			continue
		}
		hits, _ := likePhones(lines, n)
		if hits > most && hits*2 > len(lines) {
			best, most = n, hits
		}
	}
	return best
}

// likePhones counts the cells of a column that look like phone numbers, and those with anything in them.
func likePhones(lines [][]string, n int) (hits, filled int) {
	for _, l := range lines {
		if n >= len(l) || strings.TrimSpace(l[n]) == "" {
			continue
		}
		filled++
		if phone.Looks(l[n]) {
			hits++
		}
	}
	return hits, filled
}
