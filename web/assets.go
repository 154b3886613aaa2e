package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// AssetPath is where assets are served.
const AssetPath = "/assets/"

// Assets are the scripts, styles and fonts of the pages, under names that carry a hash of their content.
type Assets struct {
	names map[string]string // core.js to core-HASH.js
	files map[string]asset
}

type asset struct {
	kind    string
	body    []byte
	gzipped []byte // nil where it would not be smaller
}

// LoadAssets reads what cmd/assets built into this program. Without a build it returns assets that are empty, so that pages still work,
// unstyled; Built tells the two apart.
func LoadAssets() (*Assets, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return assetsFrom(sub)
}

func assetsFrom(dir fs.FS) (*Assets, error) {
	a := &Assets{names: map[string]string{}, files: map[string]asset{}}
	manifest, err := fs.ReadFile(dir, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(manifest, &a.names); err != nil {
		return nil, fmt.Errorf("manifest of the assets: %w; run `go run ./cmd/assets` again", err)
	}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "manifest.json" {
			continue
		}
		body, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			return nil, err
		}
		a.files[e.Name()] = newAsset(e.Name(), body)
	}
	return a, nil
}

func newAsset(name string, body []byte) asset {
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}
	f := asset{kind: kinds[path.Ext(name)], body: body}
	if f.kind == "" {
		f.kind = mime.TypeByExtension(path.Ext(name))
	}
	if path.Ext(name) == ".woff2" {
		return f // compressed already
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid constant
	if _, err := z.Write(body); err == nil && z.Close() == nil && b.Len() < len(body) {
		f.gzipped = b.Bytes()
	}
	return f
}

// Built reports whether the program was built with its assets.
func (a *Assets) Built() bool { return a != nil && len(a.names) > 0 }

// URL is the address of an asset by its plain name: core.js. It is empty where the assets were not built.
func (a *Assets) URL(name string) string {
	if a == nil || a.names[name] == "" {
		return ""
	}
	return AssetPath + a.names[name]
}

// ServeHTTP serves an asset. A name stands for one content for ever, so browsers may keep it.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[strings.TrimPrefix(r.URL.Path, AssetPath)]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.body
	if f.gzipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}
