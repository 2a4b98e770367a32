package models

import (
	"context"

	"gorm.io/gorm"

	"parley/models/internal/base"
)

// Reads are the queries of settings, audit events, alerts, checks and uploads.
type Reads struct{ store *Store }

// Read gives the queries on a store.
func Read(s *Store) Reads { return Reads{s} }

func (r Reads) read(ctx context.Context) *gorm.DB { return base.Read(ctx, r.store) }
