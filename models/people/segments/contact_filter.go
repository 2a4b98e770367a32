package segments

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parley/models/people"
	"parley/whatsapp"
	"parley/whatsapp/plaintext"
)

// ContactFilter selects contacts: those that meet all its conditions. Lists, segments, bulk actions and exports use it.
type ContactFilter struct {
	Query   string           `json:"query,omitempty"` // part of a name, number, tag or field
	Consent whatsapp.Consent `json:"consent,omitempty"`
	// Scope narrows opted_in to people who opted in to all senders, or to the Sandbox alone; empty for both.
	Scope    whatsapp.ConsentScope `json:"scope,omitempty"`
	Topic    string                `json:"topic,omitempty"`   // public id: Consent means this topic's then
	Session  string                `json:"session,omitempty"` // open, closed, or closing within hours: "2"
	Tags     []string              `json:"tags,omitempty"`    // public ids, all of them
	NotTags  []string              `json:"not_tags,omitempty"`
	Language string                `json:"language,omitempty"`
	Country  string                `json:"country,omitempty"`
	Seen     string                `json:"seen,omitempty"` // within or before so many days: "7", "-90"; or "never"
	Fields   []FieldCondition      `json:"fields,omitempty"`
	Blocked  bool                  `json:"blocked,omitempty"`
	Import   string                `json:"import,omitempty"` // public id

	// Within are a segment's conditions, which have to be met as well.
	Within *ContactFilter `json:"within,omitempty"`
	// Unknown are conditions that can't be read, as name=value. A filter with one matches nobody.
	Unknown []string `json:"unknown,omitempty"`

	After int64 `json:"-"` // the id of the last row seen, 0 for the first page
	Limit int   `json:"-"`
	// Whole finds numbers only as a whole: for users who see masked ones. Their segments store it, so that a segment's
	// count reveals no more than their own search.
	Whole bool `json:"whole,omitempty"`
}

// FieldCondition is a condition on a custom field.
type FieldCondition struct {
	Key   string `json:"key"`
	Op    string `json:"op"` // is, not, has, more, less, set, empty
	Value string `json:"value,omitempty"`
}

// FieldOps are the ways of comparing a field, with their words.
var FieldOps = [][2]string{
	{"is", "is"},
	{"not", "is not"},
	{"has", "contains"},
	{"more", "is more or later than"},
	{"less", "is less or earlier than"},
	{"set", "has a value"},
	{"empty", "has no value"},
}

// FindingWhole is the filter with Whole set, also in Within.
func (f ContactFilter) FindingWhole() ContactFilter {
	f.Whole = true
	if f.Within != nil {
		within := f.Within.FindingWhole()
		f.Within = &within
	}
	return f
}

// Empty reports whether the filter matches everybody.
func (f ContactFilter) Empty() bool {
	f.Whole = false // it excludes nobody
	b, err := json.Marshal(f)
	return err == nil && string(b) == "{}"
}

// Same reports whether two filters ask for the same people.
func (f ContactFilter) Same(g ContactFilter) bool {
	f.Whole = g.Whole
	a, errA := json.Marshal(f)
	b, errB := json.Marshal(g)
	return errA == nil && errB == nil && string(a) == string(b)
}

// ConsentValue is consent and scope as one value of a page's address: opted_in, opted_in_all, opted_in_sandbox.
func (f ContactFilter) ConsentValue() string {
	if f.Scope == "" {
		return string(f.Consent)
	}
	return string(f.Consent) + "_" + string(f.Scope)
}

// URL is the filter as the query of a page's address, without Within.
func (f ContactFilter) URL() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", f.Query)
	set("consent", f.ConsentValue())
	set("topic", f.Topic)
	set("session", f.Session)
	set("language", f.Language)
	set("country", f.Country)
	set("seen", f.Seen)
	set("import", f.Import)
	if f.Blocked {
		v.Set("blocked", "1")
	}
	for _, t := range f.Tags {
		v.Add("tag", t)
	}
	for _, t := range f.NotTags {
		v.Add("nottag", t)
	}
	for _, c := range f.Fields {
		v.Add("field", c.Key+":"+c.Op+":"+c.Value)
	}
	for _, u := range f.Unknown {
		name, value, _ := strings.Cut(u, "=")
		v.Add(name, value)
	}
	return v
}

