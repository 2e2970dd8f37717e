package main_test

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// asProgram makes the test binary the program, for what runs it from a shell.
const asProgram = "CLEMENTINE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode) // main does so too
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // as main does
		code := clementine.Main(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// outcome is what a command left behind.
type outcome struct {
	code        int
	out, errOut string
}

func command(t *testing.T, env map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	return commandIn(t.Context(), env, stdin, args...)
}

func commandIn(ctx context.Context, env map[string]string, stdin string, args ...string) outcome {
	var out, errOut bytes.Buffer
	getenv := func(name string) string { return env[name] }
	code := clementine.Main(ctx, args, getenv, strings.NewReader(stdin), &out, &errOut)
	return outcome{code, out.String(), errOut.String()}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const minimalProfile = `partner: {name: Acme SaaS}
offer: mba2-beta
mode: sync
orange: {listen: "127.0.0.1:0"}
offerings: [{code: NOTES-S}]
`

// lines is a writer that tells when a line with a word in it has come.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	word string
	seen chan struct{}
	once sync.Once
}

func watchFor(word string) *lines { return &lines{word: word, seen: make(chan struct{})} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if strings.Contains(l.text.String(), l.word) {
		l.once.Do(func() { close(l.seen) })
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestUsageErrorsAreOneSentenceAndExit2(t *testing.T) {
	t.Parallel()
	valid := write(t, "partner.yaml", minimalProfile)
	broken := write(t, "broken.yaml", strings.Replace(minimalProfile, "sync", "asynchronous", 1))
	folder := t.TempDir()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown flag", []string{"report", "html", "--frob"}, "unknown flag --frob; see clementine report html --help"},
		{"unknown command", []string{"jugde"}, "unexpected argument jugde"},
		{"incomplete command", []string{"report"}, `expected one of "html"`},
		{"no profile file", []string{"profile", "check", "none.yaml"}, "none.yaml: opening the profile: no such file or directory"},
		{"wrong profile", []string{"profile", "check", broken}, `broken.yaml:3: mode: must be sync or async, is "asynchronous"`},
		{"existing file", []string{"profile", "init", valid}, "exists already and is left as it is"},
		{"no results", []string{"report", "text", "none.json"}, "opening none.json: no such file"},
		{"bad language", []string{"report", "text", "--lang", "de"}, "--lang must be one of"},
		{"no pack", []string{"contract", "check", "none"}, "opening contract pack none: no such file"},
		{"pack is a file", []string{"contract", "check", valid}, "is not a folder"},
		{"pack exists", []string{"contract", "export", filepath.Dir(valid)}, filepath.Dir(valid)},
		{"empty pack", []string{"contract", "check", folder}, "is not valid: problems: 1"},
		{"serve with bad pack", []string{"serve", "--contract", folder}, "contract.yaml"},
		{"open control port", []string{"serve", "--listen", "127.0.0.1:0", "--control", "0.0.0.0:0"}, "control-token"},
		{"foreign address", []string{"serve", "--listen", "192.0.2.1:80"}, "change --listen"},
		{"mistyped defect", []string{"partner", "--defect", "one-licence-shrot"}, `--defect: no defect is called "one-licence-shrot"; did you mean one-licence-short`},
		{"mistyped variant", []string{"partner", "--variant", "ids-uid"}, `--variant: no variant is called "ids-uid"; did you mean ids-uuid`},
		{"partner mode", []string{"partner", "--mode", "often"}, "--mode must be one of"},
		{"partner profile", []string{"partner", "--profile", broken}, "broken.yaml:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, "", tt.args...)
			if got.code != clementine.ExitUsage {
				t.Errorf("exit %d, want %d", got.code, clementine.ExitUsage)
			}
			if !strings.Contains(got.errOut, tt.want) || !strings.HasPrefix(got.errOut, "clementine: ") {
				t.Errorf("says %q, want %q", got.errOut, tt.want)
			}
			if n := strings.Count(got.errOut, "\n"); n != 1 {
				t.Errorf("says it in %d lines: %q", n, got.errOut)
			}
		})
	}
}

func TestHelpOfEachCommandHasExamples(t *testing.T) {
	t.Parallel()
	commands := []string{
		"demo", "run", "serve", "partner", "steps", "report html", "report junit", "report ctrf", "report text",
		"profile init", "profile check", "contract export", "contract check",
	}
	for _, name := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, "", append(strings.Fields(name), "--help")...)
			if got.code != clementine.ExitPassed || got.errOut != "" {
				t.Errorf("exit %d, %q", got.code, got.errOut)
			}
			if !strings.Contains(got.out, "Examples:") || !strings.Contains(got.out, "clementine "+name) {
				t.Errorf("the help shows no example of the command:\n%s", got.out)
			}
		})
	}
	bare := command(t, nil, "")
	for _, name := range commands {
		if first, _, _ := strings.Cut(name, " "); !strings.Contains(bare.out, "\n  "+first) {
			t.Errorf("the bare command does not name %s:\n%s", first, bare.out)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := command(t, nil, "", "--version")
	if got.code != clementine.ExitPassed || strings.TrimSpace(got.out) == "" {
		t.Errorf("exit %d, %q", got.code, got.out)
	}
}

func TestProfileInitThenCheck(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "partner.yaml")
	if got := command(t, nil, "", "profile", "init", path); got.code != clementine.ExitPassed {
		t.Fatalf("init: exit %d, %s", got.code, got.errOut)
	}
	got := command(t, nil, "", "profile", "check", path)
	if got.code != clementine.ExitPassed || !strings.Contains(got.out, "is valid: Acme SaaS, offer mba2-beta, sync.") {
		t.Errorf("check: exit %d, %s%s", got.code, got.out, got.errOut)
	}
	if !strings.Contains(got.out, "UserService UC5 is skipped: no trigger is set.") {
		t.Errorf("check does not say what is skipped:\n%s", got.out)
	}
	printed := command(t, nil, "", "profile", "init")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if printed.out != string(data) {
		t.Error("init prints another profile than it writes")
	}
}

