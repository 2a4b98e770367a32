// Package ratelimit limits how often one network may do something that needs no sign-in. It counts in the memory of one
// instance.
package ratelimit

import (
	"container/heap"
	"net/netip"
	"sync"
	"time"

	"parley/whatsapp/plaintext"
)

// mostNetworks is how many networks are remembered: about 10 MB.
const mostNetworks = 50_000

// Limiter allows each network a burst, and then one attempt each time that its interval has passed. When there are too
// many networks, it forgets the one that is closest to having its whole burst again. So somebody with many addresses
// keeps nobody out, and frees a network from its limit only by using up that many other ones.
type Limiter struct {
	every time.Duration
	burst int
	most  int
	now   func() time.Time

	mu       sync.Mutex
	networks map[key]*network
	rested   byRest
}

// network is remembered until it has its whole burst again: after that it is treated as a new one.
type network struct {
	key    key
	restAt time.Time // when it has its whole burst, if it makes no more attempts
	at     int       // in the heap
}

// New makes a limiter that gives each network burst attempts, and another one after each interval.
func New(every time.Duration, burst int) *Limiter {
	return &Limiter{
		every:    every,
		burst:    burst,
		most:     mostNetworks,
		now:      time.Now,
		networks: map[key]*network{},
	}
}

// Allow counts an attempt from an IP address, and reports whether it may go on. An attempt that may not is not counted.
func (l *Limiter) Allow(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for len(l.rested) > 0 && !l.rested[0].restAt.After(now) {
		l.forgetFirst()
	}
	n := l.network(keyOf(address), now)
	// Each attempt costs an interval of rest. The clock may have been set back since the last one.
	longest := now.Add(l.every * time.Duration(l.burst))
	if n.restAt.After(longest) {
		n.restAt = longest
	}
	next := n.restAt.Add(l.every)
	if next.After(longest) {
		heap.Fix(&l.rested, n.at)
		return false
	}
	n.restAt = next
	heap.Fix(&l.rested, n.at)
	return true
}

func (l *Limiter) network(k key, now time.Time) *network {
	n := l.networks[k]
	if n != nil {
		return n
	}
	if len(l.rested) >= l.most {
		l.forgetFirst()
	}
	n = &network{key: k, restAt: now}
	l.networks[k] = n
	heap.Push(&l.rested, n)
	return n
}

func (l *Limiter) forgetFirst() {
	n := heap.Pop(&l.rested).(*network)
	delete(l.networks, n.key)
}

// byRest is a heap of networks, the one that is rested first on top.
type byRest []*network

func (h byRest) Len() int           { return len(h) }
func (h byRest) Less(i, j int) bool { return h[i].restAt.Before(h[j].restAt) }

func (h byRest) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push is called by package heap.
func (h *byRest) Push(x any) {
	n := x.(*network)
	n.at = len(*h)
	*h = append(*h, n)
}

// Pop is called by package heap.
func (h *byRest) Pop() any {
	last := len(*h) - 1
	n := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return n
}

// key is a network, or the beginning of an address that can't be parsed.
type key struct {
	network netip.Prefix
	other   string
}

// keyOf is an IPv4 address, or the /64 of an IPv6 address: that is what one machine can choose its addresses from.
func keyOf(address string) key {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return key{other: plaintext.Cut(address, 64)}
	}
	ip = ip.Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	return key{network: netip.PrefixFrom(ip, bits).Masked()}
}
