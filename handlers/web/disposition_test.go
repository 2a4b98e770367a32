package web

import (
	"mime"
	"strings"
	"testing"
)

func TestDisposition(t *testing.T) {
	for in, want := range map[string]string{
		"contacts.csv":                    "contacts.csv",
		"Müller & Söhne.pdf":              "Müller & Söhne.pdf",
		"../../etc/passwd":                "_.._etc_passwd",
		`a"b\c.txt`:                       "a_b_c.txt",
		"two\r\nlines.vcf":                "two__lines.vcf",
		"invoice\u202efdp.exe":            "invoicefdp.exe",
		"":                                "file",
		" . ":                             "file",
		strings.Repeat("x", 300) + ".txt": strings.Repeat("x", 116) + ".txt",
	} {
		kind, params, err := mime.ParseMediaType(Disposition(in))
		if err != nil || kind != "attachment" || params["filename"] != want {
			t.Errorf("Disposition(%q) is %q (%v), want %q", in, params["filename"], err, want)
		}
	}
}
