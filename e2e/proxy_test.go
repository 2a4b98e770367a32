package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// proxy is between a browser and the program, and fails on demand.
type proxy struct {
	mu     sync.Mutex
	refuse func(*http.Request) bool // answered by a 503 page of the proxy's own
	broken bool                     // the 503 is the program's own
	after  func(*http.Request) bool // replaced by a 503 after the program has answered
	cut    func(*http.Request) bool // cut off without an answer
	thawed chan struct{}            // closed unless the streams are frozen

	held    *held
	refused chan string   // the path of each request that was refused since the last change
	stopped chan struct{} // one for each event that a frozen stream holds back, while a test waits for it
}

// everything matches each request, posts the ones that change something.
func everything(*http.Request) bool { return true }
func posts(r *http.Request) bool    { return r.Method == http.MethodPost }

// proxied is a program behind a proxy.
func (d *desk) proxied(t *testing.T) (*desk, *proxy) {
	t.Helper()
	target, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	x := &proxy{
		thawed:  make(chan struct{}),
		refused: make(chan string, 1000),
		stopped: make(chan struct{}),
	}
	close(x.thawed)
	pass := &httputil.ReverseProxy{
		FlushInterval:  -1,
		ModifyResponse: x.answered,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ErrorLog:     log.New(io.Discard, "", 0), // don't log requests that pages cancel
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { foreign(w) },
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		refuse, broken, cut, thawed, held := x.refuse, x.broken, x.cut, x.thawed, x.held
		x.mu.Unlock()
		if r.URL.Path == "/events" {
			select {
			case <-thawed:
			case <-r.Context().Done():
				return
			}
		}
		switch {
		case cut != nil && cut(r):
			panic(http.ErrAbortHandler)
		case refuse != nil && refuse(r):
			if broken {
				w.Header().Set("X-Parley", "1")
			}
			foreign(w)
			x.refused <- r.URL.Path
		case held.matches(r):
			held.serve(w, r, pass)
		default:
			pass.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.CloseClientConnections)
	behind := *d
	behind.URL = srv.URL
	return &behind, x
}

func foreign(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, "<html><head><title>503</title></head><body><h1>503 Service Temporarily Unavailable</h1><hr>nginx</body></html>")
}

// answered replaces a response with the proxy's own, or makes a stream freezable.
func (x *proxy) answered(res *http.Response) error {
	x.mu.Lock()
	after := x.after
	x.mu.Unlock()
	if after != nil && after(res.Request) {
		if err := res.Body.Close(); err != nil {
			return err
		}
		page := httptest.NewRecorder()
		foreign(page)
		*res = *page.Result()
		return nil
	}
	if res.Request.URL.Path == "/events" {
		res.Body = &freezing{ReadCloser: res.Body, x: x, gone: res.Request.Context().Done()}
	}
	return nil
}

// freezing is a stream that stops without an error while the proxy is frozen.
type freezing struct {
	io.ReadCloser
	x    *proxy
	gone <-chan struct{}
}

func (f *freezing) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	f.x.mu.Lock()
	thawed := f.x.thawed
	f.x.mu.Unlock()
	select {
	case <-thawed:
		return n, err
	default:
	}
	for {
		select {
		case f.x.stopped <- struct{}{}:
			continue
		case <-thawed:
			return n, err
		case <-f.gone:
			return 0, io.ErrUnexpectedEOF
		}
	}
}

// set changes how the proxy behaves.
func (x *proxy) set(change func(*proxy)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(x.refused) > 0 {
		<-x.refused
	}
	change(x)
}

// refuses waits until requests to these paths have been refused since the last change, even before it was called. A
// path matches those that end with it; a path given twice requires two requests.
func (x *proxy) refuses(t *testing.T, paths ...string) {
	t.Helper()
	missing, late := slices.Clone(paths), time.After(20*time.Second)
	for len(missing) > 0 {
		select {
		case path := <-x.refused:
			if i := slices.IndexFunc(missing, func(p string) bool { return strings.HasSuffix(path, p) }); i >= 0 {
				missing = slices.Delete(missing, i, i+1)
			}
		case <-late:
			t.Fatalf("the page has not asked for %v", missing)
		}
	}
}

// holds waits until a frozen stream holds back an event.
func (x *proxy) holds(t *testing.T) {
	t.Helper()
	select {
	case <-x.stopped:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came to the frozen stream")
	}
}

func (x *proxy) freeze() { x.set(func(x *proxy) { x.thawed = make(chan struct{}) }) }

// thaw lets new streams through. Frozen ones stay dead, as behind a real proxy.
func (x *proxy) thaw() {
	x.set(func(x *proxy) {
		x.thawed = make(chan struct{})
		close(x.thawed)
	})
}

// hasty makes the page retry soon, so that a test does not wait for half a minute.
func (p *person) hasty() {
	p.t.Helper()
	p.eval(`(() => { const l = document.querySelector("#live"); l.dataset.pause = "60"; return "" })()`)
}

// says counts how often a conversation's thread contains a text.
func (p *person) says(text string) int {
	p.t.Helper()
	return strings.Count(p.text("#thread article .bubble"), text)
}
