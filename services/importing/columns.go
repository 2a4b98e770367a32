package importing

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parley/models"
	"parley/services/whatsapp"
)

// ColumnKinds are what a column can mean besides a custom field, with their words.
var ColumnKinds = [][2]string{{"phone", "Phone number"}, {"name", "Name"}, {"first_name", "First name"}, {"last_name", "Last name"}, {"language", "Language"}, {"time_zone", "Time zone"},
	{"tags", "Tags, separated by commas"}, {"consent", "Opted in: yes or no"}, {"consent_at", "Opted in on"}, {"proof", "Proof of the opt-in"}}

// titles are what people and programs call these columns.
var titles = map[string][]string{
	"phone":      {"phone", "phone number", "mobile", "mobile phone", "mobile number", "whatsapp", "whatsapp number", "number", "tel", "telephone", "cell", "cell phone", "msisdn", "telefon", "telefonnummer", "handy", "handynummer", "mobil", "rufnummer", "telefono", "celular", "movil", "numero", "telefone", "telemovel", "portable", "telephone portable", "cellulare", "telefoon", "mobiel", "phone 1 value"},
	"name":       {"name", "full name", "contact", "contact name", "customer", "customer name", "nombre completo", "nom complet", "nome completo", "kunde", "ansprechpartner", "display name"},
	"first_name": {"first name", "firstname", "given name", "vorname", "nombre", "prenom", "nome", "voornaam"},
	"last_name":  {"last name", "lastname", "surname", "family name", "nachname", "apellido", "apellidos", "nom", "nom de famille", "sobrenome", "cognome", "achternaam"},
	"language":   {"language", "lang", "locale", "sprache", "idioma", "langue", "lingua", "taal"},
	"time_zone":  {"time zone", "timezone", "zeitzone"},
	"tags":       {"tags", "tag", "labels", "label", "groups", "group", "schlagworte", "etiquetas"},
	"consent":    {"consent", "opt in", "optin", "opted in", "whatsapp opt in", "marketing consent", "einwilligung", "consentimiento", "consentement"},
	"consent_at": {"consent at", "consent date", "opt in date", "opted in at", "opted in on", "optin date", "einwilligung am"},
	"proof":      {"proof", "consent proof", "opt in proof", "evidence", "nachweis"},
}

func title(s string) string {
	folded, _ := whatsapp.Fold(s)
	return strings.Join(strings.FieldsFunc(folded, func(r rune) bool { return strings.ContainsRune(" _-./:()*\t", r) }), " ")
}

// guessColumns proposes what each column means, from the first line and from what the others look like.
func guessColumns(lines [][]string, fields []models.ContactField) (header bool, columns []string) {
	width := 0
	for _, l := range lines {
		width = max(width, len(l))
	}
	columns = make([]string, width)
	for n, cell := range lines[0] {
		if k := kindOfTitle(cell, fields); k != "" && (k == "tags" || !slices.Contains(columns, k)) {
			columns[n], header = k, true
		}
	}
	if !header { // a first line without a number over lines with one is a heading too
		header = len(lines) > 1 && phoneColumn(lines[:1], width, columns) < 0 && phoneColumn(lines[1:], width, columns) >= 0
	}
	body := lines
	if header {
		body = lines[1:]
	}
	if !slices.Contains(columns, "phone") {
		if n := phoneColumn(body, width, columns); n >= 0 {
			columns[n] = "phone"
		}
	}
	if !slices.Contains(columns, "name") && !slices.Contains(columns, "first_name") && !header {
		for n := range columns {
			if columns[n] == "" && looksLikeNames(body, n) {
				columns[n] = "name"
				break
			}
		}
	}
	return header, columns
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

// phoneColumn is the free column in which most cells look like numbers of 7 to 15 digits, -1 if none is.
func phoneColumn(lines [][]string, width int, taken []string) int {
	best, most := -1, 0
	for n := range width {
		if taken[n] != "" {
			continue
		}
		hits := 0
		for _, l := range lines {
			if n < len(l) && looksLikePhone(l[n]) {
				hits++
			}
		}
		if hits > most && hits*2 > len(lines) {
			best, most = n, hits
		}
	}
	return best
}

func looksLikePhone(s string) bool {
	digits := 0
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+ -()./'\u00a0", r):
			return false
		}
	}
	return digits >= 7 && digits <= 15
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

