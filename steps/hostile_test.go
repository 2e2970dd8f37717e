package steps_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/hostile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// What a hostile partner may cost. The heap is that of the judge and of the mock Orange, as in clementine run, above what
// was there before: the partner is another process. From hostileTidy on garbage is collected as eagerly as there.
const (
	hostileHeap = 128 << 20
	hostileTidy = 80 << 20
	hostileTime = 20 * time.Second
)

// long reports whether the fuller tests were asked for.
func long() bool { return os.Getenv("CLEMENTINE_LONG") != "" }

// Tests that measure the heap are not parallel: Go runs them while no other test of the package does.
func TestHostilePartnersGetAVerdict(t *testing.T) {
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	schema := resultsSchema(t)
	for _, k := range hostile.All() {
		if slow := []string{"ids-of-fifty-kilobytes", "same-event-a-hundred-times", "three-megabyte-strings", "tokens-of-fifty-kilobytes"}; !long() && slices.Contains(slow, k.Name) {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			mode := "sync"
			if k.Mode == hostile.Async || strings.Contains(k.Name, "every-string") || strings.Contains(k.Name, "in-ids") {
				mode = "async"
			}
			l := newHostileLab(t, k.Name, mode, pack)
			l.hurry()
			only := []string{"PO-UC2-02"}
			if mode == "async" {
				only = append(only, "US-UC2-01")
			}
			if long() {
				only = nil
			}
			peak := watchHeap()
			start := time.Now()
			r, err := steps.Run(t.Context(), l.options(t, steps.Options{Only: only, Pack: pack}))
			took := time.Since(start)
			out := t.TempDir()
			if err == nil {
				writeReports(t, r, out)
			}
			used := peak()
			if err != nil {
				var cannot *steps.CannotJudgeError
				if !errors.As(err, &cannot) {
					t.Fatal(err)
				}
				if bad := unprintable.FindString(cannot.Sentence); bad != "" {
					t.Errorf("the sentence holds %q: %q", bad, cannot.Sentence)
				}
			} else {
				checkReports(t, r, out, schema)
			}
			t.Logf("%s: %s in %v, %d MiB, %d exchanges", k.Name, r.Verdict, took.Round(time.Millisecond), used>>20, len(r.Exchanges))
			if !long() && took > hostileTime {
				t.Errorf("took %v, more than %v", took, hostileTime)
			}
			if used > hostileHeap {
				t.Errorf("the heap grew by %d MiB, more than %d", used>>20, hostileHeap>>20)
			}
		})
	}
}

// hurry shortens the waiting, all of which a hostile partner uses up.
func (l *lab) hurry() {
	short := func(d time.Duration) profile.Duration { return profile.Duration(d) }
	l.profile.Delays = profile.Delays{Answer: short(300 * time.Millisecond), Event: short(500 * time.Millisecond),
		Quiet: short(50 * time.Millisecond), Retry: short(200 * time.Millisecond), Visible: short(50 * time.Millisecond)}
}

// watchHeap follows the heap until the function that it returns is called, which says by how much it grew at most.
func watchHeap() func() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, m.HeapAlloc
	limit := debug.SetMemoryLimit(int64(before) + hostileTidy)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			case <-stop:
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		debug.SetMemoryLimit(limit)
		return most - before
	}
}

var (
	unprintable = regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{202a}-\x{202e}]`)
	handler     = regexp.MustCompile(`<[a-z]+[^>]*\son[a-z]+\s*=`)
)

// writeReports writes everything that a run writes.
func writeReports(t *testing.T, r reports.Results, dir string) {
	t.Helper()
	for name, write := range map[string]func(io.Writer) error{
		"text":         func(w io.Writer) error { return reports.Text(w, r, reports.TextOptions{Verbose: true}) },
		"report.html":  func(w io.Writer) error { return reports.HTML(w, r) },
		"junit.xml":    func(w io.Writer) error { return reports.JUnit(w, r) },
		"ctrf.json":    func(w io.Writer) error { return reports.CTRF(w, r) },
		"results.json": func(w io.Writer) error { return reports.Write(w, r) },
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// packed are the page's data blocks, which no browser runs: base64 of what the exchanges said.
var packed = regexp.MustCompile(`<script type="text/plain" id="d[0-9]+">[A-Za-z0-9+/=]*</script>`)

// checkReports looks in what was written for what would act instead of being shown.
func checkReports(t *testing.T, r reports.Results, dir string, schema *jsonschema.Schema) {
	t.Helper()
	if r.Verdict == "" {
		t.Error("no verdict")
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	text, page, junit, ctrf, results := read("text"), read("report.html"), read("junit.xml"), read("ctrf.json"), read("results.json")
	if bad := unprintable.Find(text); bad != nil {
		t.Errorf("the text report holds %q", bad)
	}
	for _, b := range [][]byte{page, junit} {
		if bad := unprintable.Find(b); bad != nil {
			t.Errorf("a report holds %q", bad)
		}
	}
	for _, bad := range []string{"<script>alert", "<img src", `href="javascript:`} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page holds %s", bad)
		}
	}
	if n := bytes.Count(packed.ReplaceAll(page, nil), []byte("<script")); n > 1 {
		t.Errorf("%d script elements in the page, want our own one", n)
	}
	if at := handler.Find(page); at != nil {
		t.Errorf("an event handler in the page: %s", at)
	}
	if bytes.IndexByte(results, 0x1b) >= 0 || bytes.IndexByte(ctrf, 0x1b) >= 0 {
		t.Error("an escape in the JSON")
	}
	if _, err := reports.Read(bytes.NewReader(results)); err != nil {
		t.Errorf("results.json is not read back: %v", err)
	}
	var doc any
	if err := json.Unmarshal(results, &doc); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("results.json: %v", err)
	}
}

func resultsSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../schemas/results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
