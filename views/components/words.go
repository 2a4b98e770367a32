package components

import (
	"slices"

	"parley/models/people"
)

// Words are the tags, fields and topics that an admin defined for contacts.
type Words struct {
	Tags   []people.Tag
	Fields []people.ContactField
	Topics []people.Topic
}

func (w Words) TagName(id int64) string {
	if i := slices.IndexFunc(w.Tags, func(t people.Tag) bool { return t.ID == id }); i >= 0 {
		return w.Tags[i].Name
	}
	return ""
}

// TagCondition say which tag a condition is about.
func (w Words) TagCondition(before, publicID string) string {
	if i := slices.IndexFunc(w.Tags, func(t people.Tag) bool { return t.PublicID == publicID }); i >= 0 {
		return before + w.Tags[i].Name
	}
	return before + "No such tag"
}

func (w Words) Field(key string) *people.ContactField {
	if i := slices.IndexFunc(w.Fields, func(f people.ContactField) bool { return f.Key == key }); i >= 0 {
		return &w.Fields[i]
	}
	return nil
}

// TagOptions are the tags to choose from, after a first choice that stands for none.
func (w Words) TagOptions(first string) []Option {
	out := []Option{{Label: first}}
	for _, t := range w.Tags {
		out = append(out, Option{Value: t.PublicID, Label: t.Name})
	}
	return out
}

// TopicOptions are the topics to choose from, after a first choice that stands for none.
func (w Words) TopicOptions(first string) []Option {
	out := []Option{{Label: first}}
	for _, t := range w.Topics {
		out = append(out, Option{Value: t.PublicID, Label: t.Name})
	}
	return out
}

func (w Words) FieldOptions() []Option {
	out := []Option{{Label: "Any field"}}
	for _, f := range w.Fields {
		out = append(out, Option{Value: f.Key, Label: f.Label})
	}
	return out
}

// CountryOptions are the countries to choose from, after a first choice that stands for none.
func CountryOptions(first string) []Option {
	return append([]Option{{Label: first}}, Countries...)
}
