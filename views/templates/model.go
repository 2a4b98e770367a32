// Package templates shows templates: the board and the list, a template with its history, the editor, the comparison of
// two versions, the library and the sheet.
package templates

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/models/people"
	"parley/models/templates"
	"parley/views/components"
	"parley/whatsapp"
	"parley/whatsapp/locale"
)

// ListProps are what the board and the list show.
type ListProps struct {
	View      string // board or list
	Filter    templates.TemplateFilter
	Rows      []templates.TemplateRow
	Next      string // cursor of the next page
	Board     []templates.BoardColumn
	Counts    map[string]int
	Languages []string
	Gone      []components.Gone // filter values that do not exist
	MayEdit   bool
	Now       time.Time
}

func categories() (out []string) {
	for _, c := range whatsapp.Categories() {
		out = append(out, string(c))
	}
	return out
}

// groupedStates are the states that the board shows together with others in one column.
var groupedStates = []string{"stopped", string(whatsapp.Submitted), string(whatsapp.Pending)}

// Unknown are the filter's fields whose values do not exist. The lists are then empty.
func (p ListProps) Unknown() (out []string) {
	for _, x := range []struct {
		field, value string
		known        []string
	}{
		{"state", p.Filter.State, slices.Concat(groupedStates, listStates)},
		{"category", string(p.Filter.Category), categories()},
		{"language", p.Filter.Language, p.Languages},
	} {
		if x.value != "" && !slices.Contains(x.known, x.value) {
			out = append(out, x.field)
		}
	}
	return out
}

// url is the page's address with one part of the filter changed.
func (p ListProps) url(pairs ...string) string {
	q := map[string]string{
		"view":     p.View,
		"state":    p.Filter.State,
		"category": string(p.Filter.Category),
		"language": p.Filter.Language,
		"q":        p.Filter.Query,
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q[pairs[i]] = pairs[i+1]
	}
	if q["view"] == "board" {
		q["view"] = ""
	}
	return "/templates" + query(q, "view", "state", "category", "language", "q", "after")
}

// listStates are the tabs of the list.
var listStates = []string{"", "draft", "review", "approved", "ready", "rejected", "paused", "disabled", "archived"}

func listStateName(s string) string {
	switch s {
	case "":
		return "All"
	case "review":
		return "In review"
	case "archived":
		return "Archived"
	case "stopped":
		return "Paused or disabled"
	}
	return stateName(s)
}

// inReview is since when a version has been waiting for WhatsApp.
func inReview(v templates.TemplateVersion) *time.Time {
	if v.State == whatsapp.Submitted || v.State == whatsapp.Pending {
		return v.SubmittedAt
	}
	return nil
}

func reviewTime(v templates.TemplateVersion) string {
	if v.SubmittedAt == nil || v.DecidedAt == nil || v.DecidedAt.Before(*v.SubmittedAt) {
		return ""
	}
	switch d := v.DecidedAt.Sub(*v.SubmittedAt); {
	case d < time.Minute:
		return strconv.Itoa(max(1, int(d.Seconds()))) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + " days"
	}
}

// DetailProps are what a template's page shows.
type DetailProps struct {
	Template      *templates.Template
	History       []models.AuditEvent
	Use           map[int64]templates.Use
	Notifications []templates.TemplatePlace
	Topics        []people.Topic
	Chats         int
	AllLanguages  []string
	Problems      map[string]string
	MayEdit       bool
	Admin         bool
	Now           time.Time
}

// languages are the template's languages, the fallback language first.
func (p DetailProps) languages() []string {
	var out []string
	for _, v := range p.Template.Versions {
		if !slices.Contains(out, v.Language) {
			out = append(out, v.Language)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		return boolOrder(a != p.Template.FallbackLanguage) - boolOrder(b != p.Template.FallbackLanguage)
	})
	return out
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p DetailProps) versions(language string) []templates.TemplateVersion {
	return slices.DeleteFunc(
		slices.Clone(p.Template.Versions),
		func(v templates.TemplateVersion) bool { return v.Language != language },
	)
}

func (p DetailProps) missing() []components.Option {
	out := []components.Option{{Value: "", Label: "Language …"}}
	for _, l := range p.AllLanguages {
		if !slices.Contains(p.languages(), l) {
			out = append(out, components.Option{Value: l, Label: languageName(l)})
		}
	}
	return out
}

func (p DetailProps) total() templates.Use {
	var u templates.Use
	for _, one := range p.Use {
		u.Sent += one.Sent
		u.Delivered += one.Delivered
		u.Read += one.Read
		u.Failed += one.Failed
		u.SentBefore, u.FailedBefore = u.SentBefore+one.SentBefore, u.FailedBefore+one.FailedBefore
	}
	return u
}

// serving reports whether v is the version that is sent now.
func (p DetailProps) serving(v templates.TemplateVersion) bool {
	return v.State == whatsapp.Approved &&
		!slices.ContainsFunc(p.Template.Versions, func(o templates.TemplateVersion) bool {
			return o.Language == v.Language && o.State == whatsapp.Approved && o.Number > v.Number
		})
}

// latest reports whether no later version of the same language exists.
func (p DetailProps) latest(v templates.TemplateVersion) bool {
	return !slices.ContainsFunc(p.Template.Versions, func(o templates.TemplateVersion) bool {
		return o.Language == v.Language && o.Number > v.Number
	})
}

// earlier is the previous version, nil if there is none.
func (p DetailProps) earlier(v templates.TemplateVersion) *templates.TemplateVersion {
	for i, o := range p.Template.Versions {
		if o.Language == v.Language && o.Number == v.Number-1 {
			return &p.Template.Versions[i]
		}
	}
	return nil
}

func languageOptions(codes []string) []components.Option {
	var out []components.Option
	for _, c := range codes {
		out = append(out, components.Option{Value: c, Label: languageName(c)})
	}
	return out
}

func languageName(code string) string { return locale.LanguageName(code) }

func categoryName(c whatsapp.Category) string {
	switch c {
	case whatsapp.Utility:
		return "Utility"
	case whatsapp.Authentication:
		return "Authentication"
	case whatsapp.Marketing:
	}
	return "Marketing"
}

var roleNames = map[models.Role]string{
	models.Agent:    "Everybody",
	models.Operator: "Operators and admins",
	models.Admin:    "Admins only",
}

func roleOptions() []components.Option {
	var out []components.Option
	for _, r := range models.Roles() {
		out = append(out, components.Option{Value: string(r), Label: roleNames[r]})
	}
	return out
}

func stateName(s string) string {
	text, _ := components.Approval(whatsapp.Approval(s))
	return text
}

func query(q map[string]string, keys ...string) string {
	var b strings.Builder
	for _, k := range keys {
		if q[k] != "" {
			if b.Len() == 0 {
				b.WriteByte('?')
			} else {
				b.WriteByte('&')
			}
			b.WriteString(k + "=" + escape(q[k]))
		}
	}
	return b.String()
}

// topic is the public id of the template's topic, empty for the general consent.
func (p DetailProps) topic() string {
	for _, t := range p.Topics {
		if p.Template.TopicID != nil && *p.Template.TopicID == t.ID {
			return t.PublicID
		}
	}
	if p.Template.TopicID != nil {
		return "archived" // it has to be chosen again: the general consent would admit more people
	}
	return ""
}

func (p DetailProps) topicOptions() []components.Option {
	out := []components.Option{{Label: "The general opt-in"}}
	for _, t := range p.Topics {
		out = append(out, components.Option{Value: t.PublicID, Label: "Opt-in to " + t.Name})
	}
	return out
}
