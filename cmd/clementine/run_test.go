package main_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/reports"
)

// referencePartner runs the program's own mock Orange and partner, and returns the arguments that a run needs to reach them.
func referencePartner(t *testing.T, mode string, wrong ...string) []string {
	t.Helper()
	served := address.FindAllString(background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"), -1)
	gateway, control := served[0], served[len(served)-1]
	asked := append([]string{"partner", "--listen", "127.0.0.1:0", "--mode", mode, "--gateway", gateway}, wrong...)
	said := background(t, "tokens come from", asked...)
	demo, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "partner.yaml", strings.ReplaceAll(string(demo), "${MODE}", mode))
	return []string{"--partner", address.FindString(said), "--profile", path, "--orange", control}
}

func results(t *testing.T, out string) reports.Results {
	t.Helper()
	f, err := os.Open(filepath.Join(out, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := reports.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRunPassesTheReferencePartner(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"sync", "async"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "deep", "out")
			args := append([]string{"run", "--out", out}, referencePartner(t, mode)...)
			got := command(t, nil, "", args...)
			if got.code != clementine.ExitPassed {
				t.Fatalf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
			}
			for _, name := range []string{"results.json", "report.html", "junit.xml", "ctrf.json", "report.clem"} {
				if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s is missing or empty: %v", name, err)
				}
			}
			if entries, err := os.ReadDir(out); err != nil || len(entries) != 5 {
				t.Errorf("the folder holds something else too: %v %v", entries, err)
			}
			if r := results(t, out); r.Mode != mode || r.Verdict != "passed" || len(r.Requirements) != 85 {
				t.Errorf("results say %s, %s, %d requirements", r.Mode, r.Verdict, len(r.Requirements))
			}
			if strings.Contains(got.out, "\x1b") || got.errOut != "" {
				t.Errorf("colour or progress without a terminal: %q %q", got.out, got.errOut)
			}
		})
	}
}

func TestRunSaysInOneSentenceWhatKeepsItFromJudging(t *testing.T) {
	t.Parallel()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	deadURL := "http://" + dead.Addr().String()
	dead.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	valid := write(t, "partner.yaml", minimalProfile)
	wrong := write(t, "wrong.yaml", minimalProfile+"concurency: 2\n")
	busy := write(t, "busy.yaml", strings.Replace(minimalProfile, "127.0.0.1:0", taken.Addr().String(), 1))
	pack := brokenPack(t)
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no profile", nil, clementine.ExitUsage, "--profile FILE is missing"},
		{"wrong profile", []string{"--profile", wrong}, clementine.ExitUsage, "wrong.yaml:6: concurency: is no setting of a profile; did you mean concurrency?"},
		{"no partner", []string{"--profile", valid}, clementine.ExitUsage, "there is no partner to judge"},
		{"partner is no URL", []string{"--profile", valid, "--partner", "localhost:8081"}, clementine.ExitUsage, "--partner must be an http or https URL"},
		{"unknown flag", []string{"--profle", valid}, clementine.ExitUsage, `unknown flag --profle, did you mean "--profile"?`},
		{"concurrency", []string{"--profile", valid, "--concurrency", "1000"}, clementine.ExitUsage, "--concurrency must be from 1 to 256"},
		{"no concurrency", []string{"--profile", valid, "--concurrency", "0"}, clementine.ExitUsage, "--concurrency must be from 1 to 256, is 0"},
		{"port", []string{"--profile", valid, "--partner", "http://localhost:99999"}, clementine.ExitUsage, `--partner must have a port from 1 to 65535, is "http://localhost:99999"`},
		{"port zero", []string{"--profile", valid, "--partner", "http://localhost:0"}, clementine.ExitUsage, "--partner must have a port from 1 to 65535"},
		{"language", []string{"--profile", valid, "--lang", "de"}, clementine.ExitUsage, "--lang must be one of"},
		{"no features", []string{"--profile", valid, "--features", "nowhere"}, clementine.ExitUsage, "opening --features nowhere"},
		{"no mock Orange", []string{"--profile", valid, "--partner", deadURL, "--orange", deadURL}, clementine.ExitUsage, "no mock Orange answers"},
		{"address in use", []string{"--profile", busy, "--partner", deadURL}, clementine.ExitUsage, "is in use: stop what listens there"},
		{"broken pack", []string{"--profile", valid, "--partner", deadURL, "--contract", pack}, clementine.ExitUsage, "contract pack " + pack},
		{"dead port", []string{"--profile", valid, "--partner", deadURL}, clementine.ExitCannotJudge, "could not judge (partner)"},
		{"nothing selected", []string{"--profile", valid, "--partner", deadURL, "--only", "PO-UC9"}, clementine.ExitCannotJudge, "PO-UC9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, "", append([]string{"run", "--out", t.TempDir()}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.errOut, tt.want) {
				t.Errorf("exit %d, want %d; says %q, want %q", got.code, tt.code, got.errOut, tt.want)
			}
			if n := strings.Count(got.errOut, "\n"); n != 1 || got.out != "" {
				t.Errorf("says it in %d lines, and prints %q: %s", n, got.out, got.errOut)
			}
		})
	}
}

