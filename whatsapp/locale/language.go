package locale

import "strings"

// BaseLanguage is the language without its region: pt of pt_BR.
func BaseLanguage(code string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(code, "-", "_"), "_")
	return base
}

// PickLanguage picks one of a template's languages for a person, by this rule: the person's own language with its
// region; the same language without a region; the same language of another region, in order; the fall-back; whatever
// there is first. It returns -1 only if there is nothing.
func PickLanguage(have []string, want, fallback string) int {
	want = strings.ReplaceAll(want, "-", "_")
	rules := []func(string) bool{
		func(l string) bool { return want != "" && l == want },
		func(l string) bool { return want != "" && l == BaseLanguage(want) },
		func(l string) bool { return want != "" && BaseLanguage(l) == BaseLanguage(want) },
		func(l string) bool { return l == fallback },
		func(string) bool { return true },
	}
	for _, fits := range rules {
		for i, l := range have {
			if fits(l) {
				return i
			}
		}
	}
	return -1
}

// Languages are the languages that templates and people can have, in WhatsApp's codes, the common ones first.
var Languages = []string{
	"en",
	"en_US",
	"en_GB",
	"es",
	"es_ES",
	"es_MX",
	"es_AR",
	"pt_BR",
	"pt_PT",
	"de",
	"fr",
	"it",
	"nl",
	"af",
	"sq",
	"ar",
	"az",
	"bn",
	"bg",
	"ca",
	"zh_CN",
	"zh_HK",
	"zh_TW",
	"hr",
	"cs",
	"da",
	"et",
	"fil",
	"fi",
	"ka",
	"el",
	"gu",
	"ha",
	"he",
	"hi",
	"hu",
	"id",
	"ga",
	"ja",
	"kn",
	"kk",
	"ko",
	"lo",
	"lv",
	"lt",
	"mk",
	"ms",
	"ml",
	"mr",
	"nb",
	"fa",
	"pl",
	"pa",
	"ro",
	"ru",
	"sr",
	"sk",
	"sl",
	"sw",
	"sv",
	"ta",
	"te",
	"th",
	"tr",
	"uk",
	"ur",
	"uz",
	"vi",
	"zu",
}
