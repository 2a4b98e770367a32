package handlers_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"parley/handlers"
)

// The proxy configuration in the docs allows the largest body that the program accepts.
func TestProxyTakesWhatWeTake(t *testing.T) {
	text, err := os.ReadFile("../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`client_max_body_size (\d+)m;`).FindSubmatch(text)
	if m == nil {
		t.Fatal("the nginx example sets no client_max_body_size")
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range handlers.Table(handlers.Options{}) {
		if r.MaxBody > n<<20 {
			t.Errorf("%s %s takes %d bytes, and the proxy %d MB", r.Method, r.Path, r.MaxBody, n)
		}
	}
}
