package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed all:assets
var assetFiles embed.FS

//go:embed templates
var templateFiles embed.FS

//go:embed messages/*.yaml
var messageFiles embed.FS

// The files that `make web` adds. Without them pages use fallbackStyle and do without htmx.
const (
	boostedStyle  = "vendor/boosted.min.css"
	htmxScript    = "vendor/htmx.min.js"
	fallbackStyle = "fallback.css"
	ownStyle      = "app.css"
	icon          = "icon.svg"
)

type asset struct {
	data    []byte
	version string // of its content, so that a browser may keep it for ever
}

// assets are the files that a browser loads, by name below assets/.
type assets map[string]asset

// loadAssets reads what is embedded; plain leaves out what npm brought.
func loadAssets(plain bool) (assets, error) {
	all := assets{}
	for _, name := range []string{boostedStyle, htmxScript, fallbackStyle, ownStyle, icon} {
		vendored := strings.HasPrefix(name, "vendor/")
		if plain && vendored {
			continue
		}
		data, err := assetFiles.ReadFile("assets/" + name)
		if errors.Is(err, fs.ErrNotExist) && vendored {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		sum := sha256.Sum256(data)
		all[name] = asset{data, hex.EncodeToString(sum[:6])}
	}
	return all, nil
}

// HasBoosted says whether this program was built after `make web`.
func HasBoosted() bool {
	_, err := fs.Stat(assetFiles, "assets/"+boostedStyle)
	return err == nil
}

// styles are the style sheets of a page, in order.
func (a assets) styles() []string {
	if _, ok := a[boostedStyle]; ok {
		return []string{boostedStyle, ownStyle}
	}
	return []string{fallbackStyle, ownStyle}
}

// scripts are the scripts of a page: none without htmx, because pages need none.
func (a assets) scripts() []string {
	if _, ok := a[htmxScript]; ok {
		return []string{htmxScript}
	}
	return nil
}

func (a assets) link(base, name string) string {
	return base + "/assets/" + name + "?v=" + a[name].version
}

func (a assets) serve(w http.ResponseWriter, r *http.Request, name string) {
	file, ok := a[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"`+file.version+`"`)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(file.data))
}
