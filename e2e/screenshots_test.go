package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestScreenshots shoots every page at both widths, light and dark, into the folder that
// PARLEY_SCREENSHOTS names. It runs only when that is set: make screenshots.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("PARLEY_SCREENSHOTS")
	if dir == "" {
		t.Skip("make screenshots sets PARLEY_SCREENSHOTS")
	}
	d := start(t)
	p := d.window("ada")
	p.signIn("ada@example.com")
	time.Sleep(8 * time.Second) // the demo's templates are decided
	first := func(page, pattern string) string {
		p.open(page)
		m := regexp.MustCompile(pattern).FindString(p.eval("document.body.innerHTML"))
		return m
	}
	conversation := first("/inbox", `/inbox/[0-9a-f]{16}`)
	pages := map[string]string{
		"home": "/", "inbox": "/inbox", "conversation": conversation, "template-picker": conversation + "?mode=template", "contacts": "/contacts",
		"contact": first("/contacts", `/contacts/[0-9a-f]{16}`), "contact-new": "/contacts/new", "templates": "/templates", "template": first("/templates?state=approved", `/templates/[0-9a-f]{16}`),
		"template-new": "/templates/new", "notifications": "/notifications", "notification-new": "/notifications/new", "access": "/access",
		"access-one": first("/access", `/access/[0-9a-f]{16}`), "access-new": "/access/new", "users": "/settings/users", "senders": "/settings/senders",
		"webhooks": "/settings/webhooks", "audit": "/settings/audit", "account": "/account", "gallery": "/dev/gallery", "phones": "/simulator/phones/+34600123456", "missing": "/nothing-here",
	}
	for name, path := range pages {
		for _, width := range []int64{1440, 390} {
			for _, theme := range []string{"light", "dark"} {
				p.do("viewport", chromedp.EmulateViewport(width, 900))
				p.open(path)
				p.eval(fmt.Sprintf(`(() => { localStorage.setItem("theme", %q); document.documentElement.classList.toggle("dark", %q === "dark"); return "" })()`, theme, theme))
				time.Sleep(250 * time.Millisecond)
				p.keep(fmt.Sprintf("%s-%d-%s", name, width, theme))
				if over := p.eval(`String(document.documentElement.scrollWidth > innerWidth + 1)`); over == "true" {
					t.Errorf("%s is wider than %d px", name, width)
				}
			}
		}
	}
	t.Log("screenshots are in", filepath.Clean(dir))
}
