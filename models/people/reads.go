// Package people owns contacts: their addresses, consent, fields, tags, topics, files and notes.
package people

import (
	"context"

	"gorm.io/gorm"

	"parley/models"
	"parley/models/internal/base"
)

// Reads are the queries of this area.
type Reads struct{ store *models.Store }

// Read gives the queries on a store.
func Read(s *models.Store) Reads { return Reads{s} }

func (r Reads) read(ctx context.Context) *gorm.DB { return base.Read(ctx, r.store) }