// brokenPack is the built-in pack with one schema that is none.
func brokenPack(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	if got := command(t, nil, "", "contract", "export", dir); got.code != clementine.ExitPassed {
		t.Fatal(got.errOut)
	}
	var broken string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && broken == "" && strings.HasSuffix(path, ".schema.json") {
			broken = path
		}
		return err
	})
	if err != nil || broken == "" {
		t.Fatalf("no schema in %s: %v", dir, err)
	}
	if err := os.WriteFile(broken, []byte(`{"type": "objekt"`), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRunListCallsNothing(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer server.Close()
	got := command(t, nil, "", "run", "--list", "--partner", server.URL, "--profile", write(t, "p.yaml", minimalProfile))
	if got.code != clementine.ExitPassed || calls.Load() != 0 {
		t.Errorf("exit %d, %d calls, %s", got.code, calls.Load(), got.errOut)
	}
	for _, want := range []string{"PO-UC2-02", "Orange orders", "skipped: ", "nothing was called"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the list does not name %s", want)
		}
	}
}

func TestRunInterruptedWritesWhatThereIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil || calls.Add(1) > 3 {
			cancel()
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	out := t.TempDir()
	got := commandIn(ctx, nil, "", "run", "--out", out, "--partner", server.URL, "--profile", write(t, "p.yaml", minimalProfile))
	if got.code != clementine.ExitInterrupted {
		t.Errorf("exit %d, %s", got.code, got.errOut)
	}
	if r := results(t, out); !r.Interrupted || len(r.Requirements) != 85 {
		t.Errorf("results: interrupted %t, %d requirements", r.Interrupted, len(r.Requirements))
	}
}

func TestTriggerThatMissesIsNamed(t *testing.T) {
	t.Parallel()
	args := referencePartner(t, "sync")
	text, err := os.ReadFile(args[3])
	if err != nil {
		t.Fatal(err)
	}
	mistyped := strings.ReplaceAll(string(text), "/user/add", "/user/ad")
	if err := os.WriteFile(args[3], []byte(mistyped), 0o600); err != nil {
		t.Fatal(err)
	}
	got := command(t, nil, "", append([]string{"run", "--out", t.TempDir(), "--only", "US-UC5"}, args...)...)
	if got.code != clementine.ExitCannotJudge || !strings.Contains(got.out, "trigger endUser.add answered 404: check the profile") {
		t.Errorf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
	}
}

func TestDemoPassesInBothModes(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	got := command(t, nil, "", "demo", "--out", out)
	if got.code != clementine.ExitPassed {
		t.Fatalf("exit %d\n%s\n%s", got.code, got.out, got.errOut)
	}
	for _, mode := range []string{"sync", "async"} {
		r := results(t, filepath.Join(out, mode))
		if c := r.Counts; c.Failed+c.Broken+c.Inconclusive > 0 || c.Passed+c.Skipped+c.Warning != 85 {
			t.Errorf("%s: %+v", mode, c)
		}
		if !strings.Contains(got.out, filepath.Join(out, mode, "report.html")) {
			t.Errorf("%s: the path of the report is not printed", mode)
		}
	}
}
