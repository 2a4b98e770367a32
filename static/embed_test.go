package static

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every key handler is behind the guard against compositions: the guard is the first listener of the window, in the
// first script, and covers each kind of key event that any script listens to.
func TestKeysAreGuarded(t *testing.T) {
	guarded := []string{"keydown", "keypress", "keyup"}
	files, err := filepath.Glob("files/*.js")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	kinds, handlers := regexp.MustCompile(`"(key(?:down|up|press))"`), 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".min.js") {
			continue
		}
		for _, m := range kinds.FindAllStringSubmatch(string(b), -1) {
			handlers++
			if !slices.Contains(guarded, m[1]) {
				t.Errorf("%s listens to %s, which the guard in app.js does not cover", name, m[1])
			}
		}
	}
	if handlers < 8 {
		t.Errorf("only %d mentions of key events found: does this test still look for the right thing?", handlers)
	}
	app, err := os.ReadFile("files/app.js")
	if err != nil {
		t.Fatal(err)
	}
	guard := strings.Index(string(app), `["keydown", "keypress", "keyup"].forEach((type) => addEventListener(type`)
	first := strings.Index(string(app), `"keydown"`)
	if guard < 0 || first != guard+1 {
		t.Error("the guard is not the first listener of keys in app.js")
	}
	for page, script := range map[string]string{
		"../views/layout/page.templ": `<script src={ asset("app.js") }></script>`,
		"../simulator.go":            `[]string{static.URL("app.js")`,
	} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(string(b), script)
		if at < 0 || strings.Contains(string(b)[:at], "<script") {
			t.Errorf("app.js is not the first script of %s", page)
		}
	}
}
