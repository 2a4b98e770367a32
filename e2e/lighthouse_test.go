//go:build lighthouse

package e2e

import (
	"os"
	"os/exec"
	"testing"
)

// TestLighthouse rates the main pages with Google's Lighthouse (make deep-lighthouse, which installs it).
func TestLighthouse(t *testing.T) {
	d := start(t)
	cmd := exec.CommandContext(t.Context(), "node", "run.mjs", d.URL, "ada@example.com", "parley-demo")
	cmd.Dir = "lighthouse"
	path, err := chromiumPath()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "CHROME_PATH="+path)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