func TestVariablesStandForFlags(t *testing.T) {
	t.Parallel()
	results := filepath.Join("..", "..", "reports", "testdata", "results.json")
	path := filepath.Join(t.TempDir(), "junit.xml")
	got := command(t, map[string]string{"CLEMENTINE_OUTPUT": path}, "", "report", "junit", results)
	if got.code != clementine.ExitPassed || got.out != "" {
		t.Fatalf("exit %d, %s%s", got.code, got.out, got.errOut)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain := command(t, nil, "", "report", "junit", results)
	if string(data) != plain.out || !strings.Contains(plain.out, "<testsuites") {
		t.Error("the file and standard output differ")
	}
	bad := command(t, map[string]string{"CLEMENTINE_LANG": "de"}, "", "report", "text", results)
	if bad.code != clementine.ExitUsage {
		t.Errorf("a variable with a bad value: exit %d, %s", bad.code, bad.errOut)
	}
}

func TestReportReadsStandardInput(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "reports", "testdata", "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"html", "junit", "ctrf", "text"} {
		got := command(t, nil, string(data), "report", format, "-")
		if got.code != clementine.ExitPassed || len(got.out) < 500 {
			t.Errorf("%s: exit %d, %d bytes, %s", format, got.code, len(got.out), got.errOut)
		}
	}
	if got := command(t, nil, "{}", "report", "text", "-"); got.code != clementine.ExitUsage {
		t.Errorf("results that are none: exit %d", got.code)
	}
}

func TestContractExportThenCheck(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pack")
	if got := command(t, nil, "", "contract", "export", dir); got.code != clementine.ExitPassed {
		t.Fatalf("export: exit %d, %s", got.code, got.errOut)
	}
	got := command(t, nil, "", "contract", "check", dir)
	if got.code != clementine.ExitPassed || !strings.Contains(got.out, "85 requirements") {
		t.Errorf("check: exit %d, %s%s", got.code, got.out, got.errOut)
	}
}
