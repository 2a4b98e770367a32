// Package e2e drives the built program through a real browser: complete tasks of a user.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"parley/models/modelstest"
)

// binary is the path of the program, which is built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "parley-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "parley")
	cmd := exec.Command("go", "build", "-o", path, "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// desk is a running program.
type desk struct {
	t    *testing.T
	URL  string
	log  *syncBuffer
	cmd  *exec.Cmd
	env  []string
	done chan struct{}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}
func (s *syncBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

var readyLine = regexp.MustCompile(`ready at (http://\S+)`)

// start runs the program on a database of its own until the test ends.
func start(t *testing.T, env ...string) *desk {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, log: &syncBuffer{}, done: make(chan struct{})}
	d.env = append([]string{"ADDR=127.0.0.1:0", "DATABASE_URL=" + modelstest.URL(t), "DATA_DIR=" + t.TempDir(), "DEV=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	d.cmd = exec.Command(path, "serve")
	d.cmd.Env, d.cmd.Dir, d.cmd.Stderr = d.env, t.TempDir(), d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(d.done)
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			if m := readyLine.FindStringSubmatch(sc.Text()); m != nil {
				ready <- m[1]
			}
		}
		_ = d.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(os.Interrupt)
		select {
		case <-d.done:
		case <-time.After(30 * time.Second):
			t.Error("the program does not stop")
			_ = d.cmd.Process.Kill()
		}
		if t.Failed() {
			t.Logf("the program's log:\n%s", tail(d.log.String(), 60))
		}
	})
	select {
	case d.URL = <-ready:
	case <-d.done:
		t.Fatalf("the program ended:\n%s", d.log.String())
	case <-time.After(60 * time.Second):
		t.Fatalf("the program was never ready:\n%s", d.log.String())
	}
	return d
}

func tail(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// chromiumPath is the browser that is installed, the one without a window first: it takes a fifth less time.
func chromiumPath() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: install the package chromium")
}

// browser is one Chromium; each person gets a window with separate cookies.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := chromiumPath()
	if err != nil {
		return nil, err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(path),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en"), chromedp.WindowSize(1440, 900))
	alloc, _ := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(alloc)
	return ctx, chromedp.Do(ctx)
})

// person is a user with a browser window.
type person struct {
	t    *testing.T
	ctx  context.Context
	desk *desk
	name string
}

// window opens a window with cookies of its own. An error in a page's script fails the test.
func (d *desk) window(name string) *person {
	d.t.Helper()
	parent, err := browser()
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	p := &person{t: d.t, ctx: ctx, desk: d, name: name}
	if err := chromedp.Do(ctx); err != nil {
		d.t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		d.t.Fatal(err)
	}
	err = chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(*runtime.EventExceptionThrown); ok {
			d.t.Errorf("%s: a script failed: %s", name, exceptionText(e))
		}
		if e, ok := ev.(*cdplog.EventEntryAdded); ok && strings.Contains(e.Entry.Text, "Content Security Policy") {
			d.t.Errorf("%s: %s (%s)", name, e.Entry.Text, e.Entry.URL)
		}
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if d.t.Failed() {
			p.keep("failed-" + name)
		}
		cancel()
	})
	return p
}

// do runs steps for at most 20 seconds, and runs them again if the page was replaced in the meantime, as a person would
// try again.
func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, steps...)
	for moved(err) && ctx.Err() == nil {
		time.Sleep(200 * time.Millisecond)
		err = chromedp.Do(ctx, steps...)
	}
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.name, what, err)
	}
}

// moved reports whether an error only means that the page was replaced during a step. An element that was just opened
// can't be focused before the browser has drawn it.
func moved(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "navigated or closed") || strings.Contains(err.Error(), "ERR_ABORTED") ||
		strings.Contains(err.Error(), "Could not find node") || strings.Contains(err.Error(), "Cannot find context") ||
		strings.Contains(err.Error(), "not focusable"))
}

// act runs a script that may leave the page: losing the page is then the expected result.
func (p *person) act(what, js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](js)); err != nil && !moved(err) {
		p.t.Fatalf("%s: %s: %v", p.name, what, err)
	}
}

// see waits until an element's text holds all of want.
func (p *person) see(selector string, want ...string) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	got := ""
	for time.Now().Before(deadline) {
		got = p.text(selector)
		ok := got != ""
		for _, w := range want {
			ok = ok && strings.Contains(got, w)
		}
		if ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("%s does not see %q in %s; there is: %q", p.name, want, selector, got)
}