// Unreadable is a copy of the filter that matches nobody, because one of its conditions can't be read: it names
// something that is gone, or makes no sense.
func (f ContactFilter) Unreadable(name, value string) ContactFilter {
	f.Unknown = append(slices.Clone(f.Unknown), name+"="+value)
	return f
}

// FilterFromURL reads a filter from a page's address. A condition that can't be read stays in the filter as unknown:
// then it matches nobody.
func FilterFromURL(v url.Values) ContactFilter {
	r := filterReader{values: v}
	f := ContactFilter{
		Query:    r.one("q", 200, anyText),
		Consent:  whatsapp.Consent(r.one("consent", 20, knownConsent)),
		Topic:    r.one("topic", 40, anyText),
		Session:  r.one("session", 10, knownSession),
		Language: r.one("language", 10, anyText),
		Country:  r.one("country", 2, anyText),
		Seen:     r.one("seen", 10, knownSeen),
		Blocked:  r.one("blocked", 1, func(s string) bool { return s == "1" }) != "",
		Import:   r.one("import", 40, anyText),
		Tags:     r.some("tag", 20, 40),
		NotTags:  r.some("nottag", 20, 40),
	}
	for _, scope := range []whatsapp.ConsentScope{whatsapp.ScopeAll, whatsapp.ScopeSandbox} {
		if string(f.Consent) == string(whatsapp.OptedIn)+"_"+string(scope) {
			f.Consent, f.Scope = whatsapp.OptedIn, scope
		}
	}
	for _, s := range r.some("field", 10, 300) {
		key, rest, _ := strings.Cut(s, ":")
		op, value, _ := strings.Cut(rest, ":")
		known := slices.ContainsFunc(FieldOps, func(o [2]string) bool { return o[0] == op })
		if !people.FieldKey.MatchString(key) || !known {
			r.unknown = append(r.unknown, "field="+s)
			continue
		}
		f.Fields = append(f.Fields, FieldCondition{key, op, value})
	}
	f.Unknown = r.unknown
	return f
}

func anyText(string) bool { return true }

func knownConsent(s string) bool {
	return slices.Contains([]whatsapp.Consent{
		whatsapp.ConsentNone,
		whatsapp.OptedIn,
		whatsapp.OptedOut,
		whatsapp.OptedIn + "_" + whatsapp.Consent(whatsapp.ScopeAll),
		whatsapp.OptedIn + "_" + whatsapp.Consent(whatsapp.ScopeSandbox),
	}, whatsapp.Consent(s))
}

func knownSession(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "open" || s == "closed" || err == nil && n >= 1 && n <= 24
}

func knownSeen(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "never" || err == nil && n != 0 && n >= -3650 && n <= 3650
}

// filterReader reads the conditions of an address, and gathers those that can't be read.
type filterReader struct {
	values  url.Values
	unknown []string
}

// longestUnknown is how many characters are kept of a condition that can't be read: more than any readable one has.
const longestUnknown = 400

func (r *filterReader) refuse(name, value string) {
	value = plaintext.Cut(value, longestUnknown)
	if len(r.unknown) < 20 {
		r.unknown = append(r.unknown, name+"="+value)
	}
}

// one reads a condition that has one value of at most so many characters. Two different values can't both hold.
func (r *filterReader) one(name string, most int, ok func(string) bool) (value string) {
	for _, s := range r.values[name] {
		switch s = strings.TrimSpace(s); {
		case s == "" || s == value:
		case value != "" || utf8.RuneCountInString(s) > most || !ok(s):
			r.refuse(name, s)
		default:
			value = s
		}
	}
	return value
}

// some reads a condition that may have several values, n of them at most.
func (r *filterReader) some(name string, n, most int) (out []string) {
	for _, s := range r.values[name] {
		switch s = strings.TrimSpace(s); {
		case s == "" || slices.Contains(out, s):
		case len(out) == n || utf8.RuneCountInString(s) > most:
			r.refuse(name, s)
		default:
			out = append(out, s)
		}
	}
	return out
}
