package twilio

import (
	"net/url"
	"slices"
	"strings"
)

// signedURLs are the forms of a URL that Twilio may have signed: as it is, with and without a port, whichever it is,
// and each of them normalised and with its query written again. User name and password stay. Twilio's own Node library
// (6.x, webhooks.ts: addPort, removePort, withLegacyQuerystring) accepts the same.
func signedURLs(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return []string{raw}
	}
	out := []string{raw}
	_, rest, _ := strings.Cut(raw, "://")
	at := strings.IndexAny(rest, "/?#")
	if at < 0 {
		at = len(rest)
	}
	userinfo, tail := rest[:strings.LastIndex(rest[:at], "@")+1], rest[at:]
	path, query, hasQuery := strings.Cut(tail, "?")
	if path == "" {
		path = "/"
	}
	for _, host := range hosts(u) {
		out = append(out, u.Scheme+"://"+userinfo+host+tail)
		normal := u.Scheme + "://" + userinfo + strings.ToLower(host) + path
		if hasQuery {
			out = append(out, normal+"?"+query, normal+"?"+legacyQuery(query))
		} else {
			out = append(out, normal)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hosts are the URL's host as it is, without a port, and with the scheme's standard one.
func hosts(u *url.URL) []string {
	bare := u.Hostname()
	if strings.Contains(bare, ":") {
		bare = "[" + bare + "]"
	}
	port := map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	return []string{u.Host, bare, bare + ":" + port}
}

// legacyQuery writes a query as Node's querystring module does after parsing it.
func legacyQuery(query string) string {
	var out []string
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, legacyEscape(name)+"="+legacyEscape(value))
	}
	return strings.Join(out, "&")
}

func legacyEscape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		s = plain
	}
	const kept = "!'()*-._~" // beside letters and digits
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(kept, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(string([]byte{"0123456789abcdef"[c>>4], "0123456789abcdef"[c&15]})))
		}
	}
	return b.String()
}
