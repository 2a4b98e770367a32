package locale

import (
	"strings"
	"testing"
)

func TestPickLanguage(t *testing.T) {
	for _, c := range []struct {
		have           string
		want, fallback string
		picked         string
	}{
		{"en,pt_PT,pt_BR", "pt_BR", "en", "pt_BR"}, {"en,pt_PT,pt", "pt_BR", "en", "pt"}, {"en,pt_PT", "pt-BR", "en", "pt_PT"},
		{"de,en", "fr", "en", "en"}, {"de,es", "fr", "en", "de"}, {"de,en", "", "en", "en"}, {"en_US,en_GB", "en", "en_GB", "en_US"},
	} {
		have := strings.Split(c.have, ",")
		if got := have[PickLanguage(have, c.want, c.fallback)]; got != c.picked {
			t.Errorf("%s of %s for %s: %s", c.picked, c.have, c.want, got)
		}
	}
	if PickLanguage(nil, "en", "en") != -1 {
		t.Error("something out of nothing")
	}
}
