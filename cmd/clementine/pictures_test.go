package main_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/clementine-ope/clementine/web/webtest"
)

// pictures are those of docs/failing.md: the report that they are of, and the part of it. mostBytes is what all may have
// together, so that a clone stays small.
func pictures() map[string][2]string {
	return map[string][2]string{
		"summary.png":  {"reports/out", "section.summary"},
		"finding.png":  {"reports/out", "article#PO-UC2-02"},
		"sequence.png": {"async", "figure.sequence"},
	}
}

const mostBytes = 100_000

// The page's pictures are those that there are, and small.
func TestPicturesOfThePage(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, m := range regexp.MustCompile(`!\[[^\]]{40,}\]\(pictures/([a-z]+\.png)\)`).FindAllStringSubmatch(readPage(t, "docs/failing.md"), -1) {
		shown[m[1]] = true
	}
	total := 0
	for name := range pictures() {
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", "pictures", name))
		if err != nil || !shown[name] {
			t.Errorf("%s: on the page with a description: %v; %v", name, shown[name], err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		total += len(data)
	}
	if total > mostBytes || len(shown) != len(pictures()) {
		t.Errorf("%d pictures of %d bytes, not %d of at most %d", len(shown), total, len(pictures()), mostBytes)
	}
}

// What make pictures does, from the page's own runs up to its first repair and of its asynchronous partner. Where
// CLEMENTINE_PICTURES names a folder they are written there.
func TestPicturesOfAFailingPartner(t *testing.T) {
	t.Parallel()
	b := webtest.New(t)
	d := newDesk(t)
	d.run("clementine profile init partner.yaml")
	d.start("clementine partner --profile partner.yaml --defect one-licence-short")
	d.run("clementine run --profile partner.yaml # exit code 1")
	d.run("sed -e 's/^mode: sync/mode: async/' -e 's/retry: 30s/retry: 3s/' partner.yaml > async.yaml")
	d.start("clementine partner --profile async.yaml --defect event-lost-on-expired-token")
	d.run("clementine run --profile async.yaml --only AUTH-03 --out async # exit code 1")
	total := 0
	for name, of := range pictures() {
		const width = 800
		b.Open(t, "file://"+filepath.Join(d.folder, of[0], "report.html"), width)
		data := small(t, b.Element(t, of[1]))
		total += len(data)
		if folder := os.Getenv("CLEMENTINE_PICTURES"); folder != "" {
			if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if total > mostBytes {
		t.Errorf("the pictures have %d bytes, more than %d", total, mostBytes)
	}
}

// small is a picture with its 128 most frequent colours: few more are on a page of text.
func small(t *testing.T, data []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	bounds := from.Bounds()
	frequent := map[color.Color]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			frequent[from.At(x, y)]++
		}
	}
	if len(frequent) < 3 {
		t.Fatalf("a picture of %d colours shows nothing", len(frequent))
	}
	var palette color.Palette
	for c := range frequent {
		palette = append(palette, c)
	}
	slices.SortFunc(palette, func(a, b color.Color) int { return frequent[b] - frequent[a] })
	palette = palette[:min(128, len(palette))]
	to := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.Set(x, y, from.At(x, y))
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, to); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
