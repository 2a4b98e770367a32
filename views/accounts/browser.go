package accounts

import "strings"

// browsers and systems are the parts of user agents that identify them, with their names. Edge also names Chrome, and
// Chrome also names Safari, so the first match counts.
var (
	browsers = [][2]string{
		{"Edg/", "Edge"},
		{"Firefox/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = [][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"Mac OS", "Mac"},
		{"Windows", "Windows"},
		{"Linux", "Linux"},
	}
)

// browser names a user agent's browser and system.
func browser(agent string) string {
	name := "A browser"
	for _, b := range browsers {
		if strings.Contains(agent, b[0]) {
			name = b[1]
			break
		}
	}
	for _, s := range systems {
		if strings.Contains(agent, s[0]) {
			return name + " on " + s[1]
		}
	}
	return name
}
