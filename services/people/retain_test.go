package people_test

import (
	"testing"

	"parley/models"
	"parley/models/modelstest"
	"parley/services/media"
	peopleservice "parley/services/people"
)

// What can't be removed of one kind doesn't keep the other kinds.
func TestRetainWhateverFails(t *testing.T) {
	t.Parallel()
	store, _ := modelstest.New(t)
	files, err := media.Open(media.Location{Dir: t.TempDir()}, store, nil)
	if err != nil {
		t.Fatal(err)
	}
	admin := models.System("Test")
	err = store.InTx(t.Context(), func(tx *models.Tx) error {
		return models.SaveSetting(tx, admin, "privacy", models.Privacy{MessageMonths: 6}, "Test")
	})
	if err != nil {
		t.Fatal(err)
	}
	pool := modelstest.PoolOf(store)
	_, err = pool.Exec(t.Context(), `ALTER TABLE messages RENAME TO gone;
		INSERT INTO webhook_receipts (kind, verdict, form, received_at)
		VALUES ('message', 'accepted', 'Body=secret', now() - interval '7 months')`)
	if err != nil {
		t.Fatal(err)
	}
	if err := peopleservice.New(store, files).Retain(t.Context()); err == nil {
		t.Error("nothing is said of the messages that can't be removed")
	}
	var left int
	err = pool.QueryRow(t.Context(), "SELECT count(*) FROM webhook_receipts WHERE form <> ''").Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d deliveries keep their content, %v", left, err)
	}
}
