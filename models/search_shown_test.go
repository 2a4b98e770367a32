package models_test

import (
	"slices"
	"testing"

	"parley/models"
	"parley/models/internal/base"
	"parley/models/modelstest"
	"parley/models/people"
	"parley/models/people/segments"
)

// Lists that search for whole numbers find nobody by a part of one, wherever it is stored, and everybody by other text.
// Filters by a field reveal no part of one either.
func TestContactsFoundWhole(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	ctx, number, earlier := t.Context(), "+4917683925741", "+12025550143"
	lena := &people.Contact{
		Name:  "Lena 0176/83925741 ٠١٧٦٨٣٩٢٥٧٤١",
		Phone: &number,
		Fields: people.Fields{
			"line": "wa.me/12025550143", "order": "880000123456", "room": "178", "dial": 17683925741,
		},
	}
	err := store.InTx(ctx, func(tx *models.Tx) error {
		for _, f := range []people.ContactField{
			{Key: "line", Label: "Line", Kind: people.TextField}, {Key: "order", Label: "Order", Kind: people.TextField},
			{Key: "room", Label: "Room", Kind: people.TextField}, {Key: "dial", Label: "Dial", Kind: people.NumberField},
		} {
			f.Choices = []string{}
			if err := base.DB(tx).Create(&f).Error; err != nil {
				return err
			}
		}
		return people.AddContact(tx, models.System("test"), lena)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = modelstest.PoolOf(store).Exec(ctx, `INSERT INTO contact_addresses (contact_id, address, match, kind)
		VALUES ($1, $2, $2, 'phone')`, lena.ID, earlier)
	if err != nil {
		t.Fatal(err)
	}
	field := func(key, op, value string) segments.ContactFilter {
		return segments.ContactFilter{Fields: []segments.FieldCondition{{Key: key, Op: op, Value: value}}}
	}
	query := func(q string) segments.ContactFilter { return segments.ContactFilter{Query: q} }
	for _, c := range []struct {
		filter       segments.ContactFilter
		part, masked bool
	}{
		{query("1768392574"), true, false},
		{query("5741"), true, false},
		{query("0176/83"), true, false},
		{query("٨٣٩٢"), true, false},
		{query("12025550"), true, false},
		{query("/12025"), true, false},
		{query("lena"), true, true},
		{query("wa.me/"), true, true},
		{query("178"), true, true},
		{query("8800001"), true, true},
		{query(number), true, true},
		{query("0176 83925741"), true, true},
		{query(earlier), false, true}, // the search has the chosen number alone
		{field("line", "has", "12025"), true, false},
		{field("line", "has", "wa.me"), true, true},
		{field("line", "is", "wa.me/12025550143"), true, true},
		{field("line", "more", "wa.me/12025"), true, false},
		{field("line", "less", "wa.me/13"), true, false},
		{field("order", "has", "8800001"), true, true},
		{field("order", "more", "88"), true, true},
		{field("dial", "more", "17683000000"), true, false},
		{field("dial", "less", "17684000000"), true, false},
	} {
		finds := func(f segments.ContactFilter) bool {
			f.Limit = 10
			page, err := segments.Read(store).Contacts(ctx, f)
			if err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
			return slices.ContainsFunc(page.Rows, func(r people.Contact) bool { return r.ID == lena.ID })
		}
		if got := finds(c.filter); got != c.part {
			t.Errorf("%+v: %v", c.filter, got)
		}
		if got := finds(c.filter.FindingWhole()); got != c.masked {
			t.Errorf("%+v masked: %v", c.filter, got)
		}
		if got := finds(segments.ContactFilter{Within: &c.filter}.FindingWhole()); got != c.masked {
			t.Errorf("within %+v masked: %v", c.filter, got)
		}
	}
}
