package whatsapp

import "regexp"

// Change is a run of words that two texts share, or that only one of them has.
type Change struct {
	Text           string
	Added, Removed bool
}

var diffWord = regexp.MustCompile(`\S+\s*|\s+`)

// Diff compares two texts word by word, by their longest common subsequence. Texts of templates are short;
// longer ones are shown as replaced.
func Diff(before, after string) []Change {
	a, b := diffWord.FindAllString(before, -1), diffWord.FindAllString(after, -1)
	var out []Change
	add := func(c Change) {
		if n := len(out); n > 0 && out[n-1].Added == c.Added && out[n-1].Removed == c.Removed {
			out[n-1].Text += c.Text
			return
		}
		if c.Text != "" {
			out = append(out, c)
		}
	}
	if len(a)*len(b) > 4_000_000 {
		add(Change{Text: before, Removed: true})
		add(Change{Text: after, Added: true})
		return out
	}
	// long[i][j] is how much a[i:] and b[j:] share.
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			add(Change{Text: a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || long[i+1][j] >= long[i][j+1]):
			add(Change{Text: a[i], Removed: true})
			i++
		default:
			add(Change{Text: b[j], Added: true})
			j++
		}
	}
	return out
}
