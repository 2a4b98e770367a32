package whatsapp

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"parley/whatsapp/plaintext"
)

// Span is a run of text in one style.
type Span struct {
	Text                       string
	Bold, Italic, Strike, Mono bool
	Link                       string // address, when the text is one
	Placeholder                bool   // {{Name}} in a template
}

// Block is some lines of a text: a quote (lines that begin with "> "), an item of a list ("* " or "- "), or plain.
type Block struct {
	Text          string
	Quote, Bullet bool
}

// MostFormatted is the longest text, in bytes, whose marks are read. WhatsApp's apps send 4,096 characters at once;
// looking for the partner of each mark in much longer texts would take seconds.
const MostFormatted = 16 << 10

// Split cuts a long text in two after about n characters, at the end of a line or of a word where one is near. A text
// that is hardly longer stays whole: rest is empty. Both parts together are the text.
func Split(s string, n int) (first, rest string) {
	if len(s) <= n+n/2 {
		return s, ""
	}
	r := []rune(s)
	if len(r) <= n+n/2 {
		return s, ""
	}
	first = string(r[:n])
	near := string(r[n-n/4 : n])
	if i := strings.LastIndexByte(near, '\n'); i >= 0 {
		first = first[:len(first)-len(near)+i+1]
	} else if i := strings.LastIndexByte(near, ' '); i >= 0 {
		first = first[:len(first)-len(near)+i+1]
	}
	return first, s[len(first):]
}

// Blocks reads WhatsApp's marks at the beginning of lines. A text with a stretch of code, or longer than MostFormatted,
// is one block: its characters are not marks. Plain blocks keep their line ends, so that joining them gives the text
// again.
func Blocks(s string) []Block {
	if len(s) > MostFormatted || strings.Contains(s, "```") ||
		!strings.Contains(s, "> ") && !strings.Contains(s, "* ") && !strings.Contains(s, "- ") {
		return []Block{{Text: s}}
	}
	var out []Block
	for line := range strings.SplitAfterSeq(s, "\n") {
		if line == "" {
			continue
		}
		b := blockOf(line)
		if last := len(out) - 1; last < 0 || !out[last].joins(b) {
			out = append(out, b)
		} else if b.Quote {
			out[last].Text += "\n" + b.Text
		} else {
			out[last].Text += b.Text
		}
	}
	return out
}

// blockOf is a line as a block, without its mark.
func blockOf(line string) Block {
	if rest, ok := strings.CutPrefix(line, "> "); ok {
		return Block{Text: strings.TrimSuffix(rest, "\n"), Quote: true}
	}
	if strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "- ") {
		return Block{Text: strings.TrimSuffix(line[2:], "\n"), Bullet: true}
	}
	return Block{Text: line}
}

// joins reports whether the next line belongs to the same block: each item of a list is one of its own.
func (b Block) joins(next Block) bool { return !b.Bullet && !next.Bullet && b.Quote == next.Quote }

var token = regexp.MustCompile("(?s)```(.+?)```|`([^`\n]+)`|(https?://[^\\s<>\"]+)|(\\{\\{[^{}]+\\}\\})")

// Format reads WhatsApp's marks (*bold*, _italic_, ~strike~, ```mono```, links) into spans. Whatever is
// not a mark stays as text: the spans' texts always hold every character that is not a mark. A text longer than
// MostFormatted is one span.
func Format(s string) []Span {
	if len(s) > MostFormatted {
		return []Span{{Text: s}}
	}
	var out []Span
	for s != "" {
		m := token.FindStringSubmatchIndex(s)
		if m == nil {
			return emphasis(out, s, Span{})
		}
		out = emphasis(out, s[:m[0]], Span{})
		switch {
		case m[2] >= 0:
			out = append(out, Span{Text: s[m[2]:m[3]], Mono: true})
		case m[4] >= 0:
			out = append(out, Span{Text: s[m[4]:m[5]], Mono: true})
		case m[6] >= 0:
			url := strings.TrimRight(s[m[6]:m[7]], ".,;:!?)'")
			out = append(out, Span{Text: url, Link: url})
			s = s[m[6]+len(url):]
			continue
		default:
			out = append(out, Span{Text: s[m[8]:m[9]], Placeholder: true})
		}
		s = s[m[1]:]
	}
	return out
}

// emphasis splits s at the first pair of *, _ or ~ that encloses text tightly and stands at word edges.
func emphasis(out []Span, s string, style Span) []Span {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c != '*' && c != '_' && c != '~') || !edgeBefore(s[:i]) {
			continue
		}
		end := closing(s, i, c)
		if end < 0 {
			continue
		}
		if i > 0 {
			plain := style
			plain.Text = s[:i]
			out = append(out, plain)
		}
		inner := style
		switch c {
		case '*':
			inner.Bold = true
		case '_':
			inner.Italic = true
		default:
			inner.Strike = true
		}
		out = emphasis(out, s[i+1:end], inner)
		return emphasis(out, s[end+1:], style)
	}
	if s != "" {
		style.Text = s
		out = append(out, style)
	}
	return out
}

func closing(s string, open int, c byte) int {
	for j := open + 1; j < len(s); j++ {
		switch {
		case s[j] == '\n':
			return -1
		case s[j] != c:
		case j == open+1 || s[open+1] == ' ' || s[j-1] == ' ' || !edgeAfter(s[j+1:]):
		default:
			return j
		}
	}
	return -1
}

func edgeBefore(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n == 0 || !wordRune(r)
}

func edgeAfter(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n == 0 || !wordRune(r)
}

func wordRune(r rune) bool {
	return r != '*' && r != '_' && r != '~' &&
		(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0x7f && r < 0x2000)
}

// Plain is the text without its marks and without characters that change the direction of the line, cut to at most n
// characters: for lists.
func Plain(s string, n int) string {
	if len(s) > MostFormatted {
		s, _ = Split(s, MostFormatted/utf8.UTFMax/2)
	}
	s = plaintext.CleanName(s)
	var b strings.Builder
	for _, span := range Format(s) {
		b.WriteString(span.Text)
	}
	line := strings.Join(strings.Fields(b.String()), " ")
	if Length(line) <= n {
		return line
	}
	return string([]rune(line)[:n-1]) + "…"
}
