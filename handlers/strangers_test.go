package handlers_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"parley/handlers"
)

// counted is a body that records how much of it was read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// A request without a sign-in is limited in size before it is read, is never parsed as a form with files, and leaves
// nothing on the disk, on any route.
func TestStrangersSendLittle(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	a := newApp(t)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, name := range []string{"file", "files", "csv", "body"} {
		part, err := w.CreateFormFile(name, "large.bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(bytes.Repeat([]byte("x"), 2<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	tried, simulated := 0, 0
	for _, r := range a.Echo.Routes() {
		if r.Method == echo.RouteNotFound {
			continue
		}
		most := mostOfStrangers(r.Path)
		isSimulated := strings.HasPrefix(r.Path, "/simulator")
		if isSimulated {
			simulated++
		}
		for kind, body := range map[string][]byte{
			w.FormDataContentType():             form.Bytes(),
			"Multipart/Form-Data; boundary=x":   form.Bytes(),
			"application/x-www-form-urlencoded": append([]byte("body="), bytes.Repeat([]byte("y"), 8<<20)...),
			"application/json":                  append([]byte(`{"body":"`), bytes.Repeat([]byte("z"), 8<<20)...),
		} {
			for _, declared := range []int64{int64(len(body)), -1} {
				sent := &counted{r: bytes.NewReader(body)}
				path := placeInPath.ReplaceAllString(r.Path, "abc")
				req := httptest.NewRequestWithContext(t.Context(), r.Method, path, sent)
				req.ContentLength = declared
				req.Header.Set("Content-Type", kind)
				res := httptest.NewRecorder()
				a.Echo.ServeHTTP(res, req)
				tried++
				if sent.n > most+most/2 { // buffers read ahead
					t.Errorf("%s %s read %d KB of a stranger's %s", r.Method, r.Path, sent.n>>10, kind)
				}
				if r.Method == http.MethodPost && res.Code < 300 && !isSimulated {
					t.Errorf("%s %s answers a stranger's %s with %d", r.Method, r.Path, kind, res.Code)
				}
			}
		}
	}
	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), "multipart-") {
			t.Errorf("%s was left on the disk", f.Name())
		}
	}
	if tried < 500 || simulated < 25 {
		t.Errorf("only %d requests were tried, and %d of the simulator's routes", tried, simulated)
	}
}

var placeInPath = regexp.MustCompile(`:[a-z]+`)

// mostOfStrangers is how many bytes a route reads of a request without a sign-in.
func mostOfStrangers(route string) int64 {
	switch {
	case strings.HasPrefix(route, "/webhooks/"):
		return 4 << 20 // Twilio's webhooks, whose signature covers the whole body
	case route == "/simulator/phones/:phone/messages":
		return 17 << 20 // a simulated phone sends files, without a sign-in
	case strings.HasPrefix(route, "/simulator"):
		return 1 << 20
	}
	return 256 << 10
}

// Forms with files are parsed in memory and leave no temporary files, so nothing has to remove them. Echo writes
// everything over 32 MB to the disk: only the upload of a list may be larger, and is read as it streams in.
func TestFormsStayInMemory(t *testing.T) {
	t.Parallel()
	large := 0
	for _, r := range handlers.Table(handlers.Options{}) {
		if r.MaxBody < 32<<20 {
			continue
		}
		if large++; r.Name != "imports.upload" {
			t.Errorf("%s %s takes %d MB: its files would be left on the disk", r.Method, r.Path, r.MaxBody>>20)
		}
	}
	if large != 1 {
		t.Errorf("%d routes take more than 32 MB", large)
	}
}
