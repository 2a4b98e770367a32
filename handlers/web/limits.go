package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits limit how often one address may do something.
type Limits struct {
	mu    sync.Mutex
	every time.Duration
	burst int
	byKey map[string]*rate.Limiter
}

// NewLimits allows burst attempts at once, and one more per interval.
func NewLimits(every time.Duration, burst int) *Limits {
	return &Limits{every: every, burst: burst, byKey: map[string]*rate.Limiter{}}
}

// Allow counts one attempt of a key. The table of keys is cleared when it grows large: all keys then start over.
func (l *Limits) Allow(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byKey) > 50_000 {
		l.byKey = map[string]*rate.Limiter{}
	}
	r := l.byKey[key]
	if r == nil {
		r = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.byKey[key] = r
	}
	return r.Allow()
}
