package ratelimit

import (
	"fmt"
	"testing"
	"time"
)

// clock is moved by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func limiter(every time.Duration, burst, most int) (*Limiter, *clock) {
	c := &clock{time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	l := New(every, burst)
	l.now, l.most = c.now, most
	return l, c
}

// allowed is how many of n attempts are.
func allowed(l *Limiter, address string, n int) int {
	yes := 0
	for range n {
		if l.Allow(address) {
			yes++
		}
	}
	return yes
}

func TestBurstAndRefill(t *testing.T) {
	l, c := limiter(20*time.Second, 8, 100)
	if n := allowed(l, "198.51.100.7", 20); n != 8 {
		t.Errorf("at once: %d", n)
	}
	if n := allowed(l, "198.51.100.8", 1); n != 1 {
		t.Error("another address is limited, too")
	}
	c.at = c.at.Add(19 * time.Second)
	if n := allowed(l, "198.51.100.7", 1); n != 0 {
		t.Error("allowed before the interval has passed")
	}
	c.at = c.at.Add(21 * time.Second)
	if n := allowed(l, "198.51.100.7", 5); n != 2 {
		t.Errorf("after 40 s: %d", n)
	}
	c.at = c.at.Add(time.Hour)
	if n := allowed(l, "198.51.100.7", 20); n != 8 {
		t.Errorf("after an hour: %d", n)
	}
	c.at = c.at.Add(-time.Hour)
	if n := allowed(l, "198.51.100.7", 20); n != 0 {
		t.Errorf("after the clock was set back: %d", n)
	}
	c.at = c.at.Add(40 * time.Second)
	if n := allowed(l, "198.51.100.7", 20); n != 2 {
		t.Errorf("40 s later: %d", n)
	}
}

func TestNetworks(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"198.51.100.7", "198.51.100.8", false},
		{"198.51.100.7", "::ffff:198.51.100.7", true},
		{"::ffff:198.51.100.7", "::ffff:198.51.100.8", false},
		{"", "", true},
		{"unix", "@", false},
	} {
		l, _ := limiter(time.Minute, 1, 100)
		l.Allow(c.a)
		if same := !l.Allow(c.b); same != c.same {
			t.Errorf("%s and %s count together: %v", c.a, c.b, same)
		}
	}
}

// Somebody who has many addresses frees nobody from a limit, keeps nobody out, and takes no memory without bounds.
func TestManyAddresses(t *testing.T) {
	const most = 1000
	l, c := limiter(time.Minute, 3, most)
	if n := allowed(l, "198.51.100.7", 5); n != 3 {
		t.Fatalf("at once: %d", n)
	}
	for i := range 20 * most {
		if !l.Allow(fmt.Sprintf("2001:db8:%x:%x::1", i/65536, i%65536)) {
			t.Fatalf("network %d is kept out by the others", i)
		}
		if n := len(l.rested); n > most || n != len(l.networks) {
			t.Fatalf("%d networks are remembered, %d by key", n, len(l.networks))
		}
		c.at = c.at.Add(time.Millisecond)
	}
	if n := allowed(l, "198.51.100.7", 5); n != 0 {
		t.Errorf("the others freed an address from its limit: %d", n)
	}
	if n := allowed(l, "203.0.113.9", 5); n != 3 {
		t.Errorf("a new address is allowed %d", n)
	}
}

// Even when all that are remembered have used up their burst, a new network gets its own, and not more.
func TestAllAreLimited(t *testing.T) {
	const most = 100
	l, _ := limiter(time.Minute, 3, most)
	for i := range 2 * most {
		if n := allowed(l, fmt.Sprintf("198.51.100.%d", i), 5); n != 3 {
			t.Fatalf("network %d is allowed %d", i, n)
		}
	}
	if n := allowed(l, "203.0.113.9", 50); n != 3 {
		t.Errorf("a new one is allowed %d", n)
	}
	if n := len(l.rested); n != most {
		t.Errorf("%d networks are remembered", n)
	}
}

// Networks that have rested are forgotten, not only when there are too many.
func TestRestedAreForgotten(t *testing.T) {
	l, c := limiter(time.Second, 3, 1000)
	for i := range 500 {
		allowed(l, fmt.Sprintf("10.0.%d.%d", i/256, i%256), 4)
	}
	c.at = c.at.Add(4 * time.Second)
	l.Allow("192.0.2.1")
	if n := len(l.rested); n != 1 || len(l.networks) != 1 {
		t.Errorf("%d networks are remembered", n)
	}
}

func BenchmarkAllow(b *testing.B) {
	l := New(time.Minute, 3)
	b.ReportAllocs()
	for i := range b.N {
		l.Allow(fmt.Sprintf("2001:db8:%x:%x::1", i/65536%65536, i%65536))
	}
}
