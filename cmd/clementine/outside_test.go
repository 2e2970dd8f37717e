package main_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/hostile"
)

// Whatever a partner calls its things, a run writes its four reports into --out and nothing anywhere else. The test
// changes the process's folder, and so is not parallel.
func TestNothingIsWrittenOutsideOut(t *testing.T) {
	for _, kind := range []string{
		"paths-in-ids", "neighbours-in-ids", "nul-in-ids", "escapes-in-ids", "paths-in-every-string", "markup-in-headers",
		"redirect-to-file",
	} {
		t.Run(kind, func(t *testing.T) {
			around := t.TempDir()
			for _, dir := range []string{"here", "tmp", "parent/out", "home"} {
				if err := os.MkdirAll(filepath.Join(around, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			out := filepath.Join(around, "parent", "out")
			args := append([]string{"run", "--out", out}, hostilePartner(t, kind)...)
			t.Setenv("TMPDIR", filepath.Join(around, "tmp"))
			t.Setenv("HOME", filepath.Join(around, "home"))
			t.Chdir(filepath.Join(around, "here"))
			before := tree(t, around)
			if got := command(t, nil, "", args...); got.code == clementine.ExitUsage || got.code == clementine.ExitInterrupted {
				t.Fatalf("exit %d, %s", got.code, got.errOut)
			}
			after := tree(t, around)
			for _, name := range []string{"results.json", "report.html", "junit.xml", "ctrf.json", "report.clem"} {
				path := filepath.Join("parent", "out", name)
				if after[path] == "" {
					t.Errorf("%s was not written", name)
				}
				delete(after, path)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("written outside --out (-before +after):\n%s", diff)
			}
		})
	}
}

// tree is everything below a folder, by name, with what it holds.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || d.IsDir() {
			out[name] = "folder"
			return err
		}
		data, err := os.ReadFile(path)
		out[name] = fmt.Sprintf("%d bytes %x", len(data), sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// hostilePartner runs a mock Orange and a hostile partner, and returns the arguments that a run needs to reach them.
func hostilePartner(t *testing.T, kind string) []string {
	t.Helper()
	served := address.FindAllString(background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"), -1)
	gateway, control := served[0], served[len(served)-1]
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(demo), "${MODE}", string(profile.Async))
	text = strings.Replace(text, "delays: {event: 10s, quiet: 500ms, retry: 10s}",
		"delays: {answer: 1s, event: 1s, quiet: 50ms, retry: 1s, visible: 100ms}", 1)
	p, err := profile.Parse("partner.yaml", []byte(text), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	k, err := hostile.Find(kind)
	if err != nil {
		t.Fatal(err)
	}
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: gateway, TokenURL: gateway + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Seam: k.Seam(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("closing the partner: %v", err)
		}
	})
	return []string{"--partner", server.URL(), "--profile", write(t, "partner.yaml", text), "--orange", control}
}
