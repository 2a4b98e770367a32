package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// shownForm is a form as a page shows it.
type shownForm struct {
	action string
	fields url.Values
}

// forms are those of every page that a reader can reach, two of a route at most.
func (w *maskedWorld) forms(v *visitor) (list []shownForm) {
	w.t.Helper()
	w.perRoute = 2
	count := map[string]int{}
	w.walk(v, func(_ string, r answer) {
		for _, form := range r.Doc().Find("form[method=post]").EachIter() {
			action, _ := form.Attr("action")
			if route := w.routeFor(http.MethodPost, action); route != "/signout" && count[route] < 2 {
				count[route]++
				list = append(list, shownForm{action, unchanged(form)})
			}
		}
	})
	return list
}

// silent is a Twilio that takes every call and answers none.
func silent(t *testing.T) (address string) {
	t.Helper()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(over); srv.Close() })
	return srv.URL
}

// Every form that a page shows is answered, and every page, while Twilio answers nothing: none waits for it.
func TestTwilioNeverAnswers(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	world := a.maskedWorld(a.as("ada"), a.as("otto"))
	a.built.Account.BaseURL, a.built.Account.Timeout = silent(t), time.Hour
	world.app = a.otherInstance(time.Minute)
	sent := 0
	for _, name := range []string{"ana", "otto", "ada"} {
		v := world.as(name)
		v.client.Timeout = time.Minute // many times as long as anything takes on a busy machine
		for _, f := range world.forms(v) {
			if sent++; v.post(f.action, f.fields).Status >= 500 {
				t.Errorf("%s as %s fails", f.action, name)
			}
		}
	}
	if sent < 60 {
		t.Errorf("only %d forms were sent", sent)
	}
}
