// Package optins owns the pages and keywords by which people opt in, and their requests.
package optins

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
