package web

import (
	"net/url"
	"strings"
	"testing"
)

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "/",
		"/":                          "/",
		"/inbox":                     "/inbox",
		"/contacts?tag=a&q=%2F%2F":   "/contacts?tag=a&q=%2F%2F",
		"/contacts?q=a%09b#row":      "/contacts?q=a%09b#row",
		"inbox":                      "/",
		"//evil.example":             "/",
		"///evil.example":            "/",
		"/\t/evil.example":           "/",
		"/\n/evil.example":           "/",
		"\t//evil.example":           "/",
		" //evil.example":            "/",
		"/\\evil.example":            "/",
		"\\\\evil.example":           "/",
		"/%09/evil.example":          "/",
		"/%5cevil.example":           "/",
		"/%2f/evil.example":          "/",
		"https://evil.example/":      "/",
		"https:/evil.example":        "/",
		"javascript:alert(1)":        "/",
		"/signin":                    "/",
		"/signin?next=/signin":       "/",
		"/%zz":                       "/",
		"/\u0000/evil.example":       "/",
		"/\u0085/evil.example":       "/",
		"http://desk.example.com/in": "/",
	} {
		if got := LocalPath(in); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/inbox?x=1", "/\t/evil.example", "//evil.example", "/%5c/x"} {
		f.Add(s)
	}
	ours, err := url.Parse("https://desk.example.com/signin")
	if err != nil {
		f.Fatal(err)
	}
	// What a browser does to an address before it follows it.
	browser := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/")
	f.Fuzz(func(t *testing.T, s string) {
		to, err := ours.Parse(browser.Replace(strings.TrimSpace(LocalPath(s))))
		if err != nil || to.Host != ours.Host || to.Scheme != ours.Scheme {
			t.Errorf("%q leads to %v (%v)", s, to, err)
		}
	})
}
