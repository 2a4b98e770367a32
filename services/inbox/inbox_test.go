package inbox_test

import (
	"testing"

	"parley/models"
	"parley/models/conversations"
	"parley/models/modelstest"
	inboxservice "parley/services/inbox"
)

// A form of the settings that is saved while the rating question is created keeps the question.
func TestSettingsLoseNoUpdate(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	typed := conversations.DefaultInboxSettings()
	typed.Away = conversations.Rule{On: true, Text: "We are closed."}
	saved := make(chan error, 1)
	err := store.InTx(t.Context(), func(tx *models.Tx) error {
		d, err := conversations.InboxSettingsForUpdate(tx)
		if err != nil {
			return err
		}
		go func() { saved <- inboxservice.New(store).SaveSettings(t.Context(), models.System("test"), typed) }()
		d.RatingSid, d.RatingText = "HX1", "How did we do?"
		return conversations.SaveInboxSettings(tx, models.System("test"), d)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-saved; err != nil {
		t.Fatal(err)
	}
	got, err := conversations.Read(store).InboxSettings(t.Context())
	if err != nil || got.RatingSid != "HX1" || got.Away != typed.Away {
		t.Errorf("%q, %v, %v", got.RatingSid, got.Away, err)
	}
}
