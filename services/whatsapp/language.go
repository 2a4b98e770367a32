package whatsapp

import "strings"

// BaseLanguage is the language without its region: pt of pt_BR.
func BaseLanguage(code string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(code, "-", "_"), "_")
	return base
}

// PickLanguage chooses among a template's languages for a person, by this rule: the person's own language
// with its region; the same language without a region; the same language of another region, in order;
// the fall-back; whatever there is first. It returns -1 only if there is nothing.
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
