package models

import (
	"embed"
	"fmt"
	"maps"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// catalogues has the sentences of all refusals, a file for each language: errors.en.toml. A sentence that a language
// does not have is shown in English.
//
//go:embed errors.*.toml
var catalogues embed.FS

var sentences = sync.OnceValue(func() *i18n.Bundle {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	files, err := catalogues.ReadDir(".")
	if err != nil {
		panic(fmt.Errorf("read the catalogues of refusals: %w", err))
	}
	for _, f := range files {
		if _, err := bundle.LoadMessageFileFS(catalogues, f.Name()); err != nil {
			panic(fmt.Errorf("read the catalogue of refusals %s: %w", f.Name(), err))
		}
	}
	return bundle
})

var english = sync.OnceValue(func() *i18n.Localizer {
	return i18n.NewLocalizer(sentences(), language.English.String())
})

// Message is the refusal as an English sentence for the user.
func (e *Error) Message() string { return e.in(english()) }

// in is the refusal as a sentence in a language.
func (e *Error) in(words *i18n.Localizer) string {
	args := maps.Clone(e.Args)
	for name, value := range args {
		if inner, ok := value.(*Error); ok && inner != nil {
			args[name] = inner.in(words)
		}
	}
	said, err := words.Localize(&i18n.LocalizeConfig{
		MessageID:    e.Code,
		TemplateData: args,
		PluralCount:  args["Count"],
	})
	if said == "" && err != nil {
		return e.Code
	}
	return said
}
