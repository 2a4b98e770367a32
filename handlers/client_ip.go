package handlers

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/labstack/echo/v4"
)

// ipFrom tells where a request comes from: the address of the connection, or what a trusted proxy says in
// X-Forwarded-For, of which the last address that is no trusted proxy counts. Anybody else can write what they like
// there.
func ipFrom(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP:   p.Addr().AsSlice(),
			Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// warnOfProxy says once in the log that a proxy stands in front which TRUSTED_PROXIES does not name: all visitors then
// share its address, and with it the limits of tries.
func warnOfProxy(next echo.IPExtractor, log *slog.Logger) echo.IPExtractor {
	var once sync.Once
	return func(r *http.Request) string {
		ip := next(r)
		addr, err := netip.ParseAddr(ip)
		if err == nil && (addr.IsLoopback() || addr.IsPrivate()) && r.Header.Get(echo.HeaderXForwardedFor) != "" {
			once.Do(func() {
				log.Warn("a proxy that TRUSTED_PROXIES does not name is in front, so all visitors count as one", "proxy", ip)
			})
		}
		return ip
	}
}
