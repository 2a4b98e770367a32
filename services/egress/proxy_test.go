package egress

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"testing"
)

// proxy is an operator's proxy on this machine, which forwards every request to one server and records the requests.
type proxy struct {
	url    *url.URL
	server string
	mu     sync.Mutex
	list   []string
}

// asked is the list of requests since the last call.
func (p *proxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.list
	p.list = nil
	return out
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.list = append(p.list, r.Method+" "+r.Host)
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		_, _ = io.WriteString(w, "by proxy")
		return
	}
	to, err := net.Dial("tcp", p.server)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close() //nolint:errcheck // both ends go
	from, sent, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer from.Close() //nolint:errcheck // both ends go
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(to, sent) }()
	_, _ = io.Copy(from, to)
}

func proxyTo(t *testing.T, server string) *proxy {
	t.Helper()
	p := &proxy{server: server}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.url = u
	return p
}

// The operator's proxy may be in a private network; the requested addresses may not.
func TestBehindAProxy(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "over TLS")
	}))
	defer server.Close()
	p := proxyTo(t, server.Listener.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	get := func(g Guard, address string) (string, error) {
		g.Roots = roots
		g.Proxy = func(r *http.Request) (*url.URL, error) {
			if r.URL.Hostname() == "127.0.0.9" { // as in NO_PROXY
				return nil, nil
			}
			return p.url, nil
		}
		transport := g.Transport()
		defer transport.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close() //nolint:errcheck // read to its end
		b, err := io.ReadAll(res.Body)
		return string(b), err
	}
	for address, want := range map[string]string{
		"http://93.184.216.34/":     "by proxy",
		"http://website.invalid/":   "by proxy", // the name can't be resolved here: the proxy may know it
		"http://my_site.invalid./":  "by proxy",
		"https://example.com/":      "over TLS", // httptest's certificate is for this name
		"http://[2606:2800::1]:81/": "by proxy",
	} {
		got, err := get(Guard{}, address)
		if asked := p.asked(); got != want || err != nil || len(asked) != 1 {
			t.Errorf("%s: %q %v, the proxy was asked for %q", address, got, err, asked)
		}
	}
	for _, address := range []string{
		"http://127.0.0.1/", "https://127.0.0.1/", "http://10.1.2.3:8080/", "http://[::1]/", "http://[fd00::1]/",
		"http://[::ffff:169.254.169.254]/", "http://169.254.169.254/latest/meta-data",
		"http://localhost/", "http://localhost./",
		"http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://website.0x1/",
		"http://0177.0.0.1/",
		"http://\uff11\uff12\uff17.0.0.1/", "http://127\u30020\u30020\u30021/",
		"http://metadata.google.internal/", "http://printer.local/", "http://wiki/", "http://a.localhost/",
		"http://127.0.0.9:1/", // not through the proxy: the dialled address is checked
	} {
		_, err := get(Guard{}, address)
		if asked := p.asked(); !errors.Is(err, ErrPrivate) || len(asked) != 0 {
			t.Errorf("%s: %v, the proxy was asked for %q", address, err, asked)
		}
	}
	here := Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	if got, err := get(here, "http://10.1.2.3/"); got != "by proxy" || err != nil {
		t.Errorf("an allowed one: %q %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := here.behindProxy(ctx, "website.invalid"); err == nil {
		t.Error("a look-up that was given up says nothing, and is taken for an answer")
	}
}
