package models

import (
	"sync"
	"time"
)

// clock is a clock that never goes back: while the machine's has been set back it runs at half its pace, until that one
// has caught up. So what waits for a moment neither waits for it twice nor forever, and nothing happens before its
// cause.
type clock struct {
	now func() time.Time

	mu   sync.Mutex
	last time.Time // what it said last
	at   time.Time // when, by the time since the program began
}

// clockStep is by how much a clock may be set back and still be waited for; beyond that it was wrong before.
const clockStep = 10 * time.Minute

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, real := c.now().UTC(), time.Now()
	if back := c.last.Sub(wall); back > 0 && back < clockStep {
		wall = c.last.Add(real.Sub(c.at) / 2)
	}
	c.last, c.at = wall, real
	return wall.Truncate(time.Microsecond)
}
