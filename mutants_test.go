package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var mutantHeader = regexp.MustCompile(`^Rule: .+\nPackage: (\./\S+)\n`)

// Every mutant can be applied to the code as it is now: make mutants tries them.
func TestMutantsApply(t *testing.T) {
	t.Parallel()
	patches, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatal(patches, err)
	}
	for _, patch := range patches {
		text, err := os.ReadFile(patch)
		if err != nil {
			t.Fatal(err)
		}
		header := mutantHeader.FindSubmatch(text)
		if header == nil {
			t.Errorf("%s doesn't begin with its rule and package", patch)
			continue
		}
		if _, err := os.Stat(string(header[1])); err != nil {
			t.Errorf("%s: %v", patch, err)
		}
		out, err := exec.CommandContext(t.Context(), "git", "apply", "--check", patch).CombinedOutput()
		if err != nil {
			t.Errorf("%s doesn't apply: %s", patch, out)
		}
	}
}
