package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// held are requests that a proxy holds back: on their way to the program, or their answers. They go on after release,
// even if the page that sent them is gone.
type held struct {
	path     string // what the path ends with
	answers  bool
	came     chan struct{} // one for each request that is held
	released chan struct{}
	done     chan int // the program's answer to each
}

// hold makes the proxy hold back posts to a path.
func (x *proxy) hold(path string, answers bool) *held {
	h := &held{
		path:     path,
		answers:  answers,
		came:     make(chan struct{}, 100),
		released: make(chan struct{}),
		done:     make(chan int, 100),
	}
	x.set(func(x *proxy) { x.held = h })
	return h
}

// waits until a request is held back, or was answered.
func waits[T any](t *testing.T, what string, c <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s never came", what)
	}
	return got
}

func (h *held) matches(r *http.Request) bool {
	return h != nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, h.path)
}

func (h *held) serve(w http.ResponseWriter, r *http.Request, program http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	r = r.Clone(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	if h.answers {
		program.ServeHTTP(answer, r)
	}
	h.came <- struct{}{}
	<-h.released
	if !h.answers {
		program.ServeHTTP(answer, r)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the page may be gone
	h.done <- answer.Code
}
