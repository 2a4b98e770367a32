package handlers_test

import (
	"strings"
	"testing"
)

// A HEIC picture named as a JPEG is refused with the reason, with and without script.
func TestHEICIsNoVideo(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	c := a.wrote(lena, "Lena", "Hello")
	ana := a.as("ana")
	heic := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("x", 2000))
	for _, path := range []string{"/uploads", "/replies"} {
		r := ana.uploadFile("/conversations/"+c.PublicID+path, "photo.jpg", heic, "body", "Look", "token", "t"+path)
		if r.Status != 422 || !strings.Contains(r.Problem("file"), "HEIC") || !strings.Contains(r.Problem("file"), "JPEG and PNG") {
			t.Errorf("%s: %d %q", path, r.Status, r.Problem("file"))
		}
	}
	if n := len(a.bodies(c)); n != 0 {
		t.Errorf("%d messages were written", n)
	}
}
