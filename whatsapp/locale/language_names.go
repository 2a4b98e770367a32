package locale

import "slices"

var languageNames = map[string]string{
	"en":    "English",
	"en_US": "English (US)",
	"en_GB": "English (UK)",
	"es":    "Spanish",
	"es_ES": "Spanish (Spain)",
	"es_MX": "Spanish (Mexico)",
	"es_AR": "Spanish (Argentina)",
	"pt":    "Portuguese",
	"pt_BR": "Portuguese (Brazil)",
	"pt_PT": "Portuguese (Portugal)",
	"de":    "German",
	"fr":    "French",
	"it":    "Italian",
	"nl":    "Dutch",
	"ar":    "Arabic",
	"af":    "Afrikaans",
	"sq":    "Albanian",
	"az":    "Azerbaijani",
	"bn":    "Bengali",
	"bg":    "Bulgarian",
	"ca":    "Catalan",
	"zh_CN": "Chinese (Simplified)",
	"zh_HK": "Chinese (Hong Kong)",
	"zh_TW": "Chinese (Taiwan)",
	"hr":    "Croatian",
	"cs":    "Czech",
	"da":    "Danish",
	"et":    "Estonian",
	"fil":   "Filipino",
	"fi":    "Finnish",
	"ka":    "Georgian",
	"el":    "Greek",
	"gu":    "Gujarati",
	"ha":    "Hausa",
	"he":    "Hebrew",
	"hi":    "Hindi",
	"hu":    "Hungarian",
	"id":    "Indonesian",
	"ga":    "Irish",
	"ja":    "Japanese",
	"kn":    "Kannada",
	"kk":    "Kazakh",
	"ko":    "Korean",
	"lo":    "Lao",
	"lv":    "Latvian",
	"lt":    "Lithuanian",
	"mk":    "Macedonian",
	"ms":    "Malay",
	"ml":    "Malayalam",
	"mr":    "Marathi",
	"nb":    "Norwegian",
	"fa":    "Persian",
	"pl":    "Polish",
	"pa":    "Punjabi",
	"ro":    "Romanian",
	"ru":    "Russian",
	"sr":    "Serbian",
	"sk":    "Slovak",
	"sl":    "Slovenian",
	"sw":    "Swahili",
	"sv":    "Swedish",
	"ta":    "Tamil",
	"te":    "Telugu",
	"th":    "Thai",
	"tr":    "Turkish",
	"uk":    "Ukrainian",
	"ur":    "Urdu",
	"uz":    "Uzbek",
	"vi":    "Vietnamese",
	"zu":    "Zulu",
}

// KnownLanguage reports whether templates can be in a language, by its code; empty counts as not chosen and is known.
func KnownLanguage(code string) bool { return code == "" || slices.Contains(Languages, code) }

// LanguageName is a language's code in words.
func LanguageName(code string) string {
	if n, ok := languageNames[code]; ok {
		return n
	}
	return code
}
