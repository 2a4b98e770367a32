package plaintext

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
	var out changes
	if len(a)*len(b) > 4_000_000 {
		out.add(Change{Text: before, Removed: true})
		out.add(Change{Text: after, Added: true})
		return out
	}
	shared := sharedFrom(a, b)
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out.add(Change{Text: a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || shared[i+1][j] >= shared[i][j+1]):
			out.add(Change{Text: a[i], Removed: true})
			i++
		default:
			out.add(Change{Text: b[j], Added: true})
			j++
		}
	}
	return out
}

// changes are runs in a row; what is added of the same kind as the last one makes it longer.
type changes []Change

func (list *changes) add(c Change) {
	if n := len(*list); n > 0 && (*list)[n-1].Added == c.Added && (*list)[n-1].Removed == c.Removed {
		(*list)[n-1].Text += c.Text
		return
	}
	if c.Text != "" {
		*list = append(*list, c)
	}
}

// sharedFrom is, at i and j, how many words a[i:] and b[j:] share in order.
func sharedFrom(a, b []string) [][]int {
	shared := make([][]int, len(a)+1)
	for i := range shared {
		shared[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				shared[i][j] = shared[i+1][j+1] + 1
			} else {
				shared[i][j] = max(shared[i+1][j], shared[i][j+1])
			}
		}
	}
	return shared
}
