package models

import (
	"context"
	"time"

	"gorm.io/gorm/logger"
)

// CaptureSQL passes every statement of the store to f, with its values filled in. For tests only.
func (s *Store) CaptureSQL(f func(sql string)) { s.db.Logger = capture(f) }

type capture func(string)

func (c capture) LogMode(logger.LogLevel) logger.Interface    { return c }
func (capture) Info(context.Context, string, ...interface{})  {}
func (capture) Warn(context.Context, string, ...interface{})  {}
func (capture) Error(context.Context, string, ...interface{}) {}
func (c capture) Trace(_ context.Context, _ time.Time, f func() (string, int64), _ error) {
	sql, _ := f()
	c(sql)
}

// Query is the SQL of a file in queries/.
func Query(name string) string { return query(name) }
