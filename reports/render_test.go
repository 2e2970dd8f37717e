package reports_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

var update = flag.Bool("update", false, "rewrite the golden files under testdata")

type renderer struct {
	name   string
	render func(io.Writer, reports.Results) error
}

func renderers() []renderer {
	return []renderer{
		{"results.json", reports.Write},
		{"text.txt", func(w io.Writer, r reports.Results) error { return reports.Text(w, r, reports.TextOptions{}) }},
		{"verbose.txt", func(w io.Writer, r reports.Results) error {
			return reports.Text(w, r, reports.TextOptions{Verbose: true, Color: true})
		}},
		{"text.fr.txt", func(w io.Writer, r reports.Results) error {
			return reports.Text(w, r, reports.TextOptions{Lang: "fr"})
		}},
		{"junit.xml", reports.JUnit},
		{"ctrf.json", reports.CTRF},
		{"report.html", reports.HTML},
		{"summary.md", reports.Markdown},
		{"github.txt", reports.GitHubAnnotations},
		{"gitlab.json", func(w io.Writer, r reports.Results) error { return reports.GitLabAnnotations(w, r, "partner.yaml") }},
	}
}

func rendered(t *testing.T, render func(io.Writer, reports.Results) error, r reports.Results) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range renderers() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Packed bytes are the compressor's, and change with it.
			got := unpacked(t, rendered(t, tt.render, sample()))
			file := filepath.Join("testdata", tt.name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("differs from %s (-want +got):\n%s", file, diff)
			}
		})
	}
}
