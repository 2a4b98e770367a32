package models

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley/services/whatsapp"
)

// ContactFilter says which contacts are meant. All its conditions hold together. It is what lists, segments,
// bulk actions and exports work on.
type ContactFilter struct {
	Query    string           `json:"query,omitempty"` // part of a name, number, tag or field
	Consent  whatsapp.Consent `json:"consent,omitempty"`
	Topic    string           `json:"topic,omitempty"`   // public id: Consent means this topic's then
	Session  string           `json:"session,omitempty"` // open, closed, or closing within hours: "2"
	Tags     []string         `json:"tags,omitempty"`    // public ids, all of them
	NotTags  []string         `json:"not_tags,omitempty"`
	Language string           `json:"language,omitempty"`
	Country  string           `json:"country,omitempty"`
	Seen     string           `json:"seen,omitempty"` // within or before so many days: "7", "-90"; or "never"
	Fields   []FieldCondition `json:"fields,omitempty"`
	Blocked  bool             `json:"blocked,omitempty"`
	Import   string           `json:"import,omitempty"` // public id

	After int64 `json:"-"` // the id of the last row seen, 0 for the first page
	Limit int   `json:"-"`
	// Whole finds numbers only as a whole: for people who see masked ones.
	Whole bool `json:"-"`
}

// FieldCondition is a condition on a custom field.
type FieldCondition struct {
	Key   string `json:"key"`
	Op    string `json:"op"` // is, not, has, more, less, set, empty
	Value string `json:"value,omitempty"`
}

// FieldOps are the ways of comparing a field, with their words.
var FieldOps = [][2]string{{"is", "is"}, {"not", "is not"}, {"has", "contains"}, {"more", "is more or later than"}, {"less", "is less or earlier than"}, {"set", "has a value"}, {"empty", "has no value"}}

// Empty reports whether the filter lets everybody through.
func (f ContactFilter) Empty() bool {
	b, err := json.Marshal(f)
	return err == nil && string(b) == "{}"
}

// Same reports whether two filters ask for the same people.
func (f ContactFilter) Same(g ContactFilter) bool { return f.URL().Encode() == g.URL().Encode() }

// URL is the filter as a page's address keeps it.
func (f ContactFilter) URL() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", f.Query)
	set("consent", string(f.Consent))
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
	return v
}

// FilterFromURL reads a filter from a page's address. What makes no sense is left out.
func FilterFromURL(v url.Values) ContactFilter {
	cut := func(s string, n int) string {
		if r := []rune(strings.TrimSpace(s)); len(r) > n {
			return string(r[:n])
		}
		return strings.TrimSpace(s)
	}
	f := ContactFilter{Query: cut(v.Get("q"), 100), Consent: whatsapp.Consent(v.Get("consent")), Topic: cut(v.Get("topic"), 20), Session: v.Get("session"),
		Language: cut(v.Get("language"), 10), Country: cut(v.Get("country"), 2), Seen: v.Get("seen"), Blocked: v.Get("blocked") == "1", Import: cut(v.Get("import"), 20)}
	if !slices.Contains([]whatsapp.Consent{whatsapp.ConsentNone, whatsapp.OptedIn, whatsapp.OptedOut}, f.Consent) {
		f.Consent = ""
	}
	if n, err := strconv.Atoi(f.Session); f.Session != "open" && f.Session != "closed" && (err != nil || n < 1 || n > 24) {
		f.Session = ""
	}
	if n, err := strconv.Atoi(f.Seen); f.Seen != "never" && (err != nil || n == 0 || n < -3650 || n > 3650) {
		f.Seen = ""
	}
	few := func(in []string) []string {
		var out []string
		for _, s := range in {
			if s = cut(s, 20); s != "" && !slices.Contains(out, s) && len(out) < 20 {
				out = append(out, s)
			}
		}
		return out
	}
	f.Tags, f.NotTags = few(v["tag"]), few(v["nottag"])
	for _, s := range v["field"] {
		key, rest, _ := strings.Cut(s, ":")
		op, value, _ := strings.Cut(rest, ":")
		known := slices.ContainsFunc(FieldOps, func(o [2]string) bool { return o[0] == op })
		if fieldKey.MatchString(key) && known && len(f.Fields) < 10 {
			f.Fields = append(f.Fields, FieldCondition{key, op, cut(value, 200)})
		}
	}
	return f
}