// parser turns cells into rows.
type parser struct {
	o       models.ImportOptions
	xlsx    bool
	fields  map[string]*models.ContactField
	known   func(string) bool
	tagID   func(name string) (int64, error)
	erasure models.ErasureKey
	now     time.Time
}

// row reads one line. A refusal names the column.
func (p *parser) row(line int64, cells []string) (models.ImportRow, *models.ImportRefusal, error) {
	r := models.ImportRow{Line: line, Tags: p.o.Tags, Fields: "{}"}
	if r.Tags == nil {
		r.Tags = []int64{}
	}
	refuse := func(field, value, reason string) *models.ImportRefusal {
		return &models.ImportRefusal{Line: line, Field: field, Value: cut(clean(value), 200), Reason: reason}
	}
	var first, last, claimed string
	var fields models.Fields
	for n, kind := range p.o.Columns {
		if n >= len(cells) || kind == "" {
			continue
		}
		text := clean(Unsafe(strings.TrimSpace(cells[n])))
		var err error
		switch kind {
		case "phone":
			r.Phone, err = phone(text, p.o.Country)
		case "name":
			r.Name = cut(text, 200)
		case "first_name":
			first = text
		case "last_name":
			last = text
		case "language":
			r.Language, err = p.language(text)
		case "time_zone":
			r.TimeZone, err = zone(text)
		case "tags":
			var ids []int64
			ids, err = p.tags(text)
			r.Tags = union(r.Tags, ids)
		case "consent":
			claimed = text
		case "consent_at":
			r.ConsentAt, err = p.date(text)
		case "proof":
			r.Proof = cut(text, 1000)
		default:
			if fields == nil {
				fields = models.Fields{}
			}
			err = p.field(fields, strings.TrimPrefix(kind, "field:"), text)
		}
		if bad, ok := err.(models.ErrField); ok { //nolint:errorlint // it is returned as it is
			return r, refuse(kind, text, string(bad)), nil
		}
		if err != nil {
			return r, nil, err
		}
	}
	if r.Phone == "" {
		return r, refuse("phone", "", "There is no phone number in this row."), nil
	}
	if r.Name == "" {
		r.Name = cut(strings.TrimSpace(first+" "+last), 200)
	}
	var ok bool
	if r.Consent, ok = p.consent(claimed); !ok {
		return r, refuse("consent", claimed, "Opted in must be yes or no."), nil
	}
	if r.Consent != "" && r.Proof == "" && p.o.Proof == "" {
		return r, refuse("proof", "", "The opt-in of this row has no proof."), nil
	}
	r.Match, r.Country = whatsapp.MatchPhone(r.Phone), models.CountryOf(r.Phone)
	if p.erasure != nil {
		r.Erasure = p.erasure.Hash(r.Match)
	}
	if fields != nil {
		r.Fields = models.MarshalFields(fields)
	}
	return r, nil, nil
}

func (p *parser) field(into models.Fields, key, text string) error {
	f := p.fields[key]
	if f == nil {
		return nil // it was archived since
	}
	if f.Kind == "date" && p.xlsx {
		if t, err := p.date(text); err == nil && t != nil {
			text = t.Format("2006-01-02")
		}
	}
	v, err := f.Parse(text)
	if err == nil && v != nil {
		into[key] = v
	}
	return err
}

