package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"parley/services/config"
)

// listen opens the address. With port 0 the system picks one, which PUBLIC_URL then names.
func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf(
			"ADDR %s can't be listened on: stop the program that uses it, or set ADDR to another address (%w)",
			cfg.Addr,
			err,
		)
	}
	if rest, ok := strings.CutSuffix(cfg.PublicURL, ":0"); ok {
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		cfg.PublicURL = rest + ":" + port
	}
	return l, nil
}

// localURL is how this machine reaches the server.
func localURL(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
