package servicetest_test

import (
	"testing"

	"parley/services/servicetest"
)

// The rows that tests begin with satisfy the schema, and the simulator answers.
func TestWorld(t *testing.T) {
	t.Parallel()
	w := servicetest.New(t)
	if w.Contact("Noor", "+4915112350109") == "" || w.Template("visit_near") == "" || w.Actor("Ada").ID == nil {
		t.Error("a row is missing")
	}
	if w.Number("SELECT count(*) FROM conversations WHERE window_closes_at > $1", w.Store.Now()) != 1 {
		t.Error("the session is closed")
	}
	if list, err := w.Twilio.Senders(t.Context()); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
}
