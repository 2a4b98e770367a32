package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/labstack/echo/v4"
)

// ipFrom returns where a request comes from: the address of the connection, or, behind a trusted proxy, the last
// address in X-Forwarded-For that is not a trusted proxy. Anybody else can put any address into that header.
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

// warnOfProxy logs once that requests come through a proxy that TRUSTED_PROXIES does not name: all visitors then share
// its address, and with it the rate limits.
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
