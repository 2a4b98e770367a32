package static

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rgb is a colour in linear light, each part from 0 to 1.
type rgb [3]float64

// oklch as CSS Color 4 defines it (https://www.w3.org/TR/css-color-4/#ok-lab).
func oklch(lightness, chroma, hue float64) rgb {
	a, b := chroma*math.Cos(hue*math.Pi/180), chroma*math.Sin(hue*math.Pi/180)
	cube := func(x float64) float64 { return x * x * x }
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	c := rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
	for i, x := range c {
		c[i] = min(1, max(0, x))
	}
	return c
}

func encode(x float64) float64 {
	if x <= 0.0031308 {
		return 12.92 * x
	}
	return 1.055*math.Pow(x, 1/2.4) - 0.055
}

func decode(x float64) float64 {
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

// over blends a share of one colour over another, as browsers do.
func (c rgb) over(below rgb, share float64) (out rgb) {
	for i := range c {
		out[i] = decode(encode(c[i])*share + encode(below[i])*(1-share))
	}
	return out
}

// contrast as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(a, b rgb) float64 {
	luminance := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

var (
	tokenLine = regexp.MustCompile(`--([a-z-]+): (?:oklch\(([0-9.]+) ([0-9.]+) ([0-9.]+)\)|#([0-9a-f]{6}));`)
	toneLine  = regexp.MustCompile(`label-pill[^\n]*--tone: oklch\(([0-9.]+) ([0-9.]+) ([0-9.]+)\)`)
)

// tokens are the colours of the rules with a given selector; later rules win.
func tokens(t *testing.T, css string, rules ...string) map[string]rgb {
	t.Helper()
	out := map[string]rgb{}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, rule := range rules {
		from := strings.Index(css, "\n"+rule+" {\n")
		if from < 0 {
			t.Fatalf("the stylesheet has no %s", rule)
		}
		body, _, _ := strings.Cut(css[from:], "\n}")
		for _, m := range tokenLine.FindAllStringSubmatch(body, -1) {
			if m[5] == "" {
				out[m[1]] = oklch(number(m[2]), number(m[3]), number(m[4]))
				continue
			}
			n, err := strconv.ParseUint(m[5], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			out[m[1]] = rgb{decode(float64(n>>16) / 255), decode(float64(n>>8&255) / 255), decode(float64(n&255) / 255)}
		}
	}
	return out
}

// Text in each colour has enough contrast on every surface of both themes, including its own tint, and the focus ring
// is visible.
func TestContrast(t *testing.T) {
	b, err := os.ReadFile("src/app.css")
	if err != nil {
		t.Fatal(err)
	}
	css := "\n" + string(b)
	white := rgb{1, 1, 1}
	for theme, c := range map[string]map[string]rgb{
		"light": tokens(t, css, ":root, .wa-light", ":root"),
		"dark":  tokens(t, css, ".dark, .wa-dark", ".dark"),
	} {
		check := func(what string, text, on rgb, least float64) {
			t.Helper()
			if got := contrast(text, on); got < least {
				t.Errorf("%s: %s has %.2f : 1, %.1f is the least", theme, what, got, least)
			}
		}
		if c["card"] == (rgb{}) {
			c["card"], c["popover"] = white, white
		}
		if len(c) < 18 {
			t.Fatalf("%s: only %d colours were read", theme, len(c))
		}
		for _, surface := range []string{"background", "card", "popover", "muted", "accent", "sidebar", "sidebar-accent", "bubble"} {
			for _, name := range []string{"foreground", "muted-foreground", "primary", "success", "warning", "destructive"} {
				check(name+" on "+surface, c[name], c[surface], 4.5)
			}
			check("ring on "+surface, c["ring"], c[surface], 3)
			if surface != "background" && surface != "card" && surface != "muted" {
				continue
			}
			for name, share := range map[string]float64{"primary": 0.14, "success": 0.15, "warning": 0.16, "destructive": 0.14} {
				check(name+" on its tint over "+surface, c[name], c[name].over(c[surface], share), 4.5)
			}
			if theme != "light" {
				continue
			}
			for _, m := range toneLine.FindAllStringSubmatch(css, -1) {
				n := make([]float64, 3)
				for i := range n {
					if n[i], err = strconv.ParseFloat(m[i+1], 64); err != nil {
						t.Fatal(err)
					}
				}
				tone := oklch(n[0], n[1], n[2])
				check("the label "+m[0]+" over "+surface, tone, tone.over(c[surface], 0.14), 4.5)
			}
		}
		check("text on primary", c["primary-foreground"], c["primary"], 4.5)
		check("white on WhatsApp's bar", white, c["wa"], 4.5)
		for _, surface := range []string{"wa-in", "wa-out"} {
			for _, name := range []string{"wa-ink", "wa-dim", "wa-link"} {
				check(name+" on "+surface, c[name], c[surface], 4.5)
			}
		}
	}
}
