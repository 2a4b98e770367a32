// Package templates shows templates: the list by state, one with its history, and the editor.
package templates

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/models"
	"parley/services/whatsapp"
	"parley/views/components"
)

// ListProps are what the list shows.
type ListProps struct {
	State   whatsapp.Approval // "" for all
	Rows    []models.TemplateRow
	MayEdit bool
	Now     time.Time
}

// OneProps are what a template's page shows.
type OneProps struct {
	Template *models.Template
	History  []models.ApprovalEvent
	MayEdit  bool
	Now      time.Time
}

func (p OneProps) version(id int64) models.TemplateVersion {
	i := slices.IndexFunc(p.Template.Versions, func(v models.TemplateVersion) bool { return v.ID == id })
	if i < 0 {
		return models.TemplateVersion{}
	}
	return p.Template.Versions[i]
}

// latest reports whether no later version of the same language exists.
func (p OneProps) latest(v models.TemplateVersion) bool {
	return !slices.ContainsFunc(p.Template.Versions, func(o models.TemplateVersion) bool {
		return o.Language == v.Language && o.Number > v.Number
	})
}

// EditorProps are what the editor shows. ID is empty for a new template.
type EditorProps struct {
	ID, TemplateID                 string
	Name, Category, Language, Body string
	Samples                        map[string]string
	Version                        int
	NameFixed                      bool
	RejectionReason                string
	Problems                       map[string]string
	Findings                       []whatsapp.Finding
}

func (p EditorProps) action() string {
	if p.ID == "" {
		return "/templates"
	}
	return "/versions/" + p.ID
}

func (p EditorProps) filled() string {
	values := map[string]string{}
	for i, n := range whatsapp.Placeholders(p.Body) {
		if s := strings.TrimSpace(p.Samples[n]); s != "" {
			values[strconv.Itoa(i+1)] = s
		}
	}
	return whatsapp.Fill(p.Body, values)
}

var languageNames = map[string]string{"en": "English", "en_US": "English (US)", "en_GB": "English (UK)", "es": "Spanish", "es_MX": "Spanish (Mexico)",
	"pt_BR": "Portuguese (Brazil)", "pt_PT": "Portuguese (Portugal)", "de": "German", "fr": "French", "it": "Italian", "nl": "Dutch", "ar": "Arabic",
	"he": "Hebrew", "hi": "Hindi", "id": "Indonesian", "pl": "Polish", "tr": "Turkish", "zh_CN": "Chinese"}

func languageOptions(codes []string) []components.Option {
	var out []components.Option
	for _, c := range codes {
		out = append(out, components.Option{Value: c, Label: languageName(c)})
	}
	return out
}

func languageName(code string) string {
	if n, ok := languageNames[code]; ok {
		return n
	}
	return code
}

func categoryName(c string) string {
	switch c {
	case "UTILITY":
		return "Utility"
	case "AUTHENTICATION":
		return "Authentication"
	}
	return "Marketing"
}

func stateName(s string) string {
	text, _ := components.Approval(whatsapp.Approval(s))
	return text
}

func itoa(n int) string { return strconv.Itoa(n) }

func yes(b bool) string { return strconv.FormatBool(b) }
