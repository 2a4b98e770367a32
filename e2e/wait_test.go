package e2e

import (
	"context"
	"time"

	"github.com/chromedp/chromedp"
)

// soon waits until a script's expression is true and returns its value; empty if it never was. The page may be replaced
// meanwhile. It polls from the test, because timers of a page without scripts never fire.
func (p *person) soon(js string, limit time.Duration) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit+10*time.Second)
	defer cancel()
	for end := time.Now().Add(limit); ; time.Sleep(30 * time.Millisecond) {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => { const got = `+js+`; return got ? String(got) : "" })()`))
		switch {
		case err != nil && !moved(err):
			p.t.Fatalf("%s: %s: %v", p.name, js, err)
		case err == nil && got != "" || time.Now().After(end):
			return got
		}
	}
}

// until waits until an element is there.
func (p *person) until(selector string) {
	p.t.Helper()
	if p.soon(`!!document.querySelector(`+quote(selector)+`)`, 20*time.Second) == "" {
		p.t.Fatalf("%s waits in vain for %s", p.name, selector)
	}
}

// waitValue waits until a field has a value and returns what it has.
func (p *person) waitValue(selector, want string) string {
	p.t.Helper()
	value := `(document.querySelector(` + quote(selector) + `)?.value ?? "")`
	p.soon(value+` === `+quote(want), 5*time.Second)
	return p.eval(value)
}

// quiet waits until no request is running and all changes have been drawn.
func (p *person) quiet() {
	p.t.Helper()
	if p.soon(`!document.querySelector(".htmx-request")`, 10*time.Second) == "" {
		p.t.Fatalf("%s waits in vain for an answer", p.name)
	}
	p.evalSoon(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(""))))`)
}

// still shows a page in its final state, without animations.
func (p *person) still() {
	p.t.Helper()
	p.eval(`(() => {
		const s = new CSSStyleSheet();
		s.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
		document.adoptedStyleSheets = [s];
		return "";
	})()`)
}

// insideSoon waits until an element lies on the screen.
func (p *person) insideSoon(selector string) string {
	p.t.Helper()
	if p.soon(`(`+insideScript(selector)+`) === ""`, 3*time.Second) != "" {
		return ""
	}
	return p.inside(selector)
}

// evalSoon runs an asynchronous script, and returns the value of its promise.
func (p *person) evalSoon(js string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	return s
}
