package handlers_test

import (
	"net/http"
	"testing"
)

// Bookmarks of an old address still lead to the same page.
func TestMovedPages(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	ada := a.as("ada")
	contact := a.contactAt(a.crowd(1)[0]).PublicID
	for from, to := range map[string]string{
		"/contacts/" + contact + "/everything":      "/contacts/" + contact + "/subject-access",
		"/contacts/" + contact + "/everything.json": "/contacts/" + contact + "/subject-access.json",
		"/access/0123456789abcdef/pack":             "/access/0123456789abcdef/submission",
		"/access/0123456789abcdef/pack.json":        "/access/0123456789abcdef/submission.json",
	} {
		r := ada.get(from)
		if r.Status != http.StatusMovedPermanently || r.Header.Get("Location") != to {
			t.Errorf("%s: %d %s", from, r.Status, r.Header.Get("Location"))
		}
	}
	if r := ada.get("/contacts/" + contact + "/subject-access"); r.Status != http.StatusOK {
		t.Errorf("%d", r.Status)
	}
}
