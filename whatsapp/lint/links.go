package lint

import (
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"parley/whatsapp"
)

var (
	link      = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+`)
	shortener = regexp.MustCompile(
		`(?i)(?:^|[^a-z0-9.-])((?:www\.)?(?:bit\.ly|bitly\.com|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|v\.gd|buff\.ly|` +
			`rebrand\.ly|cutt\.ly|rb\.gy|t\.ly|shorturl\.at|s\.id|lnkd\.in|tiny\.cc|bl\.ink|short\.io|soo\.gd|adf\.ly|` +
			`shorte\.st|qr\.ae|trib\.al|dlvr\.it|fb\.me|youtu\.be|amzn\.to|g\.co|db\.tt|clck\.ru|u\.to|1url\.com|snip\.ly|` +
			`urlz\.fr|kutt\.it|han\.gl|n9\.cl|acortar\.link|encurtador\.com\.br|linktr\.ee|tr\.ee|dub\.sh|t\.me))(?:[/?#:]|` +
			`[^a-z0-9.-]|$|\.(?:[^a-z0-9]|$))`,
	)
	waMe = regexp.MustCompile(
		`(?i)(?:^|[^a-z0-9.-])((?:www\.)?(?:wa\.me|api\.whatsapp\.com|chat\.whatsapp\.com))(?:[/?#:]|[^a-z0-9.-]|$)`,
	)
)

// fileEndings are the endings of files that WhatsApp accepts in a template.
var fileEndings = map[string]bool{
	".jpg":  true,
	".jpeg": true,
	".png":  true,
	".mp4":  true,
	".3gp":  true,
	".pdf":  true,
	".doc":  true,
	".docx": true,
	".xls":  true,
	".xlsx": true,
	".ppt":  true,
	".pptx": true,
}

// address checks a part that is one address.
func (l *linter) address(p whatsapp.Part) {
	text := strings.TrimSpace(*p.Text)
	if text == "" {
		return
	}
	if l.OwnBase != "" && strings.HasPrefix(text, l.OwnBase+"/media/templates/") {
		return // uploaded here
	}
	l.hidden(p.Field, *p.Text, true)
	if !l.publicAddress(p.Field, text) {
		return
	}
	if at := whatsapp.Placeholder.FindAllStringIndex(text, -1); len(at) > 0 {
		l.addressVariable(p.Field, text, at)
	}
	if p.Field == "media" || strings.HasSuffix(p.Field, "-media") {
		l.mediaEnding(p.Field, text)
	}
}

// publicAddress checks that a text is an address that WhatsApp can load, and reports whether it is.
func (l *linter) publicAddress(field, text string) bool {
	probe := whatsapp.Placeholder.ReplaceAllString(text, "x")
	u, err := url.Parse(probe)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || !strings.Contains(u.Hostname(), ".") ||
		strings.ContainsAny(probe, " \n\t") {
		f := Finding{
			Rule:     "url",
			Severity: Error,
			Field:    field,
			Message:  "This is no full web address: begin with https:// and a public domain.",
		}
		if err == nil && u.Scheme == "" && lacksScheme(text) {
			f.Fix = &Fix{"Put https:// before it", field, "https://" + text}
		}
		l.add(f)
		return false
	}
	if private(u.Hostname()) {
		l.error("url", field, "WhatsApp loads only public web addresses with a domain name.")
		return false
	}
	if u.Scheme == "http" {
		l.add(Finding{
			Rule:     "url",
			Severity: Warning,
			Field:    field,
			Message:  "The address is not encrypted: WhatsApp may refuse it.",
			Fix:      &Fix{"Use https", field, "https" + strings.TrimPrefix(text, "http")},
		})
	}
	return true
}

// lacksScheme reports whether a text without a scheme looks like the rest of an address.
func lacksScheme(text string) bool {
	return strings.Contains(text, ".") && !strings.HasPrefix(text, "/") && !strings.ContainsAny(text, " {")
}

// private reports whether a host is not a publicly resolvable name.
func private(host string) bool {
	return net.ParseIP(host) != nil || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")
}

// addressVariable: one placeholder, after a slash, at the end (of a file's address: anywhere after the domain).
func (l *linter) addressVariable(field, text string, at [][]int) {
	first, last := at[0], at[len(at)-1]
	add := func(message string) {
		l.add(Finding{Rule: "url_variable", Severity: Error, Field: field, Start: first[0], End: first[1], Message: message})
	}
	_, rest, _ := strings.Cut(text, "://")
	host, _, slash := strings.Cut(rest, "/")
	media := field == "media" || strings.HasSuffix(field, "-media")
	switch {
	case strings.Contains(host, "{{") || !slash:
		add("A placeholder can't stand in the domain: WhatsApp must see where the address leads.")
	case media:
	case len(at) > 1:
		add("An address takes one placeholder.")
	case text[first[0]-1] != '/':
		add("The placeholder must follow a slash: https://example.com/orders/{{Order}}")
	case last[1] != len(text):
		add("The placeholder must stand at the very end of the address.")
	}
}

func (l *linter) mediaEnding(field, text string) {
	filled := whatsapp.Placeholder.ReplaceAllStringFunc(text, func(m string) string {
		if s := strings.TrimSpace(l.Samples[whatsapp.Placeholder.FindStringSubmatch(m)[1]]); s != "" {
			return s
		}
		return m
	})
	u, err := url.Parse(filled)
	if err != nil || strings.Contains(filled, "{{") {
		return // a missing sample has its own finding
	}
	ending := strings.ToLower(path.Ext(u.Path))
	switch {
	case ending == "":
		l.error(
			"media_ending",
			field,
			"With the samples filled in, the address does not end like a file: .jpg, .png, .mp4 or .pdf.",
		)
	case !fileEndings[ending]:
		l.error("media_ending", field, "WhatsApp takes no "+ending+" files here: use JPEG, PNG, MP4 or PDF.")
	case strings.HasSuffix(field, "-media") && !slices.Contains([]string{".jpg", ".jpeg", ".png", ".mp4"}, ending):
		l.error("media_ending", field, "A card shows a picture or a video: JPEG, PNG or MP4.")
	}
}

// hidden finds addresses that hide their target, such as shortened links, and placeholders in domains.
func (l *linter) hidden(field, text string, button bool) {
	if m := shortener.FindStringSubmatchIndex(text); m != nil {
		l.add(
			Finding{
				Rule:     "short_link",
				Severity: Error,
				Field:    field,
				Start:    m[2],
				End:      m[3],
				Message:  "“" + text[m[2]:m[3]] + "” hides where the link leads: write the full address of your own website.",
			},
		)
	}
	if m := waMe.FindStringSubmatchIndex(text); m != nil {
		l.add(
			Finding{
				Rule:     "wa_me",
				Severity: Error,
				Field:    field,
				Start:    m[2],
				End:      m[3],
				Message:  "A link to WhatsApp itself is refused: people can answer right here.",
			},
		)
	}
	if button {
		return
	}
	for _, m := range link.FindAllStringIndex(text, -1) {
		_, rest, _ := strings.Cut(text[m[0]:m[1]], "://")
		host, _, _ := strings.Cut(rest, "/")
		if strings.Contains(host, "{{") {
			l.add(
				Finding{
					Rule:     "url_variable",
					Severity: Error,
					Field:    field,
					Start:    m[0],
					End:      m[1],
					Message:  "A placeholder can't stand in a link's domain: write the domain, and the placeholder after a slash.",
				},
			)
			return
		}
	}
}
