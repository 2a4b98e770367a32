package health

import "testing"

func TestWrongSignaturesWorthABanner(t *testing.T) {
	for _, c := range []struct {
		good, bad int64
		want      bool
	}{
		{0, 0, false},
		{0, 1, false}, // one unsigned request
		{0, 9, false},
		{0, 10, true},
		{9, 1, true},
		{8, 1, false},
		{91, 9, false},
		{90, 10, true},
	} {
		if got := mostFailed(c.good, c.bad); got != c.want {
			t.Errorf("%d good and %d bad: %v", c.good, c.bad, got)
		}
	}
}