// text is the text of all elements that match, "" if there are none.
func (p *person) text(selector string) string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	js := fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText || e.value || "").join("\n")`, selector)
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	if err != nil {
		return ""
	}
	return s
}

// eval runs a script in the page.
func (p *person) eval(js string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	if moved(err) {
		time.Sleep(200 * time.Millisecond)
		s, err = chromedp.Run(ctx, chromedp.Evaluate[string](js))
	}
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	return s
}

func (p *person) open(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.desk.URL+path))
}

// click clicks an element once it no longer moves, and again if it moved away under the pointer, as a person would.
func (p *person) click(selector string) {
	p.t.Helper()
	still := fmt.Sprintf(`new Promise((done) => {
		let last = "", looks = 0;
		const look = () => {
			const r = document.querySelector(%[1]q)?.getBoundingClientRect(), at = r?.width ? [r.x, r.y, r.width].join() : "";
			if ((!at || at !== last) && looks++ < 100) { last = at; setTimeout(look, 50); return; }
			window.missed = true;
			window.addEventListener("click", (e) => { if (e.target.closest(%[1]q)) window.missed = false; }, { capture: true, once: true });
			done();
		};
		look();
	})`, selector)
	for range 5 {
		p.do("aim at "+selector, chromedp.Evaluate[chromedp.Void](still, chromedp.EvalAwaitPromise))
		p.do("click "+selector, chromedp.Click(selector, chromedp.NodeVisible))
		if p.eval(`String(window.missed === true)`) == "false" {
			return
		}
	}
	p.t.Fatalf("%s clicks on %s in vain", p.name, selector)
}

// openChat opens the first conversation of the list. Rows may move between finding and clicking one: it clicks again,
// as a person would.
func (p *person) openChat() {
	p.t.Helper()
	for range 5 {
		p.click("[data-testid=row] a")
		for deadline := time.Now().Add(4 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if p.text("#conversation [data-follow]") != "" {
				return
			}
		}
	}
	p.t.Fatalf("%s can't open the first chat", p.name)
}

// press presses a key until what it opens is there: the page's scripts may not have loaded yet.
func (p *person) press(key string, ctrl bool, opens string) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		p.act("press "+key, fmt.Sprintf(`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: %q, ctrlKey: %v, bubbles: true}))`, key, ctrl))
		if p.eval(fmt.Sprintf(`String(!!document.querySelector(%q))`, opens)) == "true" {
			return
		}
	}
	p.t.Fatalf("%s presses %s in vain", p.name, key)
}

func (p *person) write(selector, text string) {
	p.t.Helper()
	p.do("write into "+selector, chromedp.SendKeys(selector, text, chromedp.NodeVisible))
}

// choose picks an option of a select by its value, as a person does.
func (p *person) choose(selector, value string) {
	p.t.Helper()
	p.act("choose "+value, fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); })()`, selector, value))
}

// pick chooses the option of a select whose text contains some words.
func (p *person) pick(selector, words string) {
	p.t.Helper()
	value := p.eval(`([...document.querySelector(` + quote(selector) + `).options].find(o => o.text.includes(` + quote(words) + `)) || {}).value || ""`)
	if value == "" {
		p.t.Fatalf("%s finds no option %q in %s", p.name, words, selector)
	}
	p.choose(selector, value)
	p.until("[name=value-1]")
}

func (p *person) signIn(email string) {
	p.t.Helper()
	p.open("/signin")
	p.write("#email", email)
	p.write("#password", "parley-demo")
	p.click("form button")
	p.see("#nav", "Inbox")
}

// keep writes a screenshot for a person to look at.
func (p *person) keep(name string) {
	dir := os.Getenv("PARLEY_SCREENSHOTS")
	if dir == "" {
		dir = "failures"
	}
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Log("no screenshot:", err)
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Log(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), b, 0o600); err != nil {
		p.t.Log(err)
	}
}

func exceptionText(e *runtime.EventExceptionThrown) string {
	text := e.ExceptionDetails.Text
	if ex := e.ExceptionDetails.Exception; ex != nil {
		text += " " + ex.Description
	}
	return text
}

// picture is a file with a small picture.
func picture(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range img.Pix {
		img.Pix[i] = byte(i)
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(png.Encode(f, img), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
