// Package loopback decides which names and addresses lead to this machine only.
package loopback

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Host reports whether a host, with or without a port, is this machine alone: localhost and names that end in
// .localhost (RFC 6761), 127.0.0.0/8 and ::1. An empty host, which means every interface to a listener, is not.
func Host(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// URL reports whether an address leads to this machine alone.
func URL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && Host(u.Host)
}

// Request reports whether a request was made on this machine to this machine, as far as its Host and the headers of a
// proxy in front show.
func Request(r *http.Request) bool {
	if !Host(r.Host) {
		return false
	}
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		for _, line := range r.Header.Values(name) {
			for part := range strings.SplitSeq(line, ",") {
				if !Host(strings.TrimSpace(part)) {
					return false
				}
			}
		}
	}
	return r.Header.Get("Forwarded") == ""
}
