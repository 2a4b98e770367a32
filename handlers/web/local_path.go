package web

import (
	"net/url"
	"strings"
	"unicode"
)

// LocalPath keeps a redirect inside the program: it returns a path of ours with its query, or the start page. Browsers
// drop tabs and line breaks from an address and read a backslash as a slash, so "/\t/evil.example" would lead to
// another site.
func LocalPath(p string) string {
	odd := func(s string) bool {
		return strings.HasPrefix(s, "//") ||
			strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || unicode.IsControl(r) })
	}
	u, err := url.Parse(p)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || !strings.HasPrefix(p, "/") ||
		odd(p) ||
		odd(u.Path) {
		return "/"
	}
	if u.Path == "/signin" || strings.HasPrefix(u.Path, "/signin/") {
		return "/"
	}
	return p
}
