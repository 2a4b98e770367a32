package templates

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"parley/models"
	"parley/models/people"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// TemplateGroup is a template with all its languages that may be sent. whatsapp.PickLanguage picks the one that a
// person gets.
type TemplateGroup struct {
	Main     TemplateVersion // the fall-back
	Versions []TemplateVersion

	names []string // Names, cached: they are needed for each recipient
}

// LanguageRule explains which language a person gets.
const LanguageRule = "Everybody gets their own language: first with its region, then without, " +
	"then another region of it, and else the fall-back."

// GroupTemplates groups versions by template, in the order in which the templates come.
func GroupTemplates(versions []TemplateVersion) []TemplateGroup {
	var out []TemplateGroup
	for _, v := range versions {
		i := slices.IndexFunc(out, func(g TemplateGroup) bool { return g.Main.TemplateID == v.TemplateID })
		if i < 0 {
			out = append(out, TemplateGroup{Main: v})
			i = len(out) - 1
		}
		out[i].Versions = append(out[i].Versions, v)
		if v.Language == v.Template.FallbackLanguage {
			out[i].Main = v
		}
	}
	return out
}

// Has reports whether one of the group's versions has the public id.
func (g *TemplateGroup) Has(id string) bool {
	return slices.ContainsFunc(g.Versions, func(v TemplateVersion) bool { return v.PublicID == id })
}

// Languages are the group's languages.
func (g *TemplateGroup) Languages() []string {
	var out []string
	for _, v := range g.Versions {
		out = append(out, v.Language)
	}
	return out
}

// For is the version for a person with a language.
func (g *TemplateGroup) For(language string) *TemplateVersion {
	i := locale.PickLanguage(g.Languages(), language, g.Main.Language)
	if i < 0 {
		return &g.Main
	}
	return &g.Versions[i]
}

// Names are the placeholders of all languages: those of the fall-back first, so that their numbers are its own.
func (g *TemplateGroup) Names() []string {
	if g.names != nil {
		return g.names
	}
	g.names = append([]string{}, g.Main.Names()...)
	for _, v := range g.Versions {
		for _, n := range v.Names() {
			if !slices.Contains(g.names, n) {
				g.names = append(g.names, n)
			}
		}
	}
	return g.names
}

// Filled describes what fills a placeholder automatically: the contact's field and the default, empty if nothing does.
func (g *TemplateGroup) Filled(name string) (field, fallback string) {
	for _, v := range append([]TemplateVersion{g.Main}, g.Versions...) {
		if p := v.Placeholder(name); p.Field != "" || p.Default != "" {
			return p.Field, p.Default
		}
	}
	return "", ""
}

// GroupOf is the group of a version's template.
func GroupOf(tx *models.Tx, main *TemplateVersion) (*TemplateGroup, error) {
	serving, err := servingVersions(tx, main.TemplateID)
	if err != nil {
		return nil, err
	}
	g := &TemplateGroup{Main: *main}
	for i := range serving {
		serving[i].Template = main.Template
		if serving[i].EffectiveCategory() != whatsapp.Marketing {
			g.Versions = append(g.Versions, serving[i])
		}
	}
	return g, nil
}

// Check refuses a bad value, and a missing one that nothing else fills.
func (g *TemplateGroup) Check(values Values) error {
	var errs []error
	for i, name := range g.Names() {
		n := strconv.Itoa(i + 1)
		field, fallback := g.Filled(name)
		if strings.TrimSpace(values[n]) == "" && (field != "" || fallback != "") {
			continue
		}
		if p := whatsapp.ValueProblem(name, values[n]); p != "" {
			errs = append(errs, models.Invalid("value-"+n, "template.value_refused", "Reason", p))
		}
	}
	return errors.Join(errs...)
}

// ValuesFor are the values of a version for a contact, by the version's own numbers: what was typed, else
// the contact's field, else the default. complete is false if one is missing.
func (g *TemplateGroup) ValuesFor(v *TemplateVersion, c *people.Contact, typed Values) (own Values, complete bool) {
	own, complete = Values{}, true
	union := g.Names()
	for i, name := range v.Names() {
		value := strings.TrimSpace(typed[strconv.Itoa(slices.Index(union, name)+1)])
		if value == "" {
			value = FromContact(v.Placeholder(name), c)
		}
		if value == "" {
			if field, fallback := g.Filled(name); field != "" || fallback != "" {
				value = FromContact(Placeholder{Field: field, Default: fallback}, c)
			}
		}
		if whatsapp.ValueProblem(name, value) != "" {
			complete = false
		}
		own[strconv.Itoa(i+1)] = value
	}
	return own, complete
}

// PhoneGap stands for the contact's number in texts by users who may not see it. It is filled when the message is made.
const PhoneGap = "{{phone}}"

// FromContact is what fills a placeholder for a contact automatically: a field, else the default.
func FromContact(p Placeholder, c *people.Contact) string {
	if p.Field != "" && c != nil {
		if s := strings.Join(strings.Fields(c.Field(p.Field)), " "); s != "" {
			return s
		}
	}
	return p.Default
}
