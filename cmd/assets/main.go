// Command assets bundles the browser side of the pages into web/dist, which the program embeds.
//
//	npm ci --ignore-scripts
//	go run ./cmd/assets           # build web/dist
//	go run ./cmd/assets -icons    # regenerate web/ui/icon_paths.go from the icon package
//	go run ./cmd/assets -grid     # regenerate web/css/grid.css
//
// Names carry a hash of their content, so that browsers may keep a file for ever; manifest.json maps plain names to hashed ones.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	dist     = "web/dist"
	iconFile = "web/ui/icon_paths.go"
)

func main() {
	icons := flag.Bool("icons", false, "write "+iconFile+" instead of bundling")
	grid := flag.Bool("grid", false, "write "+gridFile+" instead of bundling")
	flag.Parse()
	run := bundle
	switch {
	case *icons:
		run = writeIcons
	case *grid:
		run = writeGrid
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

// bundle builds every entry point and writes the manifest last, so that a failed build is never taken for a whole one.
func bundle() error {
	if _, err := os.Stat("node_modules/htmx.org"); err != nil {
		return fmt.Errorf("the browser packages are missing: run `npm ci --ignore-scripts` in the project's root first")
	}
	if err := empty(dist); err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:   []string{"web/ts/core.ts", "web/css/app.css"},
		Outdir:        dist,
		EntryNames:    "[name]-[hash]",
		ChunkNames:    "[name]-[hash]",
		AssetNames:    "[name]-[hash]",
		Bundle:        true,
		Splitting:     true,
		Format:        api.FormatESModule,
		Target:        api.ES2022,
		LegalComments: api.LegalCommentsLinked,
		Loader:        map[string]api.Loader{".woff2": api.LoaderFile},

		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,

		Metafile: true,
		Write:    true,
		LogLevel: api.LogLevelWarning,
	})
	if n := len(result.Errors); n > 0 {
		return fmt.Errorf("%d errors, listed above", n)
	}
	return writeManifest(result.Metafile)
}

// empty removes a former build, but keeps the file by which git keeps the folder.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".gitkeep" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// writeManifest maps the name of each entry point to the file it became: core.js to core-ABCD1234.js.
func writeManifest(metafile string) error {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string `json:"entryPoint"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return err
	}
	manifest := map[string]string{}
	for path, out := range meta.Outputs {
		if out.EntryPoint == "" {
			continue
		}
		base := filepath.Base(out.EntryPoint)
		name := strings.TrimSuffix(base, filepath.Ext(base)) + filepath.Ext(path)
		manifest[name] = filepath.Base(path)
	}
	b, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, "manifest.json"), append(b, '\n'), 0o644)
}
