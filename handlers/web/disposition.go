package web

import (
	"mime"
	"strings"
	"unicode"
)

// longestFileName is the maximum length of a downloaded file's name, in characters.
const longestFileName = 120

// Disposition makes a browser save a file under its name (RFC 6266). Characters that some system forbids in a name, or
// that would make the name look different from what it is, are replaced.
func Disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		case unicode.IsControl(r), strings.ContainsRune(`/\:*?"<>|%`, r), r == unicode.ReplacementChar:
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(name, " .")
	if r := []rune(name); len(r) > longestFileName {
		dot := strings.LastIndexByte(name, '.')
		ending := ""
		if dot >= 0 && len(name)-dot <= 10 {
			ending = name[dot:]
		}
		name = string(r[:longestFileName-len(ending)]) + ending
	}
	if name == "" {
		name = "file"
	}
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
