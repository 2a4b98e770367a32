package web

import (
	"context"

	"parley/models"
	"parley/models/people"
	"parley/views/components"
)

// ContactWords are the tags, fields and topics that an admin defined.
func ContactWords(ctx context.Context, store *models.Store, w *components.Words) (err error) {
	if w.Tags, err = people.Read(store).Tags(ctx); err != nil {
		return err
	}
	if w.Fields, err = people.Read(store).ContactFields(ctx); err != nil {
		return err
	}
	w.Topics, err = people.Read(store).Topics(ctx)
	return err
}
