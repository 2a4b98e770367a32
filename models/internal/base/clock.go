package base

import (
	"sync"
	"time"
)

// clock is a clock that never goes back: after the machine's clock was set back, it runs at half speed until that clock
// has caught up. So nothing that waits for a moment waits for it twice or forever, and no event comes before its cause.
type clock struct {
	now func() time.Time

	mu   sync.Mutex
	last time.Time // the last time that it returned
	at   time.Time // when that was, as time since the program started
}

// clockStep is the most by which the machine's clock may be set back and still be waited for; if it is more, the clock
// was wrong before.
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
