// Package static holds the stylesheet, the scripts, the icons and the font. They are served under names
// that carry their content's hash, so that browsers may keep them for ever.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed files
var embedded embed.FS

type asset struct {
	name string // original
	body []byte
}

var byHashed, hashedName = index()

// index reads all files, font first: the stylesheet names it.
func index() (map[string]asset, map[string]string) {
	files, names := map[string]asset{}, map[string]string{}
	add := func(name string, body []byte) {
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
		files[hashed], names[name] = asset{name, body}, hashed
	}
	entries, err := fs.ReadDir(embedded, "files")
	if err != nil {
		panic(err) // the binary is broken
	}
	var later []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".css") {
			later = append(later, e.Name())
			continue
		}
		add(e.Name(), mustRead(e.Name()))
	}
	for _, name := range later {
		body := mustRead(name)
		for original, hashed := range names {
			body = bytes.ReplaceAll(body, []byte("/static/"+original), []byte("/static/"+hashed))
		}
		add(name, body)
	}
	return files, names
}

func mustRead(name string) []byte {
	b, err := embedded.ReadFile("files/" + name)
	if err != nil {
		panic(err) // the binary is broken
	}
	return b
}

// URL is where a file is served, "/static/app.0123456789.css" for "app.css".
func URL(name string) string {
	hashed, ok := hashedName[name]
	if !ok {
		panic("no static file " + name)
	}
	return "/static/" + hashed
}

// Handler serves the files below /static/.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byHashed[strings.TrimPrefix(r.URL.Path, "/static/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.body))
	})
}
