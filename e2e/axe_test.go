package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/handlers"
)

// axeRun runs axe (https://github.com/dequelabs/axe-core) over the page: WCAG 2.2 A and AA, and its best practices.
const axeRun = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() => axe.run(document, {
	runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
	resultTypes: ["violations"],
})).then((r) => JSON.stringify(r.violations.map((v) => ({
	id: v.id,
	nodes: v.nodes.map((n) => ({target: n.target.join(" "), why: (n.any[0] || n.all[0] || n.none[0] || {}).message || ""})),
}))))`

type axeViolation struct {
	ID    string `json:"id"`
	Nodes []struct{ Target, Why string }
}

type axeLook struct {
	width int64
	dark  bool
}

// axeShort are the pages that make test checks: the largest, and those with the most kinds of components.
var axeShort = []string{"signin", "conversation", "contact", "notifications.new"}

// TestAxe: axe finds nothing on any page. With PARLEY_AXE=full (make deep-axe) it walks every page and its main states
// in both themes and at both widths, with PARLEY_AXE_ONLY those whose names match; without, some pages, light and wide,
// and the inbox dark on a phone.
func TestAxe(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	d := start(t)
	ada := d.window("ada")
	ada.signIn("ada@example.com")
	pages := axePages(ada, d)
	full, only := os.Getenv("PARLEY_AXE") == "full", os.Getenv("PARLEY_AXE_ONLY")
	for _, r := range handlers.Table(handlers.Options{}) {
		if _, known := pages[r.Name]; !known && r.Method == http.MethodGet && !slices.Contains(noPage, r.Name) {
			t.Errorf("axe does not know the page %s (%s): add it to axePages, or to noPage", r.Name, r.Path)
		}
	}
	stranger := d.window("stranger")
	var names []string
	for name := range pages {
		names = append(names, name)
	}
	sort.Strings(names)
	found := map[string][]string{}
	look := func(name string, s axeState, looks []axeLook) {
		p := ada
		if name == "signin" || name == "join" {
			p = stranger
		}
		where := strings.TrimSpace(name + " " + s.name)
		p.size(looks[0].width, 900)
		p.open(s.path)
		if s.do != "" {
			p.act(where, s.do)
			if s.shows != "" {
				p.until(s.shows)
			}
			p.quiet() // menus are positioned by a script
		}
		p.still()
		p.do("axe", chromedp.Evaluate[chromedp.Void](string(source)+"; 0"))
		for _, l := range looks {
			p.size(l.width, 900)
			p.eval(fmt.Sprintf(`(() => { document.documentElement.classList.toggle("dark", %v); return "" })()`, l.dark))
			p.still() // colours change in a transition
			var got []axeViolation
			if err := json.Unmarshal([]byte(p.evalSoon(axeRun)), &got); err != nil {
				t.Fatal(err)
			}
			for _, v := range got {
				for _, n := range v.Nodes {
					key := v.ID + ": " + n.Why
					found[key] = append(found[key], fmt.Sprintf("%s (%d, dark %v) %s", where, l.width, l.dark, n.Target))
				}
			}
		}
	}
	for _, name := range names {
		if only != "" && !regexp.MustCompile(only).MatchString(name) {
			continue
		}
		if !full {
			if slices.Contains(axeShort, name) {
				look(name, pages[name][0], []axeLook{{1440, false}})
			}
			continue
		}
		for _, s := range pages[name] {
			look(name, s, []axeLook{{1440, false}, {1440, true}, {390, true}, {390, false}})
		}
	}
	if !full && only == "" {
		look("inbox", pages["inbox"][0], []axeLook{{390, true}})
	}
	for what, where := range found {
		sort.Strings(where)
		t.Errorf("%s\n\t%d times: %s", what, len(where), strings.Join(where[:min(4, len(where))], "\n\t"))
	}
}
