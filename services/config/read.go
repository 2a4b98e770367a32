package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// reader reads settings by their names and collects what is wrong with them.
type reader struct {
	lookup func(string) (string, bool)
	errs   []error
}

func (r *reader) bad(name, format string, a ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s %s", name, fmt.Sprintf(format, a...)))
}

// text is a setting without the space around it, or fallback if it is not set.
func (r *reader) text(name, fallback string) string {
	if v, ok := r.lookup(name); ok && strings.TrimSpace(v) != "" {
		return strings.TrimSpace(v)
	}
	return fallback
}

func (r *reader) flag(name string, fallback bool) bool {
	v := r.text(name, strconv.FormatBool(fallback))
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.bad(name, "must be 0 or 1, not %q.", v)
	}
	return b
}

// memory reads a size such as 512M or 2G, in bytes.
func (r *reader) memory(name string) int64 {
	size := r.text(name, "")
	if size == "" {
		return 0
	}
	unit := map[string]int64{"M": 1 << 20, "G": 1 << 30}[size[len(size)-1:]]
	n, err := strconv.ParseInt(size[:len(size)-1], 10, 32)
	if err != nil || unit == 0 || n*unit < 64<<20 {
		r.bad(name, "must be a size of at least 64M, such as 512M or 2G, not %q.", size)
		return 0
	}
	return n * unit
}

// networks are words that stand for ranges of addresses.
var networks = map[string][]string{
	"loopback": {"127.0.0.0/8", "::1/128"},
	"private":  {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"},
}

// prefixes reads addresses and ranges, separated by commas.
func (r *reader) prefixes(name string) []netip.Prefix {
	var out []netip.Prefix
	for word := range strings.SplitSeq(r.text(name, ""), ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		ranges, ok := networks[word]
		if !ok {
			ranges = []string{word}
		}
		for _, text := range ranges {
			p, err := netip.ParsePrefix(text)
			if addr, e := netip.ParseAddr(text); err != nil && e == nil {
				p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
			}
			if err != nil {
				r.bad(name, "must list addresses such as 127.0.0.1, ranges such as 10.0.0.0/8, "+
					"or the words loopback and private, not %q.", text)
				continue
			}
			out = append(out, p.Masked())
		}
	}
	return out
}

// WithFile returns a lookup that asks env first and then the .env file at path. A missing file is not an error; a line
// that is not NAME=value is.
func WithFile(env func(string) (string, bool), path string) (func(string) (string, bool), error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return env, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	values := map[string]string{}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s, line %d: write NAME=value", path, n)
		}
		value = strings.TrimSpace(value)
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		values[strings.TrimSpace(name)] = value
	}
	return func(name string) (string, bool) {
		if v, ok := env(name); ok {
			return v, true
		}
		v, ok := values[name]
		return v, ok
	}, nil
}
