package simulator

import (
	"testing"
)

// The customers' files are limited in total size: the oldest are deleted first, and one is kept however large it is.
func TestMediaIsBounded(t *testing.T) {
	t.Parallel()
	s := &Simulator{state: newState()}
	file := make([]byte, 16<<20)
	for range 10 {
		s.addMedia(&Media{Sid: newSid("ME"), Bytes: file})
	}
	if n := len(s.state.Media); n != 4 || len(s.state.MediaOrder) != 4 || s.state.MediaBytes != mostMedia {
		t.Errorf("%d files, %d in order, %d bytes", n, len(s.state.MediaOrder), s.state.MediaBytes)
	}
	s.addMedia(&Media{Sid: "MEnew", Bytes: []byte("new")})
	if s.state.Media["MEnew"] == nil || len(s.state.Media) != 4 {
		t.Errorf("%d files, the newest is %v", len(s.state.Media), s.state.Media["MEnew"])
	}
	s.addMedia(&Media{Sid: "MElarge", Bytes: make([]byte, mostMedia+1)})
	if s.state.Media["MElarge"] == nil || len(s.state.Media) != 1 {
		t.Errorf("%d files beside a large one", len(s.state.Media))
	}
}

// The files of the previous run count, too.
func TestMediaIsBoundedAfterAStart(t *testing.T) {
	t.Parallel()
	st := newState()
	for _, sid := range []string{"ME1", "ME2"} {
		if err := st.take("media", sid, []byte(`{"Sid":"`+sid+`","ContentType":"image/png","Bytes":"AAAA"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if st.MediaBytes != 6 || len(st.MediaOrder) != 2 || st.MediaOrder[0] != "ME1" {
		t.Errorf("%d bytes, %v", st.MediaBytes, st.MediaOrder)
	}
}
