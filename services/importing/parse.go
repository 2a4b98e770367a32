package importing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parley/models"
	"parley/models/people"
	"parley/models/people/imports"
	"parley/whatsapp"
	"parley/whatsapp/locale"
	"parley/whatsapp/phone"
)

// parser turns cells into rows.
type parser struct {
	o       imports.ImportOptions
	file    string // the file's name, for the record
	xlsx    bool
	fields  map[string]*people.ContactField
	tagID   func(name string) (int64, error)
	erasure people.ErasureKey
	now     time.Time

	confirmed map[string]bool // confirmed numbers to check, in E.164
}

// identify fills in what follows from a row's number.
func (p *parser) identify(r *imports.ImportRow) {
	r.Match, r.Country = whatsapp.MatchPhone(r.Phone), people.CountryOf(r.Phone)
	if p.erasure != nil {
		r.Erasure = p.erasure.Hash(r.Match)
	}
}

func (p *parser) field(into people.Fields, key, text string) error {
	f := p.fields[key]
	if f == nil {
		return nil // it has been archived since
	}
	if f.Kind == people.DateField && p.xlsx {
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

func (p *parser) language(text string) (string, error) {
	if text == "" || locale.KnownLanguage(text) {
		return text, nil
	}
	l := strings.ReplaceAll(text, "-", "_")
	if base, region, ok := strings.Cut(l, "_"); ok {
		l = strings.ToLower(base) + "_" + strings.ToUpper(region)
		if !locale.KnownLanguage(l) {
			l = strings.ToLower(base)
		}
	} else {
		l = strings.ToLower(l)
	}
	if locale.KnownLanguage(l) {
		return l, nil
	}
	if l = languageNames[title(text)]; l != "" {
		return l, nil
	}
	return "", models.Invalid("", "import.language_unknown")
}

var languageNames = map[string]string{
	"english":    "en",
	"german":     "de",
	"deutsch":    "de",
	"spanish":    "es",
	"espanol":    "es",
	"french":     "fr",
	"francais":   "fr",
	"italian":    "it",
	"italiano":   "it",
	"portuguese": "pt_BR",
	"portugues":  "pt_BR",
	"dutch":      "nl",
	"nederlands": "nl",
	"turkish":    "tr",
	"turkce":     "tr",
	"arabic":     "ar",
	"russian":    "ru",
	"polish":     "pl",
}

func zone(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if _, err := time.LoadLocation(text); err != nil || text == "Local" {
		return "", models.Invalid("", "import.zone_unknown")
	}
	return text, nil
}

func (p *parser) date(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t, ok := people.ParseDate(text)
	if n, err := strconv.ParseFloat(text, 64); !ok && err == nil && p.xlsx && n > 1 && n < 100_000 {
		t, err = excelize.ExcelDateToTime(n, false)
		ok = err == nil
	}
	if !ok {
		return nil, models.Invalid("", "import.not_a_date")
	}
	if t.After(p.now.Add(24 * time.Hour)) {
		return nil, models.Invalid("", "import.date_to_come")
	}
	if t.After(p.now) { // a day that has begun in another time zone
		t = p.now
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
			return nil, models.Invalid("", "import.tag_too_long")
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

// readPhone reads a number as written in files: in any format, national numbers for a country.
func readPhone(text, country string) (phone.Number, error) {
	n, err := phone.Read(text, country)
	switch {
	case phone.ReasonOf(err) == phone.Empty:
		return n, models.Invalid("", "import.no_phone")
	case err != nil:
		return n, models.InvalidBecause("", err)
	}
	return n, nil
}

func clean(s string) string {
	if !strings.ContainsRune(s, 0) && strings.ToValidUTF8(s, "") == s {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
