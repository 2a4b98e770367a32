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

// CaptureSQL passes every statement of the store to f, with its values filled in.
func CaptureSQL(s *models.Store, f func(sql string)) { base.SetLogger(s, capture(f)) }

type capture func(string)

func (c capture) LogMode(logger.LogLevel) logger.Interface    { return c }
func (capture) Info(context.Context, string, ...interface{})  {}
func (capture) Warn(context.Context, string, ...interface{})  {}
func (capture) Error(context.Context, string, ...interface{}) {}
func (c capture) Trace(_ context.Context, _ time.Time, f func() (string, int64), _ error) {
	sql, _ := f()
	c(sql)
}
