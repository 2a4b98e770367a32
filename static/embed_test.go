package static

import (
	"io/fs"
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
	kinds, handlers := regexp.MustCompile(`"(key(?:down|up|press))"`), 0
	err := filepath.WalkDir("src/js", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range kinds.FindAllStringSubmatch(string(b), -1) {
			handlers++
			if !slices.Contains(guarded, m[1]) {
				t.Errorf("%s listens to %s, which the guard in app.js does not cover", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if handlers < 8 {
		t.Errorf("only %d mentions of key events found: does this test still look for the right thing?", handlers)
	}
	app, err := os.ReadFile("files/app.js")
	if err != nil {
		t.Fatal(err)
	}
	guard := regexp.MustCompile(`\["keydown","keypress","keyup"\]\.forEach\(\w+=>addEventListener\(`).FindIndex(app)
	if first := strings.Index(string(app), `"keydown"`); guard == nil || first != guard[0]+1 {
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
