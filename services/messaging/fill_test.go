package messaging

import (
	"testing"

	"parley/models/people"
)

func TestFillMasked(t *testing.T) {
	t.Parallel()
	phone := "+4917683925741"
	known, unknown := &people.Contact{Name: "Lena Brandt", Phone: &phone}, &people.Contact{}
	for _, c := range []struct {
		contact            *people.Contact
		text, masked, sent string
	}{
		{known, "Hi {{first_name}}, is {{ Phone }} right?", "Hi Lena, is {{phone}} right?", "Hi Lena, is +49 176 83925741 right?"},
		{known, "{{phone|no number}}", "{{phone}}", "+49 176 83925741"},
		{known, "{{other}} {{phone}}", "{{other}} {{phone}}", "{{other}} +49 176 83925741"},
		{unknown, "{{phone|no number}}", "no number", "no number"},
		{unknown, "{{phone}}", "{{phone}}", "{{phone}}"},
	} {
		masked := FillMasked(c.text, c.contact, nil)
		if masked != c.masked {
			t.Errorf("%q is offered as %q", c.text, masked)
		}
		if sent := fillPhone(masked, c.contact); sent != c.sent {
			t.Errorf("%q is sent as %q", c.text, sent)
		}
		if whole := Fill(c.text, c.contact, nil); whole != c.sent {
			t.Errorf("%q is filled as %q", c.text, whole)
		}
	}
}
