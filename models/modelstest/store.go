package modelstest

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"gorm.io/gorm/logger"

	"parley/models"
	"parley/models/internal/base"
)

// PoolOf is the connection pool of a store, for statements that only a test makes.
func PoolOf(s *models.Store) *pgxpool.Pool { return base.Pool(s) }

// CaptureSQL passes every statement of the store to f: read returns it, with its values filled in, and how many rows it
// returned or changed.
func CaptureSQL(s *models.Store, f func(ctx context.Context, read func() (sql string, rows int64))) {
	base.SetLogger(s, capture(f))
}

type capture func(context.Context, func() (string, int64))

func (c capture) LogMode(logger.LogLevel) logger.Interface    { return c }
func (capture) Info(context.Context, string, ...interface{})  {}
func (capture) Warn(context.Context, string, ...interface{})  {}
func (capture) Error(context.Context, string, ...interface{}) {}
func (c capture) Trace(ctx context.Context, _ time.Time, read func() (string, int64), _ error) {
	c(ctx, read)
}