// consent is what a row claims: opted_in, opted_out, or nothing.
func (p *parser) consent(text string) (string, bool) {
	switch p.o.Consent {
	case "all":
		return string(whatsapp.OptedIn), true
	case "column":
		switch title(text) {
		case "yes", "true", "1", "y", "x", "opted in", "subscribed", "ja", "si", "oui", "sim", "granted":
			return string(whatsapp.OptedIn), true
		case "no", "false", "0", "n", "opted out", "unsubscribed", "nein", "non", "nao", "denied", "stop":
			return string(whatsapp.OptedOut), true
		case "", "none", "unknown":
			return "", true
		}
		return "", false
	}
	return "", true
}

func (p *parser) language(text string) (string, error) {
	if text == "" || p.known(text) {
		return text, nil
	}
	l := strings.ReplaceAll(text, "-", "_")
	if base, region, ok := strings.Cut(l, "_"); ok {
		l = strings.ToLower(base) + "_" + strings.ToUpper(region)
		if !p.known(l) {
			l = strings.ToLower(base)
		}
	} else {
		l = strings.ToLower(l)
	}
	if p.known(l) {
		return l, nil
	}
	if l = languageNames[title(text)]; l != "" {
		return l, nil
	}
	return "", models.ErrField("This is not a language that WhatsApp has: write a code such as de or pt_BR.")
}

var languageNames = map[string]string{"english": "en", "german": "de", "deutsch": "de", "spanish": "es", "espanol": "es", "french": "fr", "francais": "fr", "italian": "it", "italiano": "it",
	"portuguese": "pt_BR", "portugues": "pt_BR", "dutch": "nl", "nederlands": "nl", "turkish": "tr", "turkce": "tr", "arabic": "ar", "russian": "ru", "polish": "pl"}

func zone(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := time.LoadLocation(text); err != nil || text == "Local" {
		return "", models.ErrField("This is not a time zone: write a name such as Europe/Berlin.")
	}
	return text, nil
}

func (p *parser) date(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t, ok := models.ParseDate(text)
	if n, err := strconv.ParseFloat(text, 64); !ok && err == nil && p.xlsx && n > 1 && n < 100_000 {
		t, err = excelize.ExcelDateToTime(n, false)
		ok = err == nil
	}
	if !ok {
		return nil, models.ErrField("This is not a date: write it as 2026-11-23.")
	}
	if t.After(p.now.Add(24 * time.Hour)) {
		return nil, models.ErrField("This date lies in the future.")
	}
	return &t, nil
}

func (p *parser) tags(text string) ([]int64, error) {
	var out []int64
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if name = strings.Join(strings.Fields(name), " "); name == "" {
			continue
		}
		if whatsapp.Length(name) > 60 {
			return nil, models.ErrField("A tag has at most 60 characters.")
		}
		id, err := p.tagID(name)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

func union(a, b []int64) []int64 {
	if len(b) == 0 {
		return a
	}
	out := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// phone reads a number as files have it: in any writing, national ones for a country.
func phone(text, country string) (string, error) {
	if text == "" {
		return "", models.ErrField("There is no phone number in this row.")
	}
	if strings.ContainsAny(text, "eE") {
		if n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64); err == nil {
			// A sheet's raw value may be written so and still have all its digits; one that a spreadsheet rounded has not.
			mantissa := strings.Trim(strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return r == 'E' })[0], "0.,")
			if n != math.Trunc(n) || n >= 1e15 || len(strings.NewReplacer(".", "", ",", "").Replace(mantissa)) < 10 {
				return "", models.ErrField("A spreadsheet has rounded this number. Format the column as text and export it again.")
			}
			text = strconv.FormatFloat(n, 'f', 0, 64)
		}
	}
	out, err := whatsapp.ParsePhoneIn(text, country)
	if err != nil {
		return "", models.ErrField(sentence(err))
	}
	return out, nil
}

func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func clean(s string) string {
	if !strings.ContainsRune(s, 0) && strings.ToValidUTF8(s, "") == s {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
